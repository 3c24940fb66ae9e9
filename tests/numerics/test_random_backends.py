"""Every derived formula, on random schedules, in the code of every backend, against values by definition."""

from __future__ import annotations

import json
import math
import shutil
import subprocess

import pytest
import torch
from flint import arb
from mpmath import mp, mpf
from sympy import Rational

from numerics.generated import compile_torch
from s2n_proofs.formulas import derive
from s2n_proofs.lower.printers.compiled import compile_program, compile_source
from s2n_proofs.lower.printers.javascript_code import JavaScriptPrinter
from s2n_proofs.lower.printers.python_code import PythonPrinter
from s2n_proofs.lower.program import program
from s2n_proofs.proof.ball import working_precision
from s2n_proofs.symbols import beta, delta, gamma, rho, s, t, tau
from s2n_proofs.testing import Kinds, StepParameters, random_schedules
from s2n_proofs.testing.routes import ROUTE_DIGITS, Routes

INPUTS = (s, tau, t, gamma, delta, rho)
# Binary fractions, off the corners, so that every backend gets the same numbers.
POINT = tuple(Rational(k, 128) for k in (37, 58, 91, 64, 32, 192))
SHARE = Rational(1, 2)
SCHEDULES = random_schedules(8, seed=21, kinds=Kinds(shapes=("smooth", "piecewise"), unit_domain=True))
# To derive all formulas of a schedule takes seconds, so all but one are for `pytest -m slow`.
CASES = [
    pytest.param(each, marks=[pytest.mark.slow] if k != 2 else [], id=f"{k}: {each.name}")
    for k, each in enumerate(SCHEDULES)
]
NODE = shutil.which("node")
ROUTE_ERROR = mpf(10) ** (-ROUTE_DIGITS // 2)
# Arb at 53 bits bounds what the same operations in float64 lose; elementary functions may be off by a few units more.
SLACK = 16


def close(value, expected, allowed) -> bool:
    return bool(abs(mpf(value) - expected) <= allowed)


@pytest.fixture(scope="module", params=CASES)
def case(request):
    """A program of all formulas, their values by definition, and what float64 may lose."""
    schedule = request.param
    formulas = {
        name: formula.subs(beta, SHARE * schedule.sigma.subs(t, s))
        for name, formula in derive(schedule).items().items()
    }
    made = program(INPUTS, {name.replace(".", "_"): formula for name, formula in formulas.items()})
    with mp.workdps(ROUTE_DIGITS):
        expected = Routes(schedule).values(POINT[:3], StepParameters(*POINT[3:]), SHARE, Rational(3, 7))
        right = [+expected[name] for name in formulas]
    with working_precision(53):
        balls = compile_program(made, "arb")(*POINT)
        lost = [SLACK * _radius(ball) for ball in balls]
    assert all(mp.isfinite(bound) for bound in lost)
    return made, right, lost


def _radius(ball) -> mpf:
    mantissa, exponent = ball.rad().man_exp()
    return mpf(int(mantissa)) * mpf(2) ** int(exponent)


def test_there_is_something_to_compare(case):
    _, right, lost = case
    assert len(right) == len(derive().items())
    assert sum(bound <= 1e-9 * (1 + abs(value)) for value, bound in zip(right, lost, strict=True)) >= 0.9 * len(right)


def test_mpmath(case):
    made, right, _ = case
    with mp.workdps(ROUTE_DIGITS):
        for value, expected in zip(compile_program(made, "mpmath")(*POINT), right, strict=True):
            assert close(value, expected, ROUTE_ERROR * (1 + abs(expected)))


def test_arb_encloses(case):
    made, right, _ = case
    with working_precision(200):
        for ball, expected in zip(compile_program(made, "arb")(*POINT), right, strict=True):
            assert ball.rad() < 1e-40
            assert ball.overlaps(arb(mp.nstr(expected, ROUTE_DIGITS), float(ROUTE_ERROR * (1 + abs(expected)))))


def test_another_value_would_be_noticed(case):
    values = [float(value) * (1 + 1e-6) for value in case[1]]
    with pytest.raises(AssertionError):
        agree_in_float64(values, case)


def agree_in_float64(values, case) -> None:
    made, right, lost = case
    for (name, _), value, expected, allowed in zip(made.outputs, values, right, lost, strict=True):
        assert close(float(value), expected, allowed + mpf(2) ** -50 * abs(expected)), name


def test_numpy(case):
    agree_in_float64(compile_program(case[0], "numpy")(*map(float, POINT)), case)


def test_torch(case):
    agree_in_float64(compile_torch(case[0], torch.float64)(*map(float, POINT)), case)


def test_python(case):
    source = PythonPrinter(case[0]).function("function")
    agree_in_float64(compile_source(source, "python", {"math": math})(*map(float, POINT)), case)


@pytest.mark.skipif(
    NODE is None, reason="JavaScript is tested under node, which is not installed (apt-get install nodejs)"
)
def test_javascript(case):
    arguments = ", ".join(repr(float(x)) for x in POINT)
    code = f"{JavaScriptPrinter(case[0]).function('f')}\nconsole.log(JSON.stringify(f({arguments})));"
    done = subprocess.run([NODE, "-"], input=code, capture_output=True, text=True, check=True, timeout=60)
    agree_in_float64(json.loads(done.stdout), case)
