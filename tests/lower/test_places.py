"""Values and differences: the same function, and without the cancellation of the plain form."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import (
    Abs,
    Expr,
    Integer,
    Max,
    Min,
    Piecewise,
    Rational,
    acos,
    asin,
    atan,
    cos,
    cosh,
    exp,
    log,
    nan,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

from s2n_proofs.lower.confirm import MismatchError, confirm
from s2n_proofs.lower.graph import Builder, LoweringError
from s2n_proofs.lower.places import Places
from s2n_proofs.lower.points import pairs
from s2n_proofs.lower.reference import Reference, errors
from s2n_proofs.lower.search import evaluate
from s2n_proofs.symbols import s, t

UNIT = (Integer(0), Integer(1))
FUNCTIONS = [
    t**3 + t / 10, exp(-(t**2) - t / 10), 1 - exp(-t), sqrt(1 - exp(-t)), log(1 + t), t ** Rational(3, 2) + 1, t ** Rational(1, 3),
    (1 + t) ** pi, sin(pi * t / 2), cos(pi * t / 2), tan(pi * t / 2), sinh(t), cosh(t), tanh(t), atan(t), asin(t), acos(t), 1 / (1 + t**3),
    2 ** (3 * t), (1 - t) * exp(t), sin(pi * t), Max(t, Rational(1, 3)), Min(2 * t, 1 - t / 4), Abs(t - Rational(2, 5)) + t * 3,
    Piecewise((t, t < Rational(1, 4)), (2 * t - Rational(1, 4), t < Rational(3, 4)), (3 * t - 1, True)),
    Max(Rational(1, 10), Min(t, Rational(9, 10))), 1 - Rational(99, 100) * cos(t),
    (1 - cos(pi * t / 2)) ** 2 * (2 * cos(pi * t / 2) + 1), 2 ** (sin(pi * (t / 4 + Rational(1, 4))) ** 2 * 3) + t,
    t**2 * (3 - 2 * t), 1 + 3 * sin(pi * t / 2) ** 2 - 2 * sin(pi * t / 2) ** 3, Min(Rational(9, 10), t) ** Rational(2, 3),
    t / 10 + t ** Rational(2, 3), (1 - t) / 10 + (1 - t) ** Rational(2, 3),
]  # fmt: skip


@pytest.mark.parametrize("expr", FUNCTIONS, ids=str)
def test_value_and_difference_are_those_of_the_function(expr: Expr) -> None:
    places = Places(Builder(), UNIT)
    assert confirm(places.value(expr, t), expr, UNIT, seed=1) > 0
    assert confirm(places.gap(expr, s, t), expr - expr.subs(t, s), UNIT, seed=2) > 0


# Not sin(pi t) and (1 - t) exp(t), whose slope vanishes at a time: there a difference has fewer digits.
@pytest.mark.parametrize("expr", [f for f in FUNCTIONS if f not in (sin(pi * t), (1 - t) * exp(t))], ids=str)
def test_the_difference_keeps_its_digits_however_close_the_times(expr: Expr) -> None:
    places = Places(Builder(), UNIT)
    points = pairs(UNIT, 150, 5, "float64", -12.0)
    true = Reference(Integer(1), t).values(expr - expr.subs(t, s), {s: points.s, t: points.t})
    found = evaluate((s, t), {"gap": places.gap(expr, s, t)}, [points.s, points.t], "twofold")
    # Each function is wrong by 4 eps at most, and at most eight of them follow each other.
    assert errors(found["gap"], true).max() < 32 * np.finfo(float).eps


@pytest.mark.parametrize("expr", [f for f in FUNCTIONS if not f.has(Max, Min, Abs, Piecewise)], ids=str)
def test_the_plain_difference_loses_its_digits_at_the_same_points(expr: Expr) -> None:
    places = Places(Builder(), UNIT, anchor=False)
    points = pairs(UNIT, 150, 5, "float64", -12.0)
    true = Reference(Integer(1), t).values(expr - expr.subs(t, s), {s: points.s, t: points.t})
    plain = places.build.sub(places.value(expr, t), places.value(expr, s))
    found = evaluate((s, t), {"plain": plain}, [points.s, points.t], "float64")
    assert errors(found["plain"], true).max() > 1e3 * np.finfo(float).eps


def test_the_sine_between_two_zeros_is_taken_from_the_nearer_one() -> None:
    places = Places(Builder(), UNIT)
    times = np.array([1e-9, 0.3, 1 - 2.0**-40])
    found = evaluate((t,), {"value": places.value(sin(pi * t), t)}, [times], "twofold")["value"]
    true = Reference(Integer(1), t).values(sin(pi * t), {t: times})
    assert errors(found, true).max() < 4 * np.finfo(float).eps


def test_times_in_different_pieces_are_not_taken_for_one_piece() -> None:
    first, second, third = Rational(1, 4), Rational(3, 4), Integer(1)
    expr = Piecewise((t**2, t < first), (t, t < second), (t**3, t < third), (Integer(5), True))
    places = Places(Builder(), UNIT)
    points = np.array([0.1, 0.1, 0.5, 0.1]), np.array([0.2, 0.5, 0.9, 0.9])
    found = evaluate((s, t), {"gap": places.gap(expr, s, t)}, list(points), "float64")["gap"]
    value = np.array([[float(expr.subs(t, x)) for x in side] for side in points])
    np.testing.assert_allclose(found, value[1] - value[0], rtol=1e-12)


def test_a_wrong_graph_is_found() -> None:
    places = Places(Builder(), UNIT)
    with pytest.raises(MismatchError):
        confirm(places.gap(exp(-t), s, t), exp(-t) - exp(-2 * s), UNIT)


def test_a_function_without_code_is_refused() -> None:
    from sympy import gamma as gamma_function

    with pytest.raises(LoweringError):
        Places(Builder(), UNIT).value(gamma_function(t + 1), t)


def test_a_complex_number_is_no_constant_of_a_graph() -> None:
    # The value of a branch at an end where it is not taken; SymPy writes it without an i.
    assert Builder().const(Integer(-7) ** Rational(2, 3)).value is nan
    assert Builder().const(1 + Integer(7) ** Rational(2, 3)).value is not nan
