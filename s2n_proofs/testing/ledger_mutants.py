"""The whole ledger mutated: what a verdict is worth is measured by the wrong formulas that the judge refutes.

Every formula that the ledger derives is edited in every single way, and the judge is asked whether the edited formula
equals the derived one.  Which edits change nothing is decided by 60-digit values (:mod:`s2n_proofs.testing.worlds`),
not by the judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sympy import Expr, Symbol

from ..ledger.assess import equations_of
from ..ledger.claim import Claim
from ..ledger.instances import instances_for, paper_instances
from ..ledger.registry import CLAIMS, select
from ..ledger.runner import Limits, run_all
from ..proof.ball import BallError
from ..proof.jets import JetError
from ..proof.judge import judge
from ..proof.refute import refute
from ..proof.statement import Equation
from ..text import to_text
from .mutating import Mutant, mutants
from .worlds import World, same, worlds

__all__ = ["DerivedFormula", "derived_formulas", "is_equivalent", "run_ledger_mutants", "try_formula"]

Plain = dict[str, Any]
_WORLDS = 4
_SECONDS = 600.0  # for all mutants of one formula; the slowest takes some 10 s


@dataclass(frozen=True)
class DerivedFormula:
    """A formula that the ledger derives: an equation whose two sides are the same, to be spoiled on the left."""

    claim: str
    equation: Equation
    values: Mapping[Symbol, Expr]
    schedule: str
    parameters: tuple[Symbol, ...]


def derived_formulas(ids: Sequence[str] | None = None) -> list[DerivedFormula]:
    """Every formula that the claims derive, each once; of the whole ledger, or of the claims with these ids."""
    found: dict[Any, DerivedFormula] = {}
    for claim in CLAIMS if ids is None else select(ids):
        if isinstance(claim, Claim):
            for equation in equations_of(claim, claim.derive()):
                same_sides = replace(equation, printed=equation.derived, defined=())
                formula = DerivedFormula(claim.id, same_sides, claim.values, claim.schedule, claim.parameters)
                key = (equation.derived, equation.squared, equation.given, tuple(claim.values.items()))
                found.setdefault(key, formula)
    return list(found.values())


def is_equivalent(formula: DerivedFormula, mutant: Expr, referees: Sequence[World]) -> bool:
    """Whether a mutant says the same, by 60-digit values; a noise coefficient is compared by its square."""
    for world in referees:
        right = world.value(formula.equation.derived, formula.values)
        left = world.value(mutant, formula.values)
        if left is None or right is None or (isinstance(left, world.complex) and not isinstance(right, world.complex)):
            return False
        if not same(*((left**2, right**2) if formula.equation.squared else (left, right))):
            return False
    return True


def try_formula(formula: DerivedFormula, *, seed: int = 0) -> Plain:
    """Judge every mutant of one formula.

    Returns
    -------
    dict
        The counts, by kind of edit, and every mutant on which judge and referee disagree.

    Examples
    --------
    >>> result = try_formula(derived_formulas(["thm1-psi"])[0])
    >>> result["total"], result["equivalent"], result["refuted"], result["survivors"]
    (15, 0, 15, [])
    """
    referees = worlds(_WORLDS, seed)
    kinds: Counter[str] = Counter()
    equivalent, refuted = 0, 0
    survivors: list[Plain] = []
    wronged: list[Plain] = []
    for mutant in mutants(formula.equation.derived):
        kinds[mutant.kind] += 1
        verdict, reason = _verdict(formula, mutant.expr, seed)
        if is_equivalent(formula, mutant.expr, referees):
            equivalent += 1
            if verdict == "fails":
                wronged.append(_told(formula, mutant, verdict, "its 60-digit values are those of the derived formula"))
        elif verdict == "fails":
            refuted += 1
        else:
            survivors.append(_told(formula, mutant, verdict, reason))
    return {
        "total": sum(kinds.values()), "equivalent": equivalent, "refuted": refuted, "survivors": survivors,
        "wrongly_refuted": wronged, "kinds": dict(kinds),
    }  # fmt: skip


def _verdict(formula: DerivedFormula, mutant: Expr, seed: int) -> tuple[str, str]:
    """The judge's word: its refutation, or what else it says."""
    equation = replace(formula.equation, printed=mutant)
    instances = instances_for(formula.values, formula.schedule)
    try:
        if refute(equation, instances, seed=seed, per_instance=3).witness is not None:
            # The judge begins with this; whether a condition on the parameters would save the mutant is not asked.
            return "fails", ""
        judgement = judge((equation,), instances, formula.parameters, seed=seed)
    except (JetError, BallError) as error:
        return "undecided", f"{type(error).__name__}: {error}"
    verdict = "fails" if judgement.verdict == "conditional" else judgement.verdict
    return verdict, judgement.reason or "no point of the schedules tried tells it from the derived formula"


def _told(formula: DerivedFormula, mutant: Mutant, verdict: str, reason: str) -> Plain:
    return {
        "claim": formula.claim, "role": formula.equation.name, "kind": mutant.kind, "edit": mutant.what,
        "formula": to_text(mutant.expr), "verdict": verdict, "reason": reason,
    }  # fmt: skip


def run_ledger_mutants(
    ids: Sequence[str] | None = None,
    *,
    jobs: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int, Plain], None] | None = None,
) -> Plain:
    """Mutate every derived formula of the ledger and count what the judge refutes.

    Parameters
    ----------
    ids : sequence of str, optional
        Only the formulas of these claims.
    jobs : int, optional
        Worker processes; the result does not depend on it.
    seed : int
        For the points of the judge and for the referee's worlds.
    progress : callable, optional
        Called with (formulas done, formulas in all, ``{"id": claim}``).

    Returns
    -------
    dict
        ``total``, ``equivalent`` (by 60-digit values), ``refuted``, ``survivors`` (not equivalent and not refuted, each
        with the judge's reason), ``wrongly_refuted`` (equivalent, and refuted all the same), ``kinds`` and ``formulas``.
    """
    formulas = derived_formulas(ids)
    paper_instances()  # made once here, so that forked workers share it
    done = 0

    def on_done(index: int, _: Plain) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(formulas), {"id": formulas[index].claim})

    work = partial(try_formula, seed=seed)
    results = run_all(formulas, work, _stopped, jobs=jobs, limits=Limits(seconds=_SECONDS), on_done=on_done)
    kinds: Counter[str] = Counter()
    for result in results:
        kinds.update(result["kinds"])
    return {
        **{key: sum(result[key] for result in results) for key in ("total", "equivalent", "refuted")},
        "survivors": list(_joined(results, "survivors")),
        "wrongly_refuted": list(_joined(results, "wrongly_refuted")),
        "kinds": dict(sorted(kinds.items())),
        "formulas": len(formulas),
        "seed": seed,
    }


def _joined(results: Sequence[Plain], key: str) -> Iterator[Plain]:
    for result in results:
        yield from result[key]


def _stopped(formula: DerivedFormula, reason: str) -> Plain:
    """A formula whose run did not end: none of its mutants is refuted."""
    found = mutants(formula.equation.derived)
    return {
        "total": len(found), "equivalent": 0, "refuted": 0,
        "survivors": [_told(formula, mutant, "undecided", reason) for mutant in found],
        "wrongly_refuted": [], "kinds": dict(Counter(mutant.kind for mutant in found)),
    }  # fmt: skip
