"""Scores by automatic differentiation, posteriors by brute-force sums, coefficients of every shape."""

from __future__ import annotations

import math

import pytest
import torch

from numerics.data import DataError, Empirical, Gaussian, GaussianMixture, PointMass, named

MATRIX = [[1.0, 0.6, 0.1], [0.6, 0.5, 0.0], [0.1, 0.0, 0.2]]
LAWS = {
    "isotropic": Gaussian([1.0, -0.5, 0.3], 0.25),
    "diagonal": Gaussian([1.0, -0.5, 0.3], [0.25, 1.0, 0.01]),
    "matrix": Gaussian([1.0, -0.5, 0.3], MATRIX),
    "singular": Gaussian([1.0, -0.5, 0.3], [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]),
    "point": PointMass([1.0, -0.5, 0.3]),
    "mixture": GaussianMixture([1, 2], [[1.0, 0.0, 0.0], [-1.0, 0.5, 2.0]], [MATRIX, 0.3]),
    "empirical": Empirical(torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0], [0.5, 0.5, 0.5]])),
}
COEFFICIENTS = {
    "numbers": (0.7, 0.4),
    "scalars": (torch.tensor(0.7), torch.tensor(0.4)),
    "rows": (torch.linspace(0.2, 0.9, 5).unsqueeze(-1), torch.linspace(0.9, 0.2, 5).unsqueeze(-1)),
    "components": (torch.tensor([0.7, 0.5, 0.9]), torch.tensor([0.4, 0.6, 0.3])),
    "both": (torch.linspace(0.2, 0.9, 15).reshape(5, 3), torch.linspace(0.9, 0.2, 15).reshape(5, 3)),
}


@pytest.fixture
def z() -> torch.Tensor:
    return torch.randn(5, 3, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


@pytest.mark.parametrize("shape", COEFFICIENTS)
@pytest.mark.parametrize("name", LAWS)
def test_score_is_the_gradient_of_the_log_density(name, shape, z):
    law, (alpha, sigma) = LAWS[name], COEFFICIENTS[shape]
    z.requires_grad_(True)
    (gradient,) = torch.autograd.grad(law.log_density(z, alpha, sigma).sum(), z)
    score = law.score(z.detach(), alpha, sigma)
    assert torch.allclose(score, gradient, rtol=1e4 * torch.finfo(z.dtype).eps, atol=1e-11)


@pytest.mark.parametrize("shape", COEFFICIENTS)
@pytest.mark.parametrize("name", LAWS)
def test_covariance_is_the_derivative_of_the_mean(name, shape, z):
    """Second order of Tweedie's formula: dE[x|z]/dz = Cov[x|z] A/sigma^2."""
    law, (alpha, sigma) = LAWS[name], COEFFICIENTS[shape]
    a, c = (torch.as_tensor(k, dtype=z.dtype).expand_as(z) for k in (alpha, sigma))
    slopes = torch.autograd.functional.jacobian(lambda at: law.posterior_mean(at, alpha, sigma).sum(0), z)
    expected = law.posterior_covariance(z, alpha, sigma) * (a / c**2).unsqueeze(-2)
    assert torch.allclose(slopes.transpose(0, 1), expected, rtol=1e5 * torch.finfo(z.dtype).eps, atol=1e-11)


def test_density_of_a_component_schedule_is_that_of_the_transformed_gaussian(z):
    alpha, sigma = COEFFICIENTS["components"]
    law = LAWS["matrix"]
    a, c = alpha.double(), sigma.double()
    covariance = torch.diag(a) @ torch.tensor(MATRIX, dtype=torch.float64) @ torch.diag(a) + torch.diag(c**2)
    oracle = torch.distributions.MultivariateNormal(a * law.mean, covariance)
    assert torch.allclose(law.log_density(z, alpha, sigma), oracle.log_prob(z), rtol=1e-13)


@pytest.mark.parametrize("name", LAWS)
def test_samples_have_the_mean_and_covariance_of_the_law(name):
    """20000 samples: a standard error is below 1 % of the spread; 6 of them are allowed."""
    law, count = LAWS[name], 20_000
    x = law.sample(count, torch.Generator().manual_seed(1), dtype=torch.float64)
    far = 1e3  # so much noise that the posterior is the law itself
    z = torch.zeros(1, 3, dtype=torch.float64)
    mean = law.posterior_mean(z, 1.0, far)[0]
    covariance = law.posterior_covariance(z, 1.0, far)[0]
    spread = covariance.diagonal().sqrt()
    assert ((x.mean(0) - mean).abs() <= 6 * spread / math.sqrt(count) + 1e-5).all()
    bound = 6 * torch.outer(spread, spread) * math.sqrt(3 / count) + 1e-4
    assert ((torch.cov(x.T) - covariance).abs() <= bound).all()


def test_singular_directions_carry_no_samples():
    x = LAWS["singular"].sample(100, torch.Generator().manual_seed(1), dtype=torch.float64)
    assert torch.allclose(x[:, 0] - 1.0, x[:, 1] + 0.5, atol=1e-12)
    assert torch.equal(x[:, 2], torch.full((100,), 0.3, dtype=torch.float64))


def test_network_of_a_point_mass_is_the_noise_itself():
    law = PointMass([2.0])
    eps = torch.linspace(-3, 3, 7, dtype=torch.float64).unsqueeze(-1)
    assert torch.allclose(law.noise(0.3 * 2.0 + 0.5 * eps, 0.3, 0.5), eps, atol=1e-14)


def test_posterior_without_noise_is_the_state_itself(z):
    for name in ("isotropic", "diagonal", "matrix"):
        assert torch.allclose(LAWS[name].posterior_mean(z, 0.5, 0.0), z / 0.5, atol=1e-12)


def test_posterior_without_signal_is_the_prior(z):
    for name, law in LAWS.items():
        prior = law.posterior_mean(z, 0.0, 1.0)
        assert torch.allclose(prior, prior[:1].expand_as(prior), atol=1e-12), name


def test_point_without_noise_has_a_finite_posterior():
    assert PointMass([2.0]).posterior_mean(torch.zeros(1, 1), 0.5, 0.0).item() == 2.0


@pytest.mark.parametrize("name", LAWS)
def test_float32_agrees_with_float64(name, z):
    law = LAWS[name]
    wide, narrow = (law.posterior_mean(z.to(kind), 0.7, 0.4) for kind in (torch.float64, torch.float32))
    assert narrow.dtype == torch.float32
    assert torch.allclose(narrow.double(), wide, rtol=64 * torch.finfo(torch.float32).eps, atol=1e-5)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Gaussian([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]]),
        lambda: Gaussian([0.0, 0.0], [[1.0, 0.0], [0.5, 1.0]]),
        lambda: Gaussian([0.0, 0.0], [1.0, 2.0, 3.0]),
        lambda: Gaussian([0.0], -1.0),
        lambda: Gaussian([math.nan], 1.0),
        lambda: GaussianMixture([1.0], [[0.0], [1.0]], [1.0, 1.0]),
        lambda: GaussianMixture([0.0, 1.0], [[0.0], [1.0]], [1.0, 1.0]),
        lambda: GaussianMixture([1.0, 1.0], [[0.0], [1.0, 2.0]], [1.0, 1.0]),
        lambda: Empirical(torch.zeros(3)),
        lambda: Empirical(torch.tensor([[math.inf]])),
        lambda: named("gausian"),
        lambda: PointMass([1.0]).noise(torch.zeros(4, 2), 1.0, 1.0),
        lambda: LAWS["empirical"].posterior_mean(torch.zeros(1, 3), 1.0, 0.0),
        lambda: LAWS["mixture"].from_noise(torch.zeros(1, 3)),
        lambda: PointMass([1.0]).sample(-1),
    ],
)
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(DataError):
        wrong()


def test_large_tables_are_worked_in_pieces(z, monkeypatch):
    law = LAWS["empirical"]
    whole = law.posterior_mean(z, 0.7, 0.4), law.log_density(z, 0.7, 0.4)
    monkeypatch.setattr("numerics.data.empirical._BYTES", 1)
    assert torch.allclose(law.posterior_mean(z, 0.7, 0.4), whole[0])
    assert torch.allclose(law.log_density(z, 0.7, 0.4), whole[1])


def test_digits_are_a_law_of_64_components():
    pytest.importorskip("sklearn", reason="the digits are scikit-learn's, of the extra `test`")
    law = named("digits")
    x = law.sample(4, torch.Generator().manual_seed(0), dtype=torch.float64)
    near = law.posterior_mean(x, 1.0, 0.01)
    assert law.dimension == 64
    assert torch.allclose(near, x, atol=1e-9)
