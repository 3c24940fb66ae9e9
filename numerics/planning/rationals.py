"""Expressions at rational points, exactly, as long as every value on the way is rational."""

from __future__ import annotations

from collections.abc import Mapping

from flint import fmpq, fmpz
from sympy import Expr, Symbol
from sympy.core.numbers import Exp1, Rational

__all__ = ["InexactError", "rational_value"]

_HIGHEST = 64  # powers and roots beyond are not worth it: no float has so many digits
_FIXED = {  # where a transcendental function is rational: argument and value
    "exp": (0, 1), "cos": (0, 1), "sec": (0, 1), "cosh": (0, 1), "sech": (0, 1), "log": (1, 0), "acos": (1, 0), "sin": (0, 0),
    "tan": (0, 0), "sinh": (0, 0), "tanh": (0, 0), "asin": (0, 0), "atan": (0, 0), "expm1": (0, 0), "log1p": (0, 0),
}  # fmt: skip


class InexactError(ArithmeticError):
    """A value is irrational, or undefined, or too long to be worth it."""


def rational_value(expr: Expr, values: Mapping[Symbol, fmpq]) -> fmpq:
    """Compute an expression exactly.

    Raises
    ------
    InexactError
        If a value on the way is not rational, as far as this arithmetic can see.

    Examples
    --------
    >>> from sympy import Symbol, sqrt
    >>> t = Symbol("t")
    >>> rational_value(sqrt(1 - t**2) / t, {t: fmpq(3, 5)})
    4/3
    """
    return _walk(expr, dict(values))


def _walk(expr: Expr, known: dict[Expr, fmpq]) -> fmpq:
    if expr not in known:
        known[expr] = _value(expr, known)
    return known[expr]


def _value(expr: Expr, known: dict[Expr, fmpq]) -> fmpq:
    if isinstance(expr, Rational):
        return fmpq(int(expr.p), int(expr.q))
    if not expr.args:
        raise InexactError(f"{expr} is not rational")
    if expr.is_Pow:
        base, exponent = expr.as_base_exp()
        if isinstance(base, Exp1):
            return _fixed("exp", _walk(exponent, known))
        return _power(_walk(base, known), _walk(exponent, known))
    arguments = [_walk(argument, known) for argument in expr.args]
    if expr.is_Add:
        return sum(arguments, fmpq(0))
    if expr.is_Mul:
        product = fmpq(1)
        for argument in arguments:
            product *= argument
        return product
    name = type(expr).__name__
    if name in ("Max", "Min"):
        return max(arguments) if name == "Max" else min(arguments)
    return abs(arguments[0]) if name == "Abs" else _fixed(name, arguments[0])


def _fixed(name: str, argument: fmpq) -> fmpq:
    point, value = _FIXED.get(name, (None, 0))
    if argument != point:
        raise InexactError(f"{name}({argument}) is not known to be rational")
    return fmpq(value)


def _power(base: fmpq, exponent: fmpq) -> fmpq:
    p, q = int(exponent.p), int(exponent.q)
    if max(abs(p), q) > _HIGHEST:
        raise InexactError("a high power or root")
    if base == 0 and p < 0:
        raise InexactError("a division by zero")
    return fmpq(_root(int(base.p), q), _root(int(base.q), q)) ** p


def _root(whole: int, n: int) -> int:
    if whole < 0 and n > 1:
        raise InexactError("the root of a negative number")
    found = int(fmpz(whole).root(n)) if n > 1 else whole
    if found**n != whole:
        raise InexactError("an irrational root")
    return found
