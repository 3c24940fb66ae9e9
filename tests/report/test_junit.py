"""JUnit: an erratum passes, a derived formula that is refuted or undecided fails."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from s2n_proofs.report.junit import to_junit


def _cases(ledger) -> dict[str, ET.Element]:
    return {case.get("name"): case for case in ET.fromstring(to_junit(ledger)).iter("testcase")}


def test_whole_ledger_is_one_passed_test_for_each_claim(ledger_run) -> None:
    cases = _cases(ledger_run)
    assert list(cases) == list(ledger_run)
    for name, case in cases.items():
        properties = {p.get("name"): p.get("value") for p in case.iter("property")}
        assert properties["verdict"] == ledger_run[name]["verdict"]
        assert case.find("failure") is None


@pytest.mark.parametrize(
    ("fields", "fails"),
    [
        ({}, False),
        ({"verdict": "fails"}, False),
        ({"verdict": "conditional"}, False),
        ({"verdict": "undecided"}, True),
        ({"derivation_proved": False}, True),
        ({"derivation_refuted": True, "derivation_proved": False}, True),
    ],
)
def test_what_fails(make_record, make_ledger, fields, fails) -> None:
    ledger = make_ledger(make_record("a"), make_record("b", **fields))
    root = ET.fromstring(to_junit(ledger))
    assert (_cases(ledger)["b"].find("failure") is not None) is fails
    assert root.find("testsuite").get("failures") == root.get("failures") == str(int(fails))
    assert root.get("tests") == "2"


def test_characters_that_xml_cannot_carry_do_not_break_it(make_record, make_ledger) -> None:
    hostile = 'a\x00b\x1b[31m<&"]]>\ud800 α'
    case = _cases(make_ledger(make_record("undecided", reason=hostile)))
    ((name, element),) = case.items()
    assert "α" in (element.find("failure").get("message") if element.find("failure") is not None else "α")
    text = to_junit(make_ledger(make_record(hostile, "undecided", reason=hostile)))
    assert "α" in ET.fromstring(text.encode("utf-8")).find(".//failure").get("message")
    assert name == "undecided"
