r"""The mean squared error of two Gaussians of one variance in any dimension, in few passes over memory.

For $x\sim\tfrac12\mathcal N(-d,v)+\tfrac12\mathcal N(d,v)$ the posterior mean is $gz+\kappa d\tanh(\alpha\langle
d,z\rangle/\tau)$ with $\tau=\alpha^2v+\sigma^2$, $g=\alpha v/\tau$ and $\kappa=1-g\alpha=\sigma^2/\tau$.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .streams import Source

__all__ = ["TwoGaussians"]


@dataclass(frozen=True)
class TwoGaussians:
    """Statistic: the squared error of E[x|z], summed over the components.

    Attributes
    ----------
    half : tuple of float
        Half the difference of the means, a number for every component.
    variance : float
        Of each part and component.
    alpha, sigma : float
    """

    half: tuple[float, ...]
    variance: float
    alpha: float
    sigma: float

    def draw(self, source: Source, paths: int) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """All random numbers: which part, the data about its mean, and the noise."""
        part = source.uniform_(source.empty(paths))
        data = [source.normal_(source.empty(paths), -d, self.variance**0.5) for d in self.half]
        noise = [source.normal_(source.empty(paths), 0.0, self.sigma) for _ in self.half]
        return part, data, noise

    def statistics(self, source: Source, paths: int) -> Sequence[Tensor]:
        """One tensor.  The random numbers are overwritten, component by component."""
        part, data, noise = self.draw(source, paths)
        total = self.alpha**2 * self.variance + self.sigma**2
        gain, rest = self.alpha * self.variance / total, self.sigma**2 / total
        part.ge_(0.5)
        lean: Tensor | None = None
        for x, z, d in zip(data, noise, self.half, strict=True):
            x.add_(part, alpha=2 * d)
            z.add_(x, alpha=self.alpha)
            tilt = self.alpha * d / total
            lean = z * tilt if lean is None else lean.add_(z, alpha=tilt)
            x.sub_(z, alpha=gain)
        if lean is None:
            raise ValueError("there is no component")
        lean.tanh_()
        for x, d in zip(data, self.half, strict=True):
            x.sub_(lean, alpha=rest * d)
        square = data[0].square_()
        for x in data[1:]:
            torch.addcmul(square, x, x, out=square)
        return [square]
