"""Real functions of balls that tell "provably undefined" from "too wide to tell"."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flint import arb

__all__ = ["UNARY", "UndefinedValueError", "integer_power", "quotient", "rational_power", "real_power"]


class UndefinedValueError(ArithmeticError):
    """The expression provably has no finite real value here, e.g. the root of a negative number."""


def integer_power(b: arb, n: int) -> arb:
    """The ball to an integer; arb's own power is nan for a ball with midpoint 0, e.g. [-1, 1]**2, and products are not."""
    if n < 0:
        return 1 / integer_power(b, -n)
    product, square = arb(1), b
    while n:
        if n & 1:
            product *= square
        square *= square
        n >>= 1
    return product


def quotient(a: arb, b: arb) -> arb:
    """The ball a/b."""
    if b.is_zero():
        raise UndefinedValueError("division by zero")
    return a / b


def rational_power(b: arb, p: int, q: int, where: object = None) -> arb:
    """The ball to the exponent p/q; `where` is what an error names."""
    if q == 1:
        if p < 0 and b.is_zero():
            raise UndefinedValueError(f"division by zero{_in(where)}")
        return integer_power(b, p)
    if b < 0:
        raise UndefinedValueError(f"the root of a negative number{_in(where)}")
    if b.is_zero():
        if p < 0:
            raise UndefinedValueError(f"division by zero{_in(where)}")
        return arb(0)
    return _root(b, q) ** p


def real_power(b: arb, e: arb, where: object = None) -> arb:
    """The ball to the exponent of another ball; `where` is what an error names."""
    if b < 0 and not e.contains_integer():
        raise UndefinedValueError(f"a real power of a negative number{_in(where)}")
    if b.is_zero() and e < 0:
        raise UndefinedValueError(f"division by zero{_in(where)}")
    return (b.log() * e).exp() if b > 0 else arb.nan()


def _in(where: object) -> str:
    return "" if where is None else f" in {where}"


def _root(b: arb, n: int) -> arb:
    # A ball that reaches below zero: the root is defined on the part at or above zero, and is at most
    # the root of the upper end.  Where it is undefined nothing is claimed, so the hull [0, root] is right.
    if b > 0:
        return b.sqrt() if n == 2 else b.root(n)
    upper = b.upper()
    top = upper.sqrt() if n == 2 else upper.root(n)
    return arb(0).union(top)


def _log(b: arb) -> arb:
    if b <= 0:
        raise UndefinedValueError("the logarithm of a number that is not positive")
    return b.log()


def _tan(b: arb) -> arb:
    if b.cos().is_zero():
        raise UndefinedValueError("the tangent at a pole")
    return b.tan()


def _inverse(name: str, b: arb) -> arb:
    if b.abs_lower() > 1:
        raise UndefinedValueError(f"{name} of a number outside [-1, 1]")
    value: arb = getattr(b, name)()
    return value


def _step(below: int, above: int) -> Callable[[arb], arb]:
    # Derivatives of Abs, Min and Max: constant off the corner; at the corner there is no derivative.
    return lambda b: arb(above) if b > 0 else arb(below) if b < 0 else arb.nan()


UNARY: Mapping[str, Callable[[arb], arb]] = {
    "exp": arb.exp, "log": _log, "sin": arb.sin, "cos": arb.cos, "tan": _tan, "cot": arb.cot,
    "sec": arb.sec, "csc": arb.csc, "sinh": arb.sinh, "cosh": arb.cosh, "tanh": arb.tanh,
    "coth": arb.coth, "sech": arb.sech, "csch": arb.csch,
    "asin": lambda b: _inverse("asin", b), "acos": lambda b: _inverse("acos", b), "atan": arb.atan,
    "Abs": abs, "sign": _step(-1, 1), "Heaviside": _step(0, 1), "DiracDelta": _step(0, 0),
}  # fmt: skip
"""The functions of one argument, by SymPy's names."""
