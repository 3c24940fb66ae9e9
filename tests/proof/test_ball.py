from __future__ import annotations

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp
from sympy import (
    Abs,
    DiracDelta,
    Expr,
    Float,
    Function,
    Heaviside,
    I,
    Max,
    Min,
    Piecewise,
    Rational,
    Symbol,
    asin,
    cos,
    cosh,
    exp,
    log,
    nan,
    oo,
    pi,
    sign,
    sin,
    sqrt,
    tan,
    zoo,
)  # fmt: skip

from s2n_proofs.proof.ball import BallError, UndefinedValueError, enclose, working_precision

x = Symbol("x")


@pytest.mark.parametrize(
    "expr",
    [
        x**3 - x / 7, sqrt(x), x ** Rational(2, 3), x ** Rational(-3, 2), exp(-x) * log(x), cos(pi * x) / (1 + x), tan(x / 5),
        cosh(x), Abs(x - 3), Max(x, 2), Min(x, 2), Piecewise((x**2, x < 1), (x + 5, True)), x**x, asin(x / 10),
        (sin(x) + 2) ** pi,
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [Rational(1, 3), Rational(7, 2)])
def test_the_ball_holds_the_value_of_mpmath(expr: Expr, value: Rational) -> None:
    ball = enclose(expr, {x: arb(int(value.p)) / int(value.q)})
    with mp.workdps(40):
        reference = expr.subs(x, value).evalf(40)
        inside = arb(mp.nstr(mp.mpf(str(reference)), 38))
    assert ball.overlaps(inside + arb(0, 1e-30))
    assert ball.rad() < 1e-10


def test_a_ball_that_is_moved_no_longer_holds_the_value() -> None:
    assert not (enclose(sqrt(x), {x: arb(2)}) + arb("1e-10")).overlaps(arb(2).sqrt())


@pytest.mark.parametrize("expr", [sqrt(x), log(x), x ** Rational(1, 3), x**pi, 0 * x + I, asin(2 - x), 1 / (x + 2)])
def test_what_has_no_real_value_is_undefined(expr: Expr) -> None:
    with pytest.raises(UndefinedValueError):
        enclose(expr, {x: arb(-2)})


@pytest.mark.parametrize(
    "expr", [sqrt(x), log(x), 1 / x, x ** Rational(-1, 2), asin(x), Piecewise((log(x), x < 0), (1, True))]
)
def test_a_wide_ball_decides_nothing(expr: Expr) -> None:
    value = enclose(expr, {x: arb(0, 2)})
    assert not value.is_finite() or value.rad() > 0.5


def test_a_root_of_a_wide_ball_covers_the_part_where_it_is_defined() -> None:
    value = enclose(sqrt(x), {x: arb(0, 4)})
    assert value.contains(0)
    assert value.contains(2)


@pytest.mark.parametrize("expr", [Float("0.5") + x, Function("F")(x), Symbol("y")])
def test_what_is_not_exact_or_not_known_is_refused(expr: Expr) -> None:
    with pytest.raises(BallError):
        enclose(expr, {x: arb(1)})


def test_precision_is_put_back() -> None:
    import flint

    before = flint.ctx.prec
    with working_precision(300):
        assert flint.ctx.prec == 300
    assert flint.ctx.prec == before


@given(
    st.fractions(min_value=-5, max_value=5, max_denominator=50),
    st.fractions(min_value=0, max_value=2, max_denominator=9),
)
def test_a_wide_ball_holds_the_values_at_its_points(middle: object, width: object) -> None:
    from fractions import Fraction

    assert isinstance(middle, Fraction)
    assert isinstance(width, Fraction)
    expr = x**3 - 2 * x + exp(x / 3) * cos(x)
    mid = arb(middle.numerator) / middle.denominator
    rad = arb(width.numerator) / width.denominator
    hull = enclose(expr, {x: (mid - rad).union(mid + rad)})
    assert hull.contains(enclose(expr, {x: mid}))


def test_what_sympy_makes_of_a_division_by_zero_is_undefined() -> None:
    for value in (zoo, nan, oo):
        with pytest.raises(UndefinedValueError):
            enclose(value, {})


def test_at_a_corner_or_a_joint_nothing_is_told() -> None:
    at_one = {x: arb(1)}
    for corner in (sign(x - 1), Heaviside(x - 1), DiracDelta(x - 1)):
        assert not enclose(corner, at_one).is_finite()
    jump, smooth = (Piecewise((left, x < 1), (right, True)) for left, right in ((1, 2), (x, x**2)))
    assert enclose(jump, at_one).contains(1)
    assert enclose(jump, at_one).contains(2)
    assert enclose(smooth, at_one) == 1
    assert enclose(jump, {x: arb(2)}) == 2
