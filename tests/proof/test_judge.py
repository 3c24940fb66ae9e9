"""The judge on statements whose truth is known, one class of verdict after the other."""

from __future__ import annotations

import pytest
from sympy import Expr, Integer, Piecewise, Rational, exp, log, sqrt

from s2n_proofs.derivation import Obligation
from s2n_proofs.ledger.instances import paper_instances, parameter_instance
from s2n_proofs.proof.conditions import find_conditions
from s2n_proofs.proof.judge import judge
from s2n_proofs.proof.prove import check_obligations, prove
from s2n_proofs.proof.refute import refute
from s2n_proofs.proof.statement import Equation
from s2n_proofs.symbols import alpha, beta, delta, gamma, lam, rho, s, sigma, t

INSTANCES = paper_instances()


def verdict(printed: Expr, derived: Expr, *, squared: bool = False, parameters: tuple = ()) -> str:
    return judge([Equation("it", printed, derived, squared)], INSTANCES, parameters).verdict


TRUE = [
    (exp(lam(t)), alpha(t) ** 2 / sigma(t) ** 2),
    (lam(t).diff(t), 2 * log(alpha(t)).diff(t) - 2 * sigma(t).diff(t) / sigma(t)),
    (sigma(s) * sqrt(1 - beta**2 / sigma(s) ** 2), sqrt(sigma(s) ** 2 - beta**2)),
    (exp((-1 - gamma) / 2 * lam(t)) * exp(gamma * lam(t) / 2), sigma(t) / alpha(t)),
    (
        (alpha(s) / alpha(t)) ** (1 - delta) * (sigma(s) / sigma(t)) ** delta,
        alpha(s) / alpha(t) * exp((lam(t) - lam(s)) * delta / 2),
    ),
]


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_true_statements_hold(left: Expr, right: Expr) -> None:
    assert verdict(left, right) == "holds"


@pytest.mark.parametrize(("left", "right"), TRUE)
@pytest.mark.parametrize("factor", [Rational(1001, 1000), Rational(-1), Integer(2)])
def test_the_same_scaled_fails(left: Expr, right: Expr, factor: Rational) -> None:
    assert verdict(left * factor, right) == "fails"


def test_a_root_of_a_negative_number_is_refuted_as_undefined() -> None:
    result = judge([Equation("it", sqrt(-sigma(t) - 1), sigma(t))], INSTANCES)
    assert result.verdict == "fails"
    assert result.witnesses[0].printed is None


def test_an_imaginary_noise_is_not_saved_by_its_square() -> None:
    assert verdict(sqrt(-(sigma(t) ** 2) - 1), sqrt(sigma(t) ** 2 + 1), squared=True) == "fails"


def test_a_law_does_not_fix_the_sign_of_the_noise() -> None:
    assert verdict(-sigma(t), sigma(t), squared=True) == "holds"
    assert verdict(-sigma(t), sigma(t)) == "fails"


def test_a_parameter_value_that_saves_gives_conditional() -> None:
    result = judge([Equation("it", rho**2 * alpha(t), alpha(t))], INSTANCES, (rho,))
    assert result.verdict == "conditional"
    assert [c.statement for c in result.conditions] == ["rho**2 = 1"]
    assert result.witnesses


def test_without_the_parameter_in_the_claim_it_fails() -> None:
    assert verdict(rho**2 * alpha(t), alpha(t)) == "fails"


def test_a_condition_under_which_nothing_is_defined_saves_nothing() -> None:
    equation = Equation("it", rho * sqrt(-sigma(t)), rho * sigma(t))
    assert find_conditions([equation], (rho,), INSTANCES) == ((), ())


def test_a_special_family_is_reported_and_does_not_save() -> None:
    result = judge([Equation("it", alpha(s), alpha(t))], INSTANCES)
    assert result.verdict == "fails"
    assert "alpha constant" in result.families


def test_a_true_statement_beyond_the_engines_is_undecided_and_never_holds() -> None:
    # True because lambda decreases; the engines know no inequality between jets.
    spread = exp(-lam(t)) - exp(-lam(s))
    assert verdict(sqrt(spread**2), spread) == "undecided"


def test_a_conjunction_fails_with_its_weakest_part() -> None:
    good, bad = Equation("good", alpha(t), alpha(t)), Equation("bad", alpha(t), alpha(s))
    result = judge([good, bad], INSTANCES)
    assert result.verdict == "fails"
    assert {w.equation for w in result.witnesses} == {"bad"}


def test_a_statement_that_no_point_can_test_is_undecided() -> None:
    # beta = sigma(s) + 1 lies outside the domain: the derived side is undefined at every point.
    undefined = sqrt(-1 - beta**2)
    assert verdict(undefined, undefined) == "undecided"


def test_the_witness_lies_in_the_domain_and_is_reproducible() -> None:
    equation = Equation("it", alpha(t) * sigma(s), alpha(s) * sigma(t))
    first, second = (refute(equation, INSTANCES).witness for _ in range(2))
    assert first == second
    assert first is not None
    assert Rational(first.at["s"]) < Rational(first.at["t"])


def test_a_false_obligation_is_reported_with_a_witness() -> None:
    proofs, failures = check_obligations([Obligation(alpha(t), sigma(t), "wrong")], INSTANCES)
    assert not proofs
    assert failures[0].witness is not None


def test_both_engines_are_named_in_a_proof() -> None:
    attempt = prove(exp(lam(t)), alpha(t) ** 2 / sigma(t) ** 2)
    assert attempt.proof is not None
    assert attempt.proof.engines == ("sympy", "flint")


def test_a_claim_that_compares_nothing_is_undecided() -> None:
    assert judge([], INSTANCES).verdict == "undecided"


def test_a_family_that_holds_the_counterexample_is_not_reported() -> None:
    # Zero for affine alpha and sigma, but without a value in fm-ot, which is affine, beyond t = 1/2.
    bent = alpha(t).diff(t, 2) + rho * sigma(t).diff(t, 2)
    needs = (sqrt(alpha(t) - sigma(t)),)
    families = [
        judge([Equation("it", bent, Integer(0), symmetric=True, defined=parts)], INSTANCES).families
        for parts in ((), needs)
    ]
    assert families == [("alpha and sigma affine in time",), ()]


def test_a_ball_as_wide_as_a_jump_is_no_test() -> None:
    step = Piecewise((1, t < Rational(1, 2)), (2, True))
    assert refute(Equation("it", step, step), INSTANCES).tested > 0
    instance = parameter_instance({t: Rational(1, 2)}, "the joint")
    assert refute(Equation("it", step, step), (instance,)).tested == 0
