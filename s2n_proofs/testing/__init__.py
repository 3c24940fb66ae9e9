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
    from .strategies import invalid_schedules, nonmarkov_beta, schedules, step_parameters, times

__all__ = [
    "InvalidSchedule", "Kinds", "StepParameters", "invalid_schedules", "nonmarkov_beta", "random_schedules", "schedules",
    "step_parameters", "times",
]  # fmt: skip

_HOMES = {
    "InvalidSchedule": "invalid", "Kinds": "drawing", "StepParameters": "parameters", "random_schedules": "drawing",
    "invalid_schedules": "strategies", "nonmarkov_beta": "strategies", "schedules": "strategies",
    "step_parameters": "strategies", "times": "strategies",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise ImportError(
            f"{name} is a Hypothesis strategy; install Hypothesis to use it: pip install hypothesis"
        ) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
