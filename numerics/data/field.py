r"""A stationary Gaussian field with the spectrum of natural images, $1/k^p$: diagonal in Fourier space, any size at once."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .law import Coefficient, DataError, Law

__all__ = ["GaussianField"]


class GaussianField(Law):
    r"""Images of mean 0 with independent channels; the variance of mode $k$ is proportional to $\max(|k|,1)^{-p}$.

    Parameters
    ----------
    size : int
        Height and width, periodic.
    channels : int
    power : float
        p; natural images have about 2 to 2.5.
    variance : float
        Of each pixel.

    Attributes
    ----------
    modes : Tensor
        Shape (size, size), float64: the variance of every Fourier mode of a channel, in the unitary transform.

    Examples
    --------
    >>> field = GaussianField(8, 1)
    >>> float(field.modes.mean())
    0.25
    """

    def __init__(self, size: int = 32, channels: int = 3, power: float = 2.25, variance: float = 0.25) -> None:
        if size < 2 or channels < 1:
            raise DataError(f"a field needs at least 2 by 2 pixels and one channel; given were {size} and {channels}")
        if not (math.isfinite(power) and 0 < variance < math.inf):
            raise DataError(f"power must be finite and variance positive; they are {power} and {variance}")
        k = torch.fft.fftfreq(size, 1 / size, dtype=torch.float64)
        # Mode 0, the mean grey, has no finite 1/k^p; it is given the variance of the next.
        spectrum = (k[:, None] ** 2 + k**2).sqrt().clamp(min=1) ** -power
        self.modes = variance * spectrum / spectrum.mean()
        self.size, self.channels, self.power = size, channels, power
        self.dimension = channels * size * size

    def from_noise(self, normal: Tensor, uniform: Tensor | None = None) -> Tensor:
        """White noise, coloured."""
        return self._scaled(normal, self.modes.sqrt())

    def posterior_mean(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        r"""Wiener's filter: each mode times $\alpha v/(\alpha^2v+\sigma^2)$."""
        a, c = self._numbers(z, alpha, sigma)
        return self._scaled(z, a * self.modes / (a**2 * self.modes + c**2))

    def posterior_covariance(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        r"""The same for every z: $v\sigma^2/(\alpha^2v+\sigma^2)$ in each mode."""
        a, c = self._numbers(z, alpha, sigma)
        rows = torch.eye(self.dimension, dtype=z.dtype, device=z.device)
        shape = (*z.shape, self.dimension)
        return self._scaled(rows, self.modes * c**2 / (a**2 * self.modes + c**2)).expand(shape)

    def log_density(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> Tensor:
        """Of the field plus noise, a sum over its modes."""
        a, c = self._numbers(z, alpha, sigma)
        total = a**2 * self.modes + c**2
        power = torch.fft.fft2(self._image(z), norm="ortho").abs() ** 2 / total.to(z)
        constant = self.channels * float(torch.log(2 * math.pi * total).sum())
        density: Tensor = -0.5 * (power.sum((-1, -2, -3)) + constant)
        return density

    def _image(self, z: Tensor) -> Tensor:
        return z.reshape(*z.shape[:-1], self.channels, self.size, self.size)

    def _scaled(self, z: Tensor, gain: Tensor) -> Tensor:
        found: Tensor = torch.fft.ifft2(torch.fft.fft2(self._image(z)) * gain.to(z)).real
        return found.reshape(z.shape)

    def _numbers(self, z: Tensor, alpha: Coefficient, sigma: Coefficient) -> tuple[float, float]:
        a, c = self._coefficients(z, alpha, sigma)
        if a.numel() != 1 or c.numel() != 1:
            raise DataError("a field is seen through one alpha and one sigma, the same for every pixel")
        return float(a), float(c)

    def __repr__(self) -> str:
        return f"GaussianField(size={self.size}, channels={self.channels}, power={self.power})"
