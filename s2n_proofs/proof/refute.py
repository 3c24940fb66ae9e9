"""Refutation by ball arithmetic: a narrow ball that excludes zero is a counterexample.

Nothing else refutes.  A point where a ball is too wide, or where the *derived* side is undefined (it lies outside
the domain then), decides nothing and is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flint import arb
from sympy import Expr, Rational, Symbol

from .ball import UndefinedValueError, enclose, working_precision
from .jets import Jet, to_jets
from .points import jet_values, points
from .statement import Equation, Instance, Witness

__all__ = ["Search", "refute"]

# 128 bits settle most points; sides that still overlap at 512 bits are left to the proof.
_PRECISIONS = (128, 512)
_DIGITS = 20


@dataclass(frozen=True)
class Search:
    """What a search for a counterexample found, and at how many points it could have found one."""

    witness: Witness | None
    tested: int


def refute(
    equation: Equation,
    instances: Iterable[Instance],
    *,
    fixed: Mapping[Symbol, Expr] | None = None,
    per_instance: int = 3,
    seed: int = 0,
) -> Search:
    """Look for a point of the domain at which the two sides of `equation` provably differ.

    Parameters
    ----------
    equation : Equation
        The statement.
    instances : iterable of Instance
        Where to look, in this order.
    fixed : mapping, optional
        Symbols held at exact values, e.g. ``{rho: 1}``.
    per_instance : int
        Points for each instance.
    seed : int
        For the points after the first three.
    """
    fixed = dict(fixed or {})
    lhs, rhs = equation.sides
    # The sides as given are kept for the check of definedness: squaring must not hide an imaginary root.
    expressions = [equation.printed, equation.derived, lhs, rhs, *equation.defined]
    jets: dict[Symbol, Jet] = {}
    flat: list[Expr] = []
    for expr in expressions:
        plain, table = to_jets(expr)
        flat.append(plain)
        jets.update(table)
    symbols = frozenset().union(*(e.free_symbols for e in flat)) | frozenset().union(
        *(a.free_symbols for jet in jets.values() for a in jet.arguments)
    )
    needed = frozenset(symbol for symbol in symbols if symbol not in jets)
    tested = 0
    for instance in instances:
        if any(jet.function not in instance.functions for jet in jets.values()):
            continue
        for point in points(instance, needed, per_instance, seed):
            point.update({k: Rational(v) for k, v in fixed.items() if k in point})
            outcome = _try(flat, jets, point, instance)
            if outcome is None:
                continue
            tested += 1
            printed, derived, differ, why = outcome
            if differ:
                at = {str(k): str(v) for k, v in sorted(point.items(), key=lambda kv: str(kv[0]))}
                return Search(Witness(equation.name, instance.name, at, printed, derived, why), tested)
    return Search(None, tested)


def _try(
    flat: Sequence[Expr], jets: Mapping[Symbol, Jet], point: Mapping[Symbol, Rational], instance: Instance
) -> tuple[str | None, str, bool, str] | None:
    """(printed, derived, do they differ, why), or None where the point decides nothing."""
    verdict = None
    for bits in _PRECISIONS:
        with working_precision(bits):
            try:
                values = jet_values(jets, point, instance)
                derived, right = enclose(flat[1], values), enclose(flat[3], values)
            except UndefinedValueError:
                return None
            if not (derived.is_finite() and right.is_finite()):
                continue
            try:
                printed, left, *_ = (enclose(e, values) for e in (flat[0], flat[2], *flat[4:]))
            except UndefinedValueError as undefined:
                return None, show(derived), True, str(undefined)
            if not (printed.is_finite() and left.is_finite()):
                continue
            gap = left - right
            if not gap.contains(0):
                return show(printed), show(derived), True, ""
            verdict = (show(printed), show(derived), False, "")
    return verdict


def show(ball: arb) -> str:
    """An enclosure that a person reads: exact when it is, else digits with the radius."""
    text: str = ball.str(_DIGITS)
    return text
