"""Two formulas side by side: what is marked is what differs, and nothing gets lost."""

from __future__ import annotations

import pytest

from s2n_proofs.site.difference import marked
from s2n_proofs.site.tex_tree import TexError, parse, write

PLAIN = ("[%s]", "<%s>")


def bare(tex: str) -> str:
    for sign in "[]<>{} ":
        tex = tex.replace(sign, "")
    return tex


def test_a_changed_argument_is_marked_alone() -> None:
    assert marked(r"\frac{\alpha(t)}{2}", r"\frac{\alpha(s)}{2}", PLAIN) == (
        r"\frac{\alpha ( [t] )}{2}",
        r"\frac{\alpha ( <s> )}{2}",
    )


def test_equal_formulas_have_no_mark() -> None:
    one, other = marked(r"\sqrt{x^{2}}", r"\sqrt{x^{2}}", PLAIN)
    assert one == other
    assert "[" not in one


def test_a_new_sign_is_marked_on_its_side_only() -> None:
    one, other = marked(r"\frac{a b}{c}", r"- \frac{a b}{c}", PLAIN)
    assert "[" not in one
    assert other.startswith("<->")


def test_what_has_little_in_common_is_marked_whole() -> None:
    one, other = marked(r"\frac{a}{b}", r"e^{x} + y", PLAIN)
    assert one.startswith("[")
    assert other.startswith("<")


def test_exponents_are_compared_inside() -> None:
    assert marked("x^{2} + y", "x^{3} + y", PLAIN) == ("x^{[2]} + y", "x^{<3>} + y")


@pytest.mark.parametrize("tex", ["{a", "a}", r"\left( a", r"\right)", r"\frac{a}"])
def test_unmatched_braces_are_refused(tex: str) -> None:
    with pytest.raises(TexError):
        parse(tex)


def test_every_formula_of_the_ledger_is_read_and_written_without_loss(ledger_run) -> None:
    for record in ledger_run.values():
        for formula in record["formulas"]:
            for key in ("printed", "derived", "correction"):
                if formula[key]:
                    assert bare(write(parse(formula[key]))) == bare(formula[key])
            if formula["correction"]:
                one, other = marked(formula["printed"], formula["correction"], PLAIN)
                assert bare(one) == bare(formula["printed"])
                assert bare(other) == bare(formula["correction"])
                assert "[" in one or "<" in other, f"{record['id']}: a correction without a visible difference"
