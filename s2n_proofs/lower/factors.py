"""Sums as products, where that takes no time to speak of: what vanishes twice at a place then keeps its digits there."""

from __future__ import annotations

from contextlib import suppress

from sympy import Add, Dummy, Expr, Function, Mul, Piecewise, Poly, Pow, factor
from sympy.polys.polyerrors import BasePolynomialError

__all__ = ["factored"]

_MOST_GENERATORS = 4
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
    # A constant stays as it is: of log(3) - log(2) nobody would see that log(3/2) takes it away.
    constants = {node: Dummy(positive=True) for node in expr.atoms(Function) if not node.free_symbols}
    above, below = expr.xreplace(constants).together().as_numer_denom()
    with suppress(BasePolynomialError):
        if all(_is_small(Poly(part)) for part in (above, below) if part.free_symbols):
            back = {dummy: node for node, dummy in constants.items()}
            return (factor(above) / factor(below)).xreplace(back)
    return expr


def _is_small(poly: Poly) -> bool:
    return bool(
        len(poly.gens) <= _MOST_GENERATORS and len(poly.terms()) <= _MOST_TERMS and poly.total_degree() <= _MOST_DEGREE
    )
