r"""A finite data set as a law: every row has the same weight, and the posterior is a softmax over the rows."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from .law import Coefficient, DataError, Law

__all__ = ["Empirical", "digits"]

_BYTES = 256 * 2**20  # of the table z times rows, which is made in pieces


class Empirical(Law):
    r"""The uniform law on the rows of a table.

    Parameters
    ----------
    points : Tensor
        Shape (N, D).

    Notes
    -----
    The law has no density, that of $z$ exists for $\sigma>0$ only.  The posterior is
    $\mathrm{softmax}_i(\langle\alpha x_i/\sigma^2,z\rangle-|\alpha x_i/\sigma|^2/2)$: in float32 its exponents carry
    an error of about $6\cdot10^{-8}\,\alpha^2|x|^2/\sigma^2$, so for small $\sigma$ take float64.

    Examples
    --------
    >>> law = Empirical(torch.tensor([[0.0], [1.0]]))
    >>> law.posterior_mean(torch.tensor([[0.5]]), 1.0, 1.0).item()
    0.5
    """

    uses_uniform = True

    def __init__(self, points: Tensor) -> None:
        table = torch.as_tensor(points, dtype=torch.float64)
        if table.ndim != 2 or 0 in table.shape:
            raise DataError(f"a data set is a table of N rows with D numbers; its shape is {tuple(table.shape)}")
        if not torch.isfinite(table).all():
            raise DataError("a data set must be finite")
        self.points = table
        self.dimension = table.shape[1]

    def from_noise(self, normal: Tensor, uniform: Tensor | None = None) -> Tensor:
        """Rows chosen by the uniform numbers."""
        if uniform is None:
            raise DataError("an empirical law needs uniform numbers to choose its rows")
        count = len(self.points)
        # A uniform number may round up to 1 in low precision.
        rows = (uniform.double() * count).long().clamp_(max=count - 1)
        return self.points.to(normal)[rows]

    def log_density(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """The log-density of z, a mixture of N Gaussians."""
        a, c = self._noisy(z, alpha, sigma)
        constant = -0.5 * ((z / c) ** 2 + torch.log(2 * math.pi * c**2)).sum(-1) - math.log(len(self.points))
        return constant + torch.cat([logits.logsumexp(-1) for _, logits in self._logits(z, a, c)]).reshape(z.shape[:-1])

    def posterior_mean(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """The rows, weighted by how well they explain z."""
        a, c = self._noisy(z, alpha, sigma)
        table = self.points.to(z)
        return torch.cat([logits.softmax(-1) @ table for _, logits in self._logits(z, a, c)]).reshape(z.shape)

    def posterior_covariance(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """The weighted covariance of the rows."""
        a, c = self._noisy(z, alpha, sigma)
        table = self.points.to(z)
        parts = []
        for _, logits in self._logits(z, a, c):
            weights = logits.softmax(-1)
            centre = weights @ table
            for row, at in zip(weights, centre, strict=True):
                gap = table - at
                parts.append((gap * row.unsqueeze(-1)).T @ gap)
        return torch.stack(parts).reshape(*z.shape, self.dimension)

    def _noisy(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> tuple[Tensor, Tensor]:
        a, c = self._coefficients(z, alpha, sigma)
        if not bool((c > 0).all()):
            raise DataError("sigma must be positive: a finite data set has no density without noise")
        return a, c

    def _logits(self, z: Tensor, a: Tensor, c: Tensor) -> Iterator[tuple[int, Tensor]]:
        """Pieces of the table of exponents, so that memory stays bounded for any number of states."""
        flat = z.reshape(-1, self.dimension)
        by_z = (a / c**2).expand_as(z).reshape(flat.shape)
        by_square = (0.5 * (a / c) ** 2).expand_as(z).reshape(flat.shape)
        table = self.points.to(z)
        rows = max(1, _BYTES // (len(table) * z.element_size()))
        for start in range(0, max(len(flat), 1), rows):
            piece = slice(start, start + rows)
            yield start, (by_z[piece] * flat[piece]) @ table.T - by_square[piece] @ (table**2).T

    def __repr__(self) -> str:
        return f"Empirical(rows={len(self.points)}, dimension={self.dimension})"


def digits() -> Empirical:
    """The 8x8 digits that scikit-learn ships: 1797 rows of 64 numbers, scaled to [-1, 1].

    Raises
    ------
    DataError
        If scikit-learn is not installed (it comes with the extra ``test``).
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise DataError("the digits come with scikit-learn: pip install scikit-learn") from None
    return Empirical(torch.as_tensor(load_digits().data) / 8 - 1)
