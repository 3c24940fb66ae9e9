"""From a claim to its record: judge the equations, re-check the derivation, find the smallest edit of what fails."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from ..derivation import Derivation
from ..proof.jets import without_lambda
from ..proof.judge import judge
from ..proof.prove import Attempt, check_obligations
from ..proof.statement import Equation, Instance, Judgement, Proof
from ..symbols import f, g
from ..theory.vocabulary import spell_out
from .claim import NOISE_ROLES, Claim
from .edits import smallest_edit
from .instances import instances_for, paper_instances

__all__ = ["Record", "assess", "equations_of", "resolve"]


@dataclass(frozen=True)
class Record:
    """A judged claim with everything that a report needs.

    Attributes
    ----------
    claim : Claim or PropertyClaim
    judgement : Judgement
    derivation : Derivation or None
    derived : mapping
        The derived formulas by role, as compared.
    obligations : tuple of Proof
        The re-checked obligations of the derivation.
    broken : tuple of Attempt
        Obligations that were not proved: the derived formula is then no authority.
    edits : mapping
        Role to the smallest edit of the print, a sentence and the edited formula; ``None`` where no small
        edit mends it.
    seconds : float
    """

    claim: Claim
    judgement: Judgement
    derivation: Derivation | None
    equations: tuple[Equation, ...]
    obligations: tuple[Proof, ...]
    broken: tuple[Attempt, ...]
    edits: Mapping[str, tuple[str, Expr] | None]
    seconds: float


def base_role(role: str) -> str:
    """The role without its form: ``"drift score, second form"`` is compared with ``"drift score"``."""
    return role.split(",")[0]


def resolve(expr: Expr, claim: Claim, *, generic: bool) -> Expr:
    """Spell out the vocabulary (unless f and g are generic here) and apply the claim's given conditions."""
    spelled = expr if generic else spell_out(expr)
    if not claim.given:
        return spelled
    # Once as it stands, for conditions on functions of lambda, and once with lambda written out, for what hides inside it.
    return _apply(without_lambda(_apply(spelled, claim)), claim)


def _apply(expr: Expr, claim: Claim) -> Expr:
    for old, new in claim.given:
        expr = expr.replace(old, new) if callable(new) or callable_head(old) else expr.subs(old, new)
    return expr


def callable_head(old: object) -> bool:
    """Whether `old` is a function (to be replaced wherever it is applied) and not an expression."""
    return not isinstance(old, Expr)


def equations_of(claim: Claim, derivation: Derivation) -> tuple[Equation, ...]:
    """What the judge is asked: printed against derived, role by role."""
    compared = claim.printed if claim.implied is None else claim.implied(claim.printed)
    laws = claim.kind in ("law", "limit", "process", "order")
    # f and g stay generic functions where the derivation itself treats them so.
    generic = any(value.has(f, g) for value in derivation.result.values())
    equations = []
    for role, printed in compared.items():
        base = base_role(role)
        if base not in derivation.result:
            raise KeyError(f"claim {claim.id}: the derivation has no {base!r}, it has {', '.join(derivation.result)}")
        equations.append(
            Equation(
                role,
                resolve(printed, claim, generic=generic),
                resolve(derivation.result[base], claim, generic=generic),
                squared=laws and base in NOISE_ROLES,
                given=tuple(
                    (old, new) for old, new in claim.given if isinstance(old, Expr) and not isinstance(old, Symbol)
                ),
                defined=()
                if claim.implied is None
                else tuple(resolve(value, claim, generic=generic) for value in claim.printed.values()),
            )
        )
    return tuple(equations)


def assess(claim: Claim, *, seed: int = 0, edits: bool = True) -> Record:
    """Judge one claim.

    Parameters
    ----------
    claim : Claim
        What to judge.
    seed : int
        For the points at which a counterexample is looked for.
    edits : bool
        Whether to look for the smallest edit of what fails.
    """
    began = time.perf_counter()
    derivation = claim.derive()
    equations = equations_of(claim, derivation)
    instances = instances_for(claim.values, claim.schedule)
    judgement = judge(equations, instances, claim.parameters, seed=seed)
    proofs, broken = check_obligations(derivation.obligations, paper_instances())
    if empty := _says_nothing(derivation):
        judgement = replace(judgement, verdict="undecided", reason=empty)
    if broken:
        # What the print was compared with has no authority, so no verdict on the print stands, a refutation included.
        judgement = replace(judgement, verdict="undecided", reason=f"the derivation is not proved: {broken[0].reason}")
    found = _edits(claim, equations, judgement, instances) if edits else {}
    return Record(claim, judgement, derivation, equations, proofs, broken, found, time.perf_counter() - began)


def _says_nothing(derivation: Derivation) -> str:
    """Why a derivation gives its result no authority at all; empty if it may."""
    if not derivation.steps:
        return "the derivation has no steps, so nothing stands behind the formula that the print is compared with"
    obligations = derivation.obligations
    if obligations and not any(side.free_symbols for o in obligations for side in (o.lhs, o.rhs)):
        return "the obligations of the derivation are about numbers alone, so they say nothing of its result"
    return ""


def _edits(
    claim: Claim, equations: tuple[Equation, ...], judgement: Judgement, instances: tuple[Instance, ...]
) -> dict[str, tuple[str, Expr] | None]:
    if judgement.verdict != "fails" or claim.implied is not None:
        return {}
    wrong = {witness.equation for witness in judgement.witnesses}
    return {e.name: smallest_edit(e, instances) for e in equations if e.name in wrong}
