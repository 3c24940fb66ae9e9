"""Correct rounding of every coefficient: balls at rising precision, and exact arithmetic where they cannot end."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isnan, nan
from typing import NamedTuple

import flint
import numpy as np
from flint import arb
from numpy.typing import NDArray
from sympy import Rational

from s2n_proofs.certification.zero import exactly_zero
from s2n_proofs.proof.ball import working_precision

from .cases import FIRST_BITS
from .errors import PlanError
from .exact import CAP_BITS, Exact, as_fraction, ball_of, show
from .rationals import InexactError
from .rounding import Format, boundaries, round_ball, round_fraction, round_many
from .steps import Steps

__all__ = ["Settled", "round_exact", "settle"]


class Settled(NamedTuple):
    """Rounded coefficients.

    Attributes
    ----------
    values : array
        Shape (N, 3), in double precision, each exactly a number of the format.
    bits : int
        The highest precision that was needed.
    hit_cap : tuple of int
        The steps with a coefficient that was not decided at the cap; it is within one unit in the last place.
    """

    values: NDArray[np.float64]
    bits: int
    hit_cap: tuple[int, ...]


def settle(steps: Steps, form: Format) -> Settled:
    """Round every coefficient to nearest, ties to even."""
    with working_precision(FIRST_BITS):
        rounded, decided = round_many(steps.balls(range(steps.count)), form)
    bits = FIRST_BITS
    doubtful = [int(place) for place in np.flatnonzero(~decided)]
    capped: list[int] = []
    while doubtful:
        bits *= 2
        with working_precision(bits):
            doubtful = _once_more(steps, form, rounded, doubtful)
            if doubtful and bits >= CAP_BITS:
                capped = sorted({place // 3 for place in doubtful})
                _give_middles(steps, form, rounded, doubtful)
                break
    return Settled(rounded.reshape(-1, 3), bits, tuple(capped))


def _once_more(steps: Steps, form: Format, rounded: NDArray[np.float64], doubtful: Sequence[int]) -> list[int]:
    """Try the doubtful places at the precision in force; return those that stay doubtful."""
    first = flint.ctx.prec == 2 * FIRST_BITS
    wanted = sorted({place // 3 for place in doubtful})
    if first:
        for step in wanted:
            steps.settle_flat(step)
    row = {step: 3 * i for i, step in enumerate(wanted)}
    balls = steps.balls(wanted)
    left = []
    for place in doubtful:
        step, which = divmod(place, 3)
        ball = balls[row[step] + which]
        rounded[place] = round_ball(ball, form)
        if isnan(rounded[place]) and first:
            rounded[place] = _in_rationals(steps, step, which, ball, form)
        if isnan(rounded[place]) and _suspicious(ball):
            rounded[place] = _in_symbols(steps, step, which, ball, form)
        if isnan(rounded[place]):
            left.append(place)
    return left


def _in_rationals(steps: Steps, step: int, which: int, ball: arb, form: Format) -> float:
    """Round a coefficient that is rational as far as every value on the way to it is; else nan."""
    if not ball.is_finite():
        steps.check_defined(step)
    try:
        exact = steps.rational(step, which)
    except InexactError:
        return nan
    return round_fraction(Fraction(int(exact.p), int(exact.q)), form)


def _suspicious(ball: arb) -> bool:
    """Whether a tie or zero inside a ball is more than chance: 200 digits of it agree, or the end is near."""
    return bool(ball.rel_accuracy_bits() >= 200) or flint.ctx.prec == CAP_BITS // 2


def _in_symbols(steps: Steps, step: int, which: int, ball: arb, form: Format) -> float:
    """Round a coefficient that is proven to be the tie, or the zero, that its ball holds; else nan."""
    for tie in boundaries(ball, form):
        try:
            difference = steps.expression(step, which) - Rational(tie.numerator, tie.denominator)
        except InexactError:
            return nan
        if exactly_zero(difference):
            return round_fraction(tie, form)
    return nan


def _give_middles(steps: Steps, form: Format, rounded: NDArray[np.float64], doubtful: Sequence[int]) -> None:
    for place in doubtful:
        step, which = divmod(place, 3)
        ball = steps.balls([step])[which]
        if not ball.is_finite():
            raise PlanError(
                f"the coefficients of step {step}, at t = {show(steps.at.times[step])}, have no enclosure with {CAP_BITS} bits"
            )
        rounded[place] = round_ball(ball.mid(), form)


def round_exact(values: Sequence[Exact], form: Format) -> NDArray[np.float64]:
    """Round exact numbers to a format."""
    with working_precision(FIRST_BITS):
        rounded, decided = round_many([ball_of(value) for value in values], form)
    for place in map(int, np.flatnonzero(~decided)):
        rounded[place] = _round_one(values[place], form)
    return rounded


def _round_one(value: Exact, form: Format) -> float:
    exact = as_fraction(value)
    if exact is not None:
        return round_fraction(exact, form)
    bits = FIRST_BITS
    while bits < CAP_BITS:
        bits *= 2
        with working_precision(bits):
            found = round_ball(ball_of(value), form)
        if not isnan(found):
            return found
    raise PlanError(f"{show(value)} cannot be rounded to {form.name} with {CAP_BITS} bits")
