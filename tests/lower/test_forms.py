"""The accurate forms are the derived formulas, and a changed one is not."""

from __future__ import annotations

import pytest
from sympy import Rational
from sympy.codegen.cfunctions import expm1

from s2n_proofs.lower.forms import FORMS, MEANING, alpha_s, alpha_t, derived, h, plain, proofs, r, sigma_s, sigma_t
from s2n_proofs.proof.prove import prove
from s2n_proofs.theory.vocabulary import spell_out

CHANGES = {
    "scaled": lambda form: form * Rational(1001, 1000),
    "sign": lambda form: -form,
    "times exchanged": lambda form: form.subs(
        {alpha_s: alpha_t, alpha_t: alpha_s, sigma_s: sigma_t, sigma_t: sigma_s, r: 1 / r, h: -h}, simultaneous=True
    ),
}


def test_every_form_belongs_to_a_derived_formula() -> None:
    assert set(FORMS) == set(derived())


@pytest.mark.parametrize("name", FORMS)
def test_both_engines_prove_the_form(name: str) -> None:
    proof = proofs()[name].proof
    assert proof is not None
    assert set(proof.engines) == {"sympy", "flint"}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", [name for name in FORMS if name != "nonmarkov_step.a_noise"])
def test_a_changed_form_is_not_proved(name: str, change: str) -> None:
    changed = CHANGES[change](FORMS[name])
    assert prove(spell_out(derived()[name]), plain(changed).subs(MEANING)).proof is None


def test_expm1_without_its_one_is_not_proved() -> None:
    name = "transition_variance"
    wrong = FORMS[name].replace(lambda node: isinstance(node, expm1), lambda node: node.args[0])
    assert prove(spell_out(derived()[name]), plain(wrong).subs(MEANING)).proof is None
