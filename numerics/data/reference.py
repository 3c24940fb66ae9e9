r"""Reference values: mmse, point-wise mmse, KL and I, in closed form (Gaussian) or by quadrature ($D=1$).

The trapezoidal rule on a smooth function that decays at both ends converges faster than any power of the step; a step
of $\sigma/16$ resolves Gaussians of width $\sigma$ to all digits of float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from .gaussian import Gaussian
from .law import DataError, Law
from .mixture import GaussianMixture

__all__ = ["kl_pointwise", "mmse", "mmse_pointwise", "mutual_information"]

_WIDTH = 12.0  # standard deviations; beyond lies less than 1e-32
_STEP = 1 / 16  # of sigma
_MOST = 2**24  # points, 128 MiB


def mmse(law: Law, alpha: float, sigma: float) -> float:
    r"""$E|x-E[x|z]|^2$, summed over the components.

    Examples
    --------
    >>> round(mmse(Gaussian([0.0], 1.0), 1.0, 1.0), 12)
    0.5
    """
    if isinstance(law, Gaussian):
        v = law.variances
        return float((v * sigma**2 / (alpha**2 * v + sigma**2)).sum())
    return _average(law, alpha, sigma, lambda z: law.posterior_covariance(z, alpha, sigma)[:, 0, 0])


def mmse_pointwise(law: Law, x: float, alpha: float, sigma: float) -> float:
    r"""$E[(x-E[x|z])^2\mid x]$ in one dimension."""
    _one_dimensional(law)
    if isinstance(law, Gaussian):
        m, v = law.mean.item(), law.variances.item()
        gain = alpha * v / (alpha**2 * v + sigma**2)
        return (1 - gain * alpha) ** 2 * (x - m) ** 2 + gain**2 * sigma**2
    return _given(x, alpha, sigma, lambda z: (x - law.posterior_mean(z, alpha, sigma)[:, 0]) ** 2)


def kl_pointwise(law: Law, x: float, alpha: float, sigma: float) -> float:
    r"""$D_{KL}(q(z|x)\,\Vert\,p(z))$ in one dimension, in nats."""
    _one_dimensional(law)
    if isinstance(law, Gaussian):
        m, v = law.mean.item(), law.variances.item()
        total = alpha**2 * v + sigma**2
        return (math.log(total / sigma**2) + (sigma**2 + alpha**2 * (x - m) ** 2) / total - 1) / 2
    entropy = -0.5 * math.log(2 * math.pi * math.e * sigma**2)
    return entropy - _given(x, alpha, sigma, lambda z: law.log_density(z, alpha, sigma))


def mutual_information(law: Law, alpha: float, sigma: float) -> float:
    r"""$I(x;z)$ in nats: the entropy of z less that of the noise.

    Examples
    --------
    >>> round(mutual_information(Gaussian([0.0, 0.0], 1.0), 1.0, 1.0) - math.log(2), 12)
    0.0
    """
    if isinstance(law, Gaussian):
        return float(0.5 * torch.log1p(alpha**2 * law.variances / sigma**2).sum())
    noise = 0.5 * math.log(2 * math.pi * math.e * sigma**2)
    return _average(law, alpha, sigma, lambda z: -law.log_density(z, alpha, sigma)) - noise


def _one_dimensional(law: Law) -> None:
    if law.dimension != 1:
        raise DataError(f"this reference value is for one dimension; the data have {law.dimension}")


def _given(x: float, alpha: float, sigma: float, function: Callable[[Tensor], Tensor]) -> float:
    """The average of a function of z over q(z | x)."""
    count = round(2 * _WIDTH / _STEP) + 1
    unit = torch.linspace(-_WIDTH, _WIDTH, count, dtype=torch.float64)
    weight = torch.exp(-0.5 * unit**2) / math.sqrt(2 * math.pi) * _STEP
    return float((weight * function((alpha * x + sigma * unit).unsqueeze(-1))).sum())


def _average(law: Law, alpha: float, sigma: float, function: Callable[[Tensor], Tensor]) -> float:
    """The average of a function of z over p(z), for a one-dimensional mixture."""
    _one_dimensional(law)
    if not isinstance(law, GaussianMixture):
        raise DataError(f"reference values are known for Gaussians and one-dimensional mixtures, not for {law}")
    ends = []
    for part in law.parts:
        spread = _WIDTH * math.sqrt(alpha**2 * part.variances.item() + sigma**2)
        ends += [alpha * part.mean.item() - spread, alpha * part.mean.item() + spread]
    low, high = min(ends), max(ends)
    count = math.ceil((high - low) / (_STEP * sigma)) + 1
    if count > _MOST:
        raise DataError(f"sigma = {sigma:.3g} is too small for quadrature over [{low:.3g}, {high:.3g}]")
    z = torch.linspace(low, high, count, dtype=torch.float64).unsqueeze(-1)
    weight = law.log_density(z, alpha, sigma).exp() * ((high - low) / (count - 1))
    return float((weight * function(z)).sum())
