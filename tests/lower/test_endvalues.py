"""Limits at the ends of the domain, and code that misses them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Integer, cos, exp, pi, sin, sqrt

from s2n_proofs import Schedule
from s2n_proofs.lower.endvalues import EndValues
from s2n_proofs.lower.reference import Reference
from s2n_proofs.lower.search import Search
from s2n_proofs.symbols import t

UNIT = (Integer(0), Integer(1))
COSINE = Reference(cos(pi * t / 2), sin(pi * t / 2))


@pytest.mark.parametrize(
    ("reference", "quantity", "limits"),
    [
        (COSINE, "log_snr", (math.inf, -math.inf)),
        (COSINE, "f", (0.0, -math.inf)),
        (COSINE, "g_squared", (0.0, math.inf)),
        (Reference(exp(-t), sqrt(1 - exp(-2 * t))), "g_squared", (2.0, 2.0)),
        (Reference(1 - t, t), "alpha", (1.0, 0.0)),
    ],
)
def test_limits(reference: Reference, quantity: str, limits: tuple[float, ...]) -> None:
    found = EndValues(reference, quantity, UNIT, "float64")
    assert found.times.tolist() == [0.0, 1.0]
    assert found.limits == pytest.approx(limits, abs=1e-50)


def test_an_end_that_is_no_float_has_no_value_in_floats() -> None:
    third = (Integer(1) / 3, Integer(1))
    assert EndValues(COSINE, "alpha", third, "float64").times.tolist() == [1.0]


def test_finite_numbers_in_place_of_infinity_are_noticed() -> None:
    ends = EndValues(COSINE, "log_snr", UNIT, "float64")
    assert ends.kept(np.array([np.inf, -np.inf]))
    for wrong in ([np.inf, -74.66], [np.inf, np.inf], [np.nan, -np.inf], [1e300, -np.inf]):
        assert not ends.kept(np.array(wrong))
    slope = EndValues(COSINE, "f", UNIT, "float64")
    assert not slope.kept(np.array([0.0, -2.5e16]))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_search_prefers_code_that_has_the_limits(dtype: str) -> None:
    search = Search(Schedule("cos(pi*t/2)", "sin(pi*t/2)"), dtype)
    for quantity in ("f", "g_squared", "log_snr"):
        choice = search.choose(quantity)
        ends = EndValues(search.reference, quantity, UNIT, dtype)
        assert ends.kept(search._at(ends.times, quantity, choice.chosen, choice.nodes))
