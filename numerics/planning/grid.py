"""The times of a plan: exact, strictly decreasing, inside the schedule's domain."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from s2n_proofs.schedule import Schedule

from .errors import PlanError
from .exact import Exact, as_expr, listed, read_exact, show, sign_of

__all__ = ["read_times"]


def read_times(given: object, schedule: Schedule) -> tuple[Exact, ...]:
    """Read the times of a plan.

    Parameters
    ----------
    given : sequence, array or tensor
        N+1 exact numbers, N >= 1.
    schedule : Schedule
        The times must be in the closure of its domain.

    Raises
    ------
    PlanError
        If they are not such times.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> read_times(["1", "1/3", 0], catalogue["fm-ot"])
    (Fraction(1, 1), Fraction(1, 3), Fraction(0, 1))
    """
    members = listed("times", given)
    if members is None:
        raise PlanError("times must be a sequence of numbers, from the largest to the smallest")
    if len(members) < 2:
        raise PlanError(f"times must be at least two, one more than there are steps; there are {len(members)}")
    times = tuple(read_exact(f"times[{i}]", member) for i, member in enumerate(members))
    for i, (before, after) in enumerate(pairwise(times)):
        if not _less(after, before):
            raise PlanError(f"times must strictly decrease; times[{i}] = {show(before)} is followed by {show(after)}")
    _check_inside(times, schedule)
    return times


def _less(a: Exact, b: Exact) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return a < b
    if isinstance(a, float | Fraction) and isinstance(b, float | Fraction):
        return Fraction(a) < Fraction(b)
    return sign_of(as_expr(a) - as_expr(b)) == -1


def _check_inside(times: Sequence[Exact], schedule: Schedule) -> None:
    low, high = schedule.domain
    for i, beyond, end in ((0, as_expr(times[0]) - high, high), (-1, low - as_expr(times[-1]), low)):
        if sign_of(beyond) == 1:
            name = "times[0]" if i == 0 else f"times[{len(times) - 1}]"
            hint = f'; write "{end}" for the end itself' if isinstance(times[i], float) and abs(beyond) < 1e-6 else ""
            raise PlanError(
                f"times must be in [{low}, {high}]; {name} = {show(times[i])} is "
                f"{'above' if i == 0 else 'below'} it{hint}"
            )
