"""Doctests are collected from every module that can be imported here: those of an extra need its packages."""

from importlib.util import find_spec

_NEEDS = {
    "numerics/adapters/diffusers_scheduler.py": "diffusers",
    "numerics/adapters/diffusers_config.py": "diffusers",
    "numerics/adapters/azula_schedules.py": "azula",
}
collect_ignore = [path for path, package in _NEEDS.items() if find_spec(package) is None]
