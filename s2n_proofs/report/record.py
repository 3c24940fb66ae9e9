"""A judged claim as plain data: the entry of ``s2n verify --json``, which every other report is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Expr, Symbol

from ..derivation import Derivation
from ..ledger.assess import Record
from ..proof.statement import Equation, Proof, Witness
from ..text import to_text
from .latex import to_latex

__all__ = ["Plain", "stopped_record", "to_plain"]

Plain = dict[str, Any]


def to_plain(record: Record) -> Plain:
    """The record of one claim, as ``s2n-ledger/1`` has it, with the same formulas as text beside the LaTeX."""
    judgement = record.judgement
    wrong = {w.equation for w in judgement.witnesses}
    formulas = [_formula(e, record, e.name in wrong) for e in record.equations]
    failing = [f for f in formulas if not f["agrees"]]
    return {
        "id": record.claim.id,
        "where": record.claim.where,
        "kind": record.claim.kind,
        "statement": record.claim.statement,
        "verdict": judgement.verdict,
        "printed": _joined(record.claim.printed),
        "derived": _joined({f["role"]: f["derived"] for f in formulas}),
        "correction": _joined({f["role"]: f["correction"] for f in failing}) if judgement.verdict == "fails" else None,
        "smallest_edit": _edits(record),
        "conditions": [" or ".join(c.statement for c in judgement.conditions)] if judgement.conditions else [],
        "families": list(judgement.families),
        "assumptions": [*_assumptions(record)],
        "evidence": [*(_counterexample(w) for w in judgement.witnesses), _proof(record)],
        "formulas": formulas,
        "tested": judgement.tested,
        "identities": _identities(record),
        "derivation_proved": not record.broken,
        "derivation_refuted": any(attempt.witness is not None for attempt in record.broken),
        "reason": judgement.reason or None,
        "summary": _summary(record),
        "seconds": round(record.seconds, 3),
    }


def stopped_record(claim: Any, reason: str) -> Plain:
    """The record of a claim that was stopped: undecided, with the reason."""
    nothing: dict[str, Any] = dict.fromkeys(("printed", "derived", "correction", "smallest_edit"))
    return {
        "id": claim.id,
        "where": claim.where,
        "kind": claim.kind,
        "statement": claim.statement,
        "verdict": "undecided",
        **nothing,
        "conditions": [],
        "families": [],
        "assumptions": [],
        "evidence": [],
        "formulas": [],
        "tested": 0,
        "identities": 0,
        "derivation_proved": False,
        "derivation_refuted": False,
        "reason": reason,
        "summary": reason,
        "seconds": None,
    }


def _joined(formulas: Mapping[str, Any]) -> str:
    """Formulas by role in one piece of LaTeX."""
    return r";\quad ".join(
        rf"\text{{{role}}}:\ {to_latex(f) if isinstance(f, Expr) else f}" for role, f in formulas.items()
    )


def _formula(equation: Equation, record: Record, wrong: bool) -> Plain:
    edit = record.edits.get(equation.name)
    mended = edit[1] if edit else equation.derived
    # As typed from the source, before the conditions that it states are put in; a process is compared by what it implies.
    typed = equation.printed if record.claim.implied else record.claim.printed[equation.name]
    return {
        "role": equation.name,
        "agrees": not wrong,
        "compared_as": "squares" if equation.squared else "values",
        "printed": to_latex(typed),
        "printed_text": to_text(typed),
        "derived": to_latex(equation.derived),
        "derived_text": to_text(equation.derived),
        "correction": to_latex(mended) if wrong else None,
        "correction_text": to_text(mended) if wrong else None,
        "edit": edit[0] if edit else None,
    }


def _edits(record: Record) -> str | None:
    if not record.edits:
        return None
    return "; ".join(
        f"{role}: {edit[0]}" if edit else f"{role}: no edit of one or two places mends it"
        for role, edit in record.edits.items()
    )


def _assumptions(record: Record) -> list[str]:
    found = [f"given: {sentence}" for sentence in map(_given, record.claim.given)]
    found += record.claim.assumptions
    if record.derivation is not None:
        found += record.derivation.assumptions
        if all(o.lhs == o.rhs for o in record.derivation.obligations):
            found.append("the derived side is a definition or a substitution: no step of it left anything to prove")
    return list(dict.fromkeys(found))


def _given(pair: tuple[Any, Any]) -> str:
    old, new = pair
    if isinstance(old, Expr):
        return f"{to_text(old)} = {to_text(new)}"
    point = Symbol("u")
    return f"{old(point)} = {to_text(new(point))}"


def _counterexample(witness: Witness) -> Plain:
    return {
        "kind": "counterexample",
        "equation": witness.equation,
        "schedule": witness.schedule,
        "at": dict(witness.at),
        "printed": witness.printed,
        "derived": witness.derived,
        "why": witness.why or None,
    }


def _proof(record: Record) -> Plain:
    proved = {(p.lhs, p.rhs): p for p in record.obligations}
    return {
        "kind": "proof",
        "steps": _steps(record.derivation, proved) if record.derivation else [],
        "equations": [_identity(p) for p in record.judgement.proofs],
        "engines": sorted({e for p in (*record.obligations, *record.judgement.proofs) for e in p.engines}),
    }


def _steps(derivation: Derivation, proved: Mapping[tuple[Expr, Expr], Proof]) -> list[Plain]:
    steps = []
    # A derivation that builds on two others may carry the steps that they share twice.
    for step in dict.fromkeys(derivation.steps):
        obligations = []
        for o in step.obligations:
            proof = proved.get((o.lhs, o.rhs))
            obligations.append(
                {
                    "why": o.why,
                    "lhs": to_latex(o.lhs),
                    "rhs": to_latex(o.rhs),
                    "lhs_text": to_text(o.lhs),
                    "rhs_text": to_text(o.rhs),
                    "engines": list(proof.engines) if proof else [],
                }
            )
        steps.append(
            {
                "kind": step.kind,
                "statement": step.statement,
                "formula": to_latex(step.formula) if step.formula is not None else None,
                "formula_text": to_text(step.formula) if step.formula is not None else None,
                "obligations": obligations,
            }
        )
    return steps


def _identity(proof: Proof) -> Plain:
    return {
        "why": proof.why,
        "lhs": to_latex(proof.lhs),
        "rhs": to_latex(proof.rhs),
        "lhs_text": to_text(proof.lhs),
        "rhs_text": to_text(proof.rhs),
        "engines": list(proof.engines),
    }


def _identities(record: Record) -> int:
    """How many different identities were proved for the claim."""
    return len({(p.lhs, p.rhs) for p in (*record.obligations, *record.judgement.proofs)})


def _summary(record: Record) -> str:
    """One line: why the verdict is what it is."""
    judgement = record.judgement
    if judgement.verdict == "holds":
        return (
            f"proved: {_identities(record)} identities by both engines; {judgement.tested} points could have refuted it"
        )
    if judgement.verdict == "undecided":
        return judgement.reason
    if judgement.verdict == "conditional":
        return f"false as printed; true if {' or '.join(c.statement for c in judgement.conditions)}"
    parts = []
    for witness in judgement.witnesses:
        edit = record.edits.get(witness.equation)
        parts.append(f"{witness.equation}: {edit[0] if edit else witness.why or 'no small edit mends it'}")
    if judgement.families:
        parts.append(f"true for {' or '.join(judgement.families)}")
    return "; ".join(parts)
