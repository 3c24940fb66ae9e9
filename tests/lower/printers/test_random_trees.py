"""Random trees of sums, products, quotients and powers, unevaluated: signs, parentheses and sharing in every language.

The oracle is a second reading of the tree in exact fractions.
"""

from __future__ import annotations

import json
import math
import random
import shutil
import subprocess
from fractions import Fraction
from functools import lru_cache

import numpy as np
import pytest
from flint import arb, fmpq
from mpmath import mp, mpf
from sympy import Add, Expr, Integer, Mul, Pow, Rational

from s2n_proofs.lower.printers.compiled import compile_program, compile_source
from s2n_proofs.lower.printers.javascript_code import JavaScriptPrinter
from s2n_proofs.lower.printers.python_code import PythonPrinter
from s2n_proofs.lower.program import program
from s2n_proofs.proof.ball import working_precision

from .nodes import P, X, Y

POINT = (Fraction(3, 4), Fraction(-5, 8), Fraction(7, 4))
_NODE = shutil.which("node")


def _tree(draw: random.Random, depth: int) -> Expr:
    if depth == 0 or draw.random() < 0.15:
        leaves = [X, Y, P, X, Y, P, Integer(draw.randint(-3, 3)), Rational(draw.randint(-7, 7), draw.randint(1, 7))]
        return draw.choice(leaves)
    kind = draw.choice(["add", "add", "mul", "mul", "pow", "neg", "div"])
    if kind in ("add", "mul"):
        args = [_tree(draw, depth - 1) for _ in range(draw.randint(2, 3))]
        return (Add if kind == "add" else Mul)(*args, evaluate=False)
    inner = _tree(draw, depth - 1)
    if kind == "pow":
        return Pow(inner, Integer(draw.choice([-3, -2, -1, 2, 3, 4])), evaluate=False)
    if kind == "neg":
        return Mul(Integer(-1), inner, evaluate=False)
    return Mul(_tree(draw, depth - 1), Pow(inner, Integer(-1), evaluate=False), evaluate=False)


def _value(tree: Expr) -> tuple[Fraction, Fraction]:
    """The value, and a bound on the sum of all rounding errors in units of the last place of 1."""
    if isinstance(tree, Rational):
        value = Fraction(int(tree.p), int(tree.q))
        return value, abs(value)
    if not tree.args:
        return dict(zip((X, Y, P), POINT, strict=True))[tree], Fraction(0)
    parts = [_value(arg) for arg in tree.args]
    if isinstance(tree, Add):
        value = sum((v for v, _ in parts), Fraction(0))
        return value, sum(e for _, e in parts) + len(parts) * sum(abs(v) for v, _ in parts)
    if isinstance(tree, Mul):
        value = math.prod((v for v, _ in parts), start=Fraction(1))
        error = sum(e * math.prod(abs(w) for w, _ in parts[:i] + parts[i + 1 :]) for i, (_, e) in enumerate(parts))
        return value, error + 3 * len(parts) * abs(value)
    (base, error), exponent = parts[0], int(tree.exp)
    value = base**exponent
    return value, abs(exponent * value / base) * error + 4 * abs(exponent) * abs(value)


@lru_cache
def trees() -> list[tuple[Expr, Fraction, Fraction]]:
    """Trees that have a value at the point, and keep some digits of it."""
    draw = random.Random(8)
    kept: list[tuple[Expr, Fraction, Fraction]] = []
    while len(kept) < 300:
        tree = _tree(draw, 4)
        try:
            value, error = _value(tree)
        except ZeroDivisionError:
            continue
        if error < Fraction(2) ** 30 and abs(value) < 10**6 and tree.free_symbols:
            kept.append((tree, value, error))
    return kept


def _close(found: float, exact: Fraction, error: Fraction, unit: float) -> bool:
    # Twice the bound, for the terms of second order.
    return math.isfinite(found) and abs(Fraction(found) - exact) <= 2 * error * Fraction(unit)


def test_numpy_and_python() -> None:
    for tree, exact, error in trees():
        made = program([X, Y, P], {"value": tree})
        (by_numpy,) = compile_program(made, "numpy")(*(np.float64(float(x)) for x in POINT))
        assert _close(float(by_numpy), exact, error, 2.0**-52), tree
        source = PythonPrinter(made).function("function")
        (by_python,) = compile_source(source, "python", {"math": math})(*map(float, POINT))
        assert _close(by_python, exact, error, 2.0**-52), tree


def test_mpmath_and_arb() -> None:
    with mp.workprec(200), working_precision(200):
        for tree, exact, error in trees():
            made = program([X, Y, P], {"value": tree})
            (number,) = compile_program(made, "mpmath")(*POINT)
            assert abs(number - mpf(exact.numerator) / exact.denominator) <= float(2 * error) * mpf(2) ** -199, tree
            (ball,) = compile_program(made, "arb")(*POINT)
            with working_precision(800):  # the fraction itself becomes a ball
                assert ball.contains(arb(fmpq(exact.numerator, exact.denominator))), tree
            assert ball.rad() <= arb(float(4 * error)) * arb(2) ** -199, tree


@pytest.mark.skipif(
    _NODE is None, reason="JavaScript is tested under node, which is not installed (apt-get install nodejs)"
)
def test_javascript() -> None:
    lines = ['"use strict";', "const found = [];"]
    for number, (tree, _, _) in enumerate(trees()):
        lines.append(JavaScriptPrinter(program([X, Y, P], {"value": tree})).function(f"f{number}"))
        lines.append(f"found.push(f{number}({', '.join(repr(float(x)) for x in POINT)})[0]);")
    lines.append("console.log(JSON.stringify(found));")
    assert _NODE is not None
    done = subprocess.run([_NODE, "-"], input="\n".join(lines), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    for (tree, exact, error), found in zip(trees(), json.loads(done.stdout), strict=True):
        assert _close(found, exact, error, 2.0**-52), tree


def test_putting_the_steps_back_gives_the_tree() -> None:
    for tree, exact, _ in trees():
        again = program([X, Y, P], {"value": tree}).expressions()["value"]
        assert _value(again)[0] == exact, tree
