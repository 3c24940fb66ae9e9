"""Corners of a schedule are found, and pairs of times lie astride."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Expr, Integer, Max, Min, Piecewise, Rational, exp

from s2n_proofs.lower.corners import across, corners
from s2n_proofs.symbols import t

UNIT = (Integer(0), Integer(1))


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (Max(t, Rational(1, 3)), [1 / 3]),
        (Min(Rational(9, 10), Max(Rational(1, 10), 2 * t - Rational(1, 2))), [0.3, 0.7]),
        (Piecewise((t, t < Rational(1, 4)), (2 * t, t < Rational(3, 4)), (3 * t, True)), [0.25, 0.75]),
        (exp(-t), []),
    ],
)
def test_the_times_at_which_branches_meet(expr: Expr, expected: list[float]) -> None:
    assert list(corners([expr], UNIT)) == pytest.approx(expected, rel=8 * np.finfo(float).eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pairs_lie_astride_and_close(dtype: str) -> None:
    found = across([0.25, 0.5], UNIT, dtype, -6.0, 0)
    assert found.s.dtype.name == dtype
    assert ((found.s > 0) & (found.s < found.t) & (found.t < 1)).all()
    for corner in (0.25, 0.5):
        assert ((found.s <= corner) & (found.t >= corner)).sum() >= 10
    assert (found.t - found.s).min() < 1e-3


def test_without_corners_there_are_no_pairs() -> None:
    assert across([], UNIT, "float64", -6.0, 0).s.size == 0
