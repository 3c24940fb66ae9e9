"""Where a branch that is not taken may be evaluated without harm: a point at which it has a derivative."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

import flint
from sympy import Abs, Add, Expr, Integer, Mul, Pow, Symbol, atan, cos, cosh, exp, sin, sinh, tanh
from sympy.codegen.cfunctions import expm1

from .compiled import ball_of
from .errors import PrinterError

__all__ = ["safe_point", "smooth_everywhere"]

_SMOOTH = (Add, Mul, Abs, sin, cos, tanh, atan)
_GROWING = (exp, expm1, sinh, cosh)

# A derivative beyond this could overflow in float32 (largest 3.4e38) once other factors are multiplied to it.
_LARGE = 10**9


def smooth_everywhere(expr: Expr, *, may_overflow: bool = False) -> bool:
    """Whether value and derivative are finite for all real arguments; exp overflows, and counts only if it may.

    Examples
    --------
    >>> from sympy import sin, sqrt
    >>> from sympy.abc import x
    >>> smooth_everywhere(sin(x) ** 2 / 3), smooth_everywhere(sqrt(x))
    (True, False)
    """
    if not expr.free_symbols or isinstance(expr, Symbol):
        return True
    if isinstance(expr, Pow) and not (isinstance(expr.exp, Integer) and expr.exp > 0):
        return False
    known = _SMOOTH + (Pow,) + (_GROWING if may_overflow else ())
    return isinstance(expr, known) and all(smooth_everywhere(arg, may_overflow=may_overflow) for arg in expr.args)


@lru_cache(maxsize=1024)
def safe_point(expr: Expr) -> dict[Symbol, Fraction] | None:
    """Find a point at which an expression and its derivatives are finite and not large.

    Returns
    -------
    dict or None
        A value for each free symbol; None if no point that was tried will do.

    Examples
    --------
    >>> from sympy import log, sqrt
    >>> from sympy.abc import x
    >>> safe_point(sqrt(x - 2) / log(x))
    {x: Fraction(3, 1)}
    """
    symbols = tuple(sorted(expr.free_symbols, key=str))
    try:
        values = [ball_of(symbols, part) for part in (expr, *(expr.diff(x) for x in symbols))]
    except PrinterError:
        return None  # a derivative that is no function, e.g. of sign twice
    for point in _points(len(symbols)):
        if all(_is_moderate(value, point) for value in values):
            return dict(zip(symbols, point, strict=True))
    return None


def _is_moderate(value: object, point: tuple[Fraction, ...]) -> bool:
    try:
        ball = value(*(flint.arb(flint.fmpq(x.numerator, x.denominator)) for x in point))  # type: ignore[operator]
    except ArithmeticError:
        return False
    return bool(ball.is_finite() and abs(ball) < _LARGE)


# Inside (0, 1), where times are; then elsewhere, apart from the round numbers at which formulas have their poles.
_LADDER = tuple(
    map(Fraction, ("1/2", "1/4", "3/4", "1/16", "15/16", "3", "1/1000", "999/1000", "10", "30", "70", "300"))
) + tuple(map(Fraction, ("0", "1", "-1/2", "-3", "-30")))


def _points(dimension: int) -> Iterator[tuple[Fraction, ...]]:
    """All arguments equal; then rising, then falling; then mixed."""
    yield from ((x,) * dimension for x in _LADDER)
    if dimension < 2:
        return
    for shift in range(1, len(_LADDER)):
        row = [_LADDER[(shift * (i + 1)) % len(_LADDER)] for i in range(dimension)]
        yield tuple(sorted(row))
        yield tuple(sorted(row, reverse=True))
        yield tuple(row)
