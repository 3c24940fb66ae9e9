"""The recursion of a chain's moments against brute force, the network against the data's own, programs against both."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from numerics.data import Gaussian
from numerics.montecarlo.chain import Chain, ChainProgram, Coupled, Snapshot, predict
from numerics.montecarlo.moments import summarise
from numerics.montecarlo.streams import open_source

PATHS = 2**16


def make(count=4, *, mean=0.7, variance=0.3, noise=0.2, seed=1):
    random = np.random.default_rng(seed)
    drift, network, alpha = (random.uniform(0.5, 1.0, count) for _ in range(3))
    return Chain(drift, 0.3 * network, np.full(count, noise), alpha, 1 - alpha / 2, mean, variance, (0.6, 0.8))


def run(program, seed=0):
    source = open_source(seed, "test", 0, 1, torch.device("cpu"))
    (moments,) = summarise(program.statistics(source, PATHS))
    return moments


def test_affine_network_is_that_of_the_data():
    chain = make()
    law = Gaussian([chain.mean], chain.variance)
    z = torch.linspace(-3, 3, 7, dtype=torch.float64).unsqueeze(-1)
    slopes, offsets = chain.affine()
    for k in range(4):
        eps = law.noise(z, float(chain.alpha[k]), float(chain.sigma[k]))
        step = chain.by_z[k] * z + chain.by_noise[k] * eps
        assert torch.allclose(step, slopes[k] * z + offsets[k], rtol=0, atol=1e-14)


def test_recursion_gives_the_moments_of_the_joint_gaussian():
    """Brute force: the state after N steps is linear in the start and the noises."""
    chain = make()
    slopes, offsets = chain.affine()
    found, (mean, variance) = predict(chain), chain.first
    for n in range(5):
        weights = [math.prod(slopes[:n]), *(chain.by_xi[k] * math.prod(slopes[k + 1 : n]) for k in range(n))]
        shift = sum(offsets[k] * math.prod(slopes[k + 1 : n]) for k in range(n))
        assert math.isclose(found.mean[n], weights[0] * mean + shift, rel_tol=1e-13)
        total = weights[0] ** 2 * variance + sum(w**2 for w in weights[1:])
        assert math.isclose(found.variance[n], total, rel_tol=1e-13)
        assert math.isclose(found.covariance[n], weights[0] * variance, rel_tol=1e-13)


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_simulation_has_the_moments_of_the_recursion(noise):
    chain = make(noise=noise)
    at = predict(chain)
    kinds = [("mean", at.mean), ("square", at.variance), ("product", at.covariance)]
    snapshots, expected = [], []
    for kind, column in kinds:
        for k in (0, 2, 4):
            snapshots.append(Snapshot(kind, k, float(at.mean[k]), float(at.mean[0])))
            expected.append(column[k])
    moments = run(ChainProgram(chain, tuple(snapshots)))
    assert (np.abs(moments.mean - expected) < 6 * moments.standard_error).all()
    # and not by having errors too large: a variance over 65536 paths is known to 0.6 %.
    assert (moments.standard_error < 0.01).all()


def test_coupled_gaps_are_those_of_the_simulation():
    chains = (make(2, seed=1), make(4, seed=2), make(8, seed=3))
    weights = tuple(np.stack([np.cos(a), np.sin(a)], axis=1) for a in (np.linspace(0.3, 1.2, n) for n in (2, 4)))
    for observable in ("square", "state"):
        program = Coupled(chains, weights, observable)
        strong, weak, _ = program.gaps()
        expected = [np.log2(strong[0] / strong[1]) / 2]
        if weak[0] / weak[1] > 0:
            expected.append(np.log2(weak[0] / weak[1]))
            moments = run(program)
            assert (np.abs(moments.mean - expected) < 6 * moments.standard_error).all()


def test_coupled_noise_of_a_coarse_step_is_that_of_its_halves():
    """One step against two and four that do the same: no gap is left."""
    one = Chain(np.array([1.0]), *(np.array([v]) for v in (0.0, 2.0, 1.0, 1.0)), 0.0, 1.0, (0.0, 1.0))

    def split(count):
        return Chain(
            np.ones(count), np.zeros(count), np.full(count, 2 / math.sqrt(count)), np.ones(count), np.ones(count),
            0.0, 1.0, (0.0, 1.0),
        )  # fmt: skip

    half = math.sqrt(0.5)
    program = Coupled((one, split(2), split(4)), (np.full((1, 2), half), np.full((2, 2), half)))
    strong, _, _ = program.gaps()
    assert np.abs(strong).max() < 1e-14
