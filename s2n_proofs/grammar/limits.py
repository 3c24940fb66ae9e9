"""What an expression may cost and what it may be: the limits, the size of a tree, the value of a constant.

All limits are on the *expression*, not on how it was typed, so what is accepted can be printed and read
again.  They protect those who go on working with it too: a proof may have to expand, a report to evaluate.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import ceil, comb, prod
from typing import Any, NamedTuple

import sympy as sp
from mpmath.ctx_mp import MPContext
from sympy import Add, E, Expr, I, Mul, Pow, Rational, S, Symbol, exp, log, nan, oo, pi, zoo
from sympy.core.function import AppliedUndef

__all__ = [
    "MAX_DIFF_NODES", "MAX_DIFF_WORK", "MAX_DIGITS", "MAX_ORDER", "RefusedError", "Size", "check_exponent",
    "check_height", "check_hyperbolic", "is_constant", "less", "size", "value", "vet",
]  # fmt: skip

MAX_DIGITS = 100  # of a numerator or denominator
MAX_EXPONENT = 64  # |p/q| of a numeric exponent
MAX_ROOT = 1000  # its q, and p, q in t**(p/q + s): polynomials in t**(1/q) are stored densely to degree p
MAX_DEGREE = 256  # of nested powers: ((t**64 + 1)**64 + 1)**64 has 262144
MAX_TERMS = 100_000  # once all products and powers are expanded; a proof may have to do that
MAX_CONSTANT_TERMS = 256  # the same in a constant, which log() expands at once
MAX_SPLIT = 256  # the same where each function that may not be real is re + i*im
MAX_HYPERBOLIC_SPLIT = 4  # and inside sinh, cosh, tanh, whose every sign query splits all the way down
MAX_HYPERBOLIC_NODES = 24
MAX_NODES = 1500  # 1000 tokens make fewer; only derivatives grow
MAX_DIFF_NODES = 250  # differentiated, all orders of one diff() together; takes 0.1 s or less
MAX_ORDER = 6
MAX_DIFF_WORK = 4000  # nodes times factors of the longest product: what one order may produce
MAX_POWER_BITS = 8192  # base bits times exponent; a product of 200 such powers still takes milliseconds
MAX_ROOT_BITS = 1024  # base bits times q: for 1/n**(1/q) SymPy tries to factor n**(q - 1)
MAX_MAGNITUDE = 100  # decimal exponent of a constant; SymPy never ends evaluating exp(exp(exp(9))) modulo pi
MAX_HEIGHT = 6  # nested functions and roots; SymPy's queries about 1 - exp(1 - exp(...)) take 0.1 s by then
MAX_CONSTANT_HEIGHT = 4  # the same in a constant, where every query is numerical and nests evaluations

_BITS = ceil(MAX_DIGITS * 3.3219280948873626)  # log2(10)
# A context of our own, so that nobody's mpmath precision is touched.
_mp: Any = MPContext()
_mp.dps = 60
_NUMERIC: dict[type, Callable[[Any], Any]] = {
    getattr(sp, name): getattr(_mp, name)
    for name in ("sin", "cos", "tan", "cot", "sinh", "cosh", "tanh", "asin", "acos", "atan", "exp", "log")
} | {sp.Abs: abs}


class RefusedError(Exception):
    """Why a node is not built, as the end of a sentence that begins with the node's text."""


class Size(NamedTuple):
    """Of a tree: nodes, terms once expanded, degree, nested functions and roots, and terms once split.

    What SymPy cannot see to be real, as ``log(t)``, it splits into ``re`` and ``im`` before it expands.
    """

    nodes: int
    terms: int
    degree: int
    height: int
    split: int


def is_constant(expr: Expr) -> bool:
    """Tell whether an expression is a number: no symbol, no unknown function."""
    return not expr.free_symbols and not expr.has(AppliedUndef)


def _bits(number: Rational) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length())


def check_exponent(base: Expr, exponent: Expr) -> None:
    """Refuse a power whose number part SymPy would compute at length, now or after merging like bases."""
    if exponent.is_Rational and (abs(exponent) > MAX_EXPONENT or exponent.q > MAX_ROOT):
        raise RefusedError(f"has an exponent over {MAX_EXPONENT}, or not a fraction with denominator <= {MAX_ROOT}")
    numbers = exponent.atoms(Rational)
    if not base.is_number and any(max(abs(r.p), r.q) > MAX_ROOT for r in numbers):
        raise RefusedError(f"has an exponent with a number over {MAX_ROOT}, or over that in its denominator")
    coefficient = base.as_coeff_Mul()[0]
    largest = max((abs(r) for r in numbers), default=S.Zero)
    if coefficient not in (1, -1) and _bits(coefficient) * largest > MAX_POWER_BITS:
        raise RefusedError(f"is a power of a number with more than {MAX_POWER_BITS} bits")
    if coefficient not in (1, -1) and exponent.is_Rational and _bits(coefficient) * exponent.q > MAX_ROOT_BITS:
        raise RefusedError("is too high a root of too long a number")
    if base.is_Rational and base < 0 and not exponent.is_integer:
        raise RefusedError("is a negative number to a power that is not an integer")


@lru_cache(maxsize=8192)
def size(expr: Expr) -> Size:
    """Measure a tree bottom-up, refusing what exceeds a limit or is not finite and real."""
    if expr in (I, zoo, nan, oo, -oo):
        raise RefusedError("is not a finite real number")
    if isinstance(expr, Rational):
        if _bits(expr) > _BITS:
            raise RefusedError(f"has a number of more than {MAX_DIGITS} digits")
        return Size(1, 1, 0, 0, 1)
    if not expr.args:
        return Size(1, 1, int(isinstance(expr, Symbol)), 0, 1)
    parts = [size(part) for part in expr.args]
    nodes = 1 + sum(part.nodes for part in parts)
    terms, degree = 1, max(part.degree for part in parts)
    height = max(part.height for part in parts)
    split = 2
    if isinstance(expr, Add):
        terms, split = sum(part.terms for part in parts), sum(part.split for part in parts)
    elif isinstance(expr, Mul):
        terms, split = prod(part.terms for part in parts), prod(part.split for part in parts)
        degree = sum(part.degree for part in parts)
    elif isinstance(expr, Pow):
        base, exponent = expr.args
        check_exponent(base, exponent)
        if exponent.is_Rational:
            degree = ceil(parts[0].degree * abs(exponent))
        if exponent.is_Integer:
            n = abs(int(exponent))
            terms, split = (comb(count + n - 1, n) for count in (parts[0].terms, parts[0].split))
        else:
            height += 1
    elif isinstance(expr, Expr):  # not a condition, nor the pairs of a piecewise
        degree = min(degree, 1)  # a function of t counts as one variable
        height += 1
    if split > 1 and expr.is_extended_real is not None:
        if not expr.is_extended_real:
            raise RefusedError("is not real")
        split = 1
    for count, limit, name in (
        (nodes, MAX_NODES, "parts"),
        (terms, MAX_TERMS, "terms once expanded"),
        (degree, MAX_DEGREE, "as its degree"),
        (height, MAX_HEIGHT, "nested functions"),
        (split, MAX_SPLIT, "terms, once expanded, of what may not be real"),
    ):
        if count > limit:
            raise RefusedError(f"is too large: it has more than {limit} {name}")
    return Size(nodes, terms, degree, height, split)


def check_height(arg: Expr) -> None:
    """Refuse to nest one more function, before SymPy asks itself about its sign."""
    if size(arg).height >= MAX_HEIGHT:
        raise RefusedError(f"is too large: it has more than {MAX_HEIGHT} nested functions")


def check_hyperbolic(arg: Expr) -> None:
    """Refuse an argument of ``sinh``, ``cosh`` or ``tanh`` that may be complex and splits into many terms."""
    if arg.is_extended_real:
        return
    split = max(size(part).split for part in sp.preorder_traversal(arg))
    nested = arg.has(sp.sinh, sp.cosh, sp.tanh, sp.tan)  # each of them splits into a fraction of others
    if nested or split > MAX_HYPERBOLIC_SPLIT or size(arg).nodes > MAX_HYPERBOLIC_NODES:
        raise RefusedError("is a hyperbolic function of too large an expression that may not be real")
    # SymPy then reduces its imaginary part modulo pi by polynomials, where exp(10**9*t) has degree 10**9.
    if any(max(abs(r.p), r.q) > MAX_ROOT for r in arg.atoms(Rational)):
        raise RefusedError(f"is a hyperbolic function of what may not be real, with a number over {MAX_ROOT}")


@lru_cache(maxsize=8192)
def value(expr: Expr) -> Any:
    """Approximate a constant to 60 digits, refusing the complex, the huge, and a disguised zero."""
    if expr.is_Rational:
        return _mp.mpf(int(expr.p)) / int(expr.q)
    if expr in (pi, E):
        return +_mp.pi if expr is pi else +_mp.e
    values = [value(part) for part in expr.args]
    top = MAX_MAGNITUDE * _mp.ln10
    if isinstance(expr, Add):
        result = _mp.fsum(values)
        if abs(result) < max(abs(x) for x in values) * _mp.mpf(10) ** -40:
            raise RefusedError("has a constant that cannot be told from 0; simplify it")
    elif isinstance(expr, Mul):
        result = _mp.fprod(values)
    elif isinstance(expr, Pow):
        base, exponent = values
        if base == 0 or (base < 0 and not _mp.isint(exponent)):
            raise RefusedError("is not a real number")
        if abs(exponent * _mp.log(abs(base))) > top:
            raise RefusedError(f"has a constant outside 1e-{MAX_MAGNITUDE} to 1e{MAX_MAGNITUDE}")
        result = base**exponent
    elif type(expr) in _NUMERIC:
        if isinstance(expr, exp | sp.sinh | sp.cosh) and abs(values[0]) > top:
            raise RefusedError(f"has a constant outside 1e-{MAX_MAGNITUDE} to 1e{MAX_MAGNITUDE}")
        if isinstance(expr, log) and values[0] <= 0:
            raise RefusedError("is the logarithm of a number that is not positive")
        result = _NUMERIC[type(expr)](values[0])
    else:
        raise RefusedError("is a constant that has no elementary value")
    if isinstance(result, _mp.mpc):
        raise RefusedError("is not a real number")
    if result and abs(_mp.log(abs(result))) > top:
        raise RefusedError(f"has a constant outside 1e-{MAX_MAGNITUDE} to 1e{MAX_MAGNITUDE}")
    return result


def vet(expr: Expr) -> Expr:
    """Return the expression if it is within the limits, finite and real as far as that can be seen."""
    measured = size(expr)
    if is_constant(expr):
        if measured.terms > MAX_CONSTANT_TERMS:
            raise RefusedError(f"is a constant with more than {MAX_CONSTANT_TERMS} terms once expanded")
        if measured.height > MAX_CONSTANT_HEIGHT:
            raise RefusedError(f"is a constant with more than {MAX_CONSTANT_HEIGHT} nested functions")
        value(expr)
    return expr


def less(left: Expr, right: Expr) -> bool:
    """Compare two constants by value."""
    return bool(value(vet(right) - vet(left)) > 0)
