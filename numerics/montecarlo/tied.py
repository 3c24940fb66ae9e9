r"""The mean squared error of two Gaussians of one variance in any dimension, in few passes over little memory.

For $x\sim\tfrac12\mathcal N(-d,v)+\tfrac12\mathcal N(d,v)$ the posterior mean is $gz+\kappa d\tanh(\alpha\langle
d,z\rangle/\tau)$ with $\tau=\alpha^2v+\sigma^2$, $g=\alpha v/\tau$ and $\kappa=1-g\alpha=\sigma^2/\tau$.  The error does
not change when space is turned, so the first axis is taken along $d$; across it the data are one Gaussian.  Nor does
its law change when everything has the other sign: which of the two Gaussians it is need not be drawn.
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

    def statistics(self, source: Source, paths: int) -> Sequence[Tensor]:
        r"""One tensor.

        Numbers are drawn in the units in which they are used, which saves passes over them: the data times $\kappa$,
        the noise along $d$ times $\alpha d/\tau$ and across it times $g$.  They are used as soon as they are drawn, and
        three tensors of memory do for any dimension, so that all of it stays in a core's cache.
        """
        total = self.alpha**2 * self.variance + self.sigma**2
        gain, rest = self.alpha * self.variance / total, self.sigma**2 / total
        pull = self.alpha * self.half / total
        std = rest * self.variance**0.5
        x = source.normal_(source.empty(paths), rest * self.half, std)
        eps = source.normal_(source.empty(paths), 0.0, pull * self.sigma)
        lean = torch.add(eps, x, alpha=pull * self.alpha / rest, out=source.empty(paths)).tanh_()
        lean.add_(eps, alpha=gain / (pull * rest * self.half))
        square = x.sub_(lean, alpha=rest * self.half).square_()
        for _ in range(self.dimension - 1):
            across = source.normal_(lean, 0.0, std).sub_(source.normal_(eps, 0.0, gain * self.sigma))
            square.addcmul_(across, across)
        return [square]
