"""Twofold arithmetic: sums and products to twice the digits, errors of arguments passed on."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from s2n_proofs.lower.twofold import Twofold

TWO = Twofold(np)
EPS = np.finfo(float).eps


def _exactly(pair: tuple[float, float]) -> Fraction:
    return Fraction(float(pair[0])) + Fraction(float(pair[1]))


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("add", lambda a, b: a + b),
        ("sub", lambda a, b: a - b),
        ("mul", lambda a, b: a * b),
        ("div", lambda a, b: a / b),
    ],
)
def test_arithmetic_keeps_twice_the_digits(name: str, operation: object) -> None:
    rng = np.random.default_rng(0)
    for a, b in rng.uniform(0.1, 10, (200, 2)):
        found = getattr(TWO, name)((a, 0.0), (b, 0.0))
        true = operation(Fraction(a), Fraction(b))  # type: ignore[operator]
        # The relative error of one operation on pairs, for values that do not cancel: a few squares of eps.
        assert abs(_exactly(found) - true) <= 8 * Fraction(EPS) ** 2 * max(abs(true), Fraction(a), Fraction(b))


def test_the_root_keeps_twice_the_digits() -> None:
    root = _exactly(TWO.sqrt((np.float64(2), 0.0)))
    assert abs(root * root - 2) < 16 * Fraction(EPS) ** 2


@pytest.mark.parametrize(
    "name", ["exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan"]
)
def test_the_error_of_an_argument_is_passed_on(name: str) -> None:
    """f(a + e) - f(a) is the slope times e, to first order; plain arithmetic would lose e altogether."""
    import mpmath

    a, e = np.float64(0.4), 1e-18
    found = getattr(TWO, name)((a, e))
    with mpmath.workdps(40):
        function = getattr(mpmath, name)
        slope = mpmath.diff(function, mpmath.mpf(float(a)))
    assert found[1] == pytest.approx(float(slope) * e, rel=1e-10)


def test_phi_is_the_gap_at_zero_and_continuous_there() -> None:
    gap, ratio = (np.array([0.3]), np.zeros(1)), (np.exp(np.array([-0.3])), np.zeros(1))
    at_zero = TWO.phi((np.array([0.0]), 0.0), gap, ratio)[0]
    near = TWO.phi((np.array([1e-300]), 0.0), gap, ratio)[0]
    assert at_zero == gap[0]
    assert near == pytest.approx(0.3, rel=4 * EPS)
