"""Fréchet's distance and MMD against closed forms; intervals that hold the truth."""

import pytest
import torch

from numerics.experiments.distances import (
    estimate,
    estimate_of_difference,
    frechet,
    frechet_of_samples,
    mmd,
    resamples,
)
from numerics.experiments.errors import ExperimentError


def rows(count, shift=0.0, seed=0):
    return torch.randn(count, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + shift


def distance(found, reference):
    return estimate(resamples(found, frechet_of_samples(found, reference)))


def test_frechet_of_gaussians_that_do_not_commute():
    a = torch.tensor([[2.0, 1.0], [1.0, 2.0]], dtype=torch.float64)
    b = torch.diag(torch.tensor([1.0, 4.0], dtype=torch.float64))
    zero = torch.zeros(2)
    # tr sqrt of a 2 by 2 matrix M is sqrt(tr M + 2 sqrt(det M)), here of a b.
    root = ((a @ b).trace() + 2 * (a.det() * b.det()).sqrt()).sqrt()
    assert frechet(zero, a, zero, b) == pytest.approx(float(a.trace() + b.trace() - 2 * root), rel=1e-12)
    assert frechet(zero, a, zero, a) == pytest.approx(0, abs=1e-12)


def test_a_shift_is_measured_and_lies_in_the_interval():
    reference = rows(2000, seed=1)
    found = distance(rows(2000, 0.5), reference)
    wanted = frechet(torch.full((3,), 0.5), torch.eye(3), reference.mean(0), torch.cov(reference.T))
    assert found.low <= wanted <= found.high
    assert found.high - found.low < 0.2


def test_mmd_tells_a_shift_from_none():
    same, other = mmd(rows(1000), rows(1000, seed=1)), mmd(rows(1000, 0.5), rows(1000, seed=1))
    assert same.low <= 0 <= same.high
    assert other.value > same.high


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (torch.zeros(2, 3), "at least four rows"),
        (torch.full((5, 3), torch.nan), "not finite"),
        (torch.zeros(5, 2), "2 features"),
    ],
)
def test_rows_that_cannot_be_compared(found, message):
    with pytest.raises(ExperimentError, match=message):
        frechet_of_samples(found, rows(5))


def test_the_bias_of_few_rows_is_taken_off():
    reference = rows(20000, seed=1)
    plain = [
        frechet(x.mean(0), torch.cov(x.T), reference.mean(0), torch.cov(reference.T)) for x in map(_few, range(20))
    ]
    mended = [distance(_few(k), reference).value for k in range(20)]
    assert sum(mended) < sum(plain) / 2


def _few(seed):
    return rows(50, seed=100 + seed)


def test_differences_are_known_better_where_the_noise_is_common():
    reference = rows(20000, seed=1)
    wrong, found, widths = 0, 0, [0.0, 0.0]
    for k in range(20):
        base = rows(400, seed=100 + k)
        pair = [base + 0.1 * rows(400, seed=200 + 2 * k + i) for i in range(2)]  # one law, much noise in common
        samples = (*pair, rows(400, seed=300 + k), 1.2 * base)
        values = [resamples(x, frechet_of_samples(x, reference)) for x in samples]
        common, alone = (estimate_of_difference(values[0], values[i]) for i in (1, 2))
        widths[0] += common.high - common.low
        widths[1] += alone.high - alone.low
        wrong += not common.low <= 0 <= common.high
        found += estimate_of_difference(values[3], values[0]).low > 0
    assert widths[0] < widths[1] / 2
    # A 95 % interval misses in one of 20; four or more would happen in 2 % of such tests.
    assert wrong <= 3
    assert found >= 15  # the wider law, Fréchet² 0.12
