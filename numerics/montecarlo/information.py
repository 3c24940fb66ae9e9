r"""Differences of the divergence between two times against the integral of its derivative, on common random numbers.

With $r(z,t)=\log q(z|x)-\log p(z)$ the expectation of $r$ over $q(z|x)$ is the divergence.  The statistic
$r(z_{t_1},t_1)-r(z_{t_2},t_2)-\sum_jw_jc_j(x-E[x|z_{t_j}])^2-d$ has expectation 0 exactly when $c$ is the rate's
coefficient of the error and $d$ the integral of what else the rate has: no difference quotient, no step size.  All $z$
have one $\epsilon$ in common, which takes out most of the noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from numerics.data import Law

from .streams import Source

__all__ = ["Direct", "Increment"]

Point = tuple[float, float]  # alpha and sigma at a time


def _data(source: Source, paths: int, law: Law, x: float | None) -> Tensor:
    """The data, at a point or from their law, (rows, paths, 1)."""
    if x is not None:
        return torch.full_like(source.empty(paths), x).unsqueeze(-1)
    normal = source.normal_(source.empty(paths)).unsqueeze(-1)
    return law.from_noise(normal, source.uniform_(source.empty(paths)) if law.uses_uniform else None)


def _log_ratio(law: Law, at: Point, x: Tensor, eps: Tensor) -> Tensor:
    """The log of q(z|x)/p(z) at z = alpha x + sigma eps."""
    a, c = at
    own = -0.5 * torch.square(eps).squeeze(-1) - (math.log(c) + 0.5 * math.log(2 * math.pi))
    return own - law.log_density(a * x + c * eps, a, c)


def _error(law: Law, at: Point, x: Tensor, eps: Tensor) -> Tensor:
    a, c = at
    return torch.square(x - law.posterior_mean(a * x + c * eps, a, c)).sum(-1)


@dataclass(frozen=True, eq=False)
class Increment:
    """Divergence gained from the late to the early time, less the integral of a rate.

    Statistics: the difference, the integral of the error's part times 0.01, and the difference with `others`.

    Attributes
    ----------
    law : Law
    ends : (Point, Point)
        Early and late.
    nodes : sequence of Point
    weights : sequence of float
        Of the quadrature times the coefficient of the error.
    constant : float
        The integral of the part without the error.
    x : float or None
        The divergence at a point; None averages over the data, which is the mutual information.
    error_over : "point" or "prior"
        Whose error the rate has: that at x, or, as one print has it, that of other data.
    """

    law: Law
    ends: tuple[Point, Point]
    nodes: Sequence[Point]
    weights: Sequence[float]
    constant: float
    x: float | None
    error_over: Literal["point", "prior"] = "point"

    def statistics(self, source: Source, paths: int) -> Sequence[Tensor]:
        """Two tensors: the difference, and its shift by 1 % of the coefficient."""
        x = _data(source, paths, self.law, self.x)
        eps = source.normal_(source.empty(paths)).unsqueeze(-1)
        gain = _log_ratio(self.law, self.ends[0], x, eps) - _log_ratio(self.law, self.ends[1], x, eps)
        seen = x if self.error_over == "point" else _data(source, paths, self.law, None)
        integral = torch.zeros_like(gain)
        for node, weight in zip(self.nodes, self.weights, strict=True):
            integral.add_(_error(self.law, node, seen, eps), alpha=weight)
        return [gain - integral - self.constant, -0.01 * integral]


@dataclass(frozen=True, eq=False)
class Direct:
    """The mutual information, the mean squared error, and what makes the posterior mean the best guess, at one time.

    Statistics: log q/p; the squared error; the error times z, which is 0 on average; and its shift when the guess is
    1 % too large.
    """

    law: Law
    at: Point

    def statistics(self, source: Source, paths: int) -> Sequence[Tensor]:
        """Four tensors."""
        a, c = self.at
        x = _data(source, paths, self.law, None)
        eps = source.normal_(source.empty(paths)).unsqueeze(-1)
        z = a * x + c * eps
        guess = self.law.posterior_mean(z, a, c)
        miss = x - guess
        return [
            _log_ratio(self.law, self.at, x, eps),
            torch.square(miss).squeeze(-1),
            (miss * z).squeeze(-1),
            -0.01 * (guess * z).squeeze(-1),
        ]
