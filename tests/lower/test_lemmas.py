"""Every rule that rewrites use is proved, and a changed rule is not."""

from __future__ import annotations

import pytest
from sympy import Rational

from s2n_proofs.lower.lemmas import LEMMAS, Lemma, proofs
from s2n_proofs.proof.prove import prove


@pytest.mark.parametrize("lemma", LEMMAS, ids=lambda lemma: lemma.name)
def test_both_engines_prove_the_rule(lemma: Lemma) -> None:
    assert proofs()[lemma.name].proof is not None


@pytest.mark.parametrize("lemma", [x for x in LEMMAS if x.right != 0], ids=lambda lemma: lemma.name)
def test_a_scaled_rule_is_not_proved(lemma: Lemma) -> None:
    assert prove(lemma.left, lemma.right * Rational(1001, 1000)).proof is None
