"""Taylor coefficients of the elementary functions: exact rationals where known, else balls."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial
from typing import TypeAlias

from flint import arb, arb_series, fmpq
from sympy import Expr, Integer, cos, cosh, sin, sinh

__all__ = [
    "AT_ZERO", "QUOTIENTS", "ZERO", "Coefficient", "GaveUpError", "at_quarter_turns", "binomial", "power_of", "taylor", "times",
    "whole_power",
]  # fmt: skip

Coefficient: TypeAlias = "fmpq | arb"  # a rational is exact, a ball is not


ZERO = fmpq(0)


class GaveUpError(ArithmeticError):
    """No expansion of this form was found (which proves nothing about the expression)."""


def taylor(name: str, centre: arb, count: int) -> list[Coefficient]:
    """Enclose f, f', f''/2, ... at every point of `centre`."""
    if name in ("sinh", "cosh"):
        up, down = taylor("exp", centre, count), taylor("exp", -centre, count)
        sign = -1 if name == "sinh" else 1
        return [(u + sign * (-1) ** j * d) / 2 for j, (u, d) in enumerate(zip(up, down, strict=True))]
    if name not in _SERIES:
        raise GaveUpError
    if (name == "log" and not centre > 0) or (name in ("asin", "acos") and not abs(centre) < 1):
        raise GaveUpError
    series = getattr(arb_series([centre, 1], prec=count), name)()
    if series.prec < count:  # flint.ctx.cap was lowered: what is beyond it reads as 0
        raise GaveUpError
    coefficients = [series[j] for j in range(count)]
    if not all(c.is_finite() for c in coefficients):
        raise GaveUpError
    return coefficients


_SERIES = frozenset({"exp", "log", "sin", "cos", "atan", "asin", "acos"})


def _cycle(values: tuple[int, int, int, int]) -> Callable[[int], Coefficient]:
    return lambda j: fmpq(values[j % 4], factorial(j))


# Exact coefficients at 0, so that 1 - cos(h) or exp(h) - 1 - h loses its leading terms exactly.
AT_ZERO: dict[str, Callable[[int], Coefficient]] = {
    "exp": _cycle((1, 1, 1, 1)), "sin": _cycle((0, 1, 0, -1)), "cos": _cycle((1, 0, -1, 0)),
    "sinh": _cycle((0, 1, 0, 1)), "cosh": _cycle((1, 0, 1, 0)),
    "atan": lambda j: fmpq(0) if j % 2 == 0 else fmpq((-1) ** (j // 2), j),
    "asin": lambda j: fmpq(0) if j % 2 == 0 else fmpq(comb(j - 1, j // 2), 2 ** (j - 1) * j),
}  # fmt: skip


def at_quarter_turns(name: str, quarters: int, count: int) -> list[Coefficient]:
    """Exact coefficients of sin and cos at a multiple of pi/2, so that 1 - sin(pi/2 - h) loses its leading terms."""
    quarters += name == "cos"
    return [fmpq((0, 1, 0, -1)[(quarters + j) % 4], factorial(j)) for j in range(count)]


# tan and its like as quotients, so that their poles are found as exact zeros of the denominator.
QUOTIENTS: dict[str, Callable[[Expr], tuple[Expr, Expr]]] = {
    "tan": lambda x: (sin(x), cos(x)), "cot": lambda x: (cos(x), sin(x)),
    "sec": lambda x: (Integer(1), cos(x)), "csc": lambda x: (Integer(1), sin(x)),
    "tanh": lambda x: (sinh(x), cosh(x)), "coth": lambda x: (cosh(x), sinh(x)),
    "sech": lambda x: (Integer(1), cosh(x)), "csch": lambda x: (Integer(1), sinh(x)),
}  # fmt: skip


def times(x: Coefficient, y: Coefficient) -> Coefficient:
    """Multiply two coefficients; an exact zero stays exact."""
    for c in (x, y):
        if isinstance(c, fmpq) and c == 0:
            return ZERO
    return x * y


def power_of(value: Coefficient, exponent: Fraction) -> Coefficient:
    """Raise a coefficient to a rational power."""
    if exponent.denominator == 1 and (isinstance(value, fmpq) or exponent < 0):
        return value ** int(exponent)
    if exponent.denominator == 1:
        return whole_power(value, int(exponent))
    if value == 1 and isinstance(value, fmpq):
        return value
    return arb(value) ** arb(fmpq(exponent.numerator, exponent.denominator))


def whole_power(ball: arb, exponent: int) -> arb:
    """Raise a ball to a whole power by multiplication."""
    # python-flint's ball**n is nan where the midpoint is 0.
    result = arb(1)
    for _ in range(exponent):
        result *= ball
    return result


def binomial(e: Fraction, j: int) -> fmpq:
    """The binomial coefficient of a rational number over j."""
    value = Fraction(1)
    for i in range(j):
        value *= (e - i) / Fraction(i + 1)
    return fmpq(value.numerator, value.denominator)
