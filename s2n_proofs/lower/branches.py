"""Functions with branches, Piecewise, Max, Min, Abs and their derivatives, as cases that are tried in order."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import And, Equality, Expr, Float, Heaviside, Integer, Max, Min, Piecewise
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan
from sympy.logic.boolalg import Boolean, BooleanTrue

from s2n_proofs.symbols import t

from .graph import LoweringError

__all__ = ["BRANCHED", "Case", "Comparison", "cases", "corner_of", "is_branched"]

_DIGITS, _NEAR = 70, 60
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


def corner_of(left: tuple[Case, ...]) -> Expr | None:
    """The exact time at which the first of some cases meets the others, and all are one there; None if none is known.

    Examples
    --------
    >>> from sympy import Max, Rational
    >>> from s2n_proofs.symbols import t
    >>> corner_of(cases(Max(2 * t, Rational(1, 3))))
    1/6
    >>> corner_of(cases(Piecewise((t, t < 1), (3 * t, True))))  # a jump
    """
    first, *others = left
    if len(first.when) != 1:
        return None
    (comparison,) = first.when
    for time in sorted(_linear_roots(comparison.left - comparison.right), key=sp.default_sort_key):
        after = next(case for case in others if all(_holds(x, time) for x in case.when))
        if _equal(first.branch.subs(t, time), after.branch.subs(t, time)):
            return time
    return None


def _linear_roots(difference: Expr) -> set[Expr]:
    """The times at which a difference is 0, of those at which one of its branches, linear in t, is."""
    nodes = [node for node in difference.atoms(*BRANCHED) if node.has(t)]
    if nodes:
        outermost = next(node for node in nodes if not any(node != other and other.has(node) for other in nodes))
        parts = [difference.xreplace({outermost: case.branch}) for case in cases(outermost)]
        found = set().union(*map(_linear_roots, parts))
    elif sp.Poly(difference, t).degree() == 1 if difference.is_polynomial(t) else False:
        found = {sp.solve(difference, t)[0]}
    else:
        return set()
    return {time for time in found if _equal(difference.subs(t, time), Integer(0))}


def _holds(comparison: Comparison, time: Expr) -> bool:
    gap = (comparison.left - comparison.right).subs(t, time)
    return bool(gap > 0) if comparison.strict else bool(gap >= 0)


def _equal(one: Expr, other: Expr) -> bool:
    """Whether two numbers are one, as far as 60 digits tell: far beyond any float."""
    return bool(one == other) or bool(abs((one - other).evalf(_DIGITS, maxn=2 * _DIGITS)) < Float(10) ** -_NEAR)
