"""Bad input to a plan: one sentence each."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from sympy import Integer, factorial, log

from numerics import PlanError, plan_steps
from numerics.planning.at_times import ScheduleAtTimes
from s2n_proofs import Schedule, catalogue
from s2n_proofs.symbols import t

TIMES = [0.75, 0.5, 0.25]
UNKNOWN_DEVICE = "cuda:99"


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        ([0.5, 0.75], r"times must strictly decrease; times\[0\] = 0.5 is followed by 0.75"),
        ([0.5, 0.5], "strictly decrease"),
        ([0.5, "1/2"], "strictly decrease"),
        (["pi/4", "pi/4"], "strictly decrease"),
        ([0.5], "at least two"),
        ([], "at least two"),
        ([0.5, float("nan")], r"times\[1\] must be a finite number; it is nan"),
        ([float("inf"), 0.5], "finite"),
        ([1.25, 0.5], r"must be in \[0, 1\]; times\[0\] = 1.25 is above it"),
        ([0.5, "-1/10"], r"times\[1\] = -1/10 is below it"),
        (0.5, "sequence"),
        ("1, 0", "sequence"),
        (None, "sequence"),
        ([True, 0.5], "not True"),
        ([0.75, "half"], r"times\[1\] must be a finite real number"),
        ([0.75, None], "finite real number"),
        (torch.ones(2, 2), "one dimension"),
        (torch.tensor([1, 0]), "array of integers"),
        (np.array([1, 0]), "array of integers"),
        (np.array(["a", "b"]), "real numbers"),
        (torch.tensor([1.0 + 1j, 0]), "real numbers"),
    ],
)
def test_bad_times(times, sentence):
    with pytest.raises(PlanError, match=sentence):
        plan_steps(catalogue["fm-ot"], times)


def test_a_float_beside_the_end_of_the_domain_is_explained():
    with pytest.raises(PlanError, match='write "4/5" for the end itself'):
        plan_steps(Schedule("1 - t", "t", (0, "4/5")), [0.8, 0.5])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"gamma": float("nan")}, "gamma must be a finite number"),
        ({"gamma": [1, 2, 3]}, "gamma must be one value, or one for each of the 2 steps; there are 3"),
        ({"gamma": torch.zeros(2, 2)}, "one dimension"),
        ({"delta": -0.5}, "delta must not be negative; at step 0 it is -0.5"),
        ({"delta": [0, "-1/3"]}, "at step 1 it is -1/3"),
        ({"rho": "q + 1"}, "the name 'q' is unknown"),
        ({"rho": "gamma"}, "rho must depend on t alone; gamma has no value"),
        ({"rho": "log(t - 1/2)"}, "rho has no finite real value at t = 0.5"),
        ({"gamma": "log(t - 1)"}, "gamma has no finite real value at t = 0.75"),
        ({"delta": "sqrt(t - 2/3)/(t - 3/4)**2"}, "delta has no finite real value at t = 0.75"),
        (
            {"kind": "nonmarkov", "beta": "sqrt(s - 1/2 - sqrt(2)/100000000)"},
            "beta has no finite real value at t = 0.75",
        ),
        ({"rho": 1j}, "finite real number"),
        ({"rho": "sqrt(t - 1)"}, "rho has no finite real value"),
        ({"kind": "ddim"}, "kind must be one of corollary, ancestral, nonmarkov"),
        ({"prediction": "noise"}, "prediction must be one of eps, x, score, v"),
        ({"dtype": torch.int64}, "dtype must be one of"),
        ({"dtype": "float32"}, "dtype must be one of"),
        ({"device": UNKNOWN_DEVICE}, f"device '{UNKNOWN_DEVICE}' cannot be used here"),
        ({"device": "nowhere"}, "cannot be used here"),
        ({"beta": 0.1}, 'beta belongs to kind="nonmarkov"'),
        ({"kind": "ancestral", "eta": 1}, 'eta belongs to kind="nonmarkov"'),
        ({"kind": "ancestral", "rho": 1}, 'rho belongs to kind="corollary"'),
        ({"kind": "nonmarkov"}, "takes either beta or eta"),
        ({"kind": "nonmarkov", "beta": 0, "eta": 0}, "takes either beta or eta"),
        ({"kind": "nonmarkov", "beta": -0.1}, "beta must not be negative"),
        ({"kind": "nonmarkov", "eta": -1}, "eta must not be negative"),
        ({"kind": "nonmarkov", "beta": 0.4}, "at step 1, from t = 0.5 to s = 0.25, beta = 0.4 is too large"),
        ({"kind": "nonmarkov", "beta": Fraction(1, 4) + Fraction(1, 10**60)}, "is too large"),
        ({"kind": "nonmarkov", "eta": 2}, "eta = 2 is too large"),
    ],
)
def test_bad_parameters(given, sentence):
    with pytest.raises(PlanError, match=sentence):
        plan_steps(catalogue["fm-ot"], TIMES, **given)


def test_largest_beta_and_a_hair_less_are_accepted():
    for beta in ("1/4", Fraction(1, 4) - Fraction(1, 10**60)):
        plan = plan_steps(catalogue["fm-ot"], [0.5, 0.25], kind="nonmarkov", beta=beta)
        assert plan.a_noise.item() == 0.25


def test_bad_schedules():
    with pytest.raises(PlanError, match="must be a Schedule, not str"):
        plan_steps("vp", TIMES)
    free = Schedule("exp(-rate*t)", "1 + t", parameters={"rate": None})
    with pytest.raises(PlanError, match="no value: rate"):
        plan_steps(free, TIMES)


@pytest.mark.filterwarnings("ignore::s2n_proofs.schedule.UncertifiedWarning")
def test_a_schedule_with_an_unknown_function():
    with pytest.raises(PlanError, match="cannot be evaluated: straight-line code has no factorial"):
        plan_steps(Schedule(1, factorial(t) + t), TIMES)


@pytest.mark.filterwarnings("ignore::s2n_proofs.schedule.UncertifiedWarning")
def test_an_end_whose_limit_is_not_known():
    schedule = Schedule("1", "1 + t + exp(-1/t)*sin(1/t)/1000")
    with pytest.raises(PlanError, match="the limit of sigma at the start of the domain, t = 0, is not known"):
        plan_steps(schedule, [0.5, 0])
    assert len(plan_steps(schedule, TIMES)) == 2


@pytest.mark.parametrize(
    ("sigma", "sentence"), [(t - 1, "sigma must be positive; at t = 0.5 it is -0.5"), (log(t - 1), "no finite value")]
)
def test_values_that_are_not_positive_are_refused(sigma, sentence):
    at = ScheduleAtTimes(catalogue["ve"], TIMES)
    at.check_positive(1)
    at.formulas[1] = (Integer(1), sigma)  # as a schedule that was certified in part may be
    with pytest.raises(PlanError, match=sentence):
        at.check_positive(1)
