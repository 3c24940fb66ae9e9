"""The whole ledger: exit status, summary, and what a broken claim does to the others."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from s2n_proofs.ledger.registry import CLAIMS, UnknownClaimError, select
from s2n_proofs.report.ledger import SCHEMA, VERDICTS, Ledger, judge_claim, verify

FIELDS = {
    "id", "where", "kind", "verdict", "printed", "derived", "correction", "smallest_edit", "conditions",
    "assumptions", "evidence", "reason", "seconds",
}  # fmt: skip


def test_whole_ledger_has_every_claim_in_order(ledger_run: Ledger) -> None:
    assert list(ledger_run) == [claim.id for claim in CLAIMS]
    assert sum(ledger_run.summary["verdicts"].values()) == len(CLAIMS)


def test_whole_ledger_is_all_well_although_printed_claims_fail(ledger_run: Ledger) -> None:
    assert ledger_run.summary["verdicts"]["fails"] > 10
    assert ledger_run.exit_status == 0


def test_every_record_has_the_promised_fields_and_survives_json(ledger_run: Ledger) -> None:
    plain = ledger_run.as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["schema"] == SCHEMA
    for record in plain["claims"]:
        assert record.keys() >= FIELDS
        assert record["verdict"] in VERDICTS
        assert record["section"]


def test_a_failing_claim_comes_with_a_counterexample_and_a_correction(ledger_run: Ledger) -> None:
    for record in ledger_run.values():
        if record["verdict"] == "fails" and record["kind"] != "property":
            assert record["correction"], record["id"]
            assert any(e["kind"] == "counterexample" for e in record["evidence"]), record["id"]


def test_summary_says_versions_seed_and_what_the_engines_agreed_on(ledger_run: Ledger) -> None:
    summary = ledger_run.summary
    assert summary["seed"] == 0
    assert {"python", "sympy", "python-flint", "s2n-proofs"} <= summary["versions"].keys()
    assert summary["engines"]["names"] == ["flint", "sympy"]
    assert summary["engines"]["agreed"] == summary["engines"]["identities"] > 50


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 0),
        ({"verdict": "fails"}, 0),
        ({"verdict": "conditional"}, 0),
        ({"verdict": "undecided"}, 3),
        ({"derivation_proved": False}, 3),
        ({"derivation_proved": False, "derivation_refuted": True}, 1),
    ],
)
def test_exit_status(make_record, make_ledger, fields, status) -> None:
    assert make_ledger(make_record("a"), make_record("b", **fields)).exit_status == status


def test_refuted_derivation_outweighs_an_undecided_claim(make_record, make_ledger) -> None:
    refuted = make_record("a", derivation_proved=False, derivation_refuted=True)
    assert make_ledger(make_record("b", "undecided"), refuted).exit_status == 1


def test_one_id_takes_all_readings_and_a_text_is_one_id() -> None:
    assert list(verify("marginal-z0", jobs=1)) == ["marginal-z0/a", "marginal-z0/b"]


def test_unknown_ids_and_claims_are_refused(ledger_run: Ledger) -> None:
    with pytest.raises(UnknownClaimError):
        verify(["no-such-claim"])
    with pytest.raises(KeyError):
        ledger_run["no-such-claim"]
    with pytest.raises(ValueError, match="jobs"):
        verify(["eq1-forward"], jobs=0)


def _raise():
    raise ZeroDivisionError("two\nlines")


def _sleep():
    time.sleep(60)


def test_a_broken_and_a_stuck_claim_are_undecided_and_the_others_go_on() -> None:
    (good,) = select(["eq1-forward"])
    claims = (replace(good, id="broken", derive=_raise), replace(good, id="stuck", derive=_sleep), good)
    seen = []
    ledger = verify(
        claims=claims, jobs=3, time_limit=5.0, progress=lambda done, total, record: seen.append((done, total))
    )
    assert [ledger[name]["verdict"] for name in ledger] == ["undecided", "undecided", "holds"]
    assert ledger["broken"]["reason"].startswith("stopped by an error: ")
    assert "\n" not in ledger["broken"]["reason"]
    assert ledger.exit_status == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_judge_claim_leaves_memory_to_the_runner() -> None:
    def exhaust():
        raise MemoryError

    with pytest.raises(MemoryError):
        judge_claim(replace(select(["eq1-forward"])[0], derive=exhaust))


def test_ids_in_place_of_claims_are_refused_with_a_sentence() -> None:
    with pytest.raises(TypeError, match="ids are the first argument"):
        verify(claims=["thm1-f"])
