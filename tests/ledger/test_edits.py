from __future__ import annotations

import pytest
from sympy import Expr, exp, sqrt

from s2n_proofs.ledger.edits import single_edits, smallest_edit
from s2n_proofs.ledger.instances import paper_instances
from s2n_proofs.proof.prove import prove
from s2n_proofs.proof.statement import Equation
from s2n_proofs.symbols import Delta, alpha, eps_net, lam, s, sigma, t, z_s, z_t

RIGHT = alpha(s) * (exp(-lam(t)) - exp(-lam(s))) + sigma(t)


@pytest.mark.parametrize(
    ("printed", "derived"),
    [
        (-RIGHT, RIGHT),
        (RIGHT.subs(s, t), alpha(t) * 0 + sigma(t)),
        (alpha(s) * (exp(-lam(t)) + exp(-lam(s))) + sigma(t), RIGHT),
        (alpha(t) * (exp(-lam(t)) - exp(-lam(s))) + sigma(t), RIGHT),
        (RIGHT + sigma(s), RIGHT),
        (alpha(s) * (exp(-lam(t)) - exp(-lam(s))) + alpha(t), RIGHT),
        (alpha(t) * sigma(t + Delta), alpha(t + Delta) * sigma(t + Delta)),
        (2 * RIGHT, RIGHT),
        (RIGHT - sigma(t), RIGHT),
        (eps_net(z_s, s), eps_net(z_t, t)),
        (sqrt(alpha(t) * (sigma(t) + 1)), alpha(t) * sqrt(sigma(t) + 1)),
    ],
)
def test_a_planted_slip_is_mended_and_the_mended_formula_is_proved(printed: Expr, derived: Expr) -> None:
    edit = smallest_edit(Equation("it", printed, derived), paper_instances())
    assert edit is not None
    sentence, mended = edit
    assert sentence
    if not printed.has(eps_net):
        assert prove(mended, derived).proof is not None


def test_what_no_small_edit_mends_is_left_alone() -> None:
    printed, derived = alpha(t), exp(lam(s)) * sqrt(sigma(t) + 3) * alpha(s) ** 5 + sigma(s) / 7 + 11
    assert smallest_edit(Equation("it", printed, derived), paper_instances()) is None


def test_no_edit_is_listed_twice_and_none_is_the_print() -> None:
    edits = [edited for _, edited in single_edits(RIGHT)]
    assert len(edits) == len(set(edits))
    assert RIGHT not in edits
