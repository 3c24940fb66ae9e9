"""Whether an exact constant is zero."""

from __future__ import annotations

from sympy import Expr, expand, simplify

from ..proof.ball import BallError, UndefinedValueError, enclose

__all__ = ["exactly_zero"]

_SIMPLIFY_OPS = 150  # a bigger number is not simplified: its zero test is left undecided


def exactly_zero(number: Expr) -> bool:
    """Whether an exact constant is proven to be 0: its ball holds 0, and simplification gives 0.

    Examples
    --------
    >>> from sympy import cos, sqrt, Rational
    >>> exactly_zero(sqrt(2) * sqrt(3) - sqrt(6)), exactly_zero(Rational(1, 10**30))
    (True, False)
    """
    if number.is_Rational:
        return bool(number == 0)
    if number.free_symbols or number.is_finite is False:
        return False
    try:
        if not enclose(number, {}).contains(0):
            return False
    except (UndefinedValueError, BallError):
        return False
    if expand(number) == 0:
        return True
    return bool(number.count_ops() <= _SIMPLIFY_OPS and simplify(number) == 0)
