"""Rational zeros of divisors: found where they are, inside the domain, with the times in order."""

from __future__ import annotations

import pytest
from sympy import Rational, cos

from s2n_proofs.ledger.instances import of_schedule
from s2n_proofs.named_schedules import catalogue
from s2n_proofs.proof.zeros import zeros
from s2n_proofs.symbols import alpha, lam, rho, s, sigma, t, tau

FM = of_schedule("fm-ot", catalogue["fm-ot"])
POINT = {s: Rational(1, 4), tau: Rational(3, 8), t: Rational(1, 2), rho: Rational(1, 2)}


@pytest.mark.parametrize(
    ("divisor", "variable", "value"),
    [
        (alpha(t) - 2 * sigma(t), t, Rational(1, 3)),
        (t - Rational(3, 7), t, Rational(3, 7)),
        (alpha(t) - 3 * sigma(s), t, Rational(2, 5)),  # s stays half way to t: 1 - t = 3 t/2
        (rho**3 - Rational(8, 27), rho, Rational(2, 3)),
        (sigma(t).diff(t) - rho, rho, 1),
    ],
)
def test_a_rational_zero_is_found(divisor, variable, value) -> None:
    found = list(zeros(divisor, POINT, FM))
    assert value in [point[variable] for point in found]
    assert all(0 < point[s] < point[tau] < point[t] < 1 for point in found)


@pytest.mark.parametrize("divisor", [alpha(t) + sigma(t), t - 2, t**2 - Rational(1, 2), cos(t) - t, lam(t), alpha(t)])
def test_where_there_is_none_inside_nothing_is_found(divisor) -> None:
    assert not list(zeros(divisor, POINT, FM))
