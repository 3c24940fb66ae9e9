"""Merged summaries against numpy on all samples at once; sums whose bits do not depend on company."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from numerics.montecarlo.moments import folded_sum, merge_in_order, summarise

EPS = np.finfo(np.float64).eps


@given(st.lists(st.integers(2, 50), min_size=1, max_size=6), st.integers(0, 99), st.sampled_from([0.0, 1.0, 7.0, 1e4]))
def test_merged_parts_are_the_whole(sizes, seed, offset):
    x = torch.randn(2, sum(sizes), generator=torch.Generator().manual_seed(seed)) + offset
    parts = [summarise([row.unsqueeze(0) for row in piece])[0] for piece in x.split(sizes, dim=1)]
    merged, whole = merge_in_order(parts), x.double().numpy()
    assert merged.count == sum(sizes)
    # Every merge adds a rounding of the offset to the mean, which enters the sum of squares by its square.
    size = np.abs(whole).max()
    assert np.allclose(merged.mean, whole.mean(axis=1), rtol=0, atol=8 * len(sizes) * EPS * size)
    # A sum of n squares may be off by n roundings, of which 1/100 is left by what cancels, in either computation.
    rounding = 2 * 100 * whole.shape[1] * EPS
    slack = 64 * EPS * whole.shape[1] * (1 + size)
    assert np.allclose(merged.variance, whole.var(axis=1, ddof=1), rtol=rounding, atol=slack)


def test_a_large_offset_does_not_cancel_the_variance():
    """Sums of squares in float64 would keep none of the variance at an offset of 1e8."""
    x = torch.randn(1, 1000, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    plain, moved = (merge_in_order(summarise([v[:, :500]]) + summarise([v[:, 500:]])) for v in (x, x + 1e8))
    naive = ((x + 1e8) ** 2).mean() - ((x + 1e8).mean()) ** 2
    assert abs(moved.variance[0] - plain.variance[0]) < 1e-6
    assert abs(float(naive) - plain.variance[0]) > 0.1


@pytest.mark.parametrize("length", [1, 2, 3, 17, 1000, 65536])
def test_a_row_has_the_same_bits_alone_and_in_company(length):
    x = torch.randn(5, length, dtype=torch.float64, generator=torch.Generator().manual_seed(length))
    together = folded_sum(x)
    assert all(torch.equal(together[i : i + 1], folded_sum(x[i : i + 1])) for i in range(5))
    assert torch.allclose(together, x.sum(1), rtol=0, atol=length * EPS * 5)
    for samples in (x, x.float(), x + 1e3):
        for row, moments in zip(samples, summarise([samples]), strict=True):
            (alone,) = summarise([row.unsqueeze(0)])
            assert (moments.mean, moments.m2) == (alone.mean, alone.m2)


def test_sum_does_not_change_its_argument():
    x = torch.ones(2, 7, dtype=torch.float64)
    folded_sum(x)
    summarise([x])
    assert torch.equal(x, torch.ones(2, 7, dtype=torch.float64))
