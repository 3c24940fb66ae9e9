"""Whether everything that a text names has a value, also what SymPy left out when it built the whole.

``sqrt(t - 1/2)**2`` becomes ``t - 1/2`` and ``x/x`` becomes 1; who computes the text as it stands gets NaN before 1/2.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sympy import Abs, Expr, Integer, Max, Min, Piecewise, Symbol, sign
from sympy.core.relational import Relational

from .factors import Need, needs_of, value_at
from .pieces import Piece, split_pieces
from .points import Gap, Meter
from .prover import Flaw, Prover
from .zero import exactly_zero

__all__ = ["Demand", "judged", "left_out"]

Demand = tuple[Expr, Need]


def left_out(demands: tuple[Demand, ...], expr: Expr, variable: Symbol) -> Iterator[Demand]:
    """Yield the demands that the expression, as SymPy built it, does not make itself."""
    own = set() if expr.has(Relational, Piecewise, Max, Min, Abs, sign) else set(needs_of(expr, variable))
    for demand in dict.fromkeys(demands):
        if demand not in own:
            yield demand


def judged(demand: Demand, variable: Symbol, low: Expr, high: Expr, meter: Meter) -> tuple[Flaw | None, list[Gap]]:
    """Find a time on (low, high) where the demand is not met, or where that is not known.

    Examples
    --------
    >>> t = Symbol("t", real=True)
    >>> judged((t - Integer(1) / 2, "nonnegative"), t, Integer(0), Integer(1), Meter(10**5))[0].time
    1/4
    >>> judged((t, "positive"), t, Integer(0), Integer(1), Meter(10**5))
    (None, [])
    """
    expr, need = demand
    pieces, gaps = split_pieces(Piece(low, high, expr, Integer(1)), variable, meter)
    for piece in pieces:
        outcome = Prover(variable, piece.low, piece.high, meter).decide(piece.alpha, need)
        gaps += outcome.gaps
        if outcome.flaw is not None:
            if piece.sure:
                return outcome.flaw, gaps
            gaps.append((piece.low, piece.high))
    for _, right in pairwise(pieces):
        met = _met_at(expr, variable, right.low, need)
        if met is None:
            gaps.append((right.low, right.low))
        elif not met:
            return Flaw(right.low, True), gaps
    return None, gaps


def _met_at(expr: Expr, variable: Symbol, time: Expr, need: Need) -> bool | None:
    here = expr.subs(variable, time)  # exactly, so that the branch at a corner is known
    value = value_at(here, variable, time)
    if value is None:
        return False
    if value > 0 or value < 0:
        return bool(value > 0) or need == "nonzero"
    return need == "nonnegative" if exactly_zero(here) else None
