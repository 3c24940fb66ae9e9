"""Sums as products: equal, and found where they are cheap."""

from __future__ import annotations

import pytest
from sympy import Expr, Integer, Max, Piecewise, Rational, cos, exp, expand, log, pi, simplify, sin, sqrt

from s2n_proofs.lower.factors import factored
from s2n_proofs.symbols import t

L = log(1 + t / 2)
DOUBLE_ROOTS = [
    1 - 3 * t**2 + 2 * t**3,
    1 - 3 * (L / log(Rational(3, 2))) ** 2 + 2 * (L / log(Rational(3, 2))) ** 3,
    cos(pi * t / 2) * (Rational(5, 3) - 2 * sin(t) / 3) - cos(pi * t / 2) * (2 * sin(t) / 3 + Rational(1, 3)),
]


@pytest.mark.parametrize("expr", DOUBLE_ROOTS, ids=str)
def test_a_sum_becomes_a_product_of_the_same_value(expr: Expr) -> None:
    found = factored(expr)
    assert not found.is_Add
    assert simplify(expand(found - expr)) == 0


def test_branches_are_written_as_products_one_by_one() -> None:
    found = factored(Piecewise((1 - 2 * t + t**2, t < Rational(1, 2)), (t**2 - 1, True)))
    assert [pair.expr for pair in found.args] == [(t - 1) ** 2, (t - 1) * (t + 1)]


@pytest.mark.parametrize(
    "expr", [t, Integer(2), exp(-t), Max(t, 1), sqrt(t), sum(sin(k * t) ** k for k in range(1, 7))], ids=str
)
def test_what_is_no_small_polynomial_is_left_alone(expr: Expr) -> None:
    assert factored(expr) == expr
