"""The branch of a piecewise expression that applies at exact values, decided exactly."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Piecewise, Symbol
from sympy.core.relational import Relational

from s2n_proofs.proof.ball import BallError, UndefinedValueError, enclose, working_precision

from .errors import PlanError
from .exact import Exact, as_expr, ball_of, sign_of

__all__ = ["resolve"]


def resolve(expr: Expr, values: Mapping[Symbol, Exact]) -> Expr:
    """Replace every Piecewise by the branch that applies at the values; the symbols stay.

    Raises
    ------
    PlanError
        If no branch applies, or a comparison cannot be decided.

    Examples
    --------
    >>> from sympy import Piecewise, Symbol
    >>> from fractions import Fraction
    >>> t = Symbol("t")
    >>> resolve(1 + Piecewise((t, t < Fraction(1, 3)), (t**2, True)), {t: Fraction(1, 3)})
    t**2 + 1
    """
    while nodes := [n for n in expr.atoms(Piecewise) if not any(a.has(Piecewise) for a in n.args)]:
        expr = expr.xreplace({node: _branch(node, values) for node in nodes})
    return expr


def _branch(node: Piecewise, values: Mapping[Symbol, Exact]) -> Expr:
    for branch, condition in node.args:
        if _holds(condition, values):
            return branch
    at = ", ".join(f"{symbol} = {as_expr(value)}" for symbol, value in values.items())
    raise PlanError(f"no branch of {node} applies at {at}")


def _holds(condition: Expr, values: Mapping[Symbol, Exact]) -> bool:
    if not isinstance(condition, Relational):
        return bool(condition)
    difference = condition.lhs - condition.rhs
    with working_precision(128):
        try:
            ball = enclose(difference, {symbol: ball_of(value) for symbol, value in values.items()})
        except (UndefinedValueError, BallError) as error:
            raise PlanError(f"the condition {condition} has no value: {error}") from error
    sign = 1 if ball > 0 else -1 if ball < 0 else None
    if sign is None:
        sign = sign_of(difference.subs({symbol: as_expr(value) for symbol, value in values.items()}))
    if sign is None:
        raise PlanError(f"the condition {condition} cannot be decided at these exact times")
    return bool(condition.func(sign, 0))
