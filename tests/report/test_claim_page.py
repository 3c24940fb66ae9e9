"""The page of one claim shows everything that the record holds."""

from __future__ import annotations

import io

import pytest

from s2n_proofs.report.claim_page import claim_page, print_pages
from s2n_proofs.report.terminal import console_on


def _page(record, width=None) -> str:
    return "\n".join(line.plain for line in claim_page(record, width))


def test_a_page_shows_formulas_steps_engines_and_evidence(ledger_run) -> None:
    for record in ledger_run.values():
        page = _page(record)
        for formula in record["formulas"]:
            assert formula["printed_text"] in page
            assert formula["derived_text"] in page
        for evidence in record["evidence"]:
            for step in evidence.get("steps", ()):
                assert step["statement"] in page
                for obligation in step["obligations"]:
                    assert obligation["lhs_text"] in page
            if evidence["kind"] == "counterexample":
                assert evidence["derived"] in page
                assert all(f"{name} = {value}" in page for name, value in evidence["at"].items())
        for sentence in (*record["conditions"], *record["families"], *record["assumptions"]):
            assert sentence in page


@pytest.mark.parametrize("width", [80, 120])
def test_pages_fit_the_terminal(ledger_run, width) -> None:
    for record in ledger_run.values():
        assert max(len(line) for line in _page(record, width).splitlines()) <= width, record["id"]


def test_a_correction_that_is_the_derived_formula_is_not_written_twice(make_record) -> None:
    record = make_record(verdict="fails")
    assert _page(record).count(record["formulas"][0]["derived_text"]) == 1
    record["formulas"][0]["correction_text"] = "alpha(t)*z_s + 0"
    assert "alpha(t)*z_s + 0" in _page(record)


def test_no_correction_is_offered_for_what_holds_or_is_conditional(make_record) -> None:
    for verdict in ("holds", "conditional"):
        assert "z_0 should be z_s" not in _page(make_record(verdict=verdict))
    assert "z_0 should be z_s" in _page(make_record(verdict="fails"))


def test_an_undefined_print_shows_why(make_record) -> None:
    record = make_record(verdict="fails")
    record["evidence"][0] |= {"printed": None, "why": "the root of a negative number"}
    assert "the root of a negative number" in _page(record)


def test_an_identity_without_engines_is_not_called_proved(make_record) -> None:
    record = make_record()
    record["evidence"][0]["steps"][0]["obligations"][0]["engines"] = []
    assert "NOT PROVED" in _page(record)
    assert "NOT PROVED" not in _page(make_record())


def test_a_stopped_claim_has_a_page(make_record) -> None:
    record = make_record(
        verdict="undecided", reason="stopped", seconds=None, evidence=[], formulas=[], derivation_proved=False
    )
    assert "stopped" in _page(record)


def test_several_pages_are_printed_plain(make_record, monkeypatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    stream = io.StringIO()
    print_pages([make_record("one"), make_record("two", "fails")], console_on(stream))
    assert "one" in stream.getvalue()
    assert "two" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()
