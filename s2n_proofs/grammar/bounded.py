"""SymPy nodes, built only when building them is cheap.

SymPy evaluates while it builds: ``9**9**9`` is computed, ``abs`` expands products, ``2**(c - t)*2**t``
becomes the number ``2**c``, and a comparison of constants runs ``evalf`` without bound.  So each function
here checks its arguments before the node is built, and the node afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp
from sympy import Abs, Add, E, Expr, Integer, Max, Min, Mul, Pow, Rational, S, Symbol, exp, log

from s2n_proofs.grammar.limits import (
    MAX_DIFF_NODES,
    MAX_DIFF_WORK,
    MAX_DIGITS,
    RefusedError,
    check_exponent,
    check_height,
    check_hyperbolic,
    is_constant,
    size,
    value,
    vet,
)

__all__ = ["FUNCTIONS", "absolute", "differentiate", "extreme", "number", "power", "product", "total"]

_TRIGONOMETRIC = (sp.sin, sp.cos, sp.tan, sp.cot)


def number(digits: str) -> Rational:
    """Read a decimal literal exactly.

    >>> number("1.5"), number("1e-3")
    (3/2, 1/1000)
    """
    mantissa, _, exponent = digits.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    if len(whole) + len(fraction) > MAX_DIGITS or len(exponent.lstrip("+-")) > 3:
        raise RefusedError(f"is a number of more than {MAX_DIGITS} digits")
    shift = int(exponent or "0") - len(fraction)
    if abs(shift) > MAX_DIGITS:
        raise RefusedError(f"is a number of more than {MAX_DIGITS} digits")
    return vet(Integer(int(whole + fraction)) * Rational(10) ** shift)


def total(terms: Sequence[Expr]) -> Expr:
    """Add, all terms at once: one by one the cost is quadratic in their number."""
    return vet(Add(*terms))


def product(factors: Sequence[Expr]) -> Expr:
    """Multiply, all factors at once."""
    return vet(Mul(*factors))


def power(base: Expr, exponent: Expr) -> Expr:
    """Raise to a power, refusing 0 to a power that is not positive and negative numbers to a real one."""
    if base is E:
        return FUNCTIONS["exp"](exponent)
    if base.is_zero and not exponent.is_positive:
        raise RefusedError("divides by 0" if exponent.is_negative else "is 0 to a power that may be 0")
    check_exponent(base, exponent)
    for logarithm in exponent.atoms(log):  # b**(c/log(b)) becomes exp(c), which may become a power again
        check_exponent(logarithm.args[0], exponent)
    if is_constant(base) and not exponent.is_integer and value(base) < 0:
        raise RefusedError("is a negative number to a power that is not an integer")
    # For such an exponent SymPy splits a base that it cannot see to be real into re() and im(), expanding it.
    evaluate = exponent.is_Atom or exponent.is_number or bool(base.is_extended_real)
    return vet(Pow(base, exponent, evaluate=evaluate))


def absolute(expr: Expr) -> Expr:
    """Give ``|x|`` without ``Abs.eval``, which expands products and so may take for ever."""
    if is_constant(expr):
        return expr if value(expr) >= 0 else vet(-expr)
    outside, inside = [], []
    for factor in Mul.make_args(expr):
        if factor.is_nonnegative:
            outside.append(factor)
        elif factor.is_nonpositive:
            outside.append(-factor)
        else:
            inside.append(factor)
    if inside:
        outside.append(Abs(Mul(*inside), evaluate=False))
    return product(outside)


def extreme(kind: type[Min] | type[Max], args: Sequence[Expr]) -> Expr:
    """Give ``Min`` or ``Max``; only constants are compared, by value."""
    flat = {part for arg in args for part in (arg.args if isinstance(arg, kind) else (arg,))}
    constants = {part for part in flat if is_constant(part)}
    if constants:
        chosen = (min if kind is Min else max)(constants, key=value)
        for part in constants:
            value(part - chosen)  # refuses a tie that nobody can decide
        flat = flat - constants | {chosen}
    return vet(kind(*flat, evaluate=False))


def differentiate(expr: Expr, variable: Symbol, order: int) -> Expr:
    """Differentiate, bounding what each order may cost."""
    spent = 0
    # The derivatives of a polynomial get smaller; of anything else they do not.
    if size(expr).nodes * order > MAX_DIFF_NODES and not expr.is_polynomial(variable):
        raise RefusedError("is too large to differentiate")
    for _ in range(order):
        # SymPy splits such an argument into re() and im(), at a cost exponential in its powers.
        if any(not part.args[0].is_extended_real for part in expr.atoms(Abs)):
            raise RefusedError("has the absolute value of what may not be real; it cannot be differentiated")
        nodes = size(expr).nodes
        spent += nodes
        width = max((len(part.args) for part in expr.atoms(Mul)), default=1)
        if spent > MAX_DIFF_NODES or nodes * width > MAX_DIFF_WORK:
            raise RefusedError("is too large to differentiate")
        expr = vet(expr.diff(variable))
    return expr


def _exponential(arg: Expr) -> Expr:
    for term in Add.make_args(arg):
        for logarithm in term.atoms(log):  # exp(n*log(b)) becomes b**n
            check_exponent(logarithm.args[0], term)
    check_height(arg)
    return vet(exp(arg))


def _plain(name: str) -> Callable[[Expr], Expr]:
    function = getattr(sp, name)

    def build(arg: Expr) -> Expr:
        check_height(arg)
        if name in ("sinh", "cosh", "tanh"):
            check_hyperbolic(arg)
        # asin(sin(c)) becomes c modulo 2*pi, for which SymPy evaluates c to the last digit before the point.
        wraps = name in ("asin", "acos", "atan") and is_constant(arg) and arg.has(*_TRIGONOMETRIC)
        return vet(function(arg, evaluate=not wraps))

    return build


FUNCTIONS: dict[str, Callable[[Expr], Expr]] = {
    name: _plain(name) for name in ("log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan")
} | {
    "exp": _exponential,
    "abs": absolute,
    "sqrt": lambda arg: power(arg, S.Half),
    "expm1": lambda arg: total([_exponential(arg), S.NegativeOne]),
    "log1p": lambda arg: FUNCTIONS["log"](total([S.One, arg])),
}
