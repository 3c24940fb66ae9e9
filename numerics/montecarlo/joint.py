r"""The joint law of $(x,z_s,z_t)$ under the forward process, and what a step says about $z_s$ given $z_t$.

A conditional mean $\mu(z_t)$ is right exactly if the residual $z_s-\mu(z_t)$ is orthogonal to every function of $z_t$; it
is tried on $z_t$ itself and on the network's output.  Nothing is discretised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from numerics.data import Law

from .streams import Source

__all__ = ["Joint", "Mean", "draw"]


@dataclass(frozen=True)
class Joint:
    """Coefficients of the forward process at two times: z_s = alpha_s x + sigma_s eps, z_t = factor z_s + spread xi."""

    alpha_s: float
    sigma_s: float
    alpha_t: float
    sigma_t: float
    factor: float
    spread: float


def draw(source: Source, paths: int, law: Law, joint: Joint) -> tuple[Tensor, Tensor, Tensor]:
    """Samples of x, z_s and z_t, each of shape (rows, paths)."""
    normal = source.normal_(source.empty(paths)).unsqueeze(-1)
    uniform = source.uniform_(source.empty(paths)) if law.uses_uniform else None
    x = law.from_noise(normal, uniform).squeeze(-1)
    z_s = source.normal_(source.empty(paths), 0.0, joint.sigma_s).add_(x, alpha=joint.alpha_s)
    z_t = source.normal_(source.empty(paths), 0.0, joint.spread).add_(z_s, alpha=joint.factor)
    return x, z_s, z_t


@dataclass(frozen=True, eq=False)
class Mean:
    r"""Statistics of the residual $z_s-a z-e\,\epsilon(z)$ and of the posterior's.

    In order: the residual times $z_t$ (centred); the residual times $\epsilon(z_t)$; the shifts of the first by 1 % of
    $a$, and of the second by 1 % of $e$; the squared residual of the posterior mean $p_zz_t+p_xx$.

    `network_at_s` evaluates the network at $(z_s,s)$, as one printed form has it.
    """

    law: Law
    joint: Joint
    by_z: float
    by_noise: float
    posterior: tuple[float, float]
    centre: float
    network_at_s: bool = False

    def statistics(self, source: Source, paths: int) -> Sequence[Tensor]:
        """Five tensors, as above."""
        x, z_s, z_t = draw(source, paths, self.law, self.joint)
        j = self.joint
        at_t = self.law.noise(z_t.unsqueeze(-1), j.alpha_t, j.sigma_t).squeeze(-1)
        network = self.law.noise(z_s.unsqueeze(-1), j.alpha_s, j.sigma_s).squeeze(-1) if self.network_at_s else at_t
        residual = z_s - self.by_z * z_t - self.by_noise * network
        other = z_t - self.centre
        own = z_s - self.posterior[0] * z_t - self.posterior[1] * x
        return [
            residual * other,
            residual * at_t,
            -0.01 * self.by_z * z_t * other,
            -0.01 * self.by_noise * torch.square(at_t),
            torch.square(own),
        ]
