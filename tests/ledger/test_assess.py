"""Claims made to mislead: what is compared with, what is given, and what is not compared at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Integer, Symbol, exp, log, sqrt

from s2n_proofs.derivation import Derivation, Obligation, Step
from s2n_proofs.ledger.assess import assess
from s2n_proofs.ledger.claim import Claim
from s2n_proofs.ledger.registry import select
from s2n_proofs.proof.jets import JetError
from s2n_proofs.report.record import to_plain
from s2n_proofs.symbols import alpha, lam, s, sigma, snr, t, t_0


def derivation(value: object, *obligations: Obligation) -> Derivation:
    return Derivation("it", {"it": value}, (Step("substitute", "given", None, obligations),))  # type: ignore[dict-item]


def claim(printed: object, derived: Derivation, **more: object) -> Claim:
    return Claim("it", "here", "identity", "it", {"it": printed}, lambda: derived, **more)  # type: ignore[dict-item, arg-type]


def test_a_refuted_derivation_has_no_authority_over_a_true_print() -> None:
    wrong = derivation(2 * alpha(t), Obligation(2 * alpha(t), alpha(t), "wrong"))
    record = assess(claim(alpha(t), wrong))
    assert record.judgement.verdict == "undecided"
    assert to_plain(record)["derivation_refuted"]


def test_an_unproved_derivation_leaves_the_claim_undecided() -> None:
    spread = exp(-lam(t)) - exp(-lam(s))
    unproved = derivation(alpha(t), Obligation(sqrt(spread**2), spread, "true, and beyond the engines"))
    record = assess(claim(alpha(t), unproved))
    assert record.judgement.verdict == "undecided"
    assert not to_plain(record)["derivation_refuted"]


def test_a_derivation_without_obligations_is_said_to_prove_nothing() -> None:
    plain = to_plain(assess(claim(alpha(t), derivation(alpha(t)))))
    proved = to_plain(assess(select(["thm1-var"])[0]))
    assert len(plain["assumptions"]) == 1
    assert plain["assumptions"][0] not in proved["assumptions"]


@pytest.mark.parametrize(
    ("printed", "derived", "given"),
    [
        (snr(t_0), 1 / sigma(t_0) ** 2, (alpha(t_0), Integer(1))),
        (lam(t), -2 * log(sigma(t)), (alpha, lambda _: Integer(1))),
        (snr(t), alpha(t) ** 2 / (1 - alpha(t) ** 2), (sigma, lambda time: sqrt(1 - alpha(time) ** 2))),
    ],
)
def test_a_condition_reaches_what_hides_in_lambda(printed: object, derived: object, given: object) -> None:
    stated = claim(printed, derivation(derived), given=(given,))
    assert assess(stated).judgement.verdict == "holds"
    assert assess(replace(stated, given=())).judgement.verdict != "holds"
    assert any(line.startswith("given") for line in to_plain(assess(stated))["assumptions"])


def test_theorem_5_needs_its_hypothesis() -> None:
    (theorem,) = select(["thm5-equivalence"])
    assert isinstance(theorem, Claim)
    assert assess(theorem).judgement.verdict == "holds"
    assert assess(replace(theorem, given=())).judgement.verdict != "holds"


def test_a_look_alike_symbol_is_refused() -> None:
    impostor = Symbol("s", positive=True)
    with pytest.raises(JetError):
        assess(claim(alpha(impostor), derivation(alpha(s))))


def test_a_wrong_kind_and_a_time_as_parameter_are_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        Claim("it", "here", "nonsense", "it", {}, lambda: derivation(alpha(t)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="parameter"):
        claim(alpha(t), derivation(alpha(t)), parameters=(t,))


def test_a_noise_prediction_is_no_noise() -> None:
    found = Derivation("it", {"noise prediction": sigma(t)}, (Step("assume", "it is so"),))
    stated = Claim("it", "here", "law", "it", {"noise prediction": -sigma(t)}, lambda: found)
    assert assess(stated).judgement.verdict == "fails"
