"""Closed forms against quadrature, quadrature against the I-MMSE identity and against simulation."""

from __future__ import annotations

import math

import pytest
import torch

from numerics.data import DataError, Gaussian, GaussianMixture
from numerics.data.reference import kl_pointwise, mmse, mmse_pointwise, mutual_information

GAUSSIAN = Gaussian([0.7], 0.3)
TWIN = GaussianMixture([1, 3], [[0.7], [0.7]], [0.3, 0.3])  # the same law, by quadrature
MIXTURE = GaussianMixture([2, 3], [[-1.5], [1.0]], [0.09, 0.25])
TINY = 64 * torch.finfo(torch.float64).eps


@pytest.mark.parametrize(("alpha", "sigma"), [(1.0, 0.05), (0.6, 0.8), (0.05, 1.0), (1.0, 20.0)])
def test_quadrature_gives_the_closed_forms(alpha, sigma):
    assert math.isclose(mmse(TWIN, alpha, sigma), mmse(GAUSSIAN, alpha, sigma), rel_tol=TINY)
    information = mutual_information(GAUSSIAN, alpha, sigma)
    # A difference of entropies of size 1 and more.
    assert abs(mutual_information(TWIN, alpha, sigma) - information) < 4 * TINY
    for x in (0.7, -1.0):
        error, divergence = mmse_pointwise(GAUSSIAN, x, alpha, sigma), kl_pointwise(GAUSSIAN, x, alpha, sigma)
        assert math.isclose(mmse_pointwise(TWIN, x, alpha, sigma), error, rel_tol=TINY)
        assert math.isclose(kl_pointwise(TWIN, x, alpha, sigma), divergence, rel_tol=TINY, abs_tol=4 * TINY)


def test_information_grows_by_half_the_error_in_the_signal_to_noise_ratio():
    """I-MMSE (Guo, Shamai, Verdu 2005): dI/d snr = mmse/2; central difference, error h^2."""
    snr, h = 2.0, 1e-4
    up, down = (mutual_information(MIXTURE, math.sqrt(snr + k * h), 1.0) for k in (1, -1))
    assert math.isclose((up - down) / (2 * h), mmse(MIXTURE, math.sqrt(snr), 1.0) / 2, rel_tol=h)


def test_averages_over_the_data_are_those_of_the_pointwise_values():
    h = 0.05  # a sixth of the narrowest part: the trapezoidal rule is exact to 1e-70
    grid = torch.arange(-6, 6, h, dtype=torch.float64)
    nodes, density = grid.tolist(), MIXTURE.log_density(grid.unsqueeze(-1), 1.0, 0.0).exp() * h
    error = sum(w * mmse_pointwise(MIXTURE, x, 0.6, 0.8) for w, x in zip(density.tolist(), nodes, strict=True))
    divergence = sum(w * kl_pointwise(MIXTURE, x, 0.6, 0.8) for w, x in zip(density.tolist(), nodes, strict=True))
    assert math.isclose(error, mmse(MIXTURE, 0.6, 0.8), rel_tol=1e-9)
    assert math.isclose(divergence, mutual_information(MIXTURE, 0.6, 0.8), rel_tol=1e-9)


def test_error_is_summed_over_the_components():
    law = Gaussian([0.0, 0.0], [[2.0, 1.0], [1.0, 2.0]])
    z = torch.zeros(1, 2, dtype=torch.float64)
    trace = law.posterior_covariance(z, 0.6, 0.8)[0].trace().item()
    assert math.isclose(mmse(law, 0.6, 0.8), trace, rel_tol=TINY)


def test_what_has_no_reference_is_refused():
    flat = GaussianMixture([1, 1], [[0.0, 0.0], [1.0, 1.0]], [1.0, 1.0])
    for ask in (mmse, mutual_information):
        with pytest.raises(DataError):
            ask(flat, 1.0, 1.0)
    with pytest.raises(DataError):
        kl_pointwise(Gaussian([0.0, 0.0], 1.0), 0.0, 1.0, 1.0)
    with pytest.raises(DataError):
        mmse(MIXTURE, 1.0, 1e-8)
