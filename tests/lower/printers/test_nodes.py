"""Every node in every language that runs without torch, against 50 digits."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from flint import arb, fmpq
from mpmath import mp, mpf
from sympy import Piecewise, Symbol, erf, sqrt

from s2n_proofs.lower.printers.compiled import compile_program, compile_source
from s2n_proofs.lower.printers.errors import PrinterError
from s2n_proofs.lower.printers.python_code import PythonPrinter
from s2n_proofs.lower.program import program
from s2n_proofs.proof.ball import BallError, UndefinedValueError, enclose, working_precision

from .nodes import CASES, Case, P, X, Y


def expected(case: Case) -> list[mpf]:
    with mp.workdps(60):
        return [case.value(*(mpf(c.numerator) / c.denominator for c in point)) for point in case.points]


def units(case: Case) -> int:
    """Rounding errors that a result may gather: one function is good to 4 units, and each operation adds as much.

    The points are such that no operation of a case has a condition number beyond 4.
    """
    return 4 * (2 + int(case.expr.count_ops()))


def parametrized(function):
    return pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)(function)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@parametrized
def test_numpy(case: Case, dtype: type) -> None:
    compiled = compile_program(program([X, Y, P], {"value": case.expr}), "numpy", bits=np.finfo(dtype).nmant + 1)
    columns = [np.array([float(c) for c in column], dtype) for column in zip(*case.points, strict=True)]
    (found,) = compiled(*columns)
    assert found.dtype == dtype
    assert found.shape == columns[0].shape
    for value, exact in zip(found, expected(case), strict=True):
        assert abs(mpf(float(value)) - exact) <= units(case) * float(np.finfo(dtype).eps) * abs(exact)


@parametrized
def test_python(case: Case) -> None:
    source = PythonPrinter(program([X, Y, P], {"value": case.expr})).function("function")
    function = compile_source(source, "python", {"math": math})
    for point, exact in zip(case.points, expected(case), strict=True):
        (found,) = function(*map(float, point))
        assert abs(mpf(found) - exact) <= units(case) * sys.float_info.epsilon * abs(exact)


@parametrized
def test_mpmath(case: Case) -> None:
    compiled = compile_program(program([X, Y, P], {"value": case.expr}), "mpmath")
    with mp.workdps(50):
        for point, exact in zip(case.points, expected(case), strict=True):
            (found,) = compiled(*point)
            assert isinstance(found, mpf)
            assert abs(found - exact) <= units(case) * mpf(10) ** -50 * abs(exact)


@parametrized
def test_arb_encloses_the_value_as_tightly_as_the_evaluator(case: Case) -> None:
    compiled = compile_program(program([X, Y, P], {"value": case.expr}), "arb")
    with working_precision(200), mp.workdps(60):
        for point, exact in zip(case.points, expected(case), strict=True):
            (found,) = compiled(*point)
            around = arb(mp.nstr(exact, 58), abs(float(exact)) * 1e-55)
            assert found.overlaps(around)
            assert found.rad() <= units(case) * 2.0**-199 * abs(float(exact))
            try:
                walked = enclose(case.expr, dict(zip((X, Y, P), map(_ball, point), strict=True)))
            except BallError:
                continue  # a node that the evaluator does not know
            assert found.overlaps(walked)
            assert found.rad() <= 2 * walked.rad() + arb(2) ** -400


def _ball(value) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def test_only_what_is_new_is_unknown_to_the_evaluator() -> None:
    """Otherwise the comparison with it could be asleep."""
    unknown = set()
    for case in CASES:
        try:
            enclose(case.expr, {symbol: _ball(c) for symbol, c in zip((X, Y, P), case.points[0], strict=True)})
        except BallError:
            unknown.add(case.name)
    assert unknown == {
        "expm1", "log1p", "hypot", "hypot with a constant", "atan2", "asinh", "acosh", "atanh", "and", "or", "not",
        "equal", "unequal",
    }  # fmt: skip


@pytest.mark.parametrize("backend", ["mpmath", "arb"])
def test_constants_follow_the_precision_that_is_set(backend: str) -> None:
    compiled = compile_program(program([X], {"third": X / 3}), backend)
    for digits in (15, 60, 15):
        with mp.workdps(digits), working_precision(mp.prec):
            (third,) = compiled(1)
            error = abs(3 * third - 1)
            assert error < arb(10) ** -(digits - 1) if backend == "arb" else error < mpf(10) ** -(digits - 1)
            if digits == 15 and backend == "arb":
                assert third.rad() > 10.0**-30  # nothing is left of the higher precision


def test_arb_tells_undefined_from_too_wide() -> None:
    root = compile_program(program([X], {"root": sqrt(X)}), "arb").function
    with pytest.raises(UndefinedValueError, match="the root of a negative number"):
        root(arb(-1))
    assert root(arb(0, 1))[0].overlaps(arb(1))  # [-1, 1]: defined somewhere
    taken = compile_program(program([X], {"value": Piecewise((sqrt(X), X > 0), (1 / X, X < 0))}), "arb").function
    with pytest.raises(UndefinedValueError, match="no branch"):
        taken(arb(0))
    assert not taken(arb(0, 1))[0].is_finite()
    assert taken(arb(4))[0].contains(arb(2))


def test_arb_computes_a_branch_only_where_it_may_be_taken() -> None:
    shared = sqrt(X)
    expr = Piecewise((shared + 1 / shared, X > 0), (-X, True))
    compiled = compile_program(program([X], {"value": expr}), "arb")
    assert "later(" in compiled.source
    assert compiled(-2)[0].contains(arb(2))


def test_a_traceback_shows_the_generated_line() -> None:
    function = compile_program(program([X], {"value": 1 / X}), "arb").function
    with pytest.raises(UndefinedValueError) as caught:
        function(arb(0))
    assert any("over(1, x0)" in str(entry.statement) for entry in caught.traceback)


def test_the_same_program_is_compiled_once() -> None:
    one, two = (compile_program(program([X], {"value": 1 / X}), "numpy") for _ in range(2))
    assert one is two


def test_an_unknown_node_is_refused_by_name() -> None:
    for backend in ("numpy", "mpmath", "arb"):
        with pytest.raises(PrinterError, match="does not know erf"):
            compile_program(program([X], {"value": erf(X)}), backend)
    with pytest.raises(PrinterError, match="compiled for numpy, mpmath, arb, not 'jax'"):
        compile_program(program([X], {"value": X}), "jax")


def test_names_of_symbols_never_reach_the_code() -> None:
    bad = Symbol('__import__("os").abort()', real=True)
    for backend in ("numpy", "mpmath", "arb"):
        compiled = compile_program(program([bad], {"a": bad**2 + 1 / bad}), backend)
        assert "import" not in compiled.source
        assert float(compiled(2)[0]) == 4.5
