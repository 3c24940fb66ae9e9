r"""Hypothesis strategies over valid schedules, their times and parameters, and over what is no schedule.

The grammar is that of :mod:`s2n_proofs.testing.drawing`; Hypothesis only makes its choices, so that it can shrink
them.  What was drawn shows in ``--hypothesis-show-statistics`` and in the name of the schedule.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import assume, event
from hypothesis import strategies as st
from sympy import Expr

from ..schedule import Schedule
from .chooser import Chooser
from .drawing import Kinds, draw_schedule
from .families import FAMILIES, Family
from .invalid import InvalidSchedule, draw_invalid
from .levels import ENDS, EndKind
from .parameters import StepParameters, draw_beta, draw_step_parameters, draw_times
from .shapes import SHAPES, Shape

__all__ = ["invalid_schedules", "nonmarkov_beta", "schedules", "step_parameters", "times"]

T = TypeVar("T")


class _Drawing(Chooser):
    """Choices made, recorded and shrunk by Hypothesis."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def pick(self, options: Sequence[T]) -> T:
        return self._draw(st.sampled_from(options))

    def integer(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))


def schedules(
    *,
    families: Sequence[Family] = FAMILIES,
    shapes: Sequence[Shape] = SHAPES,
    starts: Sequence[EndKind] = ENDS,
    ends: Sequence[EndKind] = ENDS,
    unit_domain: bool = False,
    certified: bool = True,
) -> st.SearchStrategy[Schedule]:
    r"""Valid schedules: $\alpha,\sigma>0$ and a log-SNR that never rises, by construction and by certificate.

    Parameters
    ----------
    families : sequence of str
        Among ``affine``, ``ve``, ``vp``, ``sub-vp`` and ``free`` ($\alpha$ any positive function).
    shapes : sequence of str
        Among ``smooth``, ``piecewise`` and ``clipped``.
    starts, ends : sequence of str
        Among ``infinite`` and ``finite``: the log-SNR at the first and at the last time.
    unit_domain : bool
        Only the domain (0, 1).
    certified : bool
        Only schedules whose validity is also proved.

    Returns
    -------
    hypothesis.strategies.SearchStrategy
        It shrinks to ``alpha = 1 - t, sigma = t``.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=5, deadline=None, database=None)
    ... @given(schedules(ends=["finite"]))
    ... def test_some_signal_is_left_at_the_end(schedule):
    ...     assert schedule.end_signal_to_noise > 0
    >>> test_some_signal_is_left_at_the_end()
    """
    return _schedules(Kinds(tuple(families), tuple(shapes), tuple(starts), tuple(ends), unit_domain, certified))


@st.composite
def _schedules(draw: st.DrawFn, kinds: Kinds) -> Schedule:
    schedule = draw_schedule(_Drawing(draw), kinds)
    assume(schedule.certified or not kinds.certified)
    for part in str(schedule.name).split(", "):
        event(f"schedule: {part}")
    return schedule


@st.composite
def times(draw: st.DrawFn, schedule: Schedule, count: int = 2, *, closed: bool = False) -> tuple[Expr, ...]:
    """Exact times of the schedule's domain, strictly increasing; `closed`: its two ends may be among them.

    Examples
    --------
    >>> from s2n_proofs.named_schedules import catalogue
    >>> from hypothesis import find, settings
    >>> find(times(catalogue["fm-ot"]), lambda pair: pair[0] > 0.2, settings=settings(database=None))
    (201/1000, 101/500)
    """
    return draw_times(_Drawing(draw), schedule, count, closed)


@st.composite
def step_parameters(draw: st.DrawFn) -> StepParameters:
    r"""Exact $\gamma$, $\delta$ and $\rho$ of a step of Corollary 1, the degenerate values among them."""
    return draw_step_parameters(_Drawing(draw))


@st.composite
def nonmarkov_beta(draw: st.DrawFn, schedule: Schedule, time: Expr) -> Expr:
    r"""The $\beta$ of a non-Markovian step to `time`: exact, from 0 to $\sigma$ there, both included."""
    return draw_beta(_Drawing(draw), schedule, time)


@st.composite
def invalid_schedules(draw: st.DrawFn, /, **kinds: Any) -> InvalidSchedule:
    """Arguments that a schedule must refuse, each with the exception that it must get.

    Parameters
    ----------
    **kinds
        As :func:`schedules`: which valid schedules are spoiled.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=5, deadline=None, database=None)
    ... @given(invalid_schedules())
    ... def test_it_is_refused(invalid):
    ...     try:
    ...         invalid.make()
    ...     except invalid.error as error:
    ...         assert getattr(error, "property", None) == invalid.property
    ...     else:
    ...         raise AssertionError(invalid.what)
    >>> test_it_is_refused()
    """
    schedule = draw(schedules(**{"shapes": ("smooth", "piecewise")} | kinds))
    invalid = draw_invalid(_Drawing(draw), schedule)
    event(f"invalid: {invalid.what}")
    return invalid
