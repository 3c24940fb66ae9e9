"""The verdict logic: refute first, then prove, else say why not.

Order and meaning.  A point of the domain where the two sides provably differ makes the statement false as it
stands; it
is then ``conditional`` if a condition on its parameters makes it provable, else ``fails``.  With no such point, it
``holds`` if both engines prove every equation *and* at least one point could have refuted each; anything else is
``undecided``.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Symbol

from .conditions import find_conditions, find_families
from .prove import EngineDisagreementError, prove_all
from .refute import Search, refute
from .statement import Equation, Instance, Judgement

__all__ = ["judge"]

_MANY = 30  # alpha(Delta - t) is inside the domain at one random point in 27


def judge(
    equations: Sequence[Equation],
    instances: Sequence[Instance],
    parameters: Sequence[Symbol] = (),
    *,
    seed: int = 0,
    per_instance: int = 3,
) -> Judgement:
    """Judge the conjunction of `equations`.

    Parameters
    ----------
    equations : sequence of Equation
        All must hold for the statement to hold.
    instances : sequence of Instance
        Where counterexamples are looked for.
    parameters : sequence of Symbol
        Numbers that the statement quantifies over; a condition on them may save it.
    seed : int
        For the points.
    per_instance : int
        Points tried in each instance.

    Returns
    -------
    Judgement

    """
    if not equations:
        return Judgement("undecided", reason="the claim compares nothing")
    searches = [_search(equation, instances, seed, per_instance) for equation in equations]
    witnesses = tuple(search.witness for search in searches if search.witness is not None)
    tested = sum(search.tested for search in searches)
    if witnesses:
        conditions, proofs = find_conditions(equations, parameters, instances)
        if conditions:
            return Judgement("conditional", witnesses, proofs, conditions, (), tested)
        return Judgement("fails", witnesses, (), (), find_families(equations), tested)
    untested = [e.name for e, search in zip(equations, searches, strict=True) if not search.tested]
    if untested:
        return Judgement("undecided", reason=f"no point of the domain could test {', '.join(untested)}")
    try:
        proofs, reason = prove_all(equations)
    except EngineDisagreementError as disagreement:
        return Judgement("undecided", tested=tested, reason=f"internal: {disagreement}")
    if reason:
        return Judgement("undecided", (), proofs, (), (), tested, f"not refuted and not proved: {reason}")
    return Judgement("holds", (), proofs, (), (), tested)


def _search(equation: Equation, instances: Sequence[Instance], seed: int, per_instance: int) -> Search:
    """Look for a counterexample; where no point lay inside the domain, among more of them."""
    found = refute(equation, instances, seed=seed, per_instance=per_instance)
    if found.tested or found.witness is not None:
        return found
    return refute(equation, instances, seed=seed, per_instance=_MANY * per_instance)
