"""Are the plans correctly rounded?  Every coefficient against ball arithmetic on the derived formula, and its own rounding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from sympy import Symbol

from s2n_proofs.lower.reference import Exactly, Reference
from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import delta, gamma, rho, s, t

from ..step_plan import plan_steps
from .kernel_errors import GRID

__all__ = ["PlanErrors", "plan_errors"]


@dataclass(frozen=True)
class PlanErrors:
    """How a grid of plans was rounded.

    Attributes
    ----------
    coefficients : int
        How many were compared.
    misrounded : int
        How many are not the float nearest to the true value.
    hit_cap : int
        How many steps were not decided with the highest precision.
    bits : int
        The highest precision needed.
    """

    coefficients: int
    misrounded: int
    hit_cap: int
    bits: int


def plan_errors(schedule: Schedule, dtype: torch.dtype, steps: int) -> PlanErrors:
    """Compare the plans of :data:`~numerics.bench.kernel_errors.GRID` on a uniform grid inside the domain.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> plan_errors(catalogue["fm-ot"], torch.float32, 5).misrounded
    0
    """
    start, end = (float(x) for x in schedule.domain)
    inside = (np.arange(steps + 1) + 0.5) / (steps + 1)
    times = (start + (end - start) * inside)[::-1].copy()
    reference = Reference(schedule.alpha, schedule.sigma)
    compared = wrong = capped = bits = 0
    for g, d, r in GRID:
        plan = plan_steps(schedule, times, g, d, r, dtype=dtype)
        capped += len(plan.hit_cap)
        bits = max(bits, plan.precision_bits)
        for part in ("a_z", "a_eps", "a_noise"):
            name = f"{'step_limit' if g == -1.0 else 'step'}.{part}"
            places: dict[Symbol, np.ndarray | float] = {s: times[1:], t: times[:-1], gamma: g, delta: d, rho: float(r)}
            nearest = rounded(reference.step(name, places), dtype)
            wrong += int((nearest != getattr(plan, part).numpy()).sum())
            compared += steps
    return PlanErrors(compared, wrong, capped, bits)


def rounded(true: Exactly, dtype: torch.dtype) -> np.ndarray:
    """The floats nearest to the true values; float64 is what their first double is."""
    if dtype == torch.float64:
        return true.high
    near = true.high.astype(np.float32)
    # Where the double lies exactly between two floats, what is left of the value decides.
    other = np.nextafter(near, np.where(true.low > 0, np.inf, -np.inf).astype(np.float32))
    tie = np.abs(true.high - near) == np.abs(other.astype(np.float64) - true.high)
    return np.where(tie & (true.low != 0), other, near)
