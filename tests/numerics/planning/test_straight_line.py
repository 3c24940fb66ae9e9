"""Straight-line code encloses what the ball evaluator encloses, at any precision."""

import pytest
from flint import arb, fmpq
from sympy import Float, Max, Min, Piecewise, Rational, Symbol, cos, exp, log, pi, sqrt, tan

from numerics.planning.straight_line import compile_expressions
from s2n_proofs import catalogue
from s2n_proofs.proof.ball import BallError, enclose, working_precision
from s2n_proofs.symbols import t

EXPRESSIONS = [
    1 - t, -t, t**2 - t / 3, 1 / (1 + t**3), t ** Rational(3, 2) + Rational(1, 20), t ** Rational(-2, 3), (1 + t) ** pi,
    exp(-t) * cos(pi * t / 2), sqrt(1 - exp(-t)), log(t) - tan(t), Max(t, Rational(1, 2)) + Min(t, 1 - t), abs(t - 1),
    -sqrt(2) * t, (t - 1) ** 7, t**-5, Rational(5) ** t,
]  # fmt: skip


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_code_and_evaluator_overlap_and_are_narrow(expr):
    program = compile_expressions((expr,), (t,))
    for bits in (64, 300):
        with working_precision(bits):
            point = arb(fmpq(2, 7))
            found, wanted = program.balls(point)[0], enclose(expr, {t: point})
        assert found.overlaps(wanted)
        assert found.rel_accuracy_bits() > bits - 16


@pytest.mark.parametrize("name", catalogue.names())
def test_schedules_of_the_catalogue(name):
    schedule = catalogue[name]
    program = compile_expressions((schedule.alpha, schedule.sigma), (t,))
    with working_precision(200):
        found = program.balls(arb(fmpq(2, 7)))
        wanted = [enclose(expr, {t: arb(fmpq(2, 7))}) for expr in (schedule.alpha, schedule.sigma)]
    assert all(a.overlaps(b) for a, b in zip(found, wanted, strict=True))


def test_a_power_by_a_variable():
    p = Symbol("p")
    program = compile_expressions((t**p,), (t, p))
    assert program.balls(arb(0), arb(0))[0] == 1
    assert program.balls(arb(9), arb(0.5))[0].contains(3)


@pytest.mark.parametrize(
    "expr", [t * Float("0.1"), t + Symbol("u"), Piecewise((t, t < 1), (1, True)), Symbol("t", positive=True)]
)
def test_what_cannot_be_printed_is_refused(expr):
    with pytest.raises(BallError):
        compile_expressions((expr,), (t,))
