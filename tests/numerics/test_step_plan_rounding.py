"""Every coefficient of a plan is the derived formula's value, rounded once."""

from fractions import Fraction
from itertools import pairwise, product

import mpmath
import pytest
import torch
from flint import ctx
from sympy import Integer, Rational, Symbol, sqrt

from numerics import plan_steps
from s2n_proofs import Schedule, catalogue
from s2n_proofs.symbols import t
from tests.numerics.oracle import (
    DIGITS,
    converted,
    exact,
    formulas,
    nearest,
    number,
    rows,
    schedule_values,
    triple,
)  # fmt: skip

DTYPES = (torch.float32, torch.float64)


def inner_grid(schedule, steps):
    """Times strictly inside the domain, as float64: where the derived formulas have plain values."""
    low, high = map(float, schedule.domain)
    return torch.linspace(high, low, steps + 3, dtype=torch.float64)[1:-1]


def wrong(schedule, name, times, knobs, dtypes=DTYPES):
    """The coefficients that differ from the oracle's: (step, part, dtype, planned, wanted)."""
    plans = [plan_steps(schedule, times, *knobs, dtype=dtype) for dtype in dtypes]
    step = "step_limit" if knobs[0] == -1 else "step"
    function = formulas(name, step)
    found = []
    with mpmath.workdps(DIGITS):
        constants = [mpmath.mpf(float(x)) for x in (*knobs, 0)]
        values = [mpmath.mpf(float(time)) for time in times]
        for i, (start, end) in enumerate(pairwise(values)):
            wanted = [exact(mpmath.mpf(x)) for x in function(end, start, *constants)]
            for plan in plans:
                row = (plan.a_z[i].item(), plan.a_eps[i].item(), plan.a_noise[i].item())
                found += [
                    (i, part, plan.a_z.dtype, got, want)
                    for part, got, value in zip("zen", row, wanted, strict=True)
                    if got != (want := nearest(value, plan.a_z.dtype))
                ]
    return found


GRID = tuple(product((0.0, -1.0, 0.5, -0.25), (0.0, 1.0, 0.3), (0.0, 1.0, 0.7)))


@pytest.mark.parametrize("steps", [10, 50])
@pytest.mark.parametrize("name", catalogue.names())
def test_all_coefficients_are_correctly_rounded(name, steps):
    schedule = catalogue[name]
    times = inner_grid(schedule, steps)
    knobs = GRID if steps == 10 else GRID[::5]
    assert [case for knob in knobs for case in wrong(schedule, name, times, knob)] == []


@pytest.mark.parametrize("knobs", [(0.0, 0.0, 0.0), (0.3, 0.95, 1.0), (-1.0, 0.5, 0.7)])
@pytest.mark.parametrize("name", catalogue.names())
def test_a_thousand_steps_are_correctly_rounded(name, knobs):
    schedule = catalogue[name]
    assert wrong(schedule, name, inner_grid(schedule, 1000), knobs) == []


def test_the_comparison_rejects_a_neighbouring_float():
    schedule = catalogue["vp"]
    value = exact(triple("vp", "step", 0.5, 0.25)[1])
    planned = plan_steps(schedule, [0.5, 0.25]).a_eps
    neighbour = torch.nextafter(planned, torch.tensor(0.0)).item()
    assert planned.item() == nearest(value, torch.float32) != neighbour


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", catalogue.names())
@pytest.mark.parametrize(
    ("kind", "extra"), [("ancestral", {}), ("nonmarkov", {"beta": 2**-9}), ("nonmarkov", {"eta": 0.6})]
)
@pytest.mark.parametrize("prediction", ["eps", "x", "score", "v"])
def test_every_kind_and_prediction_is_correctly_rounded(name, kind, extra, prediction, dtype):
    schedule = catalogue[name]
    times = inner_grid(schedule, 6)
    plan = plan_steps(schedule, times, kind=kind, prediction=prediction, dtype=dtype, **extra)
    for row, (start, end) in zip(rows(plan), pairwise(times.tolist()), strict=True):
        knobs = dict(extra)
        with mpmath.workdps(DIGITS):
            if "eta" in knobs:
                used = mpmath.mpf(knobs.pop("eta")) * triple(name, "ancestral_step", start, end)[2]
                knobs["beta"] = exact(used)
            a_z, a_eps, a_noise = triple(name, f"{kind}_step", start, end, **knobs)
            alpha, sigma = schedule_values(name)(number(start))
            a_z, a_eps = converted(a_z, a_eps, alpha, sigma, prediction)
            assert row == tuple(nearest(exact(x), dtype) for x in (a_z, a_eps, a_noise))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_tiny_steps_keep_every_digit(dtype):
    times = [0.5, 0.5 - 2**-50]
    plan = plan_steps(catalogue["vp"], times, 0.25, 0.5, 1.0, dtype=dtype)
    wanted = triple("vp", "step", *times, gamma=0.25, delta=0.5, rho=1)
    assert rows(plan) == [tuple(nearest(exact(x), dtype) for x in wanted)]


def test_ties_go_to_the_even_number():
    # alpha_s/alpha_t = 2 (1 - s) with s = k/4096: twelve digits, of which float16 has eleven.
    schedule = catalogue["fm-ot"]
    ends = [Fraction(k, 4096) for k in range(1, 2048)]
    ties = 0
    for end in ends[::37]:
        ratio = 2 * (1 - end)
        plan = plan_steps(schedule, ["1/2", end], dtype=torch.float16)
        want = nearest(ratio, torch.float16)
        ties += 2 * abs(Fraction(want) - ratio) == Fraction(1, 1024)
        assert plan.a_z.item() == want
        assert plan.a_eps.item() == nearest(end - ratio / 2, torch.float16)
    assert ties > 20


TIE = 1 + Fraction(1, 2**24)  # halfway between two numbers of float32
# In fm-ot from t = 1/2 to s = 3/8 the noise is rho/2 exactly: r = 3/5.
HALVING = {"schedule": catalogue["fm-ot"], "times": ["1/2", "3/8"]}


@pytest.mark.parametrize(("sign", "want"), [(1, 0.5 * (1 + 2**-23)), (-1, 0.5)])
def test_precision_rises_until_a_near_tie_is_decided(sign, want):
    rho = sqrt(Rational(TIE.numerator, TIE.denominator) ** 2 + sign * Rational(1, 2**600))
    plan = plan_steps(**HALVING, rho=rho)
    assert plan.a_noise.item() == want
    assert 600 < plan.precision_bits <= 2048
    assert plan.hit_cap == ()


def test_an_irrational_disguise_of_a_tie_is_seen_through():
    rho = sqrt(2) * sqrt(3) - sqrt(6) + Rational(TIE.numerator, TIE.denominator)
    plan = plan_steps(**HALVING, rho=rho)
    assert plan.a_noise.item() == 0.5
    assert plan.hit_cap == ()


def test_the_cap_is_reported():
    rho = sqrt(Rational(TIE.numerator, TIE.denominator) ** 2 + Rational(1, 2**4200))
    plan = plan_steps(**HALVING, rho=rho)
    assert (plan.precision_bits, plan.hit_cap) == (4096, (0,))
    assert plan.a_noise.item() in (0.5, 0.5 * (1 + 2**-23))


def test_exact_zeros_ones_and_halves():
    plan = plan_steps(catalogue["fm-ot"], ["3/4", "1/2"])
    assert rows(plan) == [(2.0, -1.0, 0.0)]


@pytest.mark.parametrize("prediction", ["eps", "x", "score", "v"])
@pytest.mark.parametrize("knobs", [{"gamma": 1, "rho": 1}, {"gamma": -1, "rho": 1}, {"kind": "nonmarkov", "eta": 1}])
def test_nothing_moves_where_the_log_snr_is_flat(knobs, prediction):
    schedule = Schedule(
        "piecewise((1 - t, t < 1/3), (2/3, t < 1/2), (7/6 - t, True))",
        "piecewise((t, t < 1/3), (1/3, t < 1/2), (t - 1/6, True))",
    )
    plan = plan_steps(schedule, ["1/2", "2/5", "1/3"], **knobs, prediction=prediction)  # no ball tells thirds apart
    assert rows(plan) == [(1.0, 0.0, 0.0)] * 2


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("power", [20, 24, 25, 26, 140, 149, 150, 151, 1070, 1074, 1075, 1080])
def test_underflow_is_gradual(dtype, power):
    for numerator in (1, 3):
        plan = plan_steps(**HALVING, rho=Fraction(numerator, 2**power), dtype=dtype)
        assert plan.a_noise.item() == nearest(Fraction(numerator, 2 ** (power + 1)), dtype)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_overflow_is_infinite_from_half_a_unit_beyond_the_largest(dtype):
    largest = Fraction(torch.finfo(dtype).max)
    limit = largest * (1 + Fraction(torch.finfo(dtype).eps) / 4 / (1 - Fraction(torch.finfo(dtype).eps) / 2))
    for rho in (2 * largest, 2 * limit, 2 * limit * (1 - Fraction(1, 2**200)), -4 * limit):
        plan = plan_steps(**HALVING, rho=rho, dtype=dtype)
        assert plan.a_noise.item() == nearest(rho / 2, dtype)


def test_bfloat16_is_rounded_once():
    # In two roundings, first to float32, this goes down: 1 + 2**-8 + 2**-30 is just above a tie.
    value = 1 + Fraction(1, 2**8) + Fraction(1, 2**30)
    plan = plan_steps(**HALVING, rho=2 * value, dtype=torch.bfloat16)
    assert plan.a_noise.item() == 1 + 2**-7
    assert torch.tensor(float(value)).to(torch.bfloat16).item() == 1.0


def test_times_are_exact_numbers():
    as_float = plan_steps(catalogue["fm-ot"], [0.7, 0.1], dtype=torch.float64)
    as_text = plan_steps(catalogue["fm-ot"], ["7/10", "1/10"], dtype=torch.float64)
    assert as_float.a_z.item() == nearest((1 - Fraction(0.1)) / (1 - Fraction(0.7)), torch.float64)
    assert as_text.a_z.item() == 3.0
    assert as_float.exact_times == (0.7, 0.1)
    assert as_text.exact_times == (Fraction(7, 10), Fraction(1, 10))


def test_irrational_times_and_schedules_given_as_text():
    schedule = Schedule("1/(1 + t**3)", "t**(3/2) + 1/20")
    plan = plan_steps(schedule, ["pi/4", "sqrt(2)/3", 0], dtype=torch.float64)
    alpha = [1 / (1 + mpmath.mpf(x) ** 3) for x in (mpmath.pi / 4, mpmath.sqrt(2) / 3)]
    assert plan.a_z[0].item() == pytest.approx(float(alpha[1] / alpha[0]), rel=4e-16)
    assert plan.a_z.dtype == plan.times.dtype == torch.float64
    assert len(plan) == 2


def test_parameters_as_expressions_sequences_and_tensors_agree():
    schedule, times = catalogue["fm-ot"], ["3/4", "1/2", "1/4"]
    spelled = plan_steps(schedule, times, gamma="t", delta="t**2", rho="sigma(t)")
    listed = plan_steps(
        schedule, times, gamma=["3/4", "1/2"], delta=(Rational(9, 16), 0.25), rho=torch.tensor([0.75, 0.5])
    )
    assert rows(spelled) == rows(listed)
    assert rows(plan_steps(schedule, times, rho=Symbol("t"))) == rows(plan_steps(schedule, times, rho=["3/4", "1/2"]))


def test_a_piecewise_parameter_is_decided_at_the_exact_time():
    churn = plan_steps(
        catalogue["edm"], [80, "1/3", "1/5", "1/6"], rho="piecewise((0, t < 1/5), (1, t <= 1/3), (0, True))"
    )
    assert (churn.a_noise != 0).tolist() == [False, True, True]


def test_gamma_minus_one_is_recognised_in_an_expression():
    spelled = plan_steps(catalogue["vp"], [0.5, 0.25, 0.125], gamma="-2*t")
    assert spelled.a_eps[0] == plan_steps(catalogue["vp"], [0.5, 0.25], gamma=-1).a_eps[0]


def test_beta_at_its_bounds():
    schedule, times = catalogue["vp"], [0.75, 0.5]
    deterministic = plan_steps(schedule, times, kind="nonmarkov", beta=0)
    assert rows(deterministic) == rows(plan_steps(schedule, times))
    assert rows(plan_steps(schedule, times, kind="nonmarkov", eta=1)) == rows(
        plan_steps(schedule, times, kind="ancestral")
    )
    largest = plan_steps(schedule, times, kind="nonmarkov", beta="sigma(s)")
    a_z = triple("vp", "ancestral_step", *times)[0]
    sigma_s, sigma_t = (mpmath.sqrt(1 - mpmath.exp(-mpmath.mpf("9.95") * x**2 - x / 10)) for x in times[::-1])
    assert rows(largest)[0] == pytest.approx((a_z, -a_z * sigma_t, sigma_s), rel=torch.finfo(torch.float32).eps)


def test_flint_precision_is_left_as_it_was():
    before = ctx.prec
    plan_steps(catalogue["vp"], [0.75, 0.5])
    assert ctx.prec == before


def test_integers_of_sympy_and_python_are_exact():
    edm = catalogue["edm"]
    assert rows(plan_steps(edm, [80, 3, 1])) == rows(plan_steps(edm, [Integer(80), Integer(3), 1.0]))


def textbook(schedule, end, start, gamma, delta, rho):
    """Corollary 1 by hand, in alpha and sigma at two rational times, at the precision in force."""
    rule = [{t: Rational(x.numerator, x.denominator)} for x in (end, start)]
    (a_s, s_s), (a_t, s_t) = (
        [mpmath.mpf(str(part.subs(put).evalf(DIGITS))) for part in (schedule.alpha, schedule.sigma)] for put in rule
    )
    ratio, carried = (s_s / a_s) / (s_t / a_t), a_s / a_t * s_t
    integral = -mpmath.log(ratio) if gamma == -1 else (1 - ratio ** (1 + gamma)) / (1 + gamma)
    noise = rho * ratio**delta * carried * mpmath.sqrt(1 - ratio**2)
    return a_s / a_t, -(1 + rho**2) * carried * integral, noise


SCHEDULES = [
    Schedule("1/(1 + t**3)", "t**(3/2) + 1/20"),
    Schedule("min(1, 6/5 - t)", "max(t, 1/10)"),
    Schedule("piecewise((1 - t, t < 1/3), (2/3, True))", "piecewise((t, t < 1/3), (t**2 + 2/9, True))"),
    Schedule("cos(pi*t/2)", "sin(pi*t/2)"),
    Schedule("exp(-100*t**2)", "1 + log(1 + t)", (0, 2)),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("knobs", [(0, 0, 0), (-1, 2, 1), (3, Fraction(1, 2), Fraction(-1, 3))])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
def test_schedules_given_as_text(schedule, knobs, dtype):
    # 1/3, where a branch changes, is no float; beside it the steps are tiny.
    times = [Fraction(x) for x in ("0.93", "0.4", "1/3", "0.33333333333333331", "0.2", "0.1", "0.05", "1/100000")]
    planned = rows(plan_steps(schedule, times, *knobs, dtype=dtype))
    with mpmath.workdps(DIGITS):
        for row, (start, end) in zip(planned, pairwise(times), strict=True):
            wanted = textbook(schedule, end, start, *map(number, knobs))
            # The oracle's 90 digits leave 60 where two equal ratios cancel, and a zero there is an exact zero.
            assert row == tuple(0.0 if abs(x) < 1e-60 else nearest(exact(x), dtype) for x in wanted)


def test_times_spread_over_three_hundred_decades():
    schedule, times = catalogue["vp"], [10.0**-k for k in range(1, 301, 13)]
    plan = plan_steps(schedule, times, 0.25, 0.5, 1.0, dtype=torch.float64)
    for row, (start, end) in zip(rows(plan), pairwise(times), strict=True):
        wanted = triple("vp", "step", start, end, gamma=0.25, delta=0.5, rho=1, digits=700)
        assert row == tuple(nearest(exact(x), torch.float64) for x in wanted)


@pytest.mark.parametrize("gamma_", [10**6, -(10**6), -1 + Fraction(1, 10**300), 1e300])
def test_extreme_gamma_ends(gamma_):
    plan = plan_steps(catalogue["fm-ot"], ["1/2", "1/4"], gamma_, dtype=torch.float64)
    assert not plan.a_eps.isnan().any()
    assert plan.hit_cap == ()
