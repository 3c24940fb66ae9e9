"""Certification: what is proven is true, what is refuted is false, and both happen where they should."""

import time as clock
from fractions import Fraction

import mpmath
import pytest
from flint import arb
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Contains,
    Eq,
    Heaviside,
    I,
    Integer,
    Interval,
    Max,
    Min,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    acos,
    acot,
    arg,
    asin,
    atanh,
    cos,
    exp,
    fibonacci,
    floor,
    gamma,
    lambdify,
    log,
    pi,
    sign,
    sin,
    sqrt,
    tan,
)  # fmt: skip

from s2n_proofs.certification.certify import certify
from s2n_proofs.certification.endpoint import expand_beside, sign_beside
from s2n_proofs.certification.points import Meter, ascending, at_point, simplest_between
from s2n_proofs.certification.scan import scan
from s2n_proofs.certification.zero import exactly_zero
from s2n_proofs.schedule import Schedule, ScheduleError, UncertifiedWarning
from s2n_proofs.symbols import t

R = Rational
LOW, HIGH = Integer(0), Integer(1)


def judged(alpha, sigma, low=LOW, high=HIGH):
    return certify(Integer(0) + alpha, Integer(0) + sigma, t, Integer(0) + low, Integer(0) + high)


def digits(expr, time):
    """Evaluate by mpmath to 50 digits: independent of the balls, and of FLINT."""
    with mpmath.workdps(50):
        return lambdify(t, expr, "mpmath")(mpmath.mpf(time.p) / time.q)


ODDS = log(t / (1 - t))

RATIO = 25 * t**3 + 50 * sqrt(t**3) * sqrt(1 / (1 - t**3)) + R(1, 1000)
STEEP = (R(47, 23) - 24 * sqrt(t) / 23) * (12 * sqrt(t) / 23 + R(11, 23)) ** 2
VALID = {
    "odd": (1 / (1 + t**3), t ** R(3, 2) + R(1, 20)),
    "cosine": (cos(pi * t / 2), sin(pi * t / 2)),
    "log-linear": (1 / sqrt(1 + exp(10 * ODDS)), 1 / sqrt(1 + exp(-10 * ODDS))),
    "sigmoid": (sqrt(1 / (1 + exp(10 * t - 5))), sqrt(1 / (1 + exp(5 - 10 * t)))),
    "polynomial": (1 - 3 * t**2 + 2 * t**3, 3 * t**2 - 2 * t**3),
    "roots at both ends": (sqrt(1 - t), sqrt(t)),
    "different roots": ((1 - t) ** R(1, 3), t ** R(2, 5)),
    "circle": (sqrt(1 - t**2), t),
    "high powers": (1 - t**20, t**20),
    "infinite sigma": (1, tan(pi * t / 2)),
    "essential": (1, exp(-1 / t)),
    "logarithmic": (1, -1 / log(t / 2)),
    "arc": (1, acos(1 - t)),
    "root of a root": (1, sqrt(t + sqrt(t))),
    "cancelling": (1, 1 - sin(1 - t) / sin(1)),
    "sixth order": (1, t - sin(t)),
    "steep": (exp(-(10**4) * t), sqrt(1 - exp(-2 * 10**4 * t))),
    "clipped": (Max(1 - t, R(1, 100)), Min(t + R(1, 1000), R(99, 100))),
    "clipped at an unknown time": (Max(exp(-5 * t), R(1, 10)), t),
    "piecewise": (Piecewise((1 - t / 2, t < R(1, 2)), (R(3, 4) * exp(R(1, 2) - t), True)), 1 + t),
    "piecewise at a constant": (Piecewise((exp(-t), t < log(2)), (R(1, 2), True)), 1 + t),
    "bent": (1, 2 + t + Abs(t - R(1, 3)) / 2),
    "constant": (2, 3),
    "removable": (1, sin(t) / t * t**2),
    "a quarter turn twice": (sqrt(1 - sin(pi * sin(pi * sqrt(t) / 2) / 2)), sqrt(sin(pi * sin(pi * sqrt(t) / 2) / 2))),
    "order 12": (cos(pi * (1 - cos(pi * t**3 / 2)) / 2), 1 - cos(pi * (1 - cos(pi * t**3 / 2)) / 2)),
    "order 9/2": (exp(-5 * t**4 * sqrt(t)), 1 - exp(-10 * t**4 * sqrt(t))),
    "a ratio": (1 / sqrt(RATIO**2 + 1), RATIO / sqrt(RATIO**2 + 1)),
    "huge integers": (1 / sqrt(5000 ** (2 * STEEP) / 10000 + 1), 5000**STEEP / 100),
}


@pytest.mark.parametrize("name", VALID)
def test_valid_schedules_are_certified_in_good_time(name):
    alpha, sigma = VALID[name]
    begun = clock.perf_counter()
    certificate = judged(alpha, sigma)
    # Measured 0.001 s to 0.4 s; the margin is for a busy machine.
    assert clock.perf_counter() - begun < 5
    assert certificate.certified
    assert certificate.violation is None


def test_domains_of_other_shapes():
    assert judged(cos(t), sin(t), 0, pi / 2).negative_derivative
    assert judged(1, t, R(1, 500), 80).negative_derivative
    assert judged(1, 3 + t, -sqrt(2), R(-1, 3)).negative_derivative
    assert judged(exp(-t), sqrt(1 - exp(-2 * t)), 0, 50).negative_derivative


class TestZeros:
    @pytest.mark.parametrize(
        ("sigma", "zeros"),
        [
            (2 + (t - R(1, 3)) ** 3, [R(1, 3)]),
            (2 + (t - sqrt(2) / 2) ** 3, [sqrt(2) / 2]),
            (t + sin(2 * pi * t) / (2 * pi), [R(1, 2)]),
            (sqrt((t - R(1, 7)) ** 3 + 1), [R(1, 7)]),
            (2 + (t - R(1, 4)) ** 3 * (1 + (t - R(1, 4)) ** 2), [R(1, 4)]),
        ],
    )
    def test_an_isolated_zero_of_the_derivative_is_found_and_allowed(self, sigma, zeros):
        certificate = judged(1, sigma)
        assert certificate.certified
        assert list(certificate.zeros) == zeros
        assert certificate.strictly_decreasing
        assert not certificate.negative_derivative

    def test_flat_pieces_are_listed(self):
        certificate = judged(Max(1 - t, R(1, 10)), Min(t, R(9, 10)))
        assert certificate.certified
        assert certificate.flat == ((R(9, 10), 1),)
        assert certificate.breaks == (R(9, 10),)
        assert not certificate.strictly_decreasing

    def test_a_constant_schedule_is_flat_throughout(self):
        certificate = judged(2, 3)
        assert certificate.certified
        assert certificate.flat == ((0, 1),)


INVALID = [
    # property, alpha, sigma, where, undefined
    ("sigma", 1, 1 - R(3, 2) * t**2, (R(81, 100), 1), False),
    (
        "sigma",
        1,
        1 + t - R(12, 5) * exp(-((t - R(3, 10)) ** 2) * 10**8),
        (R(2998, 10000), R(3002, 10000)),
        False,
    ),
    ("sigma", 1, (t - R(337, 1000)) ** 2 - R(1, 10**7), (R(336, 1000), R(338, 1000)), False),
    ("alpha", (t - R(1, 3)) ** 2, t, (R(1, 3), R(1, 3)), False),
    ("alpha", (2 * t**2 - 1) ** 2, t, (sqrt(2) / 2, sqrt(2) / 2), False),
    ("sigma", 1, Abs(t - R(1, 2)), (R(1, 2), R(1, 2)), False),
    ("sigma", 1, Max(t - R(1, 2), 0), (0, R(1, 2)), False),
    ("alpha", -1, t, (0, 1), False),
    ("alpha", 0, t, (0, 1), False),
    ("sigma", 1, log(t), (0, 1), False),
    ("sigma", 1, sign(t - R(1, 2)), (0, R(1, 2)), False),
    ("sigma", 1, 1 / (t - R(1, 3)) ** 2, (R(1, 3), R(1, 3)), True),
    ("sigma", 1, 1 / (2 * t**2 - 1) ** 2, (sqrt(2) / 2, sqrt(2) / 2), True),
    ("sigma", 1, 2 + tan(pi * t), (R(1, 2), R(1, 2)), True),
    ("sigma", 1, 1 / (cos(3 * t)) ** 2, (R(52, 100), R(53, 100)), True),
    ("alpha", sqrt(1 - 2 * t), 1 + t, (R(1, 2), 1), True),
    ("sigma", 1, sqrt(t - R(1, 2)) + 1, (0, R(1, 2)), True),
    ("sigma", 1, 2 + sqrt((t - R(3, 10)) ** 2 - R(1, 10**7)), (R(299, 1000), R(301, 1000)), True),
    ("sigma", 1, 1 + acos(2 * t), (R(1, 2), 1), True),
    ("sigma", 1, Piecewise((1 + t, t < R(3, 4))), (R(3, 4), 1), True),
    ("continuous", Piecewise((1 - t / 4, t < R(1, 2)), (R(1, 2), True)), 1 + t, (R(1, 2), R(1, 2)), False),
    ("continuous", 1, Piecewise((1 + t, t < R(1, 3)), (2 + t, True)), (R(1, 3), R(1, 3)), False),
    ("log_snr", 1 + t, 1, (0, 1), False),
    ("log_snr", 1, 1 / t, (0, 1), False),
    ("log_snr", 1, 2 + t - R(1, 1000) * exp(-((t - R(3, 5)) ** 2) * 10**7), (R(597, 1000), R(6, 10)), False),
    ("log_snr", 1, 1 + t + sin(30 * t) / 29, (R(10, 100), 1), False),
    ("log_snr", 1, 2 + t - t**2 / R(199, 100), (R(199, 200), 1), False),
    ("log_snr", 1, Max(1 + t, 3 - 2 * t), (0, R(2, 3)), False),
]


@pytest.mark.parametrize(("name", "alpha", "sigma", "where", "undefined"), INVALID)
def test_invalid_schedules_are_refuted_at_the_right_place(name, alpha, sigma, where, undefined):
    violation = judged(alpha, sigma).violation
    assert violation is not None
    assert violation.property == name
    assert violation.undefined is undefined
    assert where[0] <= violation.time <= where[1]
    if violation.bracket is not None:
        assert where[0] <= violation.bracket[0] < violation.bracket[1] <= where[1]


@pytest.mark.parametrize("name", sorted(set(VALID) - {"constant"}))
def test_valid_schedules_run_backwards_are_refuted(name):
    alpha, sigma = VALID[name]
    assert judged(sigma, alpha).violation.property in ("log_snr", "sigma")


@pytest.mark.parametrize("name", ["odd", "cosine", "roots at both ends", "clipped", "infinite sigma"])
def test_valid_schedules_with_a_narrow_dip_are_refuted_in_the_dip(name):
    alpha, sigma = VALID[name]
    violation = judged(alpha, sigma * (1 - R(11, 10) * exp(-((t - R(2, 3)) ** 2) * 10**7))).violation
    assert violation.property == "sigma"
    assert abs(violation.time - R(2, 3)) < R(1, 1000)


class TestHonestGaps:
    @pytest.mark.parametrize(
        "sigma",
        [
            gamma(1 + t) + t,  # a function that the evaluator does not know
            2 + t**5 * sin(1 / t) + 5 * t,  # oscillates without end
            1 + t + sin(30 * t) / 30,  # the derivative touches zero at pi/30, 3 pi/30, ...
            Piecewise((exp(t), cos(3 * t) > t), (1 + t, True)),
            2 + t + Max(sin(1 / t), 0) * t**4,
        ],
    )
    def test_what_cannot_be_decided_is_a_gap_and_ends(self, sigma):
        begun = clock.perf_counter()
        certificate = judged(1, sigma)
        assert clock.perf_counter() - begun < 20
        assert not certificate.certified
        assert certificate.violation is None
        assert certificate.gaps
        assert all(0 <= low <= high <= 1 for _, (low, high) in certificate.gaps)

    def test_a_gap_is_small_where_the_trouble_is(self):
        certificate = judged(1, 2 + t**5 * sin(1 / t) + 5 * t)
        assert all(high < R(1, 10**6) for _, (_, high) in certificate.gaps)


# --- random schedules against mpmath ------------------------------------------------------------------------

small = st.fractions(min_value=-2, max_value=2, max_denominator=6).map(lambda q: R(q.numerator, q.denominator))
leaves = st.one_of(st.just(t), st.just(1 - t), small)


def _grow(children):
    return st.one_of(
        st.builds(lambda a, b: a + b, children, children),
        st.builds(lambda a, b: a - b, children, children),
        st.builds(lambda a, b: a * b, children, children),
        st.builds(lambda a: a**2, children),
        st.builds(exp, children),
        st.builds(sin, children),
        st.builds(cos, children),
        st.builds(lambda a: sqrt(1 + a**2), children),
        st.builds(sqrt, children.filter(lambda a: a.is_nonnegative is not False)),
        st.builds(lambda a: 1 / (R(5, 2) + a), children),
        st.builds(Abs, children),
        st.builds(Max, children, small),
        st.builds(lambda a, b, q: Piecewise((a, t < q), (b, True)), children, children, small),
    )


expressions = st.recursive(leaves, _grow, max_leaves=6)


def log_derivative(alpha, sigma, time):
    """(log alpha - log sigma)' by a central difference: knows nothing of symbolic derivatives."""
    with mpmath.workdps(50):
        a, s = lambdify(t, alpha, "mpmath"), lambdify(t, sigma, "mpmath")
        x = mpmath.mpf(time.p) / time.q
        h = min(x, 1 - x) * mpmath.mpf(10) ** -16
        before, after = (mpmath.log(a(y)) - mpmath.log(s(y)) for y in (x - h, x + h))
        return (after - before) / (2 * h)


@given(alpha=expressions, sigma=expressions, times=st.lists(st.fractions(0, 1), min_size=8, max_size=8))
@settings(max_examples=150, deadline=None)
def test_random_schedules_agree_with_mpmath(alpha, sigma, times):
    alpha, sigma = Integer(0) + alpha, Integer(0) + sigma
    assume(alpha.is_real is not False and sigma.is_real is not False)
    assume(alpha.is_finite is not False and sigma.is_finite is not False)
    certificate = judged(alpha, sigma)
    violation = certificate.violation
    event(", ".join(finding.status for finding in certificate.findings))
    if violation is not None and violation.bracket is None and violation.time.is_Rational:
        _confirm(alpha, sigma, violation)
    points = [R(q.numerator, q.denominator) for q in times if 0 < q < 1]
    points += [R(1, 10**6), 1 - R(1, 10**6)]
    for time in points:
        if violation is None and not _in_gap(certificate, "alpha", time):
            assert mpmath.im(digits(alpha, time)) == 0
            assert digits(alpha, time) > 0
        if violation is None and not _in_gap(certificate, "sigma", time):
            assert digits(sigma, time) > 0
        near = any(abs(time - b) < R(1, 10**9) for b in certificate.breaks)
        if violation is None and not near and not certificate.gaps:
            assert log_derivative(alpha, sigma, time) <= mpmath.mpf(10) ** -12


def _in_gap(certificate, name, time):
    return any(low <= time <= high for low, high in certificate[name].gaps)


def _confirm(alpha, sigma, violation):
    time = violation.time
    if violation.property == "log_snr":
        assert log_derivative(alpha, sigma, time) > 0
    elif violation.property == "continuous":
        step = R(1, 10**20)
        jumps = [
            abs(digits(e, x) - digits(e, y))
            for e in (alpha, sigma)
            for x, y in ((time - step, time), (time, time + step))
        ]
        assert max(jumps) > mpmath.mpf(10) ** -15
    else:
        expr = {"alpha": alpha, "sigma": sigma}[violation.property]
        try:
            value = digits(expr, time)
        except (ZeroDivisionError, ValueError):
            assert violation.undefined
            return
        if violation.undefined:
            huge = not mpmath.isfinite(value) or abs(value) > 10**30
            assert huge or _has_root_of_negative(expr, time)
        else:
            assert value <= mpmath.mpf(10) ** -40
            low, high = violation.value
            assert mpmath.mpf(low.p) / low.q - 1e-30 <= value <= mpmath.mpf(high.p) / high.q + 1e-30


def _has_root_of_negative(expr, time):
    # cos(sqrt(t - 1)) is not real arithmetic at t = 0, though the complex value is real; SymPy writes sqrt(-1) as I.
    if expr.has(I):
        return True
    roots = [node for node in expr.atoms(Pow) if node.exp.is_Rational and not node.exp.is_Integer]
    return any(digits(root.base, time) < 0 for root in roots)


# --- the parts ---------------------------------------------------------------------------------------


BASES = [t, t**2, sqrt(t), t * sqrt(t), t**4 * sqrt(t), t**5, 1 - t, 3 * t / 4, (1 - t) ** R(5, 2)]
LAYERS = [
    lambda x, y: sin(pi * x / 2), lambda x, y: cos(pi * x / 2), lambda x, y: sin(pi * x), lambda x, y: 1 - cos(x),
    lambda x, y: exp(-x), lambda x, y: exp(x) - 1, lambda x, y: log(1 + x**2), lambda x, y: sqrt(1 + x**2),
    lambda x, y: 1 - x, lambda x, y: x * y, lambda x, y: x + y, lambda x, y: x - y, lambda x, y: 1 / (2 + x**2),
]  # fmt: skip


@st.composite
def composed(draw):
    """Functions of functions, of which many vanish to a high order at 0 or 1."""
    expr = draw(st.sampled_from(BASES))
    for layer in draw(st.lists(st.sampled_from(LAYERS), min_size=1, max_size=3)):
        expr = layer(expr, draw(st.sampled_from(BASES)))
    assume(expr.has(t))
    return expr


class TestExpansion:
    @pytest.mark.parametrize(
        ("expr", "point", "side", "order", "sign"),
        [
            (sqrt(1 - exp(-t)), 0, 1, Fraction(1, 2), 1),
            (t - sin(t), 0, 1, 3, 1),
            (t - sin(t), 0, -1, 3, -1),
            (sin(t) - t + t**3 / 6, 0, 1, 5, 1),
            (cos(pi * t / 2), 1, -1, 1, 1),
            (cos(pi * t / 2), 1, 1, 1, -1),
            (tan(pi * t / 2), 1, -1, -1, 1),
            (sqrt(t + sqrt(t)), 0, 1, Fraction(1, 4), 1),
            (1 / sqrt(t) - 1 / t, 0, 1, -1, -1),
            (sin(pi * t) - pi * t, 0, 1, 3, -1),
            (cos(t) - cos(pi / 6), pi / 6, 1, 1, -1),
            (1 - sin(pi * sin(pi * sqrt(t) / 2) / 2), 1, -1, 4, 1),
            (cos(pi * (1 + t**2)) + 1, 0, 1, 4, 1),
            (sin(t**4 * sqrt(t)), 0, 1, Fraction(9, 2), 1),
            (exp(-(t**9)) - 1, 0, 1, 9, -1),
            (1 - cos(sin(t**6)), 0, 1, 12, 1),
            (1 - cos(pi * (1 - cos(pi * t**3 / 2)) / 2), 0, 1, 12, 1),
        ],
    )
    def test_order_and_sign_are_found(self, expr, point, side, order, sign):
        found = expand_beside(expr, t, Integer(0) + point, side, Fraction(1, 64))
        assert found.order == order
        assert sign_beside(expr, t, Integer(0) + point, side, Fraction(1, 64)) == sign

    @pytest.mark.parametrize("expr", [exp(-1 / t), log(t), sin(1 / t), t**t, acos(1 - t), gamma(t)])
    def test_what_has_no_expansion_gives_none(self, expr):
        assert sign_beside(expr, t, Integer(0), 1, Fraction(1, 64)) is None

    def test_no_sign_is_claimed_beyond_a_zero(self):
        for width in (Fraction(1, 4), Fraction(1, 2), Fraction(1), Fraction(9, 10)):
            found = sign_beside(t * (R(1, 5) - t), t, Integer(0), 1, width)
            assert found is None
        assert sign_beside(t * (R(1, 5) - t), t, Integer(0), 1, Fraction(1, 10)) == 1

    @given(
        power=st.integers(0, 3),
        numbers=st.lists(st.integers(-5, 5), min_size=3, max_size=3),
        width=st.sampled_from([Fraction(1, 2), Fraction(1, 8), Fraction(1, 64)]),
        at=st.lists(st.fractions(0, 1), min_size=5, max_size=5),
    )
    @settings(max_examples=200, deadline=None)
    def test_the_bracket_holds_the_function(self, power, numbers, width, at):
        a, b, c = numbers
        expr = sin(t) ** power * (a + b * sqrt(t) + c * t) * exp(-a * t) + sqrt(1 + t) - cos(b * t) - t / 2
        found = expand_beside(expr, t, Integer(0), 1, width)
        assume(found is not None)
        for part in at:
            if part > 0:
                time = part * width
                value = at_point(expr, t, time, 300)
                scale = arb(time.numerator) / time.denominator
                order = arb(found.order.numerator) / found.order.denominator
                assert (value / scale**order).overlaps(found.bracket)

    @given(data=st.data(), near_zero=st.booleans(), width=st.sampled_from([Fraction(1, 4), Fraction(1, 100)]))
    @settings(max_examples=200, deadline=None)
    def test_the_bracket_holds_composed_functions(self, data, near_zero, width):
        expr = data.draw(composed())
        point, side = (0, 1) if near_zero else (1, -1)
        found = expand_beside(expr, t, Integer(point), side, width)
        assume(found is not None)
        event(f"order {found.order}")
        for part in data.draw(st.lists(st.fractions(R(1, 1000), 1), min_size=3, max_size=3)):
            distance = part * width
            value = at_point(expr, t, R(point) + side * R(distance.numerator, distance.denominator), 600)
            order = arb(found.order.numerator) / found.order.denominator
            assert (value / (arb(distance.numerator) / distance.denominator) ** order).overlaps(found.bracket)

    def test_small_is_not_zero(self):
        assert not exactly_zero(R(1, 10**60))
        assert not exactly_zero(exp(-200) * cos(1))
        assert not exactly_zero(cos(R(355, 226)))
        assert exactly_zero(sqrt(2) * sqrt(3) - sqrt(6))


class TestScan:
    def test_gaps_and_signs_cover_the_interval(self):
        assert scan(t * (1 - t), t, LOW, HIGH, Meter(10**5)).clean
        assert scan(1 - 2 * t, t, LOW, HIGH, Meter(10**5), want=1).against == R(1, 2)
        assert scan(sqrt(R(1, 3) - t), t, LOW, HIGH, Meter(10**5)).undefined > R(1, 3)

    def test_without_work_allowed_nothing_is_claimed(self):
        found = scan(t * (1 - t), t, LOW, HIGH, Meter(1))
        assert not found.clean
        assert found.gaps == [(0, 1)]

    @given(st.fractions(-9, 9), st.fractions(-9, 9))
    def test_simplest_between(self, a, b):
        assume(a != b)
        low, high = min(a, b), max(a, b)
        found = simplest_between(low, high)
        assert low < found < high
        assume(found.denominator <= 200)
        for d in range(1, found.denominator):
            assert (low * d).__floor__() + 1 >= high * d


# Corners closer together than 128 bits can tell: what lies between them is judged all the same.
NARROW_INVALID = [
    ("1", "t - min(1/4, max(0, t - 1/2)*10**39)"),
    ("1 - t + clip((t - 1/2)*10**40, 0, 1)", "t"),
    ("1", "piecewise((t, t <= 1/3), (-1, t < 1/3 + 10**-40), (t, True))"),
    ("piecewise((1 - t, t <= 1/3), (-1, t < 1/3 + 10**-40), (1 - t, True))", "t"),
    ("1", "piecewise((t, t <= 1/3), (t + 1000, t < 1/3 + 10**-39), (t, True))"),
    ("1", "piecewise((t, t < 1/3), (1/3 - (t - 1/3)/10**40, t < 1/3 + 10**-40), (t, True))"),
    ("1", "t + max(0, 10**-39 - abs(t - 1/3))*10**50"),
    ("1", "exp(t)*(1 - max(0, 10**-60 - abs(t - 1/3))*1000)"),
    ("1", "t - min(1/4, max(0, 10**-36 - abs(t - 1/3))*10**64)"),
    ("1", "1 + t - max(0, 10**-17 - abs(t - sqrt(2)/2))*1000"),
    ("1", "piecewise((t, t <= sin(1)), (-1, t < sin(1) + 10**-60), (t, True))"),
]
NARROW_VALID = [
    ("1", "1 + t + clip((t - sqrt(2)/2)*10**17, 0, 1/2)"),
    ("1", "1 + t + max(0, 10**-40 - abs(t - sin(1)))/2"),
    ("1", "piecewise((t, t <= 1/3), (2*t - 1/3, t < 1/3 + 10**-40), (t + 10**-40, True))"),
]


@pytest.mark.parametrize(("alpha", "sigma"), NARROW_INVALID)
def test_what_is_wrong_between_close_corners_is_refused(alpha, sigma):
    with pytest.raises(ScheduleError):
        Schedule(alpha, sigma)


@pytest.mark.parametrize(("alpha", "sigma"), NARROW_VALID)
def test_close_corners_are_allowed(alpha, sigma):
    assert Schedule(alpha, sigma).certified


def test_a_sign_that_no_point_confirms_stays_open():
    """Where balls tell the sign of a piece and nothing else, the piece is neither certified nor refuted."""
    found = scan(t - R(1, 3) - R(1, 10**4000), t, R(1, 3), R(1, 3) + R(1, 10**4000), Meter(10**5), want=1)
    assert found.gaps or found.against is not None


def test_times_are_sorted_by_value_where_floats_are_equal():
    times = [sin(1) + R(1, 10**60), sin(1), R(1, 3) + R(1, 10**40), R(1, 3), sin(1) - R(1, 10**300)]
    assert ascending(times) == [times[3], times[2], times[4], times[1], times[0]]


# SymPy leaves out what a text names and has no value.
TYPED_INVALID = {
    "1 + t + sqrt(t - 1/2)**2": None, "1 + t + log(t - 1/2) - log(t - 1/2)": None, "1 + t + exp(log(t - 1/2))": None,
    "1 + sin(asin(5*t))": None, "(t - 2)**(1/2)*(t - 2)**(-1/2) + t": None, "1 + t + 0/(t - 1/3)": R(1, 3),
    "t*(t - 1/3)/(t - 1/3)": R(1, 3), "1 + log(t - 10**-20)*0 + t": None, "1 + t + 0/abs(t - 1/3)": R(1, 3),
    "1 + t + 0/max(0, t - 1/2)": None, "piecewise((1 + t, t < 1/2), (1 + t + sqrt(t - 3/4)**2, True))": None,
    "1 + t + tan(pi*t)*0": R(1, 2),
}  # fmt: skip
TYPED_VALID = [
    "1 + t + sqrt(t)**2", "1 + t + exp(log(t))", "1 + t + 0/t", "1 + sin(asin(t))", "1 + t + sqrt(abs(t - 1/2))**2*0",
    "piecewise((1 + t, t < 1/2), (1 + t + sqrt(t - 1/2)**2, True))",
    "piecewise((1 + sqrt(1/2 - t)**2*0 + t, t < 1/2), (1 + t, True))",
]  # fmt: skip


@pytest.mark.parametrize("text", TYPED_INVALID)
def test_a_text_has_a_value_only_where_its_parts_have(text):
    with pytest.raises(ScheduleError) as caught:
        Schedule("1", text)
    violation = caught.value.violation
    assert violation.property == "sigma"
    assert violation.undefined
    assert TYPED_INVALID[text] in (None, violation.time)


@pytest.mark.parametrize("text", TYPED_VALID)
def test_parts_that_have_a_value_cost_nothing(text):
    assert Schedule("1", text).certified


def test_parts_are_judged_with_the_values_of_parameters():
    schedule = Schedule("1", "1 + t + 0*sqrt(edge - t)", parameters={"edge": None})
    assert schedule.with_parameters(edge=1).certified
    with pytest.raises(ScheduleError):
        schedule.with_parameters(edge="1/2")


IN_BRACKET = t**5 + t - R(1, 2)  # its root has no closed form, so Abs of it is resolved on a bracket
BRACKET_TIMES = [R(22535, 47377), R(15248, 32057), R(1444808991, 3037528978)]  # its ends, and one inside


@pytest.mark.parametrize("time", BRACKET_TIMES)
@pytest.mark.parametrize(
    "alpha",
    [
        lambda side: Piecewise((1, side < 0), (2, True)),
        lambda side: Piecewise((2, side < 0), (1, True)),
        lambda side: 2 + sign(side) + Abs(IN_BRACKET) / 1000,
        lambda side: Piecewise((-5, Eq(side, 0)), (2, True), evaluate=False),
        lambda side: Piecewise((2, side < 0), (2, side > 0), evaluate=False),
    ],
)
def test_a_jump_beside_a_corner_at_an_unknown_time_is_not_missed(alpha, time):
    assert not judged(alpha((t - time) * (1 + Abs(IN_BRACKET))), 1 + t).certified


def test_branches_apart_from_a_corner_at_an_unknown_time_are_certified():
    assert judged(Max(exp(-5 * t), R(1, 10)), Piecewise((t, t < R(1, 3)), (2 * t - R(1, 3), True))).certified


HALF = t - R(1, 2)


@pytest.mark.parametrize(
    "factor",
    [arg(HALF), acot(HALF), floor(2 * t), Heaviside(HALF), atanh(2 * t), gamma(HALF),
     Piecewise((0, Contains(t, Interval(0, R(1, 2)))), (1, True), evaluate=False)],
)  # fmt: skip
@pytest.mark.parametrize("common", [False, True])
def test_of_an_unknown_function_nothing_is_claimed(factor, common):
    """Not even where it stands in an exponential, or cancels in the log-SNR."""
    assert not judged(exp(-factor), (1 + t) * exp(-factor) if common else 1 + t).certified


def test_numbers_and_trees_that_are_too_large_are_left_open_or_judged():
    low, high = sorted([fibonacci(1500) / fibonacci(1501), fibonacci(1501) / fibonacci(1502)])
    assert judged(2 - t / 2 + Abs(t - low) / 9 + Abs(t - high) / 9, 1 + t).certified
    assert judged(2 - t / 2 + Abs(t - sqrt(2) / Integer(10) ** 4900) / 9, 1 + t).violation is None
    with pytest.warns(UncertifiedWarning):
        Schedule("2 - t + exp(-exp(exp(exp(9*t))))", "2 + t + exp(exp(exp(9*t)))/10**9")


@pytest.mark.parametrize(
    "sigma",
    [t + t * asin(2), t * 2 ** asin(2), t * exp(acos(2)), t * (1 + sqrt(cos(2))) ** 2, t * asin(2 + Abs(t) - t),
     t * 2 ** asin(2 + Abs(t) - t), t * 2 ** asin(1 + sign(t))],
)  # fmt: skip
def test_constants_that_are_not_real_are_refused(sigma):
    """Also those that are constant on a branch alone, or stand where only a sign is asked."""
    certificate = judged(1 - t, sigma)
    assert certificate["sigma"].violation.undefined


def test_constants_are_looked_at_with_the_values_of_parameters():
    schedule = Schedule(1 - t, t * asin(Symbol("c")), parameters={"c": "1/2"})
    assert schedule.certified
    with pytest.raises(ScheduleError):
        schedule.with_parameters(c=2)
