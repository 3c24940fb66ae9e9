"""The Gaussian field against the dense Gaussian with its covariance."""

import pytest
import torch

from numerics.data import DataError, Gaussian
from numerics.data.field import GaussianField

FIELD = GaussianField(4, 2, power=2.0, variance=0.5)
EPS = torch.finfo(torch.float64).eps


@pytest.fixture(scope="module")
def dense():
    basis = torch.eye(FIELD.dimension, dtype=torch.float64)
    root = FIELD.from_noise(basis)
    return Gaussian([0.0] * FIELD.dimension, (root.T @ root).tolist())


@pytest.mark.parametrize("levels", [(1.0, 0.3), (0.2, 1.0), (0.0, 1.0)])
def test_it_is_the_dense_gaussian(dense, levels):
    z = torch.randn(3, FIELD.dimension, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for name in ("posterior_mean", "posterior_covariance", "log_density", "score", "noise"):
        found, wanted = (getattr(law, name)(z, *levels) for law in (FIELD, dense))
        # The dense law solves by an eigendecomposition of a 32 by 32 matrix.
        assert torch.allclose(found, wanted, rtol=1e4 * EPS, atol=1e4 * EPS), name


def test_pixels_have_the_variance_asked_for():
    rows = FIELD.sample(20000, torch.Generator().manual_seed(1), dtype=torch.float64)
    # A variance from 20000 rows of 32 correlated pixels: the mean grey alone leaves about 20000 free numbers.
    assert abs(float(rows.var(0).mean()) - 0.5) < 5 * 0.5 * (2 / 20000) ** 0.5


def test_what_cannot_be_is_refused():
    with pytest.raises(DataError, match="at least 2 by 2 pixels"):
        GaussianField(1)
    with pytest.raises(DataError, match="variance positive"):
        GaussianField(4, variance=-1)
    z = torch.zeros(1, FIELD.dimension)
    with pytest.raises(DataError, match="the same for every pixel"):
        FIELD.posterior_mean(z, torch.ones(FIELD.dimension), 1.0)
