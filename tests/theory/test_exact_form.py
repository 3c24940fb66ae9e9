from __future__ import annotations

import pytest
from sympy import log, simplify

from s2n_proofs.symbols import alpha, sigma, tau
from s2n_proofs.theory.exact_form import NotExactError, antiderivative

a, c = alpha(tau), sigma(tau)


@pytest.mark.parametrize("potential", [a * c**2, c**2 / a**2, log(a) + c, a**3 - 1 / c, log(a) * 2 + a * c])
def test_the_potential_of_a_total_derivative_is_found(potential: object) -> None:
    found = antiderivative(potential.diff(tau), [a, c], tau)  # type: ignore[attr-defined]
    assert simplify((found - potential).diff(tau)) == 0


@pytest.mark.parametrize("integrand", [a * c.diff(tau), c, a.diff(tau) ** 2, a.diff(tau, 2)])
def test_what_is_not_a_total_derivative_is_refused(integrand: object) -> None:
    with pytest.raises(NotExactError):
        antiderivative(integrand, [a, c], tau)
