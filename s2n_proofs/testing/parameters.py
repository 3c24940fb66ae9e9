r"""Random times of a schedule's domain and random parameters of a step, exact and with the degenerate values in."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Expr, Integer, Rational

from ..schedule import Schedule
from .chooser import Chooser

__all__ = ["StepParameters", "draw_beta", "draw_step_parameters", "draw_times"]

_GRID = 1000
_GAMMAS = tuple(Rational(p, q) for p, q in ((0, 1), (1, 1), (-1, 1), (1, 2), (-2, 1), (3, 7)))
_SHARES = tuple(Rational(p, q) for p, q in ((0, 1), (1, 1), (1, 2), (1, 10), (9, 10), (2, 7)))
_RHOS = (*_SHARES, Integer(2))


class StepParameters(NamedTuple):
    r"""The parameters of Corollary 1: $\gamma=-1$, $\delta=0$ and $\rho=0$ are the degenerate ones."""

    gamma: Rational
    delta: Rational
    rho: Rational


def draw_times(choose: Chooser, schedule: Schedule, count: int, closed: bool) -> tuple[Expr, ...]:
    """Draw exact times of the domain, strictly increasing; with `closed`, sometimes its first or last time."""
    low, high = schedule.domain
    first, last = (0, _GRID) if closed else (1, _GRID - 1)
    if not isinstance(count, int) or not 1 <= count <= last - first + 1:
        raise ValueError(f"count must be from 1 to {last - first + 1}, not {count}")
    places: list[int] = []
    for index in range(count):
        after = places[-1] + 1 if places else first
        most = last - (count - index - 1)
        if closed and index in (0, count - 1) and choose.pick((False, True)):
            places.append(first if index == 0 and count > 1 else last)
        else:
            # Each time takes at most its fair share of what is left, so that the last ones are not crowded.
            places.append(choose.integer(after, after + (most - after) // (count - index)))
    return tuple(low + (high - low) * Rational(place, _GRID) for place in places)


def draw_step_parameters(choose: Chooser) -> StepParameters:
    """Draw gamma, delta in [0, 1] and rho."""
    return StepParameters(choose.pick(_GAMMAS), choose.pick(_SHARES), choose.pick(_RHOS))


def draw_beta(choose: Chooser, schedule: Schedule, time: Expr) -> Expr:
    r"""Draw the $\beta$ of a non-Markovian step to `time`, from 0 to $\sigma$ there, both included."""
    sigma = schedule.sigma_at(time)
    if sigma is None:
        raise ValueError(f"sigma has no known value at t = {time}, so beta has no known range")
    return choose.pick(_SHARES) * sigma
