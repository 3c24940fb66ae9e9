from __future__ import annotations

import pytest
from sympy import Derivative, Integral, Limit, exp, log, sqrt

from s2n_proofs.proof.jets import JetError, to_jets
from s2n_proofs.symbols import Delta, alpha, density, eps_net, lam, s, sigma, snr, t, z


def test_lambda_is_twice_the_log_of_the_ratio() -> None:
    a, b = to_jets(exp(lam(t)))[0], to_jets(alpha(t) ** 2 / sigma(t) ** 2)[0]
    assert a == b


def test_snr_is_the_exponential_of_lambda() -> None:
    assert to_jets(snr(s))[0] == to_jets(exp(lam(s)))[0]


def test_derivatives_at_different_points_are_different_variables() -> None:
    flat, table = to_jets(alpha(t).diff(t) - alpha(s).diff(s))
    assert flat != 0
    assert {jet.orders for jet in table.values()} == {(1,)}
    assert {jet.arguments for jet in table.values()} == {(t,), (s,)}


def test_a_derivative_in_the_step_is_a_jet_at_the_shifted_time() -> None:
    flat, table = to_jets(alpha(t - Delta).diff(Delta))
    ((symbol, jet),) = table.items()
    assert flat == -symbol
    assert jet.arguments == (t - Delta,)


def test_the_chain_rule_meets_the_direct_derivative() -> None:
    assert to_jets(lam(t).diff(t))[0] == to_jets((2 * log(alpha(t)) - 2 * log(sigma(t))).diff(t))[0]


def test_partial_derivatives_are_told_apart() -> None:
    _, table = to_jets(density(z, t).diff(z, 2) + density(z, t).diff(t) + eps_net(z, t).diff(z, t))
    assert {(jet.function, jet.orders) for jet in table.values()} == {("p", (2, 0)), ("p", (0, 1)), ("epsilon", (1, 1))}


def test_positive_functions_give_positive_jets_and_derivatives_do_not() -> None:
    flat, table = to_jets(sqrt(alpha(t) ** 2) + alpha(t).diff(t))
    signs = {jet.orders: symbol.is_positive for symbol, jet in table.items()}
    assert signs[(0,)] is True
    assert signs[(1,)] is None
    assert not flat.has(sqrt)


@pytest.mark.parametrize("expr", [Integral(alpha(s), (s, 0, t)), Limit(alpha(t), t, 0)])
def test_what_is_left_unevaluated_is_refused(expr: object) -> None:
    with pytest.raises(JetError):
        to_jets(expr)


def test_an_unevaluated_derivative_of_an_expression_is_carried_out() -> None:
    assert to_jets(Derivative(alpha(t) ** 2, t))[0] == to_jets(2 * alpha(t) * alpha(t).diff(t))[0]
