"""The table: every id whole, every line within the width, and no decoration in a pipe."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from s2n_proofs.report.table import print_table, table
from s2n_proofs.report.terminal import console_on, paragraph, text_width, wrap_formula


def _lines(ledger, width):
    return [line.plain for line in table(ledger, width)]


@pytest.mark.parametrize("width", [None, 60, 80, 100, 120, 200])
def test_every_id_and_verdict_stands_in_one_line(ledger_run, width) -> None:
    lines = _lines(ledger_run, width)
    for record in ledger_run.values():
        assert any({record["id"], record["verdict"]} <= set(line.split()) for line in lines), record["id"]


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal(ledger_run, width) -> None:
    assert max(map(len, _lines(ledger_run, width))) <= width


def test_in_a_pipe_every_claim_is_one_line_with_its_whole_reason(ledger_run) -> None:
    lines = _lines(ledger_run, None)
    for record in ledger_run.values():
        (line,) = (line for line in lines if record["id"] in line.split() and record["where"] in line)
        if record["verdict"] in ("fails", "conditional"):
            assert line.endswith(record["summary"])


def test_sections_are_headings_once_each(ledger_run) -> None:
    lines = _lines(ledger_run, 80)
    for section in {record["section"] for record in ledger_run.values()}:
        assert lines.count(section) == 1


def test_a_refuted_derivation_is_seen_even_if_the_claim_holds(make_record, make_ledger) -> None:
    well = _lines(make_ledger(make_record()), None)
    wrong = _lines(make_ledger(make_record(derivation_refuted=True, derivation_proved=False)), None)
    assert "REFUTED" in "".join(wrong)
    assert "REFUTED" not in "".join(well)


def test_only_verdicts_that_occur_are_explained(make_record, make_ledger) -> None:
    text = "\n".join(_lines(make_ledger(make_record()), 80))
    assert "holds" in text
    assert "undecided" not in text


def _printed(ledger, monkeypatch, *, terminal: bool, **environment: str) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, color_system="standard") if terminal else None
    print_table(ledger, console or console_on(stream))
    return stream.getvalue()


def test_colour_on_a_terminal_only_and_none_with_no_color(make_record, make_ledger, monkeypatch) -> None:
    ledger = make_ledger(make_record(), make_record("b", "fails"))
    assert "\x1b" not in _printed(ledger, monkeypatch, terminal=False)
    assert "\x1b[1;31m" in _printed(ledger, monkeypatch, terminal=True)
    assert "31m" not in _printed(ledger, monkeypatch, terminal=True, NO_COLOR="1")


def test_columns_sets_the_width_of_a_pipe(monkeypatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    for given, width in (("80", 80), ("", None), ("wide", None), ("3", 40), ("9" * 50, None)):
        with monkeypatch.context() as patch:  # put back before pytest, which reads it too, reports
            patch.setenv("COLUMNS", given)
            assert text_width(console_on(io.StringIO())) == width


def test_wrapping_loses_nothing_and_breaks_no_name() -> None:
    formula = "-alpha(t)**2*exp(-lambda(t))*diff(lambda(t), t) + 1/2*sqrt(sigma(s))/sigma(t)"
    lines = wrap_formula(formula, 24)
    assert len(lines) > 2
    assert "".join(lines).replace(" ", "") == formula.replace(" ", "")
    assert all("lambda" in line or "lamb" not in line for line in lines)
    assert wrap_formula(formula, None) == [formula]
    assert paragraph("", 30) == [""]


@pytest.mark.parametrize("width", [None, 80, 150])
def test_the_evidence_does_not_depend_on_the_width(ledger_run, width) -> None:
    text = "\n".join(_lines(ledger_run, width))
    for record in ledger_run.values():
        if record["verdict"] == "holds" and record["identities"]:
            assert f"{record['identities']} proved, {record['tested']} tried" in text, record["id"]
            assert record["summary"].startswith(f"proved: {record['identities']} identities")
