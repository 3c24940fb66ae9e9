"""Constants are rounded once."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp
from sympy import Integer, Pow, Rational, exp, log, oo, pi, sin, sqrt, zoo

from s2n_proofs.lower.printers.constants import nearest, rounded
from s2n_proofs.lower.printers.errors import PrinterError


def test_nearest_float64_is_pythons_own() -> None:
    draw = random.Random(1)
    for _ in range(2000):
        p, q = draw.getrandbits(draw.randrange(1, 200)), 1 + draw.getrandbits(draw.randrange(1, 200))
        assert nearest(Fraction(-p, q)) == -p / q


def test_nearest_float32_is_numpys_where_numpy_rounds_once() -> None:
    draw = random.Random(2)
    for _ in range(2000):
        value = math.ldexp(
            draw.random(), draw.randrange(-160, 120)
        )  # exact as float64, also where float32 is subnormal
        assert nearest(Fraction(value), 24) == float(np.float32(value))


@pytest.mark.parametrize("bits", [24, 53])
def test_ties_go_to_even_and_the_ends_of_the_range_are_known(bits: int) -> None:
    unit = Fraction(1, 2 ** (bits - 1))
    assert nearest(1 + unit / 2, bits) == 1
    assert nearest(1 + 3 * unit / 2, bits) == 1 + 2 * unit
    type_ = {24: np.finfo(np.float32), 53: np.finfo(np.float64)}[bits]
    largest = Fraction(float(type_.max))
    assert nearest(largest + Fraction(2) ** (largest.numerator.bit_length() - bits - 2), bits) == float(type_.max)
    with pytest.raises(OverflowError):
        nearest(largest * (1 + unit), bits)
    smallest = Fraction(float(type_.smallest_subnormal))
    assert nearest(smallest / 2, bits) == 0
    assert nearest(smallest * Fraction(3, 5), bits) == float(smallest)


@pytest.mark.parametrize(
    "expr",
    [
        pi, exp(1), sqrt(2), -sqrt(2) / 3, log(5000), exp(-300), sin(10**22), pi**-40, exp(Rational(1, 3)) - log(7),
        exp(-100) * 10**30,
    ],
    ids=str,
)  # fmt: skip
def test_irrational_constants_are_those_of_60_digits_rounded(expr) -> None:
    digits = expr.evalf(60)
    with mp.workdps(60):
        exact = Fraction(str(digits)) if "e" not in str(digits) else Fraction(str(digits).replace("e", "E"))
    for bits in (24, 53):
        assert rounded(expr, bits) == nearest(exact, bits)


def test_a_hidden_tie_and_a_hidden_zero_are_rounded_too() -> None:
    two = Pow(sqrt(2), 2, evaluate=False)
    assert rounded(two) == 2.0
    tie = two - 1 + Rational(1, 2**53)
    assert rounded(tie) in (1.0, 1 + 2.0**-52)
    assert rounded(sqrt(2) * sqrt(3, evaluate=False) - sqrt(6)) == 0.0


@pytest.mark.parametrize(
    ("expr", "bits", "why"),
    [
        (Integer(10) ** 400, 53, "beyond the range"),
        (Integer(10) ** 39, 24, "beyond the range"),
        (exp(1000), 53, "beyond the range"),
        (log(-1, evaluate=False), 53, "no finite real value"),
        (zoo, 53, "not a finite real number"),
        (oo - pi * 0, 53, "not a finite real number"),
        (Rational(1, 3).evalf(), 53, "not exact"),
    ],
)
def test_what_has_no_value_is_refused(expr, bits: int, why: str) -> None:
    with pytest.raises(PrinterError, match=why):
        rounded(expr, bits)
