"""p-values against rigorous incomplete gamma functions, Holm's own example, power by counting."""

from __future__ import annotations

import math
from random import Random
from statistics import NormalDist

import pytest
from flint import arb

from numerics.montecarlo.significance import chi_square_p, critical_z, holm, normal_p, power, uniformity_p
from s2n_proofs.proof.ball import working_precision


@pytest.mark.parametrize("freedom", [10, 1000, 2**21])
@pytest.mark.parametrize("distance", [-5.0, -1.0, 0.3, 5.0])
def test_chi_square_tails_are_those_of_the_incomplete_gamma_function(freedom, distance):
    total = freedom + distance * math.sqrt(2 * freedom)
    if total <= 0:
        assert chi_square_p(0.0, freedom) == 0
        return
    with working_precision(400):
        upper = arb(total / 2).gamma_upper(arb(freedom) / 2, regularized=1)
        smaller = float(upper if upper < 0.5 else 1 - upper)
    # Torch's incomplete gamma function keeps five digits in the far tail of 2**21 degrees; a p-value needs one.
    assert math.isclose(chi_square_p(total, freedom), 2 * smaller, rel_tol=1e-4)


def test_chi_square_tends_to_the_normal_law():
    n = 10**8
    assert math.isclose(chi_square_p(n + 2 * math.sqrt(2 * n), n), normal_p(2.0), rel_tol=1e-3)


def test_holm_on_a_worked_example():
    # Four tests at 0.05: 0.005 and 0.01 are rejected, 0.03 and 0.04 are not (Holm 1979, step-down with 4, 3, 2, 1).
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_keeps_the_family_wise_rate():
    """2000 families of 50 uniform p-values at 5 %: 100 false alarms expected, 6 standard deviations allowed."""
    random = Random(1)
    alarms = sum(min(holm([random.random() for _ in range(50)])) <= 0.05 for _ in range(2000))
    assert alarms <= 100 + 6 * math.sqrt(95)


def test_power_is_the_share_of_rejections():
    random, shift, tests, level = Random(2), 4.0, 10, 0.01
    cut = critical_z(tests, level)
    rejected = sum(abs(random.gauss(shift, 1.0)) > cut for _ in range(4000)) / 4000
    assert abs(rejected - power(shift, 1.0, tests, level)) < 6 * math.sqrt(0.25 / 4000)


def test_critical_z_of_one_test_is_the_usual_quantile():
    assert math.isclose(critical_z(1, 0.05), NormalDist().inv_cdf(0.975), rel_tol=1e-12)


def test_values_that_are_not_finite_are_rejected():
    assert normal_p(math.nan) == normal_p(math.inf) == chi_square_p(math.nan, 5) == 0


def test_power_of_an_exact_comparison_is_certain():
    assert power(1.0, 0.0, 10) == 1
    assert power(0.0, 0.0, 10) == 0


def test_uniformity_has_its_tabulated_quantile():
    """5 % point of Kolmogorov's statistic for 20 numbers: 0.29408 (Massey 1951)."""
    shifted = [max(0.0, (i + 1) / 20 - 0.29408) for i in range(20)]
    assert math.isclose(uniformity_p(shifted), 0.05, rel_tol=0.1)


def test_uniformity_rejects_what_is_not_uniform_and_keeps_what_is():
    random = Random(3)
    uniform = [random.random() for _ in range(200)]
    assert uniformity_p(uniform) > 0.01
    assert uniformity_p([p**1.7 for p in uniform]) < 1e-4
    assert uniformity_p([(i + 0.5) / 200 for i in range(200)]) == 1.0
