"""A simplifier is trusted for what it refuses: wrong and vacuous candidates never pass."""

from __future__ import annotations

import pytest
from sympy import Abs, Expr, Integer, Rational, cos, exp, log, pi, sin, sqrt, symbols, tan

from s2n_proofs.simplify import textbook as module
from s2n_proofs.simplify.evidence import UNIT, points_in, proved_equal
from s2n_proofs.simplify.textbook import textbook, weight
from s2n_proofs.symbols import s, t

UP_TO_80 = (Rational(1, 500), Integer(80))


@pytest.mark.parametrize(
    ("given", "domain", "expected"),
    [
        (sqrt((t - 1) ** 2) / t, UNIT, (1 - t) / t),
        (Abs(s - t), UNIT, t - s),
        (1 / (t - 1) + 1, UNIT, -t / (1 - t)),
        (sin(pi * t / 2) / cos(pi * t / 2), UNIT, tan(pi * t / 2)),
        (t**2 * (1 - s**2 / t**2), UP_TO_80, t**2 - s**2),
        (exp(-t) / (1 - exp(-t)), UNIT, 1 / (exp(t) - 1)),
        (2 * log(1 - t) - 2 * log(t), UNIT, 2 * log((1 - t) / t)),
        (cos(t) ** 2 + sin(t) ** 2, UNIT, Integer(1)),
    ],
)
def test_shorter_form_is_found_and_is_the_expected_function(
    given: Expr, domain: tuple[Expr, Expr], expected: Expr
) -> None:
    found = textbook(given, domain=domain)
    assert proved_equal(found, expected, domain)
    assert weight(found) <= weight(expected)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda form: form.args[0],  # a term is missing
        lambda form: -form,
        lambda form: form.subs(t, s),
        lambda form: Integer(1),
        lambda form: log(-2 * t) - log(-t) - log(2),  # real nowhere on the domain
        lambda form: form * t / t**2 * sqrt(t**2),  # right, but not shorter
    ],
)
def test_wrong_and_useless_candidates_are_refused(monkeypatch: pytest.MonkeyPatch, wrong: object) -> None:
    given = t / (1 - t) + exp(t)
    monkeypatch.setattr(module, "REWRITES", (lambda expr: iter([wrong(expr)]),))
    assert textbook(given) == given


def test_a_form_that_is_real_nowhere_is_refused_although_the_engines_accept_it() -> None:
    """The engines speak of points where all is real; there are none here, so their proof says nothing."""
    nowhere = t + log(-2 * t) - log(-t) - log(2)
    assert proved_equal(nowhere, t)
    assert not points_in(UNIT, frozenset({t})).agree(nowhere, [t])


def test_signs_come_from_the_domain() -> None:
    assert proved_equal(sqrt((t - 1) ** 2), 1 - t, UNIT)
    assert proved_equal(sqrt((t - 100) ** 2), 100 - t, UP_TO_80)
    assert not proved_equal(sqrt((t - 1) ** 2), 1 - t, UP_TO_80)
    assert not proved_equal(sqrt((t - 1) ** 2), t - 1, UNIT)
    assert proved_equal(sqrt((s - t) ** 2), t - s, UNIT)


def test_a_sign_change_inside_the_domain_keeps_the_bars() -> None:
    assert textbook(Abs(t - Rational(1, 2))) == Abs(t - Rational(1, 2))


def test_a_symbolic_parameter_is_positive_and_nothing_more() -> None:
    a, b = symbols("a b", positive=True)
    assert textbook(sqrt(a**2) * t / a) == t
    assert proved_equal(sqrt((a + b) ** 2), a + b)
    assert not proved_equal(sqrt((a - b) ** 2), a - b)


def test_no_time_no_rewriting() -> None:
    given = 1 / (t - 1) + 1
    assert textbook(given, seconds=-1) == given


def test_large_expressions_are_left_alone() -> None:
    given = sum(((t + n) ** n for n in range(1, 120)), start=Integer(0)) * (t - 1) / (t - 1 + exp(-50))
    assert textbook(given) == given


def test_the_shortest_of_equal_forms_stays_if_nothing_is_shorter() -> None:
    assert textbook(t**2 - s**2, (t - s) * (t + s)) in (t**2 - s**2, (t - s) * (t + s))
