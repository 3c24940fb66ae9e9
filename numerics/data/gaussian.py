r"""Gaussian data with any covariance, and a point mass as the case of none.

In the eigenbasis of the covariance the components are independent, with $z_i\sim\mathcal N(\alpha m_i,
\alpha^2v_i+\sigma^2)$.  Coefficients that differ from component to component do not commute with the basis; then
$\mathrm{Cov}\,z=A\Sigma A+S^2$ is factorised, once for every coefficient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from .law import Coefficient, DataError, Law

__all__ = ["Gaussian", "PointMass"]

Numbers = Sequence[float] | Tensor


class Gaussian(Law):
    r"""$x\sim\mathcal N(m,\Sigma)$.

    Parameters
    ----------
    mean : sequence of D numbers
    covariance : number, D numbers, or D times D numbers
        The variance of every component, the variances, or the whole matrix; it may be singular.

    Raises
    ------
    DataError
        If the covariance has another shape, is not symmetric, or has a negative eigenvalue.

    Examples
    --------
    >>> law = Gaussian(mean=[1.0, 0.0], covariance=[[2.0, 0.5], [0.5, 1.0]])
    >>> z = torch.zeros(1, 2, dtype=torch.float64)
    >>> [round(v, 6) for v in law.posterior_mean(z, 1.0, 1.0)[0].tolist()]
    [0.347826, -0.086957]
    """

    def __init__(self, mean: Numbers, covariance: Numbers | Sequence[Sequence[float]] | float) -> None:
        self.mean = torch.as_tensor(mean, dtype=torch.float64).reshape(-1)
        self.dimension = len(self.mean)
        matrix = torch.as_tensor(covariance, dtype=torch.float64)
        if not (torch.isfinite(self.mean).all() and torch.isfinite(matrix).all()):
            raise DataError("mean and covariance must be finite")
        self.basis: Tensor | None = None
        if matrix.ndim <= 1 and matrix.numel() in (1, self.dimension):
            self.variances = matrix.expand(self.dimension).clone()
        elif matrix.shape == (self.dimension, self.dimension):
            if not torch.equal(matrix, matrix.T):
                raise DataError("the covariance must be symmetric")
            self.variances, self.basis = torch.linalg.eigh(matrix)
            # A zero eigenvalue comes out as rounding noise of either sign.
            noise = self.dimension * torch.finfo(torch.float64).eps * float(self.variances.abs().max())
            self.variances = torch.where(self.variances.abs() <= noise, 0.0, self.variances)
        else:
            raise DataError(
                f"the covariance must be a number, {self.dimension} numbers or {self.dimension} times"
                f" {self.dimension}; its shape is {tuple(matrix.shape)}"
            )
        if float(self.variances.min()) < 0:
            raise DataError(f"the covariance has the negative eigenvalue {float(self.variances.min()):.6g}")

    @property
    def covariance(self) -> Tensor:
        """The matrix, (D, D)."""
        if self.basis is None:
            return torch.diag(self.variances)
        return self.basis * self.variances @ self.basis.T

    def from_noise(self, normal: Tensor, uniform: Tensor | None = None) -> Tensor:
        """Samples from standard normal numbers of shape (..., D)."""
        mean, variances = self._at(normal)
        scaled = normal * variances.sqrt()
        return mean + (scaled if self.basis is None else scaled @ self.basis.to(scaled).T)

    def posterior_mean(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        r"""$m+\Sigma A\,(A\Sigma A+S^2)^{-1}(z-Am)$."""
        a, c = self._coefficients(z, alpha, sigma)
        mean, v = self._at(z)
        if self._mixes(a, c):
            return mean + self._gain(a, c, z).matmul((z - a * mean).unsqueeze(-1)).squeeze(-1)
        return mean + self._from_basis(a * v / self._total(a, c, v) * self._to_basis(z - a * mean))

    def posterior_covariance(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """The same for every z: (..., D, D)."""
        a, c = self._coefficients(z, alpha, sigma)
        _, v = self._at(z)
        shape = (*z.shape, self.dimension)
        if self._mixes(a, c):
            covariance = self.covariance.to(z)
            gain = self._gain(a, c, z)
            return (covariance - gain @ (a.expand_as(z).unsqueeze(-1) * covariance)).expand(shape)
        diagonal = (v * c**2 / self._total(a, c, v)).expand(z.shape)
        if self.basis is None:
            embedded: Tensor = torch.diag_embed(diagonal)
            return embedded
        basis = self.basis.to(z)
        return (basis * diagonal.unsqueeze(-2)) @ basis.T

    def log_density(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        r"""$-\tfrac12[(z-Am)^TC^{-1}(z-Am)+\log\det 2\pi C]$, $C=A\Sigma A+S^2$."""
        a, c = self._coefficients(z, alpha, sigma)
        mean, v = self._at(z)
        if self._mixes(a, c):
            factor = torch.linalg.cholesky(self._covariance_of_z(a, c, z))
            white = torch.linalg.solve_triangular(factor, (z - a * mean).unsqueeze(-1), upper=False).squeeze(-1)
            log_root: Tensor = factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
            square: Tensor = (white**2).sum(-1)
            return -0.5 * square - log_root - 0.5 * self.dimension * math.log(2 * math.pi)
        total = self._total(a, c, v)
        gap = self._to_basis(z - a * mean)
        return -0.5 * (gap**2 / total + torch.log(2 * math.pi * total)).sum(-1)

    def _at(self, z: Tensor) -> tuple[Tensor, Tensor]:
        return self.mean.to(z), self.variances.to(z)

    def _to_basis(self, gap: Tensor) -> Tensor:
        return gap if self.basis is None else gap @ self.basis.to(gap)

    def _from_basis(self, gap: Tensor) -> Tensor:
        return gap if self.basis is None else gap @ self.basis.to(gap).T

    def _mixes(self, a: Tensor, c: Tensor) -> bool:
        """Whether components with coefficients of their own meet in the covariance."""
        return self.basis is not None and max(k.shape[-1] if k.ndim else 1 for k in (a, c)) > 1

    @staticmethod
    def _total(a: Tensor, c: Tensor, v: Tensor) -> Tensor:
        # Where neither data nor noise vary z says nothing new; 1 in place of 0 leaves the gain a v/total at 0.
        total = a**2 * v + c**2
        return torch.where(total > 0, total, torch.ones_like(total))

    def _covariance_of_z(self, a: Tensor, c: Tensor, z: Tensor) -> Tensor:
        wide, noise = self._wide(a), self._wide(c)
        return wide.unsqueeze(-1) * self.covariance.to(z) * wide.unsqueeze(-2) + torch.diag_embed(noise**2)

    def _wide(self, coefficient: Tensor) -> Tensor:
        return coefficient * coefficient.new_ones(self.dimension)

    def _gain(self, a: Tensor, c: Tensor, z: Tensor) -> Tensor:
        crossed = self._wide(a).unsqueeze(-1) * self.covariance.to(z)  # A Sigma
        solved: Tensor = torch.linalg.solve(self._covariance_of_z(a, c, z), crossed)
        return solved.transpose(-1, -2)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(dimension={self.dimension})"


class PointMass(Gaussian):
    """All data at one point, a Gaussian without variance: the best network's output is the noise itself.

    Examples
    --------
    >>> law = PointMass([2.0])
    >>> law.noise(torch.tensor([[1.5]]), 0.5, 0.5).item()
    1.0
    """

    def __init__(self, point: Numbers) -> None:
        super().__init__(point, 0.0)
