"""The ball evaluator: a SymPy tree at exact points, as an interval that provably holds the value.

Numbers go into ``flint.arb`` as exact rationals; no Python float is ever made.  A value comes back as a
ball, an expression that provably has no real value raises :class:`UndefinedValueError`, and a ball too wide to tell
comes back non-finite or wide.  Those three are never mixed up: "undefined" refutes, "too wide" decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import flint
from flint import arb, fmpq
from sympy import Expr, Float, Symbol, nan, oo, zoo
from sympy.core.numbers import Exp1, ImaginaryUnit, Integer, Pi, Rational
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from .ball_functions import UNARY, UndefinedValueError, rational_power, real_power

__all__ = ["BallError", "UndefinedValueError", "enclose", "working_precision"]


class BallError(ValueError):
    """The evaluator does not know a node of the tree."""


@contextmanager
def working_precision(bits: int) -> Iterator[None]:
    """Set FLINT's precision in bits inside a ``with`` block, and put the old one back."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def enclose(expr: Expr, values: Mapping[Symbol, arb]) -> arb:
    """Enclose the value of `expr`, with the balls `values` in place of its symbols.

    Parameters
    ----------
    expr : sympy.Expr
        Numbers, symbols, ``+ * **``, exp, log, trigonometric and hyperbolic functions, Abs, Min, Max and Piecewise.
    values : mapping
        One ball for every free symbol; a wide ball stands for all the points in it.

    Returns
    -------
    flint.arb
        Holds the value at every point of the balls given; may be non-finite when they are too wide.

    Raises
    ------
    UndefinedValueError
        If there is provably no finite real value at *any* point of the balls given.
    BallError
        If a node is not known, a symbol has no value, or a floating-point number is met.

    Examples
    --------
    >>> from sympy import sqrt, Symbol
    >>> from flint import arb
    >>> x = Symbol("x")
    >>> enclose(sqrt(x), {x: arb(2)}).contains(arb(2).sqrt())
    True
    """
    return _walk(expr, values, {})


def _walk(expr: Expr, values: Mapping[Symbol, arb], memo: dict[Expr, arb]) -> arb:
    found = memo.get(expr)
    if found is None:
        found = memo[expr] = _node(expr, values, memo)
    return found


def _node(expr: Expr, values: Mapping[Symbol, arb], memo: dict[Expr, arb]) -> arb:
    if isinstance(expr, Integer):
        return arb(int(expr))
    if isinstance(expr, Rational):
        return arb(fmpq(int(expr.p), int(expr.q)))
    if isinstance(expr, Symbol):
        if expr not in values:
            raise BallError(f"no value for {expr}")
        return values[expr]
    if isinstance(expr, Float):
        raise BallError(f"the floating-point number {expr} is not exact")
    if isinstance(expr, ImaginaryUnit):
        # All quantities are real, so i can only have come from the root of a negative number.
        raise UndefinedValueError("the root of a negative number")
    if expr in (zoo, nan, oo, -oo):
        # What SymPy makes of 1/0 and 0/0 when it puts a zero into a denominator.
        raise UndefinedValueError("division by zero")
    if isinstance(expr, Pi):
        return arb.pi()
    if isinstance(expr, Exp1):
        return arb.const_e()
    if expr.is_Add:
        total = arb(0)
        for term in expr.args:
            total += _walk(term, values, memo)
        return total
    if expr.is_Mul:
        product = arb(1)
        for factor in expr.args:
            product *= _walk(factor, values, memo)
        return product
    if expr.is_Pow:
        return _power(expr, values, memo)
    name = type(expr).__name__
    if name == "Piecewise":
        return _piecewise(expr, values, memo)
    arguments = [_walk(a, values, memo) for a in expr.args]
    if name in ("Max", "Min"):
        best = arguments[0]
        for other in arguments[1:]:
            best = best.max(other) if name == "Max" else best.min(other)
        return best
    if name in ("Heaviside", "DiracDelta"):  # the second argument speaks of the corner alone
        return UNARY[name](arguments[0])
    if len(arguments) == 1 and name in UNARY:
        return UNARY[name](arguments[0])
    raise BallError(f"the ball evaluator does not know {name}")


def _power(expr: Expr, values: Mapping[Symbol, arb], memo: dict[Expr, arb]) -> arb:
    base, exponent = expr.as_base_exp()
    if isinstance(base, Exp1):
        return _walk(exponent, values, memo).exp()
    b = _walk(base, values, memo)
    if isinstance(exponent, Rational):
        return rational_power(b, int(exponent.p), int(exponent.q), expr)
    return real_power(b, _walk(exponent, values, memo), expr)


def _piecewise(expr: Expr, values: Mapping[Symbol, arb], memo: dict[Expr, arb]) -> arb:
    hull: arb | None = None
    for branch, condition in expr.args:
        truth = _truth(condition, values, memo)
        if truth is False:
            continue
        try:
            value = _walk(branch, values, memo)
        except UndefinedValueError:
            if truth is True and hull is None:
                raise
            value = arb.nan()  # undefined on a branch that may not be the one taken: decides nothing
        hull = value if hull is None else hull.union(value)
        if truth is True:
            return hull
    if hull is None:
        raise UndefinedValueError("no branch of the piecewise function applies")
    return arb.nan()


def _truth(condition: Expr, values: Mapping[Symbol, arb], memo: dict[Expr, arb]) -> bool | None:
    if isinstance(condition, BooleanTrue):
        return True
    if isinstance(condition, BooleanFalse):
        return False
    if not isinstance(condition, Relational):
        raise BallError(f"a condition must be a comparison, got {condition}")
    difference = _walk(condition.lhs, values, memo) - _walk(condition.rhs, values, memo)
    if difference.is_zero():
        # At the joint both branches count: they agree where the function, or its derivative, exists.
        return None
    operator = condition.rel_op
    decided = {
        "<": (difference < 0, difference >= 0),
        "<=": (difference <= 0, difference > 0),
        ">": (difference > 0, difference <= 0),
        ">=": (difference >= 0, difference < 0),
    }.get(operator)
    if decided is None:
        raise BallError(f"a condition must be an inequality, got {condition}")
    return True if decided[0] else False if decided[1] else None
