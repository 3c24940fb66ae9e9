"""The rounding of balls: the vectorised decision agrees with integers, and says so only where it is sure."""

from fractions import Fraction
from math import copysign, isnan, nextafter

import numpy as np
import pytest
import torch
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.planning.rounding import FORMATS, boundaries, round_ball, round_fraction, round_many
from s2n_proofs.proof.ball import working_precision
from tests.numerics.oracle import nearest

DTYPES = {"float16": torch.float16, "float32": torch.float32, "float64": torch.float64}


def ball(value, radius=0.0):
    return arb(fmpq(value.numerator, value.denominator)) + arb(0, radius)


@st.composite
def near_numbers(draw, form):
    """A float of the format, or the tie above it, moved by a tiny amount or none."""
    exponent = draw(st.integers(form.least - form.digits, form.greatest))
    mantissa = draw(st.integers(2 ** (form.digits - 1), 2**form.digits - 1))
    half = draw(st.integers(0, 2))
    shift = draw(st.sampled_from([0, 1, -1])) * Fraction(1, 2 ** draw(st.integers(1, 90)))
    sign = draw(st.sampled_from([1, -1]))
    return sign * (mantissa + Fraction(half, 2) + shift) * Fraction(2) ** (exponent - form.digits + 1)


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_fractions_round_as_by_comparing_distances(name, data):
    value = data.draw(near_numbers(FORMATS[name]))
    assert round_fraction(value, FORMATS[name]) == nearest(value, DTYPES[name])


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_what_is_decided_is_right(name, data):
    form = FORMATS[name]
    values = [data.draw(near_numbers(form)) for _ in range(8)]
    with working_precision(128):
        rounded, decided = round_many([ball(value) for value in values], form)
    wanted = [round_fraction(value, form) for value in values]
    assert [r for r, d in zip(rounded, decided, strict=True) if d] == [
        w for w, d in zip(wanted, decided, strict=True) if d
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_ordinary_values_are_decided_at_once(name):
    generator = np.random.default_rng(7)
    with working_precision(128):
        balls = [arb(float(x)) / 3 for x in generator.uniform(-4, 4, 1000)]
        assert round_many(balls, FORMATS[name])[1].all()


@pytest.mark.parametrize("name", FORMATS)
def test_ties_and_wide_balls_are_not_decided(name):
    form = FORMATS[name]
    tie = 1 + Fraction(1, 2**form.digits)
    with working_precision(128):
        undecided = [ball(tie, 2.0**-120), ball(Fraction(1), 2.0**-4), arb("nan"), arb("inf"), arb(0, 1)]
        assert not round_many([ball(tie), *undecided], form)[1].any()
        assert round_ball(ball(tie), form) == 1.0  # in integers an exact tie is no matter
        assert all(isnan(round_ball(b, form)) for b in undecided)
        assert boundaries(undecided[0], form) == (tie,)
        assert boundaries(undecided[1], form) == ()  # more than one
        assert boundaries(arb(0, 2.0**-100), form) == (0,)


@pytest.mark.parametrize("name", FORMATS)
def test_zero_has_no_sign_and_underflow_keeps_it(name):
    form = FORMATS[name]
    with working_precision(128):
        zero, decided = round_many([arb(0)], form)
        assert decided.all()
        assert copysign(1, zero[0]) == 1
        assert copysign(1, round_ball(-(arb(2) ** -5000), form)) == -1
        assert round_ball(-(arb(2) ** -(10**9)), form) == 0
        assert round_ball(arb(2) ** (10**9), form) == float("inf")


def test_float64_neighbours_are_told_apart():
    form = FORMATS["float64"]
    for value in (1.25, 1.5, nextafter(2.0, 0), 2.0**-800 * 3):
        up = nextafter(value, 9.0)
        half = (Fraction(up) - Fraction(value)) / 2
        for shift, want in ((Fraction(99, 100), value), (Fraction(101, 100), up)):
            with working_precision(128):
                rounded, decided = round_many([ball(Fraction(value) + half * shift)], form)
            assert (rounded[0], bool(decided[0])) == (want, True)
