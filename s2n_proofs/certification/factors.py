"""An expression as a product, as far as its sign goes, and what it needs to be defined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from flint import arb
from sympy import (
    Dummy,
    E,
    Expr,
    Function,
    Integer,
    Mul,
    NumberSymbol,
    Pow,
    Rational,
    Symbol,
    acos,
    asin,
    atan,
    cos,
    exp,
    factor,
    log,
    preorder_traversal,
    sin,
    sinh,
    tanh,
    together,
)  # fmt: skip

from ..proof.ball import BallError, UndefinedValueError
from .points import at_point

__all__ = ["Need", "constants_are_real", "factors", "is_odd", "is_smooth", "needs_of", "value_at"]

Need = Literal["positive", "nonnegative", "nonzero"]

_SMOOTH = frozenset(
    [
        "exp",
        "log",
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "sinh",
        "cosh",
        "tanh",
        "coth",
        "sech",
        "csch",
        "asin",
        "acos",
        "atan",
    ]
)


_TOGETHER_OPS = 10_000  # a bigger sum (1e5 have been seen) keeps its denominators, which took minutes to bring together
_FACTOR_OPS = 80  # a bigger sum is not factored, which can take seconds
_NUMBER_BITS = 4000  # SymPy factors by primes beyond the coefficients, which it looks for one by one
_DEGREE = 40
_REPEATS = 3


def value_at(expr: Expr, variable: Symbol, time: Expr) -> arb | None:
    """Enclose the value at an exact time; None where it is provably undefined."""
    try:
        return at_point(expr, variable, time)
    except UndefinedValueError:
        return None
    except BallError:
        return arb.nan()


def needs_of(expr: Expr, variable: Symbol) -> Iterator[tuple[Expr, Need]]:
    """Yield what must hold for `expr` to have a finite real value: conditions on its parts."""
    for argument in expr.args:
        yield from needs_of(argument, variable)
    if not expr.has(variable):
        return
    name = type(expr).__name__
    if isinstance(expr, Pow) and expr.base != E:
        if not expr.exp.is_Rational:
            yield expr.base, "positive"
        elif not expr.exp.is_Integer:
            yield expr.base, "positive" if expr.exp < 0 else "nonnegative"
        elif expr.exp < 0:
            yield expr.base, "nonzero"
    elif name == "log":
        yield expr.args[0], "positive"
    elif name in ("tan", "sec"):
        yield cos(expr.args[0]), "nonzero"
    elif name in ("cot", "csc"):
        yield sin(expr.args[0]), "nonzero"
    elif name in ("coth", "csch"):
        yield sinh(expr.args[0]), "nonzero"
    elif name in ("asin", "acos"):
        yield 1 - expr.args[0] ** 2, "nonnegative"


def is_smooth(expr: Expr) -> bool:
    """Whether `expr` is made of functions that are analytic wherever :func:`needs_of` is met.

    Of another function, floor or gamma, say, nothing is known: not even that it is defined.
    """
    return all(
        node.is_Add or node.is_Mul or node.is_Pow or node.is_Atom or type(node).__name__ in _SMOOTH
        for node in preorder_traversal(expr)
    )


def constants_are_real(expr: Expr, variable: Symbol) -> bool | None:
    """Whether every part without the variable has a finite real value; None: not known.

    The sign of a product does not ask for the value of an exponential, and asin(2) has the argument's sign alone.

    Examples
    --------
    >>> t = Symbol("t")
    >>> constants_are_real(t * 2 ** asin(Integer(1) / 3), t), constants_are_real(t * 2 ** asin(2), t)
    (True, False)
    """
    if expr.is_Rational:
        return True
    if expr.has(variable):
        found = [constants_are_real(argument, variable) for argument in expr.args]
        return False if False in found else None if None in found else True
    value = value_at(expr, variable, Integer(0))
    return False if value is None else True if value.is_finite() else None


def factors(expr: Expr) -> list[tuple[Expr, Expr]]:
    """Return powers whose product has the sign of `expr`, and bases that are no products.

    Exponentials are left out, and log(x) becomes x - 1: only sign, zeros and poles count.
    """
    done: list[tuple[Expr, Expr]] = []
    waiting: list[tuple[Expr, Expr, int]] = [(expr, Integer(1), 0)]
    while waiting:
        base, exponent, depth = waiting.pop()
        if isinstance(base, exp) or (isinstance(base, Pow) and not base.exp.is_Rational and _positive(base.base)):
            continue
        if isinstance(base, log):  # has the sign, and the zeros, of its argument minus 1
            waiting.append((base.args[0] - 1, exponent, depth))
        elif isinstance(base, acos):  # positive but at 1
            waiting.append((1 - base.args[0], exponent, depth))
        elif isinstance(base, sinh | tanh | atan | asin):
            waiting.append((base.args[0], exponent, depth))
        elif isinstance(base, Mul):
            waiting += [(argument, exponent, depth) for argument in base.args]
        elif isinstance(base, Pow) and base.exp.is_Rational and exponent.is_Integer:
            waiting.append((base.base, base.exp * exponent, depth))
        elif base.is_Add and depth < _REPEATS and (product := _as_product(base)) != base:
            waiting.append((product, exponent, depth + 1))
        else:
            done.append((base, exponent))
    return done


def _as_product(expr: Expr) -> Expr:
    """Write a sum as a product where a common denominator or a factorisation over the rationals does it."""
    if expr.count_ops() > _TOGETHER_OPS or any(_is_long(number) for number in expr.atoms(Rational)):
        return expr
    product = together(expr)
    if not product.is_Add or product.count_ops() > _FACTOR_OPS:
        return product
    # To SymPy exp(-199*t**2/20) is a polynomial of degree 199 in exp(t**2/20), which takes seconds to factor;
    # so every exponential, root and function is an opaque letter here.
    letters = {node: Dummy() for node in _opaque(product)}
    opaque = product.xreplace(letters)
    if _degree(opaque) > _DEGREE or not opaque.is_polynomial():
        return product
    return factor(opaque).xreplace({letter: node for node, letter in letters.items()})


def _is_long(number: Rational) -> bool:
    return max(abs(int(number.p)), int(number.q)).bit_length() > _NUMBER_BITS


def _opaque(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, Function | NumberSymbol) or (isinstance(expr, Pow) and not expr.exp.is_Integer):
        yield expr
    else:
        for argument in expr.args:
            yield from _opaque(argument)


def _degree(expr: Expr) -> int:
    """Bound the total degree of a polynomial."""
    if expr.is_Add:
        return max(_degree(argument) for argument in expr.args)
    if expr.is_Mul:
        return sum(_degree(argument) for argument in expr.args)
    if isinstance(expr, Pow):
        return _degree(expr.base) * abs(int(expr.exp))
    return int(expr.is_Symbol)


def is_odd(exponent: Expr) -> bool:
    """Whether a factor with this exponent passes its sign on."""
    # The sign of base**(p/q), where it is real, is +: q > 1 asks for a base >= 0.
    return bool(exponent.is_Integer and exponent % 2 == 1)


def _positive(number: Expr) -> bool:
    if number.free_symbols:
        return False
    value = value_at(number, Symbol("_"), Integer(0))
    return value is not None and bool(value > 0)
