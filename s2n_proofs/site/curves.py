"""Values of a schedule's formulas for the plots: 30 digits by mpmath, at times inside the domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import mpmath
from sympy import Expr, Symbol, lambdify

from ..schedule import Schedule
from ..symbols import delta, gamma, rho, s, t

__all__ = ["Curve", "steps_of", "times_of", "values"]

_DIGITS = 30
_POINTS = 121
_LONG = 100  # a domain whose ends differ by more than this factor is shown on a logarithmic axis


@dataclass(frozen=True)
class Curve:
    """A line of a plot: its label in LaTeX, its points, the style of its line."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    style: str = "-"


def is_long(schedule: Schedule) -> bool:
    """Whether the domain is shown on a logarithmic axis."""
    start, end = schedule.domain
    return bool(start > 0 and end / start > _LONG)


def times_of(schedule: Schedule, points: int = _POINTS) -> tuple[float, ...]:
    """Times strictly inside the domain, evenly spaced on the axis they are shown on."""
    low, high = (float(end) for end in schedule.domain)
    fractions = [(k + 0.5) / points for k in range(points)]
    if is_long(schedule):
        return tuple(low * (high / low) ** u for u in fractions)
    return tuple(low + (high - low) * u for u in fractions)


def steps_of(schedule: Schedule, steps: int) -> tuple[tuple[float, float], ...]:
    """The pairs (s, t) of a sampler with so many steps between the first and last inner time."""
    inside = times_of(schedule)
    low, high = inside[0], inside[-1]
    grid = [
        low * (high / low) ** (k / steps) if is_long(schedule) else low + (high - low) * k / steps
        for k in range(steps + 1)
    ]
    return tuple(pairwise(grid))


@lru_cache(maxsize=512)
def _function(expr: Expr, symbols: tuple[Symbol, ...]) -> object:
    return lambdify(symbols, expr, "mpmath")


def values(expr: Expr, symbols: Sequence[Symbol], points: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """An expression at points, rounded once; NaN where it has no real value.

    Examples
    --------
    >>> values(t**2, [t], [[0.5], [2.0]])
    (0.25, 4.0)
    """
    with mpmath.workdps(_DIGITS):
        function = _function(expr, tuple(symbols))
        return tuple(_real(function, point) for point in points)


def _real(function: object, point: Sequence[float]) -> float:
    try:
        value = function(*map(mpmath.mpf, point))  # type: ignore[operator]
    except (ZeroDivisionError, ValueError):
        return float("nan")
    return float(value) if mpmath.im(value) == 0 else float("nan")


def of_time(label: str, expr: Expr, schedule: Schedule, style: str = "-") -> Curve:
    """A function of t as a curve."""
    x = times_of(schedule)
    return Curve(label, x, values(expr, [t], [[time] for time in x]), style)


def of_steps(label: str, expr: Expr, schedule: Schedule, steps: int, knobs: dict[Symbol, float], style: str) -> Curve:
    """A coefficient of the step over the steps of a sampler, at the time where each begins."""
    chosen = {gamma: 0.0, delta: 0.0, rho: 0.0} | knobs
    pairs = steps_of(schedule, steps)
    points = [[*pair, *chosen.values()] for pair in pairs]
    return Curve(label, tuple(pair[1] for pair in pairs), values(expr, [s, t, *chosen], points), style)
