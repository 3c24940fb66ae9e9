r"""What every law of the data offers, and what follows from the posterior alone (Tweedie's formula)."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor

__all__ = ["Coefficient", "DataError", "Law"]

Coefficient = Tensor | float


class DataError(ValueError):
    """A law was given wrong parameters, or a state that does not fit it.  One sentence: what, and what is allowed."""


class Law(ABC):
    r"""A law of $x$ in $\mathbb R^D$, seen through $z=\alpha x+\sigma\epsilon$.

    In every method `z` has shape ``(..., D)``, and `alpha` and `sigma` broadcast against it: numbers, tensors of
    shape ``(..., 1)``, or one value for every component.
    """

    dimension: int
    uses_uniform: bool = False

    @abstractmethod
    def from_noise(self, normal: Tensor, uniform: Tensor | None = None) -> Tensor:
        """Samples as a function of given random numbers.

        Parameters
        ----------
        normal : Tensor
            Standard normal, shape ``(..., D)``.
        uniform : Tensor, optional
            Uniform on [0, 1), shape ``(...)``; needed if `uses_uniform`.
        """

    @abstractmethod
    def posterior_mean(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """E[x | z], of the shape of `z`."""

    @abstractmethod
    def posterior_covariance(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """Cov[x | z], of shape ``(..., D, D)``."""

    @abstractmethod
    def log_density(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """The log-density of z, of shape ``(...)``, in nats."""

    def sample(
        self,
        count: int,
        generator: torch.Generator | None = None,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> Tensor:
        """Draw `count` samples, shape ``(count, D)``."""
        if count < 0:
            raise DataError(f"the number of samples must not be negative; it is {count}")
        normal = torch.randn(count, self.dimension, generator=generator, dtype=dtype, device=device)
        uniform = torch.rand(count, generator=generator, dtype=dtype, device=device) if self.uses_uniform else None
        return self.from_noise(normal, uniform)

    def noise(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        r"""The best prediction of the noise, $\epsilon^*(z)=(z-\alpha\,E[x|z])/\sigma$.

        Source: Theorem 2, arXiv 2408.04221, with the posterior mean for the network's prediction.
        """
        a, c = self._coefficients(z, alpha, sigma)
        return (z - a * self.posterior_mean(z, a, c)) / c

    def score(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        r"""The gradient of the log-density of z, $(\alpha\,E[x|z]-z)/\sigma^2$ (Tweedie's formula)."""
        _, c = self._coefficients(z, alpha, sigma)
        return -self.noise(z, alpha, sigma) / c

    def _coefficients(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> tuple[Tensor, Tensor]:
        """Both coefficients as tensors of the type and place of `z`."""
        if z.ndim == 0 or z.shape[-1] != self.dimension:
            raise DataError(f"z must have {self.dimension} components in its last axis; its shape is {tuple(z.shape)}")
        return tuple(torch.as_tensor(c, dtype=z.dtype, device=z.device) for c in (alpha, sigma))  # type: ignore[return-value]
