"""What needs torch: kernels, step plans, distributions with exact scores, simulation, sampling.

The public names are imported when they are first used; ``import numerics`` alone does not import torch.

Examples
--------
>>> from numerics import Gaussian
>>> Gaussian(mean=[0.0], covariance=1.0).dimension
1
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arguments import KernelError
    from .compiling import compile_kernels
    from .data import Empirical, Gaussian, GaussianMixture, PointMass
    from .kernels import Kernels
    from .step_plan import PlanError, StepPlan, plan_steps

__all__ = [
    "Empirical", "Gaussian", "GaussianMixture", "KernelError", "Kernels", "PlanError", "PointMass", "StepPlan",
    "compile_kernels", "plan_steps",
]  # fmt: skip

_HOMES = {
    "Empirical": "data", "Gaussian": "data", "GaussianMixture": "data", "PointMass": "data",
    "KernelError": "arguments", "Kernels": "kernels", "compile_kernels": "compiling",
    "PlanError": "step_plan", "StepPlan": "step_plan", "plan_steps": "step_plan",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
