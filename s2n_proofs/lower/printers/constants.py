"""Constants that are rounded once: exact numbers to the nearest float, and no other rounding."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import flint
from sympy import Expr, Rational

from s2n_proofs.proof.ball import working_precision

from .errors import PrinterError

__all__ = ["BITS", "nearest", "rounded"]

# Significand bits, and the exponents of the largest finite and of the smallest subnormal float.
BITS = {"float32": 24, "float64": 53}
_RANGE = {24: (127, -149), 53: (1023, -1074)}

# Enclosures that still straddle two floats at this precision belong to an exact tie such as sqrt(4) + 2**-53;
# both neighbours are then within half a unit, and beyond 1074 bits zero is told from the smallest float.
_MOST_BITS = 4096


def nearest(value: Fraction, bits: int = 53) -> float:
    """Round an exact number to the nearest float of so many bits, ties to even.

    Examples
    --------
    >>> nearest(Fraction(1, 10)), nearest(Fraction(1, 10), 24)
    (0.1, 0.10000000149011612)

    The nearest float32 is not always that of the nearest float64:

    >>> value = 1 + Fraction(1, 2**24) + Fraction(1, 2**60)
    >>> nearest(value, 24) == 1 + 2**-23, nearest(Fraction(nearest(value)), 24) == 1.0
    (True, True)
    """
    top, bottom = _RANGE[bits]
    if value == 0:
        return 0.0
    size = abs(value)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    if Fraction(2) ** exponent > size:
        exponent -= 1
    unit = Fraction(2) ** max(exponent - bits + 1, bottom)
    result = round(value / unit) * unit  # round() of a Fraction takes ties to even
    if abs(result) >= Fraction(2) ** (top + 1):
        raise OverflowError("beyond the range of the float")
    return float(result)


@lru_cache(maxsize=4096)
def rounded(expr: Expr, bits: int = 53) -> float:
    """The value of a constant expression, rounded to the nearest float of so many bits.

    Parameters
    ----------
    expr : sympy.Expr
        Without free symbols.
    bits : int
        24 for float32, 53 for float64.

    Raises
    ------
    PrinterError
        If it has no finite real value, or one beyond the range of the float.

    Examples
    --------
    >>> from sympy import pi, sqrt
    >>> rounded(pi), rounded(sqrt(2), 24)
    (3.141592653589793, 1.4142135381698608)
    """
    try:
        if isinstance(expr, Rational):
            return nearest(Fraction(int(expr.p), int(expr.q)), bits)
        return _by_enclosure(expr, bits)
    except OverflowError:
        raise PrinterError(f"the constant {_short(expr)} is beyond the range of a float of {bits} bits") from None


def _by_enclosure(expr: Expr, bits: int) -> float:
    from .compiled import constant_ball

    precision = 4 * bits
    while True:
        with working_precision(precision):
            try:
                ball = constant_ball(expr)
            except ArithmeticError as error:
                raise PrinterError(f"the constant {_short(expr)} has no finite real value: {error}") from None
        if precision >= _MOST_BITS:
            if not ball.is_finite():
                raise PrinterError(f"the constant {_short(expr)} has no finite real value")
            return nearest(_exact(ball.mid()), bits)
        if ball.is_finite():
            with working_precision(precision + 64):
                low, high = nearest(_exact(ball.lower()), bits), nearest(_exact(ball.upper()), bits)
            if low == high:
                return low
        precision *= 2


def _exact(point: flint.arb) -> Fraction:
    mantissa, exponent = point.man_exp()
    return int(mantissa) * Fraction(2) ** int(exponent)


def _short(expr: Expr) -> str:
    text = str(expr)
    return text if len(text) < 80 else f"{text[:76]} ..."
