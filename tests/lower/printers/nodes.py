"""Every node that the printers know, with its value typed by hand in mpmath: an oracle that shares no code with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from mpmath import mp, mpf
from sympy import Add, Eq, Expr, Integer, Max, Min, Mul, Ne, Piecewise, Pow, Rational, Symbol, pi, sqrt
from sympy.codegen.cfunctions import expm1, hypot, log1p

X = Symbol("x", real=True)
Y = Symbol("y", real=True)
P = Symbol("p", positive=True)  # for roots that are printed otherwise where the base is known to be positive


@dataclass(frozen=True)
class Case:
    """An expression in X, Y, P; its value; points (x, y, p) that float32 holds exactly."""

    name: str
    expr: Expr
    value: Callable[[Any, Any, Any], Any]
    points: tuple[tuple[Fraction, Fraction, Fraction], ...]


def _points(*texts: str) -> tuple[tuple[Fraction, Fraction, Fraction], ...]:
    return tuple(tuple(map(Fraction, text.split())) for text in texts)


INSIDE = _points("1/4 1/2 5/8", "3/8 -1/4 3/4", "5/8 3/4 2", "7/8 1/8 1/64")
BEYOND = _points("3/2 1/2 5/8", "3 -1/4 3", "5/4 2 9")
SIGNED = _points("-3/4 1/2 1", "0 1/4 2", "7/8 -3/2 4", "1/2 1/2 1", "-3/2 -3/2 1")


def _case(name: str, expr: Expr, value: Callable[[Any, Any, Any], Any], points=INSIDE) -> Case:
    return Case(name, expr, value, points)


def _third() -> Any:
    return mpf(1) / 3


UNARY = [
    _case(name, function(X), lambda x, y, p, f=oracle: f(x), points)
    for name, function, oracle, points in [
        ("exp", sp.exp, mp.exp, INSIDE), ("log", sp.log, mp.log, INSIDE), ("sqrt", sqrt, mp.sqrt, INSIDE),
        ("sin", sp.sin, mp.sin, INSIDE), ("cos", sp.cos, mp.cos, INSIDE), ("tan", sp.tan, mp.tan, INSIDE),
        ("cot", sp.cot, mp.cot, INSIDE), ("sec", sp.sec, mp.sec, INSIDE), ("csc", sp.csc, mp.csc, INSIDE),
        ("sinh", sp.sinh, mp.sinh, INSIDE), ("cosh", sp.cosh, mp.cosh, INSIDE), ("tanh", sp.tanh, mp.tanh, INSIDE),
        ("coth", sp.coth, mp.coth, INSIDE), ("sech", sp.sech, mp.sech, INSIDE), ("csch", sp.csch, mp.csch, INSIDE),
        ("asin", sp.asin, mp.asin, INSIDE), ("acos", sp.acos, mp.acos, INSIDE), ("atan", sp.atan, mp.atan, INSIDE),
        ("asinh", sp.asinh, mp.asinh, INSIDE), ("acosh", sp.acosh, mp.acosh, BEYOND), ("atanh", sp.atanh, mp.atanh, INSIDE),
        ("expm1", expm1, mp.expm1, SIGNED), ("log1p", log1p, mp.log1p, INSIDE),
        ("abs", sp.Abs, abs, SIGNED), ("sign", sp.sign, mp.sign, SIGNED),
    ]
]  # fmt: skip

POWERS = [
    _case("square", X**2, lambda x, y, p: x**2, SIGNED),
    _case("cube", X**3, lambda x, y, p: x**3, SIGNED),
    _case("seventh", X**7, lambda x, y, p: x**7, SIGNED),
    _case("negative square", -(X**2), lambda x, y, p: -(x**2), SIGNED),
    _case("reciprocal", 1 / X, lambda x, y, p: 1 / x),
    _case("reciprocal square", X**-2, lambda x, y, p: 1 / x**2),
    _case("reciprocal root", 1 / sqrt(P), lambda x, y, p: 1 / mp.sqrt(p)),
    _case("three halves", P ** Rational(3, 2), lambda x, y, p: p * mp.sqrt(p)),
    _case("minus five halves", P ** Rational(-5, 2), lambda x, y, p: 1 / (p**2 * mp.sqrt(p))),
    _case("cube root", P ** Rational(1, 3), lambda x, y, p: mp.cbrt(p)),
    _case("cube root of any sign", (X + 2) ** Rational(1, 3), lambda x, y, p: mp.cbrt(x + 2)),
    _case("two fifths", P ** Rational(2, 5), lambda x, y, p: p ** (mpf(2) / 5)),
    _case("variable exponent", P**X, lambda x, y, p: mp.exp(x * mp.log(p))),
    _case("constant base", 5000**X, lambda x, y, p: mp.exp(x * mp.log(5000))),
    _case("power of E", Pow(sp.E, -X, evaluate=False), lambda x, y, p: mp.exp(-x)),
    _case("irrational exponent", P ** (-1 / pi), lambda x, y, p: mp.exp(-mp.log(p) / mp.pi)),
    _case("power of a sum", (X + Y**2) ** 3, lambda x, y, p: (x + y * y) ** 3),
    _case("power of a quotient", Pow(X / P, 3, evaluate=False), lambda x, y, p: (x / p) ** 3),
    _case("power of a negative", Pow(-X - 1, 2, evaluate=False), lambda x, y, p: (x + 1) ** 2),
]

ALGEBRA = [
    _case("rational", Rational(1, 10) * X, lambda x, y, p: x / 10),
    _case("rational quotient", X / 7, lambda x, y, p: x / 7),
    _case("negative rational", -Rational(3, 7) * X, lambda x, y, p: -3 * x / 7),
    _case("pi", pi * X / 2, lambda x, y, p: mp.pi * x / 2),
    _case("e", sp.E + X, lambda x, y, p: mp.e + x),
    _case("constant tree", X * sqrt(2) / (sp.log(7) - pi**2), lambda x, y, p: x * mp.sqrt(2) / (mp.log(7) - mp.pi**2)),
    _case("negative constant", X * sp.log(Rational(1, 3)) + 4, lambda x, y, p: x * mp.log(_third()) + 4),
    _case("constant alone", sqrt(2) - 3, lambda x, y, p: mp.sqrt(2) - 3),
    _case("integer alone", Integer(-2), lambda x, y, p: mpf(-2)),
    _case("symbol alone", Y, lambda x, y, p: y),
    _case("difference", 1 - X, lambda x, y, p: 1 - x),
    _case("negated sum", -(X + P), lambda x, y, p: -(x + p)),
    _case("product kept", Mul(2, Add(3, -X), evaluate=False), lambda x, y, p: 2 * (3 - x)),
    _case("minus a product kept", Add(9, Mul(-1, Add(X, P), evaluate=False), evaluate=False), lambda x, y, p: 9 - (x + p)),
    _case("sum in a sum", Add(X, Mul(-1, Add(3, P), evaluate=False), -Y, evaluate=False), lambda x, y, p: x - (3 + p) - y),
    _case("product in a product", Mul(X, Mul(P, Y, evaluate=False), evaluate=False), lambda x, y, p: x * (p * y)),
    _case("quotient", X * Y / (P * (1 + X)), lambda x, y, p: x * y / (p * (1 + x))),
    _case("quotient of quotients", Mul(X / P, 1 / (Y / (P + 1)), evaluate=False), lambda x, y, p: x / p / (y / (p + 1))),
    _case("constant over", 3 / (P + 2), lambda x, y, p: 3 / (p + 2)),
    _case("third over", 1 / (3 * P), lambda x, y, p: 1 / (3 * p)),
    _case("negative over", -1 / P, lambda x, y, p: -1 / p),
    _case("shared", sp.exp(-X) / (1 + sp.exp(-X)) + sp.exp(-X) ** 2, lambda x, y, p: 1 / (mp.exp(x) + 1) + mp.exp(-2 * x)),
    _case("hypot", hypot(X, Y), lambda x, y, p: mp.sqrt(x * x + y * y)),
    _case("hypot with a constant", hypot(X, Rational(1, 3)), lambda x, y, p: mp.sqrt(x * x + mpf(1) / 9)),
    _case("atan2", sp.atan2(Y, X), lambda x, y, p: mp.atan2(y, x)),
    _case("nested", sp.tanh(sp.sin(X) * sp.log(1 + P)), lambda x, y, p: mp.tanh(mp.sin(x) * mp.log(1 + p))),
]  # fmt: skip


def _ramp(x: Any) -> Any:
    return mpf(0) if x < 0 else x if x < mpf(3) / 4 else mpf(1)


BRANCHES = [
    _case("max", Max(X, Y), lambda x, y, p: max(x, y), SIGNED),
    _case("min", Min(X, Y), lambda x, y, p: min(x, y), SIGNED),
    _case("max with a constant", Max(X, Rational(1, 3)), lambda x, y, p: max(x, _third()), SIGNED),
    _case("min of three", Min(X, Rational(1, 3), Y), lambda x, y, p: min(x, _third(), y), SIGNED),
    _case("max of roots", Max(sqrt(P), X), lambda x, y, p: max(mp.sqrt(p), x), SIGNED),
    _case("max of three roots", Max(sqrt(P), X, 1 / P), lambda x, y, p: max(mp.sqrt(p), x, 1 / p), SIGNED),
    _case("heaviside", sp.Heaviside(X) * P, lambda x, y, p: p * (1 if x > 0 else 0), INSIDE + SIGNED[:1]),
    _case("dirac", sp.DiracDelta(X) + P, lambda x, y, p: p),
    _case("ramp", Piecewise((0, X < 0), (X, X < Rational(3, 4)), (1, True)), lambda x, y, p: _ramp(x), SIGNED),
    _case("two constants", Piecewise((2, X > 0), (Rational(1, 3), True)), lambda x, y, p: mpf(2) if x > 0 else _third(), SIGNED),
    _case(
        "undefined where not taken",
        Piecewise((sqrt(X), X > 0), (sp.log(1 - X), True)),
        lambda x, y, p: mp.sqrt(x) if x > 0 else mp.log(1 - x),
        SIGNED[:1] + SIGNED[2:],
    ),
    _case(
        "shared in branches",
        Piecewise((1 / X + 1 / X**2 + sqrt(X), X > 0), (sqrt(1 - X) + 1 / sqrt(1 - X), True)) + sqrt(1 + X**2),
        lambda x, y, p: (1 / x + 1 / x**2 + mp.sqrt(x) if x > 0 else mp.sqrt(1 - x) + 1 / mp.sqrt(1 - x)) + mp.hypot(1, x),
        SIGNED,
    ),
    _case(
        "branch in a branch",
        Piecewise((Piecewise((sp.log(X), X > Rational(1, 2)), (sqrt(X), True)) + 3, X > 0), (X - 3, True)),
        lambda x, y, p: (mp.log(x) if x > 0.5 else mp.sqrt(x)) + 3 if x > 0 else x - 3,
        SIGNED,
    ),
    _case("and", Piecewise((X, (X > 0) & (Y > 0)), (P, True)), lambda x, y, p: x if x > 0 and y > 0 else p, SIGNED),
    _case("or", Piecewise((X, (X > 1) | (Y >= Rational(1, 2))), (P, True)), lambda x, y, p: x if x > 1 or y >= 0.5 else p, SIGNED),
    _case("not", Piecewise((X, sp.Not((X > 0) & (Y > 0))), (P, True)), lambda x, y, p: p if x > 0 and y > 0 else x, SIGNED),
    _case("equal", Piecewise((P, Eq(X, Y)), (X - Y, True)), lambda x, y, p: p if x == y else x - y, SIGNED),
    _case("unequal", Piecewise((P, Ne(X, Y)), (3, True)), lambda x, y, p: p if x != y else mpf(3), SIGNED),
]  # fmt: skip

CASES = [*UNARY, *POWERS, *ALGEBRA, *BRANCHES]
