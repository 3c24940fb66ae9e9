"""Sums as products, where that takes no time to speak of: what vanishes twice at a place then keeps its digits there."""

from __future__ import annotations

from contextlib import suppress

from sympy import Add, Dummy, Expr, Mul, Piecewise, Poly, Pow, factor
from sympy.polys.polyerrors import BasePolynomialError

__all__ = ["factored"]

_MOST_GENERATORS = 5
_MOST_TERMS = 24
_MOST_DEGREE = 12


def factored(expr: Expr) -> Expr:
    """The expression with the sums in it written as products over the rationals.

    Examples
    --------
    >>> from sympy import log
    >>> from sympy.abc import t
    >>> factored(1 - 3 * log(t) ** 2 + 2 * log(t) ** 3)
    (log(t) - 1)**2*(2*log(t) + 1)
    """
    if isinstance(expr, Piecewise):
        return Piecewise(*((factored(value), condition) for value, condition in expr.args))
    if isinstance(expr, Mul):
        return Mul(*map(factored, expr.args))
    if isinstance(expr, Pow) and not expr.exp.free_symbols:
        return Pow(factored(expr.base), expr.exp)
    return _sum(expr) if isinstance(expr, Add) else expr


def _sum(expr: Expr) -> Expr:
    # What is no sum, product or whole power stays as it is: of log(3) - log(2) nobody would see that log(3/2) takes it
    # away, and exp(749*t) is no 749th power of a generator.
    letters: dict[Expr, Dummy] = {}
    above, below = _lettered(expr, letters).together().as_numer_denom()
    if len(letters) > _MOST_GENERATORS or max(_degree(above), _degree(below)) > _MOST_DEGREE:
        return expr
    with suppress(BasePolynomialError):
        if all(len(Poly(part).terms()) <= _MOST_TERMS for part in (above, below) if part.free_symbols):
            back = {letter: node for node, letter in letters.items()}
            return (factor(above) / factor(below)).xreplace(back)
    return expr


def _lettered(expr: Expr, letters: dict[Expr, Dummy]) -> Expr:
    if expr.is_Rational:
        return expr
    if isinstance(expr, Add | Mul) or _is_whole_power(expr):
        return expr.func(*(arg if arg.is_Rational else _lettered(arg, letters) for arg in expr.args))
    return letters.setdefault(expr, Dummy())


def _is_whole_power(expr: Expr) -> bool:
    return isinstance(expr, Pow) and bool(expr.exp.is_Integer) and abs(expr.exp) <= _MOST_DEGREE


def _degree(expr: Expr) -> int:
    """No less than the total degree."""
    if isinstance(expr, Add):
        return max(map(_degree, expr.args))
    if isinstance(expr, Mul):
        return sum(map(_degree, expr.args))
    if isinstance(expr, Pow):
        return int(abs(expr.exp)) * _degree(expr.base)
    return 0 if expr.is_Rational else 1
