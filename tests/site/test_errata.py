"""The errata list what is wrong, all of it, and nothing else."""

from __future__ import annotations

import re

from s2n_proofs.site.errata import errata_groups, errata_page, errata_tex
from s2n_proofs.site.tex_text import tex_text


def test_every_failing_or_conditional_claim_is_listed_once(ledger_run) -> None:
    listed = [record["id"] for group in errata_groups(ledger_run) for record in group.records]
    wrong = [r["id"] for r in ledger_run.claims if r["verdict"] in ("fails", "conditional")]
    assert sorted(listed) == sorted(wrong)


def test_a_claim_that_holds_in_another_reading_is_not_called_false(ledger_run) -> None:
    groups = {group.title: {r["id"] for r in group.records} for group in errata_groups(ledger_run)}
    assert "thm3-noise/b" in groups["True in another reading"]
    assert "cor1-eps" in groups["False as printed"]


def test_what_holds_is_left_out(make_ledger, make_record) -> None:
    ledger = make_ledger(make_record("good"), make_record("bad", "fails"))
    assert "bad" in errata_page(ledger, pdf=False)
    assert "good" not in errata_page(ledger, pdf=False)


def test_the_page_offers_a_pdf_only_where_there_is_one(make_ledger, make_record) -> None:
    ledger = make_ledger(make_record("bad", "fails"))
    assert "errata.pdf" in errata_page(ledger, pdf=True)
    assert "errata.pdf" not in errata_page(ledger, pdf=False)


def test_the_latex_is_balanced_and_whole(ledger_run) -> None:
    tex = errata_tex(ledger_run)
    bare = re.sub(r"\\[{}]", "", tex)
    assert bare.count("{") == bare.count("}")
    assert tex.count(r"\[") == tex.count(r"\]") > 20
    assert tex.count(r"\begin{") == tex.count(r"\end{")
    assert tex.count(r"\left") == tex.count(r"\right") or tex.count(r"\left") == len(re.findall(r"\\right\b", tex))
    assert tex.isascii()


def test_special_characters_are_escaped() -> None:
    assert tex_text("a_b & 5 %") == r"a\_b \& 5 \%"
    assert tex_text("lambda <= 0") == r"\(\lambda\) \textless{}= 0"


def test_a_name_of_a_claim_is_no_formula(make_ledger, make_record) -> None:
    tex = errata_tex(make_ledger(make_record("cor1-eps", "fails"), make_record("a_b/lambda", "conditional")))
    assert re.findall(r"\\texttt\{(.*?)\}\n", tex) == ["cor1-eps", r"a\_b/lambda"]
