"""Random valid schedules, for tests: of this package, and of yours.

``random_schedules`` needs nothing installed; the strategies need Hypothesis.

Examples
--------
>>> from s2n_proofs.testing import random_schedules
>>> len(random_schedules(2, seed=7))
2
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .drawing import Kinds, random_schedules
    from .invalid import InvalidSchedule
    from .parameters import StepParameters
    from .profiles import register_profiles
    from .strategies import invalid_schedules, nonmarkov_beta, schedules, step_parameters, times

_HOMES = {
    "drawing": ("Kinds", "random_schedules"),
    "invalid": ("InvalidSchedule",),
    "parameters": ("StepParameters",),
    "profiles": ("register_profiles",),
    "strategies": ("invalid_schedules", "nonmarkov_beta", "schedules", "step_parameters", "times"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "InvalidSchedule", "Kinds", "StepParameters", "invalid_schedules", "nonmarkov_beta", "random_schedules",
    "register_profiles", "schedules", "step_parameters", "times",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise ImportError(f"{name} needs Hypothesis; install it: pip install hypothesis") from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
