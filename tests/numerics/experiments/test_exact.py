"""The exact law of the end against sampling, and against what is known."""

import pytest
import torch

from numerics import plan_steps
from numerics.data.field import GaussianField
from numerics.experiments.errors import ExperimentError
from numerics.experiments.exact import end_variances, frechet_of_variances
from numerics.experiments.problem import Problem, sigma_times
from numerics.experiments.sweep import Point, measure, samples_of
from s2n_proofs import catalogue

SMALL = Problem("small", shape=(48,), law=GaussianField(4, 3))


@pytest.mark.parametrize("point", [Point("0", "0", "0", 12), Point("1/5", "0", "0", 12), Point("1", "1/2", "1", 12)])
def test_samples_have_the_variances_that_are_computed(point):
    schedule, times = sigma_times(SMALL, point.nfe)
    plan = plan_steps(schedule, times, point.gamma, point.delta, point.rho, dtype=torch.float64)
    wanted = float(end_variances(plan, SMALL.law.modes.flatten()).mean())
    count = 4000
    found = float(samples_of(SMALL, point, count, seed=3).var())
    # The variance of the largest modes dominates: a handful of them, count rows each, 3 channels.
    assert abs(found / wanted - 1) < 5 * (2 / count) ** 0.5


def test_another_gamma_is_told_apart():
    (a, b) = (measure(SMALL, Point(gamma, "0", "0", 12), 0, 0)["variance_ratio"] for gamma in ("0", "1/5"))
    assert b / a - 1 > 5 * (2 / 4000) ** 0.5


def test_many_steps_reach_the_data():
    field = Problem("field", law=GaussianField(8, 1))
    errors = [measure(field, Point("0", "0", "0", n), 0, 0)["frechet"][0] ** 0.5 for n in (50, 100)]
    # A method of first order: half the step, half the distance.
    assert 1.8 < errors[0] / errors[1] < 2.2


def test_frechet_of_variances():
    assert frechet_of_variances(torch.tensor([4.0]), torch.tensor([1.0])) == 1.0


def test_another_plan_is_refused():
    with pytest.raises(ExperimentError, match='prediction="eps" in float64'):
        end_variances(plan_steps(catalogue["fm-ot"], ["1/2", 0]), torch.ones(1))
