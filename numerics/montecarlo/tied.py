r"""The mean squared error of two Gaussians of one variance in any dimension, in few passes over memory.

For $x\sim\tfrac12\mathcal N(-d,v)+\tfrac12\mathcal N(d,v)$ the posterior mean is $gz+\kappa d\tanh(\alpha\langle
d,z\rangle/\tau)$ with $\tau=\alpha^2v+\sigma^2$, $g=\alpha v/\tau$ and $\kappa=1-g\alpha=\sigma^2/\tau$.  The error does
not change when space is turned, so the first axis is taken along $d$; across it the data are one Gaussian.
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
    half : float
        Half the distance of the two means.
    variance : float
        Of each part and component.
    dimension : int
    alpha, sigma : float
    """

    half: float
    variance: float
    dimension: int
    alpha: float
    sigma: float

    def draw(self, source: Source, paths: int) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """All random numbers: which part, the data about the first mean, and the noise."""
        part = source.uniform_(source.empty(paths))
        means = [-self.half] + [0.0] * (self.dimension - 1)
        data = [source.normal_(source.empty(paths), mean, self.variance**0.5) for mean in means]
        noise = [source.normal_(source.empty(paths), 0.0, self.sigma) for _ in means]
        return part, data, noise

    def statistics(self, source: Source, paths: int) -> Sequence[Tensor]:
        """One tensor.  The random numbers are overwritten."""
        part, data, noise = self.draw(source, paths)
        total = self.alpha**2 * self.variance + self.sigma**2
        gain, rest = self.alpha * self.variance / total, self.sigma**2 / total
        data[0].add_(part.ge_(0.5), alpha=2 * self.half)
        for x, z in zip(data, noise, strict=True):
            x.sub_(z.add_(x, alpha=self.alpha), alpha=gain)
        lean = torch.mul(noise[0], self.alpha * self.half / total, out=part).tanh_()
        square = data[0].sub_(lean, alpha=rest * self.half).square_()
        for x in data[1:]:
            square.addcmul_(x, x)
        return [square]
