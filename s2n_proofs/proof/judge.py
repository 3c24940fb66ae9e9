"""The verdict logic: refute first, then prove, else say why not.

Order and meaning.  A point of the domain where the two sides provably differ makes the statement false as it
stands; it
is then ``conditional`` if a condition on its parameters makes it provable, else ``fails``.  With no such point, it
``holds`` if both engines prove every equation *and* at least one point could have refuted each; anything else is
``undecided``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sympy import Symbol

from .conditions import find_conditions, find_families
from .prove import EngineDisagreementError, prove_all
from .refute import refute
from .statement import Equation, Instance, Judgement, Proof

__all__ = ["judge"]


def judge(
    equations: Sequence[Equation],
    instances: Sequence[Instance],
    parameters: Sequence[Symbol] = (),
    *,
    seed: int = 0,
    per_instance: int = 3,
    prover: Callable[[Sequence[Equation]], tuple[tuple[Proof, ...], str]] = prove_all,
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
    prover : callable
        How the equations are proved: the proofs, and the reason why the first unproved one is not.

    Returns
    -------
    Judgement

    """
    if not equations:
        return Judgement("undecided", reason="the claim compares nothing")
    searches = [refute(equation, instances, seed=seed, per_instance=per_instance) for equation in equations]
    witnesses = tuple(search.witness for search in searches if search.witness is not None)
    tested = sum(search.tested for search in searches)
    if witnesses:
        if all(equation.symmetric for equation in equations) and all(witness.why for witness in witnesses):
            # Refuted by points where one side has no value: are the sides equal where both have one?
            proofs, reason = _proved(prover, equations)
            if not reason:
                return Judgement("fails", witnesses, proofs, (), (), tested)
        conditions, proofs = find_conditions(equations, parameters, instances)
        if conditions:
            return Judgement("conditional", witnesses, proofs, conditions, (), tested)
        return Judgement("fails", witnesses, (), (), find_families(equations, instances), tested)
    untested = [e.name for e, search in zip(equations, searches, strict=True) if not search.tested]
    if untested:
        return Judgement("undecided", reason=f"no point of the domain could test {', '.join(untested)}")
    proofs, reason = _proved(prover, equations)
    if reason:
        return Judgement("undecided", (), proofs, (), (), tested, f"not refuted and not proved: {reason}")
    return Judgement("holds", (), proofs, (), (), tested)


def _proved(
    prover: Callable[[Sequence[Equation]], tuple[tuple[Proof, ...], str]], equations: Sequence[Equation]
) -> tuple[tuple[Proof, ...], str]:
    try:
        return prover(equations)
    except EngineDisagreementError as only_one:
        return (), str(only_one)
