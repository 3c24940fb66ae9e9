"""Exact times: as rationals, as SymPy constants, as balls; and the work that may be spent on them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cmp_to_key

from flint import arb, fmpq
from sympy import Expr, Rational, Symbol

from ..proof.ball import enclose, working_precision

__all__ = [
    "BITS", "Gap", "Meter", "as_expr", "ascending", "at_point", "ball_of", "bits_between", "merged", "near",
    "simplest_between",
]  # fmt: skip

Gap = tuple[Expr, Expr]


BITS = 128  # for an interval as wide as its ends are large
_MOST_BITS = 8192  # what is closer than 2**-8000 is not told apart


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


def at_point(expr: Expr, variable: Symbol, time: Fraction | Expr, bits: int = 0) -> arb:
    """Enclose `expr` at one exact time, in enough bits to tell it from the numbers beside it that are as long."""
    with working_precision(bits or BITS + 2 * _length(time)):
        return enclose(expr, {variable: ball_of(time)})


def bits_between(low: Fraction | Expr, high: Fraction | Expr) -> int:
    """The precision in which the interval between two exact times is resolved as (0, 1) is in BITS.

    Examples
    --------
    >>> from sympy import Rational
    >>> bits_between(Rational(0), Rational(1)), bits_between(Rational(1, 3), Rational(1, 3) + Rational(1, 2**100))
    (129, 227)
    """
    bits = BITS
    while bits < _MOST_BITS:
        with working_precision(bits):
            width, size = enclose(as_expr(high) - as_expr(low), {}), abs(ball_of(low)).max(abs(ball_of(high)))
            if width > 0:
                ratio = (size / width).upper().fmpq()
                return min(_MOST_BITS, BITS + int(ratio.p // ratio.q).bit_length())
        bits *= 4
    return _MOST_BITS


def ascending(times: Iterable[Expr]) -> list[Expr]:
    """Sort exact times by their values, of which floats may not know the order."""
    return sorted(times, key=cmp_to_key(_compare))


def _compare(a: Expr, b: Expr) -> int:
    rough = float(a) - float(b)
    if abs(rough) > 1e-9 * (1 + abs(float(a))):
        return 1 if rough > 0 else -1
    bits = BITS
    while a != b and bits <= _MOST_BITS:
        with working_precision(bits):
            difference = enclose(a - b, {})
        if difference > 0 or difference < 0:
            return 1 if difference > 0 else -1
        bits *= 4
    return 0


def _compare_starts(a: Gap, b: Gap) -> int:
    return _compare(a[0], b[0])


def _length(time: Fraction | Expr) -> int:
    """How many bits an exact rational takes."""
    if isinstance(time, Fraction):
        return min(time.denominator.bit_length(), _MOST_BITS)
    return min(int(time.q).bit_length(), _MOST_BITS) if time.is_Rational else 0


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """Return the rational of smallest denominator with low < r < high.

    Examples
    --------
    >>> simplest_between(Fraction(31, 100), Fraction(34, 100))
    Fraction(1, 3)
    """
    if low < 0:
        return Fraction(0) if high > 0 else -simplest_between(-high, -low)
    # Both have the same continued fraction up to where an integer fits between them.
    wholes: list[int] = []
    upper: Fraction | None = high
    while True:
        whole = low.numerator // low.denominator
        if upper is None or whole + 1 < upper:
            found = Fraction(whole + 1)
            break
        if low == whole:
            # Between the integer `whole` and upper <= whole + 1: whole + 1/n for the smallest n that fits.
            found = whole + Fraction(1, (1 / (upper - whole)).__floor__() + 1)
            break
        wholes.append(whole)
        low, upper = 1 / (upper - whole), 1 / (low - whole)
    for whole in reversed(wholes):
        found = whole + 1 / found
    return found


def merged(gaps: Iterable[Gap]) -> list[Gap]:
    """Join the sub-intervals that touch or overlap, and sort them."""
    joined: list[Gap] = []
    for low, high in sorted(gaps, key=cmp_to_key(_compare_starts)):
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
    return _compare(a, b) < 0


def near(time: Fraction | Expr, side: int) -> Fraction:
    """Return `time` itself if rational, else a rational beside it, on the given side."""
    if isinstance(time, Fraction):
        return time
    if time.is_Rational:
        return Fraction(int(time.p), int(time.q))
    ball = enclose(time, {})
    bound = (ball.upper() if side > 0 else ball.lower()).fmpq()
    return Fraction(int(bound.p), int(bound.q))
