"""The orders that the theory proves, measured by regression on data with an exact score."""

import math

import numpy as np
import pytest
import torch

from numerics.sampler import Sampler
from numerics.sampling.grids import log_snr_times
from s2n_proofs import catalogue

from .laws import network

SPAN = {"fm-ot": ("9/10", "1/10"), "edm": (20, "1/20"), "vp": ("9/10", "1/50")}
STATES = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]


def end_state(name, steps, prediction="eps", **options):
    times = log_snr_times(catalogue[name], steps, *SPAN[name])
    sampler = Sampler(catalogue[name], times, prediction=prediction, dtype=torch.float64, **options)
    scale = float(catalogue[name].sigma_at(SPAN[name][0]))
    return sampler.run(network(name, prediction), STATES * scale).z


@pytest.fixture(scope="module", params=SPAN)
def case(request):
    return request.param, end_state(request.param, 1024, method="heun")


@pytest.mark.parametrize(
    ("order", "options"),
    [
        (1, {}),
        (2, {"method": "heun"}),
        (2, {"method": "heun", "gamma": "3/10", "prediction": "v"}),
        (2, {"method": "heun", "form": "x", "prediction": "x"}),
        (2, {"method": "multistep"}),
        (2, {"method": "multistep", "gamma": "1/2", "prediction": "score"}),
        (2, {"method": "multistep", "form": "x"}),
    ],
    ids=str,
)
def test_the_slope_of_the_error_is_the_order(case, order, options):
    name, best = case
    counts = (48, 64, 96, 128)
    errors = [float((end_state(name, n, **options) - best).abs().max()) for n in counts]
    slope = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
    # A wrong weight leaves an error of the order below: the midpoint between two orders separates them.
    assert abs(slope - order) < 0.5, errors
    assert math.isfinite(slope)


@pytest.mark.parametrize("broken", [0.9, 1.1])
def test_a_wrong_weight_costs_the_order(broken):
    name, options = "fm-ot", {"method": "heun"}
    best = end_state(name, 1024, **options)
    errors = []
    for steps in (64, 128):
        times = log_snr_times(catalogue[name], steps, *SPAN[name])
        sampler = Sampler(catalogue[name], times, dtype=torch.float64, **options)
        pairs = sampler._method._pairs
        sampler._method._pairs = {k: (a * broken, b * (2 - broken)) for k, (a, b) in pairs.items()}
        z = sampler.run(network(name, "eps"), STATES * float(catalogue[name].sigma_at(SPAN[name][0]))).z
        errors.append(float((z - best).abs().max()))
    assert math.log2(errors[0] / errors[1]) < 1.5
