"""Exact times: as rationals, as SymPy constants, as balls; and the work that may be spent on them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from flint import arb, fmpq
from sympy import Expr, Rational, Symbol

from ..proof.ball import enclose, working_precision

__all__ = ["BITS", "Gap", "Meter", "as_expr", "at_point", "ball_of", "merged", "near", "simplest_between"]

Gap = tuple[Expr, Expr]


BITS = 128


class Meter:
    """The work that is still allowed, in nodes of trees walked; deterministic, so that a result never depends
    on how busy the machine is.
    """

    def __init__(self, nodes: int) -> None:
        self.left = nodes

    def spend(self, nodes: int) -> bool:
        """Take `nodes` off; False when there is nothing left."""
        self.left -= nodes
        return self.left > 0


def at_point(expr: Expr, variable: Symbol, time: Fraction | Expr, bits: int = BITS) -> arb:
    """Enclose `expr` at one exact time."""
    with working_precision(bits):
        return enclose(expr, {variable: ball_of(time)})


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """Return the rational of smallest denominator with low < r < high.

    Examples
    --------
    >>> simplest_between(Fraction(31, 100), Fraction(34, 100))
    Fraction(1, 3)
    """
    if low < 0:
        return Fraction(0) if high > 0 else -simplest_between(-high, -low)
    whole = low.numerator // low.denominator
    if whole + 1 < high:
        return Fraction(whole + 1)
    if low == whole:
        # Between the integer `whole` and high <= whole + 1: whole + 1/n for the smallest n that fits.
        n = (1 / (high - whole)).__floor__() + 1
        return whole + Fraction(1, n)
    inner_high = None if high == whole else 1 / (low - whole)
    inner_low = 1 / (high - whole)
    assert inner_high is not None
    return whole + 1 / simplest_between(inner_low, inner_high)


def merged(gaps: Iterable[Gap]) -> list[Gap]:
    """Join the sub-intervals that touch or overlap, and sort them."""
    joined: list[Gap] = []
    for low, high in sorted(gaps, key=lambda gap: float(gap[0])):
        if joined and not _less(joined[-1][1], low):
            if _less(joined[-1][1], high):
                joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def ball_of(time: Fraction | Expr) -> arb:
    """Enclose an exact time."""
    if isinstance(time, Fraction):
        return arb(fmpq(time.numerator, time.denominator))
    return enclose(time, {})


def as_expr(time: Fraction | Expr) -> Expr:
    """Write an exact time as a SymPy number."""
    return Rational(time.numerator, time.denominator) if isinstance(time, Fraction) else time


def _less(a: Expr, b: Expr) -> bool:
    return bool(ball_of(a) < ball_of(b))


def near(time: Fraction | Expr, side: int) -> Fraction:
    """Return `time` itself if rational, else a rational beside it, on the given side."""
    if isinstance(time, Fraction):
        return time
    if time.is_Rational:
        return Fraction(int(time.p), int(time.q))
    ball = enclose(time, {})
    bound = (ball.upper() if side > 0 else ball.lower()).fmpq()
    return Fraction(int(bound.p), int(bound.q))
