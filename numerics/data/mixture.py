r"""Mixtures of Gaussians: $p(z)=\sum_kw_k\,p_k(z)$, each part with its own posterior, weighted by $w_kp_k(z)/p(z)$."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .gaussian import Gaussian
from .law import Coefficient, DataError, Law

__all__ = ["GaussianMixture"]


class GaussianMixture(Law):
    r"""$x\sim\sum_kw_k\mathcal N(m_k,\Sigma_k)$ in any dimension.

    Parameters
    ----------
    weights : sequence of K positive numbers
        They are divided by their sum.
    means : K sequences of D numbers
    covariances : sequence of K
        Each as :class:`Gaussian` takes it.

    Examples
    --------
    >>> law = GaussianMixture([1, 1], means=[[-2.0], [2.0]], covariances=[0.25, 0.25])
    >>> law.posterior_mean(torch.zeros(1, 1), 1.0, 1.0).item()
    0.0
    """

    uses_uniform = True

    def __init__(
        self, weights: Sequence[float] | Tensor, means: Sequence[Sequence[float]], covariances: Sequence[object]
    ) -> None:
        self.weights = torch.as_tensor(weights, dtype=torch.float64).reshape(-1)
        if not (len(self.weights) == len(means) == len(covariances) > 0):
            raise DataError(
                f"a mixture needs as many means and covariances as weights; there are {len(self.weights)} weights,"
                f" {len(means)} means and {len(covariances)} covariances"
            )
        if not (torch.isfinite(self.weights).all() and float(self.weights.min()) > 0):
            raise DataError("the weights of a mixture must be positive and finite")
        self.weights = self.weights / self.weights.sum()
        self.parts = tuple(Gaussian(m, v) for m, v in zip(means, covariances, strict=True))  # type: ignore[arg-type]
        sizes = {part.dimension for part in self.parts}
        if len(sizes) != 1:
            raise DataError(f"the means of a mixture must have one length; they have {sorted(sizes)}")
        (self.dimension,) = sizes

    def from_noise(self, normal: Tensor, uniform: Tensor | None = None) -> Tensor:
        """Samples from normal numbers of shape (..., D) and uniform numbers of shape (...), which choose the part."""
        if uniform is None:
            raise DataError("a mixture needs uniform numbers to choose its part")
        ends = self.weights.cumsum(0)
        x = self.parts[0].from_noise(normal)
        for k, part in enumerate(self.parts[1:]):
            x = torch.where((uniform >= float(ends[k])).unsqueeze(-1), part.from_noise(normal), x)
        return x

    def log_density(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """The logarithm of the weighted sum, without overflow."""
        return torch.logsumexp(self._joint(z, alpha, sigma), dim=0)

    def posterior_mean(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """The parts' posterior means, weighted by what z says about the part."""
        shares = self._shares(z, alpha, sigma)
        mean = shares[0].unsqueeze(-1) * self.parts[0].posterior_mean(z, alpha, sigma)
        for share, part in zip(shares[1:], self.parts[1:], strict=True):
            mean = mean + share.unsqueeze(-1) * part.posterior_mean(z, alpha, sigma)
        return mean

    def posterior_covariance(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """Within the parts plus between the parts."""
        shares = self._shares(z, alpha, sigma)
        centre = self.posterior_mean(z, alpha, sigma)
        total = torch.zeros(*z.shape, self.dimension, dtype=z.dtype, device=z.device)
        for share, part in zip(shares, self.parts, strict=True):
            gap = part.posterior_mean(z, alpha, sigma) - centre
            within = part.posterior_covariance(z, alpha, sigma)
            total = total + share[..., None, None] * (within + gap.unsqueeze(-1) * gap.unsqueeze(-2))
        return total

    def _joint(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """Log w_k p_k(z), of shape (K, ...)."""
        logs = [part.log_density(z, alpha, sigma) for part in self.parts]
        return torch.stack([log + w for log, w in zip(logs, self.weights.log().tolist(), strict=True)])

    def _shares(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        return torch.softmax(self._joint(z, alpha, sigma), dim=0)

    def __repr__(self) -> str:
        return f"GaussianMixture(parts={len(self.parts)}, dimension={self.dimension})"
