"""Exact values where every value on the way is rational; elsewhere a refusal, never a guess."""

import pytest
from flint import fmpq
from sympy import Abs, Max, Min, Rational, Symbol, cos, exp, log, pi, sin, sqrt
from sympy.codegen.cfunctions import expm1, log1p

from numerics.planning.rationals import InexactError, rational_value
from s2n_proofs.symbols import t

p = Symbol("p")


@pytest.mark.parametrize(
    ("expr", "point", "value"),
    [
        (sqrt(1 - t**2) / (1 + t), fmpq(3, 5), fmpq(1, 2)),
        (t**-2 - t / 3, fmpq(3, 5), fmpq(25, 9) - fmpq(1, 5)),
        (t ** Rational(-3, 2), fmpq(4, 9), fmpq(27, 8)),
        (exp(t) + expm1(t) + log(1 + t) + cos(t) - sin(t) + log1p(t), fmpq(0), fmpq(2)),
        (Max(t, Rational(1, 2)) + Min(t, 0) + Abs(t), fmpq(-1, 3), fmpq(1, 2)),
    ],
)
def test_values(expr, point, value):
    assert rational_value(expr, {t: point}) == value


def test_a_variable_as_exponent():
    assert rational_value(t**p, {t: fmpq(4, 9), p: fmpq(-3, 2)}) == fmpq(27, 8)
    assert rational_value(t**p, {t: fmpq(0), p: fmpq(0)}) == 1


@pytest.mark.parametrize(
    ("expr", "point"),
    [
        (sqrt(t), fmpq(1, 2)), (sqrt(t), fmpq(-4)), (1 / t, fmpq(0)), (exp(t), fmpq(1)), (pi * t, fmpq(0)),
        (t ** Rational(1, 3), fmpq(-8)), (t**1000, fmpq(2)), (sqrt(2) * t, fmpq(1)), (sin(t), fmpq(1)),
    ],
)  # fmt: skip
def test_refusals(expr, point):
    with pytest.raises(InexactError):
        rational_value(expr, {t: point})
