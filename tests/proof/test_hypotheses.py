"""Substitutions for hypotheses: what they prove, what they must not prove, and that they run through what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Abs, Expr, Integer, Rational, Symbol, acos, cos, exp, log, pi, sqrt

from s2n_proofs.proof.hypotheses import at_least_zero, inside, prove_under_hypotheses, substitutions
from s2n_proofs.proof.jets import to_jets
from s2n_proofs.symbols import alpha, beta, lam, rho, s, sigma, t, tau

UNIT = (Integer(0), Integer(1))


def proved(left: Expr, right: Expr, **more) -> bool:
    return prove_under_hypotheses(left, right, **more).proof is not None


TRUE = [
    (Abs(tau - t), t - tau, {}),
    (Abs(lam(s) - lam(t)), lam(s) - lam(t), {}),
    (Abs(exp(-lam(t)) - exp(-lam(s))), exp(-lam(t)) - exp(-lam(s)), {}),
    (Abs(lam(t).diff(t)), -lam(t).diff(t), {}),
    (Abs(lam(2 * t)), Abs(-lam(2 * t)), {}),
    (sqrt(rho**2), rho, {"signs": {rho: "nonnegative"}}),
    (log(t**2), 2 * log(t), {"signs": {t: "positive"}}),
    (sqrt((1 - t) ** 2), 1 - t, {"domain": UNIT}),
    (acos(cos(pi * t)), pi * t, {"domain": UNIT}),
]


@pytest.mark.parametrize(("left", "right", "more"), TRUE)
def test_what_the_hypotheses_say_is_proved(left: Expr, right: Expr, more: dict) -> None:
    assert proved(left, right, **more)


@pytest.mark.parametrize(("left", "right", "more"), TRUE)
def test_near_misses_are_not(left: Expr, right: Expr, more: dict) -> None:
    assert not proved(left, -right, **more)
    assert not proved(left, right * Rational(1001, 1000), **more)


@pytest.mark.parametrize(
    ("left", "right", "more"),
    [
        (Abs(t), t, {}),  # a time may be negative
        (Abs(t), t, {"domain": (Integer(-1), Integer(1))}),
        (sqrt(rho**2), rho, {}),
        (Abs(alpha(s) - alpha(t)), alpha(s) - alpha(t), {}),  # alpha may grow
        (Abs(sigma(s) - sigma(t)), sigma(t) - sigma(s), {}),
        (Abs(lam(s) - lam(2 * t)), lam(s) - lam(2 * t), {}),
        (Abs(lam(t).diff(t, 2)), -lam(t).diff(t, 2), {}),
        (acos(cos(2 * pi * t)), 2 * pi * t, {"domain": UNIT}),
        (acos(cos(pi * t)), -pi * t, {"domain": UNIT}),
        (alpha(t), -sqrt(alpha(t) ** 2), {}),  # equal squares, opposite signs
    ],
)
def test_what_no_hypothesis_says_is_not(left: Expr, right: Expr, more: dict) -> None:
    assert not proved(left, right, **more)


@given(*(st.fractions(min_value=Rational(1, 50), max_value=Rational(50)) for _ in range(3)))
def test_times_inside_run_through_the_domain_in_order(u, v, w) -> None:
    start, end = Integer(-3), Rational(7, 2)
    put = inside((start, end))
    values = dict(zip(sorted({x for e in put.values() for x in e.free_symbols}, key=str), (u, v, w), strict=True))
    first, middle, last = (put[time].subs({k: Rational(str(x)) for k, x in values.items()}) for time in (s, tau, t))
    assert start < first < middle < last < end


def test_any_pair_of_valid_values_is_reached() -> None:
    """Solve the substitution for its new symbols at given values that satisfy the hypotheses."""
    flat, jets = to_jets(sigma(t) + sigma(t).diff(t) + sigma(s) + alpha(s) + alpha(t))
    _, steps = list(substitutions((flat, Integer(0)), jets, None, {}))[1]
    slopes, values, *_ = steps
    ((slope, by_fall),) = slopes.items()
    (fall,) = (x for x in by_fall.free_symbols if x.name.startswith("k("))
    # lambda' = 2 alpha'/alpha - 2 sigma'/sigma = -fall.
    a, a1 = to_jets(alpha(t))[0], to_jets(alpha(t).diff(t))[0]
    noise = to_jets(sigma(t))[0]
    assert (2 * a1 / a - 2 * by_fall / noise + fall).expand() == 0
    ((_, by_factor),) = values.items()
    (factor,) = (x for x in by_factor.free_symbols if x.name.startswith("v("))
    ratio = by_factor / a * to_jets(alpha(s))[0] / to_jets(sigma(s))[0]
    assert (ratio - 1 - factor).simplify() == 0
    assert fall.is_nonnegative
    assert factor.is_nonnegative
    assert slope.is_real


def test_at_least_zero_is_read_off_the_shape() -> None:
    x, p = Symbol("x", real=True), Symbol("p", positive=True)
    for expr in (
        cos(pi / 252),
        pi - 3,
        x**2,
        sqrt(x),
        1 / sqrt(x),
        Abs(x) * p,
        exp(x) + p,
        p**x,
        acos(x),
        Rational(1, 3),
        x**2 / p,
    ):
        assert at_least_zero(expr), expr
    for expr in (x, -p, x**3, p - 1, log(p), -sqrt(x), Integer(-1), cos(x), pi - 4):
        assert not at_least_zero(expr), expr
    assert at_least_zero(x * p, [x])


def test_beta_is_at_most_the_earlier_sigma() -> None:
    assert proved(Abs(sigma(s) - beta), sigma(s) - beta)
    assert proved(Abs(sigma(s) ** 2 - beta**2), sigma(s) ** 2 - beta**2)
    assert not proved(Abs(sigma(s) - beta), beta - sigma(s))
    assert not proved(Abs(sigma(t) - beta), sigma(t) - beta)
