"""Plans at sigma(0) = 0 and alpha(T) = 0: the limits where they exist, a sentence where they don't."""

from fractions import Fraction

import mpmath
import pytest
import torch

from numerics import PlanError, plan_steps
from s2n_proofs import Schedule, catalogue
from tests.numerics.oracle import converted, number, rows, schedule_values, triple

TINY = Fraction(1, 10**400)
FLOAT64 = torch.finfo(torch.float64).eps


def beside(name, step, start, end, knobs, prediction):
    """The coefficients a tiny way off the end, from the derived formulas at 1500 digits."""
    a_z, a_eps, a_noise = triple(name, step, start, end, **knobs, digits=1500)
    with mpmath.workdps(1500):
        alpha, sigma = map(mpmath.mpf, schedule_values(name)(number(start)))
        return (*converted(a_z, a_eps, alpha, sigma, prediction), a_noise)


def close(got, want):
    # What is TINY off enters as r**(1/4) at worst, r = 1e-200 where sigma is a root of t; the rest is the plan's rounding.
    with mpmath.workdps(100):
        return all(abs(g - w) <= FLOAT64 / 2 * abs(w) + mpmath.mpf("1e-45") for g, w in zip(got, want, strict=True))


@pytest.mark.parametrize("name", ["vp", "iddpm", "fm-ot", "sub-vp"])
@pytest.mark.parametrize(
    "knobs",
    [{}, {"gamma": 0.5, "rho": 1}, {"gamma": -0.5, "delta": 0.25, "rho": 0.5}, {"gamma": 1, "delta": 1, "rho": 1}],
)
@pytest.mark.parametrize("prediction", ["eps", "x", "score", "v"])
def test_limit_where_sigma_vanishes(name, knobs, prediction):
    schedule = catalogue[name]
    plan = plan_steps(schedule, [0.5, 0], **knobs, prediction=prediction, dtype=torch.float64)
    assert close(rows(plan)[0], beside(name, "step", 0.5, TINY, knobs, prediction))


@pytest.mark.parametrize("kind", ["ancestral", "nonmarkov"])
def test_limit_of_the_other_steps_where_sigma_vanishes(kind):
    extra = {"beta": 0} if kind == "nonmarkov" else {}
    plan = plan_steps(catalogue["vp"], [0.5, 0], kind=kind, dtype=torch.float64, **extra)
    assert close(rows(plan)[0], beside("vp", f"{kind}_step", 0.5, TINY, {}, "eps"))
    with_eta = plan_steps(catalogue["vp"], [0.5, 0], kind="nonmarkov", eta="3/2", dtype=torch.float64)
    assert rows(with_eta) == rows(plan_steps(catalogue["vp"], [0.5, 0], kind="nonmarkov", beta=0, dtype=torch.float64))


@pytest.mark.parametrize("name", ["iddpm", "fm-ot"])
@pytest.mark.parametrize("prediction", ["x", "v"])
@pytest.mark.parametrize("knobs", [{}, {"gamma": 1, "delta": 1, "rho": 1}, {"gamma": 0.25, "delta": 1.25, "rho": 0.5}])
def test_limit_where_alpha_vanishes(name, prediction, knobs):
    schedule = catalogue[name]
    plan = plan_steps(schedule, [1, 0.5], **knobs, prediction=prediction, dtype=torch.float64)
    assert close(rows(plan)[0], beside(name, "step", 1 - TINY, 0.5, knobs, prediction))


@pytest.mark.parametrize("name", ["iddpm", "fm-ot"])
@pytest.mark.parametrize("prediction", ["x", "v"])
@pytest.mark.parametrize(("kind", "extra"), [("ancestral", {}), ("nonmarkov", {"beta": 0.25})])
def test_limit_of_the_other_steps_where_alpha_vanishes(name, prediction, kind, extra):
    schedule = catalogue[name]
    plan = plan_steps(schedule, [1, 0.5], kind=kind, prediction=prediction, dtype=torch.float64, **extra)
    assert close(rows(plan)[0], beside(name, f"{kind}_step", 1 - TINY, 0.5, extra, prediction))


@pytest.mark.parametrize("name", ["iddpm", "fm-ot"])
def test_largest_noise_where_alpha_vanishes(name):
    knobs = {"prediction": "x", "dtype": torch.float64}
    full = plan_steps(catalogue[name], [1, "1/3"], kind="nonmarkov", beta="sigma(s)", **knobs)
    assert rows(full) == rows(plan_steps(catalogue[name], [1, "1/3"], kind="ancestral", **knobs))
    assert rows(full) == rows(plan_steps(catalogue[name], [1, "1/3"], kind="nonmarkov", eta=1, **knobs))


@pytest.mark.parametrize(("prediction", "output"), [("x", 1.0), ("v", -1.0)])
def test_one_step_from_pure_noise_to_data(prediction, output):
    for name in ("iddpm", "fm-ot"):
        for extra in ({}, {"kind": "ancestral"}, {"kind": "nonmarkov", "eta": 1}, {"gamma": 1, "delta": 1, "rho": 1}):
            assert rows(plan_steps(catalogue[name], [1, 0], prediction=prediction, **extra)) == [(0.0, output, 0.0)]


@pytest.mark.parametrize("gamma_", [-1, -1.5, "-1"])
def test_gamma_at_most_minus_one_diverges_where_sigma_vanishes(gamma_):
    with pytest.raises(PlanError, match="gamma must be greater than -1"):
        plan_steps(catalogue["vp"], [0.5, 0], gamma_)
    assert plan_steps(catalogue["vp"], [0.5, 0.25], gamma_).a_eps.isfinite().all()


@pytest.mark.parametrize("prediction", ["eps", "score"])
def test_eps_and_score_have_no_limit_where_alpha_vanishes(prediction):
    with pytest.raises(PlanError, match='prediction="x"'):
        plan_steps(catalogue["iddpm"], [1, 0.5], prediction=prediction)


@pytest.mark.parametrize("knobs", [{"gamma": 0.5}, {"rho": 1}, {"gamma": 1, "rho": 1}, {"gamma": -1}])
def test_no_limit_where_alpha_vanishes_unless_gamma_is_rho_squared(knobs):
    with pytest.raises(PlanError, match=r"gamma must be rho\*\*2"):
        plan_steps(catalogue["iddpm"], [1, 0.5], **knobs, prediction="x")


def test_infinite_end_is_refused():
    schedule = Schedule("1", "t/(1 - t)")
    with pytest.raises(PlanError, match="sigma is infinite at the end"):
        plan_steps(schedule, [1, 0.5])
    assert plan_steps(schedule, [0.75, 0.5]).a_z.tolist() == [1.0]
