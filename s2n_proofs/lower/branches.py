"""Functions with branches, Piecewise, Max, Min, Abs and their derivatives, as cases that are tried in order."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import And, Equality, Expr, Heaviside, Integer, Max, Min, Piecewise
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan
from sympy.logic.boolalg import Boolean, BooleanTrue

from .graph import LoweringError

__all__ = ["BRANCHED", "Case", "Comparison", "cases", "is_branched"]

BRANCHED = (Piecewise, Max, Min, sp.Abs, sp.sign, Heaviside)


def is_branched(expr: Expr) -> bool:
    """Whether a function with branches occurs."""
    return bool(expr.has(*BRANCHED))


@dataclass(frozen=True)
class Comparison:
    """``left >= right``, or ``left > right`` if strict."""

    left: Expr
    right: Expr
    strict: bool


@dataclass(frozen=True)
class Case:
    """A branch and when it is taken: if all comparisons hold and no earlier case was taken.

    Attributes
    ----------
    branch : sympy.Expr
    when : tuple of Comparison
        Empty: in all cases left.
    """

    branch: Expr
    when: tuple[Comparison, ...]


def cases(expr: Expr) -> tuple[Case, ...]:
    """The cases of a function with branches; the last one is taken where no other is.

    At a corner, where a derivative has no value, it is that of the branch on the right or on the left.

    Examples
    --------
    >>> from sympy.abc import x
    >>> [case.branch for case in cases(Max(x, 1))]
    [1, x]
    """
    if isinstance(expr, Piecewise):
        found = [Case(branch, _comparisons(c)) for branch, c in expr.args if not isinstance(c, Equality)]
        if found[-1].when:
            # What is defined nowhere else is never asked for elsewhere.
            found[-1] = Case(found[-1].branch, ())
        return tuple(found)
    if isinstance(expr, Max | Min):
        first, *rest = expr.args
        other = expr.func(*rest)
        larger = Comparison(first, other, False) if isinstance(expr, Max) else Comparison(other, first, False)
        return Case(first, (larger,)), Case(other, ())
    inner = expr.args[0]
    below = {sp.Abs: -inner, sp.sign: Integer(-1), Heaviside: Integer(0)}
    above = {sp.Abs: inner, sp.sign: Integer(1), Heaviside: Integer(1)}
    kind = next(kind for kind in above if isinstance(expr, kind))
    return Case(above[kind], (Comparison(inner, Integer(0), False),)), Case(below[kind], ())


def _comparisons(condition: Boolean) -> tuple[Comparison, ...]:
    if isinstance(condition, BooleanTrue):
        return ()
    if isinstance(condition, And):
        return tuple(part for each in condition.args for part in _comparisons(each))
    if not isinstance(condition, Relational) or type(condition) not in _KINDS:
        raise LoweringError(f"the condition {condition} of a piecewise formula has no code")
    strict, turned = _KINDS[type(condition)]
    sides = (condition.rhs, condition.lhs) if turned else (condition.lhs, condition.rhs)
    return (Comparison(*sides, strict),)


_KINDS = {
    GreaterThan: (False, False),
    StrictGreaterThan: (True, False),
    LessThan: (False, True),
    StrictLessThan: (True, True),
}
