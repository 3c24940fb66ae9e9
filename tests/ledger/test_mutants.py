"""The judge is worth what it rejects: every claim of a formula, changed, must be refuted.

Whether a change matters is decided by 60-digit values at random points of random schedules (``s2n_proofs.testing.worlds``), not by
the judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sympy import Expr, Integer, Mul, Rational

from s2n_proofs.ledger.assess import equations_of
from s2n_proofs.ledger.claim import Claim
from s2n_proofs.ledger.instances import instances_for
from s2n_proofs.ledger.registry import CLAIMS
from s2n_proofs.proof.judge import judge
from s2n_proofs.symbols import s, t
from s2n_proofs.testing.worlds import same, worlds

FORMULAS = [claim for claim in CLAIMS if isinstance(claim, Claim)]
SCALE = Rational(1001, 1000)


def changes(expr: Expr) -> Iterator[tuple[str, Expr]]:
    """Scaled, sign flipped, s and t exchanged, and every term or factor dropped once."""
    yield "scaled", expr * SCALE
    yield "sign", -expr
    yield "exchanged", expr.subs({s: t, t: s}, simultaneous=True)
    terms = expr.args if expr.is_Add else ()
    for term in terms:
        yield f"without {term}", expr - term
    if expr.is_Mul:
        for i, factor in enumerate(expr.args):
            inner = factor.args if factor.is_Add else ()
            for term in inner:
                yield f"without {term} inside", Mul(*expr.args[:i], factor - term, *expr.args[i + 1 :])


def changed_claims(claim: Claim) -> Iterator[tuple[str, Claim]]:
    for role, expr in claim.printed.items():
        for name, changed in changes(expr):
            if changed == expr:
                continue
            rest = claim.printed if claim.implied else {}
            yield f"{role}: {name}", replace(claim, printed={**rest, role: changed})


def truly_equal(claim: Claim) -> bool:
    """By 60-digit values at three random points of random schedules; laws compared as laws."""
    equations = equations_of(claim, claim.derive())
    for world in worlds(3, seed=20240804):
        for equation in equations:
            for part in (equation.printed, *equation.defined):
                value = world.value(part, claim.values)
                if value is None or isinstance(value, world.complex):
                    return False
            left, right = (world.value(side, claim.values) for side in equation.sides)
            if not same(left, right):
                return False
    return True


@pytest.mark.parametrize("claim", FORMULAS, ids=lambda claim: claim.id)
def test_every_changed_claim_is_refuted_unless_it_says_the_same(claim: Claim) -> None:
    instances = instances_for(claim.values, claim.schedule)
    tried = 0
    for name, changed in changed_claims(claim):
        verdict = judge(equations_of(changed, changed.derive()), instances, changed.parameters)
        if truly_equal(changed):
            assert verdict.verdict == "holds", (name, verdict)
        else:
            assert verdict.verdict in ("fails", "conditional"), (name, verdict)
            assert verdict.witnesses, name
            tried += 1
    nothing_to_change = all(value in (Integer(0),) for value in claim.printed.values())
    assert tried or nothing_to_change


@pytest.mark.parametrize("claim", FORMULAS, ids=lambda claim: claim.id)
def test_the_verdict_on_the_print_agrees_with_60_digits(claim: Claim) -> None:
    verdict = judge(equations_of(claim, claim.derive()), instances_for(claim.values, claim.schedule), claim.parameters)
    assert (verdict.verdict == "holds") == truly_equal(claim)
