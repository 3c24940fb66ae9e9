"""What needs torch: step plans, simulation, sampling.

The public names are imported when they are first used; ``import numerics`` alone does not import torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .step_plan import PlanError, StepPlan, plan_steps

__all__ = ["PlanError", "StepPlan", "plan_steps"]

_HOMES = {
    "PlanError": "step_plan",
    "StepPlan": "step_plan",
    "plan_steps": "step_plan",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
