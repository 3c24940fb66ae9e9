r"""One rounding from a ball to a floating-point format: to nearest, ties to even, as IEEE 754 says.

A ball rounds to $y$ when both of its ends do, because rounding is monotone.  :func:`round_many` decides that in
numpy for all values at once where two doubles are enough, :func:`round_ball` for one value in integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import copysign, inf, isinf, ldexp, nan

import numpy as np
from flint import arb
from numpy.typing import NDArray

__all__ = ["FORMATS", "Format", "boundaries", "round_ball", "round_fraction", "round_many"]


_ALIKE = 1200


@dataclass(frozen=True)
class Format:
    """A binary format: `digits` of precision, and the exponents of its least and greatest normal binade."""

    name: str
    digits: int
    least: int
    greatest: int


FORMATS = {
    form.name: form
    for form in (
        Format("float16", 11, -14, 15),
        Format("bfloat16", 8, -126, 127),
        Format("float32", 24, -126, 127),
        Format("float64", 53, -1022, 1023),
    )
}


def round_fraction(value: Fraction, form: Format) -> float:
    """Round an exact number; the result is exact as a Python float.

    Examples
    --------
    >>> round_fraction(Fraction(1, 3), FORMATS["float16"]), round_fraction(Fraction(2049), FORMATS["float16"])
    (0.333251953125, 2048.0)
    >>> round_fraction(Fraction(65520), FORMATS["float16"]), round_fraction(Fraction(1, 2**25), FORMATS["float16"])
    (inf, 0.0)
    """
    top, bottom = abs(value.numerator), value.denominator
    if not top:
        return 0.0
    exponent = top.bit_length() - bottom.bit_length()  # floor(log2(value)), or one more
    if (top << max(-exponent, 0)) < (bottom << max(exponent, 0)):
        exponent -= 1
    unit = max(exponent, form.least) - form.digits + 1
    top, bottom = top << max(-unit, 0), bottom << max(unit, 0)
    whole, rest = divmod(top, bottom)
    whole += 2 * rest > bottom or (2 * rest == bottom and whole & 1)
    sign = -1.0 if value < 0 else 1.0
    if whole.bit_length() + unit - 1 > form.greatest:
        return sign * inf
    return sign * ldexp(whole, unit)


def round_ball(ball: arb, form: Format) -> float:
    """Round a ball; ``nan`` where its two ends round to different numbers, or it is not finite."""
    ends = _ends(ball)
    if ends is None:
        return nan
    low, high = (round_fraction(end, form) for end in ends)
    # -0.0 == 0.0, but a ball that reaches both ways from 0 has not decided the sign.
    return low if low == high and copysign(1, low) == copysign(1, high) else nan


def _ends(ball: arb) -> tuple[Fraction, Fraction] | None:
    if not ball.is_finite():
        return None
    low, high = (_exact(end) for end in (ball.lower(), ball.upper()))
    return low, high


def _exact(end: arb) -> Fraction:
    mantissa, exponent = (int(part) for part in end.man_exp())
    # Beyond 2**+-1200 every number rounds alike in all formats; 2**(10**9) would fill the memory.
    size = mantissa.bit_length() + exponent
    if mantissa and abs(size) > _ALIKE:
        mantissa, exponent = (1 if mantissa > 0 else -1), (_ALIKE if size > 0 else -_ALIKE)
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def boundaries(ball: arb, form: Format) -> tuple[Fraction, ...]:
    """Return the numbers at which an undecided ball's rounding changes: zero, or one tie; () if there are more."""
    ends = _ends(ball)
    if ends is None:
        return ()
    if ends[0] <= 0 <= ends[1]:
        return (Fraction(0),)
    low, high = (round_fraction(end, form) for end in ends)
    if isinf(low) and isinf(high):
        return ()
    beyond = Fraction(2) ** (form.greatest + 1)  # where the next number would be if there were no overflow
    a, b = (Fraction(y) if not isinf(y) else beyond * (1 if y > 0 else -1) for y in (low, high))
    middle = (a + b) / 2
    next_to_each_other = round_fraction(middle, form) in (low, high)
    return (middle,) if next_to_each_other else ()


def round_many(balls: Sequence[arb], form: Format) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    r"""Round many balls; the second array tells which of them are decided.

    With *accuracy* the bits of ``rel_accuracy_bits``, a ball lies within $2^{-accuracy}|m|$ of its midpoint $m$, and the
    double ``float(ball)`` within $2^{-52}|m|$ of it, whatever the mode, as long as it is normal.
    """
    high = np.array([float(ball) for ball in balls], dtype=np.float64)
    accuracy = np.array([ball.rel_accuracy_bits() for ball in balls], dtype=np.int64)
    zero = (high == 0) & (accuracy > 1 << 40)
    zero &= np.array([bool(ball == 0) for ball in balls]) if zero.any() else False
    # Below 2**-900 the next word would be near the subnormal doubles; those are left to the integers.
    sound = np.isfinite(high) & (np.abs(high) > 2.0**-900) & (accuracy >= 100)
    if form.digits < 53:
        # |x - high| < 2**-51 |high|, so x is between the two doubles, each rounded after a product by 1 -+ 2**-50.
        ends = (_round_doubles(high * (1 - 2.0**-50), form), _round_doubles(high * (1 + 2.0**-50), form))
        return np.where(zero, 0.0, ends[0]), zero | (sound & (ends[0] == ends[1]))
    # The second word: |x - high - low| <= 2**-98 |high| + 2**-50 |low|.  x rounds to `high` if it is nearer to it than
    # half the gap to the next double; towards zero from a power of two that gap is half as wide.
    low = np.array([float(ball - word) for ball, word in zip(balls, high.tolist(), strict=True)], dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        half = np.spacing(np.abs(high)) * np.where(np.abs(np.frexp(high)[0]) == 0.5, 0.25, 0.5)
        near = np.abs(low) * (1 + 2.0**-49) + np.abs(high) * 2.0**-97 < half
    return high, zero | (sound & near)


def _round_doubles(values: NDArray[np.float64], form: Format) -> NDArray[np.float64]:
    """Round doubles to a narrower format: scaled by a power of two the unit in the last place is 1, and rint rounds
    ties to even.  Scaling is exact here: what is rounded is above 2**-900 or so far below half the least
    subnormal that its digits do not matter.
    """
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        _, exponent = np.frexp(values)  # values = m * 2**exponent with 1/2 <= |m| < 1
        unit = np.maximum(exponent - 1, form.least) - form.digits + 1
        rounded = np.ldexp(np.rint(np.ldexp(values, -unit)), unit)
        return np.where(np.abs(rounded) >= 2.0 ** (form.greatest + 1), np.copysign(np.inf, values), rounded)
