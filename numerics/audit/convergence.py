r"""On Gaussian data everything is known: are the moments right at the end, and how fast do they get right?

For data $\mathcal N(m,v)$ the exact network is linear, so a one-step method carries Gaussians to Gaussians whose moments
follow from its coefficients; a multistep method without noise is linear in its start, so two runs give both moments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import Any

import numpy as np

from s2n_proofs.testing.worlds import mp

from .implementation import Array, Implementation, Level
from .probing import Measured, measure

__all__ = ["Convergence", "convergence", "is_noisy"]

# Mean and variance of the data: for one law alone the leading error may vanish by accident.
_LAWS = tuple((mp.mpf(m), mp.mpf(v)) for m, v in ((1, "0.25"), (-2, "0.0625"), ("0.5", 4)))
_NEAR, _FAR = 0.1, 10.0  # sigma/alpha: outside, a step of fixed length in time is a long one in the log-SNR
STEPS = (16, 32, 64, 128)
_SLACK = 0.35  # a measured slope over two doublings is off by some 0.2 before it settles


@dataclass(frozen=True)
class Convergence:
    """Errors of the moments at the end, for growing numbers of steps.

    Attributes
    ----------
    steps : tuple of int
    errors : tuple of float
        Of the mean, in standard deviations, plus the relative one of the standard deviation; the largest of three laws.
    measured : float or None
        The order: the slope over the last two doublings that rounding does not hide; None where there is none.
    claimed : int or None
    """

    steps: tuple[int, ...]
    errors: tuple[float, ...]
    measured: float | None
    claimed: int | None

    @property
    def right(self) -> bool | None:
        """Whether the claimed order is reached; None: nothing was claimed or nothing could be measured."""
        if self.measured is None or self.claimed is None:
            return None
        return self.measured >= self.claimed - _SLACK


def convergence(implementation: Implementation, stochastic: bool) -> Convergence:
    """Measure the errors and the order; an order that is not reached is looked for once more with twice the steps."""
    errors = tuple(_error(implementation.with_steps(steps), stochastic) for steps in STEPS)
    found = _fitted(implementation, STEPS, errors)
    if found.right is not False:
        return found
    further = 2 * STEPS[-1]
    try:
        last = _error(implementation.with_steps(further), stochastic)
    except Exception:
        # Foreign code, whose table may have fewer times: the verdict stands on what was measured.
        return found
    return _fitted(implementation, (*STEPS, further), (*errors, last))


def _fitted(implementation: Implementation, steps: tuple[int, ...], errors: tuple[float, ...]) -> Convergence:
    floor = 200 * float(np.finfo(implementation.precision).eps)
    seen = [(n, e) for n, e in zip(steps, errors, strict=True) if np.isfinite(e) and e > floor]
    measured = None
    if len(seen) >= 3:
        (n0, e0), (n1, e1) = seen[-3], seen[-1]
        measured = log2(e0 / e1) / log2(n1 / n0)
    return Convergence(steps, errors, measured, implementation.order)


def _span(implementation: Implementation) -> tuple[int, int]:
    """The levels between which it is run: those where neither signal nor noise is next to nothing."""
    if implementation.span is not None:
        return implementation.span
    levels = implementation.levels
    inside = [k for k, level in enumerate(levels) if level.alpha and _NEAR <= level.sigma / level.alpha <= _FAR]
    if any(before == after for before, after in pairwise(levels)):
        # A method of two stages lists every level twice: a whole step begins and ends at the second of the two.
        inside = [k for k in inside if k and levels[k] == levels[k - 1]]
    return (inside[0], inside[-1]) if inside else (0, 0)


def is_noisy(implementation: Implementation) -> bool:
    """Whether a run adds noise: from 0, with a network that says 0, only noise leads away."""
    start, end = _span(implementation)
    return bool(implementation.solve(np.zeros(2), lambda z, _: np.zeros_like(z), start, end).any())


def _law_at(level: Level, law: tuple[Any, Any]) -> tuple[Any, Any]:
    return level.alpha * law[0], mp.sqrt(level.alpha**2 * law[1] + level.sigma**2)


def _error(implementation: Implementation, stochastic: bool) -> float:
    start, end = _span(implementation)
    if start == end:
        return float("nan")
    read = [measure(implementation, k) for k in range(start, end)] if stochastic else []
    worst = 0.0
    for law in _LAWS:
        if stochastic:
            found = _moments_of_steps(implementation.levels[start:end], read, law)
        else:
            found = _moments_of_runs(implementation, law, start, end)
        mean, deviation = _law_at(implementation.levels[end], law)
        worst = max(worst, float(abs(found[0] - mean) / deviation + abs(found[1] / deviation - 1)))
    return worst


def _moments_of_steps(levels: Sequence[Level], read: Sequence[Measured], law: tuple[Any, Any]) -> tuple[Any, Any]:
    mean, deviation = _law_at(levels[0], law)
    variance = deviation**2
    for level, found in zip(levels, read, strict=True):
        share = found.a_eps * level.sigma / (level.alpha**2 * law[1] + level.sigma**2)
        gain = found.a_z + share
        mean = gain * mean - share * level.alpha * law[0]
        variance = gain**2 * variance + mp.mpf(found.a_noise) ** 2
    return mean, mp.sqrt(variance)


def _moments_of_runs(implementation: Implementation, law: tuple[Any, Any], start: int, end: int) -> tuple[Any, Any]:
    def network(z: Array, level: Level) -> Array:
        total = float(level.alpha**2 * law[1] + level.sigma**2)
        return float(level.sigma) * (z - float(level.alpha * law[0])) / total

    mean, deviation = _law_at(implementation.levels[start], law)
    found = implementation.solve(np.array([float(mean), float(mean + deviation)]), network, start, end)
    return mp.mpf(float(found[0])), mp.mpf(float(found[1] - found[0]))
