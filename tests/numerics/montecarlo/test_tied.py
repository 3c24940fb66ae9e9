"""The quick formula against the data's own posterior, sample by sample, and turned space against unturned."""

from __future__ import annotations

import math

import pytest
import torch

from numerics.data import GaussianMixture
from numerics.montecarlo.moments import summarise
from numerics.montecarlo.streams import TorchSource, Workspace, open_source
from numerics.montecarlo.tied import TwoGaussians

CPU = torch.device("cpu")


class Kept(TorchSource):
    """A source that remembers its numbers as they are before they get a mean and a spread."""

    def __init__(self):
        super().__init__(0, "a", 0, 1, CPU)
        self.numbers = []

    def normal_(self, out, mean=0.0, std=1.0):
        super().normal_(out)
        self.numbers.append(out[0].double())
        return out.mul_(std).add_(mean)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_errors_are_those_of_the_mixture_sample_by_sample(dimension):
    program = TwoGaussians(1.1, 0.1, dimension, 0.7, 0.6)
    axis = [1.1] + [0.0] * (dimension - 1)
    law = GaussianMixture([1, 1], [[-d for d in axis], axis], [0.1, 0.1])
    kept = Kept()
    (square,) = program.statistics(kept, 1000)
    along, across = kept.numbers[:2], kept.numbers[2:]
    x = torch.stack([along[0], *across[::2]], dim=-1) * 0.1**0.5
    x[:, 0] += 1.1
    z = 0.7 * x + 0.6 * torch.stack([along[1], *across[1::2]], dim=-1)
    expected = (x - law.posterior_mean(z, 0.7, 0.6)).square().sum(-1)
    # A dozen roundings of numbers of size 3, squared.
    assert torch.allclose(square[0].double(), expected, rtol=0, atol=100 * torch.finfo(torch.float32).eps)


def test_turning_space_changes_nothing():
    """The same two Gaussians with their means on a slope, simulated by the data's own formulas."""
    (quick,) = summarise(
        TwoGaussians(math.hypot(1.0, 0.5), 0.1, 2, 0.7, 0.6).statistics(open_source(0, "a", 0, 1, CPU), 2**16)
    )
    law = GaussianMixture([1, 1], [[-1.0, 0.5], [1.0, -0.5]], [0.1, 0.1])
    generator = torch.Generator().manual_seed(1)
    x = law.sample(2**16, generator, dtype=torch.float64)
    z = 0.7 * x + 0.6 * torch.randn(x.shape, generator=generator, dtype=torch.float64)
    (plain,) = summarise([(x - law.posterior_mean(z, 0.7, 0.6)).square().sum(-1).unsqueeze(0)])
    error = math.hypot(quick.standard_error[0], plain.standard_error[0])
    assert abs(quick.mean[0] - plain.mean[0]) < 5 * error
    assert error < 0.02 * plain.mean[0]


def test_memory_is_used_again_without_a_trace():
    workspace, results = Workspace(), []
    for source in (
        open_source(0, "a", 0, 1, CPU),
        *(open_source(0, "a", 0, 1, CPU, workspace=workspace) for _ in range(2)),
    ):
        results.append(TwoGaussians(1.1, 0.1, 2, 0.7, 0.6).statistics(source, 1000)[0].clone())
        workspace.reset()
    assert torch.equal(results[0], results[1])
    assert torch.equal(results[0], results[2])
