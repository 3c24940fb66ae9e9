from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Derivative,
    E,
    Expr,
    Float,
    Integer,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    Symbol,
    acos,
    asin,
    atan,
    cos,
    cosh,
    exp,
    expand,
    log,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)  # fmt: skip
from sympy.core.cache import clear_cache

from s2n_proofs import symbols
from s2n_proofs.grammar import limits
from s2n_proofs.parsing import (
    ParseError,
    parse_domain,
    parse_formula,
    parse_identity,
    parse_number,
    parse_schedule_text,
)  # fmt: skip
from s2n_proofs.symbols import D, alpha, beta, delta, gamma, lam, rho, s, sigma, snr, t, tau
from tests.hostile_inputs import (
    CANARIES,
    HOSTILE,
    HOSTILE_DOMAINS,
    HOSTILE_FORMULAS,
    HOSTILE_IDENTITIES,
    HOSTILE_NUMBERS,
    HOSTILE_SCHEDULES,
)  # fmt: skip

Reader = Callable[[str], object]
HALF = Rational(1, 2)
LIMIT = 0.1  # seconds that a refusal may take


def refusal(read: Reader, text: object) -> ParseError:
    """Return the refusal, which must be ours, on one line, and quick.

    The time is that of the process, so that a busy machine does not count; caches are emptied each time.
    """
    spent = []
    for _ in range(10):  # until once no other work slowed the core down
        clear_cache()
        limits.size.cache_clear()
        limits.value.cache_clear()
        start = time.process_time()
        with pytest.raises(ParseError) as caught:
            read(text)  # type: ignore[arg-type]
        spent.append(time.process_time() - start)
        if spent[-1] < LIMIT:
            break
    assert min(spent) < LIMIT
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.isprintable()
    assert len(message) < 600
    assert caught.value.__cause__ is None  # else SymPy raised, and a check of ours is missing
    return caught.value


def cases(corpus: list[tuple[str, object]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in corpus])


@cases(HOSTILE)
def test_hostile_text_is_refused_by_every_reader(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for read in (parse_schedule_text, parse_formula, parse_number, parse_identity):
        refusal(read, text)
    refusal(parse_identity, f"{text} = 0")
    refusal(parse_domain, (0, text))
    assert not os.listdir(tmp_path)


@cases(HOSTILE_SCHEDULES)
def test_hostile_schedule_is_refused(text: str) -> None:
    refusal(parse_schedule_text, text)


@cases(HOSTILE_FORMULAS)
def test_hostile_formula_is_refused(text: str) -> None:
    refusal(parse_formula, text)


@cases(HOSTILE_NUMBERS)
def test_hostile_number_is_refused(text: str) -> None:
    refusal(parse_number, text)


@cases(HOSTILE_IDENTITIES)
def test_hostile_identity_is_refused(text: str) -> None:
    refusal(parse_identity, text)


@cases(HOSTILE_DOMAINS)
def test_hostile_domain_is_refused(text: object) -> None:
    refusal(parse_domain, text)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [b"t", None, 1, 1.5, ["t"], t, object()])
def test_what_is_no_text_is_refused(value: object) -> None:
    for read in (parse_schedule_text, parse_formula, parse_number, parse_identity):
        refusal(read, value)


def test_corpus_is_large_and_its_names_differ() -> None:
    assert len(HOSTILE) >= 80
    assert len({name for name, _ in HOSTILE}) == len(HOSTILE)


@cases(CANARIES)
def test_canary_leaves_a_file_if_evaluated(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    eval(text, {})
    assert os.listdir(tmp_path) == ["canary"]


@pytest.mark.parametrize(
    ("read", "text", "piece"),
    [
        (parse_schedule_text, "1 + foo*t", "foo"),
        (parse_schedule_text, "t**2 + 1/(2 - 2)", "2 - 2"),
        (parse_formula, "alpha(t) + sigma", "sigma"),
        (parse_formula, "exp(t) + sin(t, s)", "sin(t, s)"),
        (parse_formula, "σ(t) + log(-2)", "log(-2)"),
        (parse_formula, "1 + t^2", "^"),
        (parse_identity, "t = 1 + bar", "bar"),
    ],
)
def test_refusal_names_the_piece_and_its_column(read: Reader, text: str, piece: str) -> None:
    error = refusal(read, text)
    assert piece in str(error).replace(text, "")
    columns = [int(number) for number in re.findall(r"column (\d+)", str(error))]
    assert columns
    assert text[columns[0] - 1 :].startswith(piece) or piece in text[columns[0] - 1 :]


GOOD_SCHEDULES: list[tuple[str, Expr]] = [
    ("t", t),
    ("1", S.One),
    ("  t  ", t),
    ("1.5", Rational(3, 2)),
    ("1e-3", Rational(1, 1000)),
    (".5*t", t / 2),
    ("2.*t", 2 * t),
    ("1E2", Integer(100)),
    ("0.1 + 0.2", Rational(3, 10)),
    ("007", Integer(7)),
    ("1 - t", 1 - t),
    ("-t**2", -(t**2)),
    ("2**-t", 2 ** (-t)),
    ("2**3**2", Integer(512)),
    ("t/2/3", t / 6),
    ("1 - 2 - 3", Integer(-4)),
    ("--t", t),
    ("+t", t),
    ("((((t))))", t),
    ("1/(1 + t**3)", 1 / (1 + t**3)),
    ("t**(3/2) + 1/20", t ** Rational(3, 2) + Rational(1, 20)),
    ("sqrt(1 - t**2)", sqrt(1 - t**2)),
    ("exp(-t/2)", exp(-t / 2)),
    ("E**t", exp(t)),
    ("expm1(t)", exp(t) - 1),
    ("log1p(t)", log(1 + t)),
    ("abs(t)", Abs(t)),
    ("abs(-3)", Integer(3)),
    ("abs(exp(t))", exp(t)),
    ("cos(pi*t/2)", cos(pi * t / 2)),
    ("cos(π*t/2)", cos(pi * t / 2)),
    ("sin(t) + tan(t)", sin(t) + tan(t)),
    ("sinh(t)*cosh(t)*tanh(t)", sinh(t) * cosh(t) * tanh(t)),
    ("asin(t) + acos(t) + atan(t)", asin(t) + acos(t) + atan(t)),
    ("min(t, 1/2)", Min(t, HALF)),
    ("max(0, t, 1/3)", Max(t, Rational(1, 3))),
    ("max(1, 2)", Integer(2)),
    ("max(sqrt(2), pi/2)", pi / 2),
    ("clip(t, 0, 1)", Min(Max(t, 0), 1)),
    ("piecewise((t, t < 1/2), (1 - t, True))", Piecewise((t, t < HALF), (1 - t, True))),
    ("Piecewise((t, t >= 1/2), (0, t > 0), (1, True))", Piecewise((t, t >= HALF), (0, t > 0), (1, True))),
    ("sqrt(1 - exp(-1/10*t - 199/20*t**2))", sqrt(1 - exp(-t / 10 - Rational(199, 20) * t**2))),
    ("exp(3*log(t + 2))", (t + 2) ** 3),
    ("0**2 + t", t),
    ("tanh(sqrt(1 - t**2))", tanh(sqrt(1 - t**2))),
    ("sinh(log(t)/2)", sinh(log(t) / 2)),
    ("+".join(["t"] * 300), 300 * t),
]  # fmt: skip

GOOD_FORMULAS: list[tuple[str, Expr]] = [
    ("alpha(t)", alpha(t)),
    ("σ(s)", sigma(s)),
    ("lambda(t)", lam(t)),
    ("lam(t)", lam(t)),
    ("log_snr(τ)", lam(tau)),
    ("λ(t)", lam(t)),
    ("lambda (t)", lam(t)),
    ("snr(t) + f(t)*g(t)**2", snr(t) + symbols.f(t) * symbols.g(t) ** 2),
    ("transition_factor(s, t)", symbols.transition_factor(s, t)),
    ("transition_variance(s, t)", symbols.transition_variance(s, t)),
    ("ρ*γ*δ*β*D", rho * gamma * delta * beta * D),
    ("rho*gamma*delta*beta*D", rho * gamma * delta * beta * D),
    ("alpha((s + t)/2)", alpha((s + t) / 2)),
    ("alpha(0)", alpha(0)),
    ("abs(alpha(t))", alpha(t)),
    ("diff(alpha(t), t)", Derivative(alpha(t), t)),
    ("diff(t**3, t, 2)", 6 * t),
    ("diff(alpha(t), s)", S.Zero),
    ("diff(log(alpha(t)), t)", Derivative(alpha(t), t) / alpha(t)),
    ("-exp(-lambda(t))*diff(lambda(t), t)*alpha(t)**2", -exp(-lam(t)) * lam(t).diff(t) * alpha(t) ** 2),
    ("exp(-lambda(t)/2)", exp(-lam(t) / 2)),
    ("E + pi", E + pi),
]

GOOD_NUMBERS: list[tuple[str, Expr]] = [
    ("0", S.Zero),
    ("1/500", Rational(1, 500)),
    ("0.002", Rational(1, 500)),
    ("-80", Integer(-80)),
    ("pi/2", pi / 2),
    ("sqrt(2)", sqrt(2)),
    ("1e-60", Rational(1, 10**60)),
    ("sin(pi/6)", HALF),
    ("12345678901234567890.5", Rational(24691357802469135781, 2)),
]


def exactly(found: Expr, expected: Expr) -> None:
    assert found == expected
    assert not found.has(Float)
    # The very objects of the vocabulary: a look-alike with other assumptions is a different symbol.
    known = {value for value in vars(symbols).values() if isinstance(value, Symbol)}
    assert found.free_symbols <= known


@pytest.mark.parametrize(("text", "expected"), GOOD_SCHEDULES)
def test_schedule_text(text: str, expected: Expr) -> None:
    exactly(parse_schedule_text(text), expected)


@pytest.mark.parametrize(("text", "expected"), GOOD_FORMULAS)
def test_formula(text: str, expected: Expr) -> None:
    exactly(parse_formula(text), expected)


@pytest.mark.parametrize(("text", "expected"), GOOD_NUMBERS)
def test_number(text: str, expected: Expr) -> None:
    exactly(parse_number(text), expected)


def test_parameters_are_positive_symbols() -> None:
    low, high = Symbol("low", positive=True), Symbol("high", positive=True)
    assert parse_schedule_text("low*(high/low)**t", parameters=("low", "high")) == low * (high / low) ** t
    assert parse_schedule_text("low + t", parameters="low") == low + t


@pytest.mark.parametrize("name", ["t", "s", "beta", "lambda", "sin", "λ", "Max", "if", "", "a b", "a.b", "_a", 3])
def test_parameter_must_be_a_new_plain_name(name: object) -> None:
    refusal(lambda text: parse_schedule_text(text, parameters=(name,)), "t")  # type: ignore[arg-type]


def test_undeclared_parameter_is_refused() -> None:
    refusal(lambda text: parse_schedule_text(text, parameters=("low",)), "low + high")


@pytest.mark.parametrize("sign", ["=", "=="])
def test_identity_has_two_sides(sign: str) -> None:
    assert parse_identity(f"snr(t) {sign} exp(λ(t))") == (snr(t), exp(lam(t)))


def test_column_of_a_refusal_counts_from_the_start_of_the_identity() -> None:
    assert "column 12" in str(refusal(parse_identity, "alpha(t) = bar"))


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("0, 1", (S.Zero, S.One)),
        ("(0, 1)", (S.Zero, S.One)),
        ("(1/500), (80)", (Rational(1, 500), Integer(80))),
        (("0", "pi/2"), (S.Zero, pi / 2)),
        ((0, 1), (S.Zero, S.One)),
        ((0.1, Fraction(1, 3)), (Rational(3602879701896397, 36028797018963968), Rational(1, 3))),
        ([-sqrt(2), Integer(2)], (-sqrt(2), Integer(2))),
    ],
)
def test_domain(domain: str | tuple[object, ...], expected: tuple[Expr, Expr]) -> None:
    assert parse_domain(domain) == expected


def test_accepting_leaves_the_precision_of_mpmath_alone() -> None:
    import mpmath

    before = mpmath.mp.prec
    parse_number("sqrt(2) + pi")
    assert mpmath.mp.prec == before


# What the grammar is made of, so that random text gets past the first check now and then.
PIECES = [
    *"0123456789.+-*/()<>=, tsDE_αλσπ^[]'\n\x00", "**", "1e", "e-", "sqrt(", "exp(", "log(", "sin(", "abs(",
    "cosh(", "alpha(", "lambda", "lambda(t)", "diff(", ", t)", "max(", "clip(", "piecewise((", "True", "10**9",
    "(t)", "1/2", "gamma", "asin(", "(1 - t)", "**(", "t**", "2**",
]  # fmt: skip
ALL_READERS: list[Reader] = [parse_schedule_text, parse_formula, parse_number, parse_identity, parse_domain]


def accepts(read: Reader, text: str) -> bool:
    """Tell whether a text is read; if not, the refusal must be ours and on one line."""
    try:
        read(text)
    except ParseError as error:
        refused = error
    else:
        return True
    assert refused.__cause__ is None
    assert len(str(refused).splitlines()) == 1
    return False


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(ALL_READERS))
def test_random_text_is_read_or_refused_at_once(text: str, read: Reader) -> None:
    start = time.process_time()
    accepts(read, text)
    assert time.process_time() - start < 2


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.sampled_from(ALL_READERS))
def test_any_unicode_is_read_or_refused(text: str, read: Reader) -> None:
    accepts(read, text)


LEAVES = st.sampled_from([t, s, tau, gamma, D, pi, alpha(t), sigma(s), lam(t), alpha(s)]) | st.fractions(
    min_value=-9, max_value=9, max_denominator=9
).map(lambda q: Rational(q.numerator, q.denominator))


def _grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pair = st.tuples(inner, inner)
    return (
        pair.map(lambda p: p[0] + p[1])
        | pair.map(lambda p: p[0] - p[1])
        | pair.map(lambda p: p[0] * p[1])
        | pair.map(lambda p: p[0] / p[1] if p[1] != 0 else p[0])
        | st.tuples(inner, st.sampled_from([2, 3, -1, -2, HALF, Rational(2, 3)])).map(
            lambda p: p[0] ** p[1] if p[0] != 0 else p[0]
        )
        | st.tuples(st.sampled_from([exp, sin, cos, tanh, atan]), inner).map(lambda p: p[0](p[1]))
    )


EXPRESSIONS = st.recursive(LEAVES, _grow, max_leaves=8)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_printed_expression_is_read_back(expr: Expr) -> None:
    assume(expr.is_real is not False and not expr.has(S.ImaginaryUnit, S.ComplexInfinity, S.NaN))
    assume(accepts(parse_formula, str(expr)))  # else it is over a limit, or nowhere real
    found = parse_formula(str(expr))
    assert found == expr or expand(found - expr) == 0


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS)
def test_what_was_accepted_is_accepted_again(expr: Expr) -> None:
    assume(accepts(parse_formula, str(expr)))
    found = parse_formula(str(expr))
    again = parse_formula(str(found))
    assert again == found or expand(again - found) == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from("+-*/"), min_size=1, max_size=6), st.data())
def test_precedence_is_that_of_python(operators: list[str], data: st.DataObject) -> None:
    digits = st.integers(1, 9).map(str) | st.sampled_from(["(1+2)", "-3", "2**3", "-2**2", "(-2)**3"])
    text = data.draw(digits) + "".join(operator + data.draw(digits) for operator in operators)
    exact = eval(re.sub(r"(\d)", r"F(\1)", text).replace("**F(2)", "**2").replace("**F(3)", "**3"), {"F": Fraction})
    assert parse_number(text) == Rational(exact.numerator, exact.denominator)


def test_the_domain_is_named_as_a_person_writes_it() -> None:
    with pytest.raises(ParseError, match=r"'\(1, 0\)' does not ascend"):
        parse_domain(("1", "0"))
