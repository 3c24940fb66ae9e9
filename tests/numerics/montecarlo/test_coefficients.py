"""Coefficients against mpmath; times by log-SNR; what has no value says so."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
from sympy import Symbol, exp, log, sqrt

from numerics.montecarlo.coefficients import Coefficients, UndefinedCoefficientError
from s2n_proofs import Schedule, catalogue
from s2n_proofs.symbols import alpha, b, g, lam, s, sigma, snr, t, transition_variance

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


def test_values_agree_with_mpmath_to_the_last_digit():
    values = Coefficients(catalogue["vp"])
    with mpmath.workdps(40):
        u = [mpmath.mpf("19.9") * x**2 / 2 + mpmath.mpf("0.1") * x for x in (mpmath.mpf(1) / 4, mpmath.mpf(1) / 2)]
        exact = float(1 - mpmath.exp(u[0] - u[1]))  # the transition's variance for VP
        assert values(transition_variance(s, t), {s: QUARTER, t: HALF}) == exact
        assert values.log_snr(HALF) == float(-mpmath.log(mpmath.expm1(u[1])))
        assert values(snr(t), {t: HALF}) == float(1 / mpmath.expm1(u[1]))


def test_nothing_cancels_for_close_times():
    values, gap = Coefficients(catalogue["vp"]), Fraction(1, 10**12)
    rate = values(g(t) ** 2, {t: HALF})
    step = values(transition_variance(s, t), {s: HALF - gap, t: HALF})
    assert math.isclose(step / float(gap), rate, rel_tol=1e-10)


def test_words_and_derivatives_are_spelled_out():
    values = Coefficients(catalogue["fm-ot"], spread=-(t**2))
    assert values(lam(t).diff(t), {t: HALF}) == -8.0
    assert values(b(s) - b(t), {s: QUARTER, t: HALF}) == 0.1875
    assert values(b(t).diff(t), {t: HALF}) == -1.0
    assert values(sigma(t) - sigma(t), {t: HALF}) == 0.0
    assert values(exp(lam(t)) - alpha(t) ** 2 / sigma(t) ** 2, {t: Fraction(1, 3)}) == 0.0


@pytest.mark.parametrize("name", catalogue.names())
def test_time_of_a_log_snr(name):
    values = Coefficients(catalogue[name])
    low, high = values.domain
    when = values.time_at(0.0)
    step = (high - low) / 2**20
    assert values.log_snr(when) <= 0 < values.log_snr(when - step)


def test_what_is_undefined_is_refused():
    values = Coefficients(catalogue["fm-ot"])
    for formula in (sqrt(alpha(t) - 1), log(-sigma(t)), 1 / (sigma(t) - t)):
        with pytest.raises(UndefinedCoefficientError):
            values(formula, {t: HALF})


def test_irrational_ends_are_rounded_inward():
    values = Coefficients(Schedule("cos(t)", "sin(t)", domain=("0", "pi/2")))
    low, high = values.domain
    assert low == 0
    assert 0 < math.pi / 2 - float(high) < 1e-11
    assert isinstance(values.alpha(high), float)
    assert Symbol("t", real=True) == t
