r"""Chains $z_{k+1}=a_kz_k+e_k\,\epsilon(z_k)+n_k\xi_k$: every sampler and every Euler scheme is one.

For Gaussian data the network is affine in $z$, $\epsilon(z)=pz+q$, so the chain stays Gaussian and its moments are known
exactly, step size and all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .streams import Source

__all__ = ["Chain", "ChainProgram", "Coupled", "Prediction", "Snapshot", "predict"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Chain:
    r"""Steps of a chain in one dimension, for data $\mathcal N(m,v)$, from $z_0=\alpha_0x+\sigma_0\epsilon$.

    Attributes
    ----------
    by_z, by_noise, by_xi : array of N
        Coefficients of the state, of the network's output and of fresh noise.
    alpha, sigma : array of N
        Where the network is evaluated.
    mean, variance : float
        Of the data.
    start : (float, float)
        Alpha and sigma at the start.
    """

    by_z: Numbers
    by_noise: Numbers
    by_xi: Numbers
    alpha: Numbers
    sigma: Numbers
    mean: float
    variance: float
    start: tuple[float, float]

    def affine(self) -> tuple[Numbers, Numbers]:
        r"""The same steps as $z\mapsto Az+B$ plus noise, with $\epsilon(z)=\sigma(z-\alpha m)/(\alpha^2v+\sigma^2)$."""
        slope = self.sigma / (self.alpha**2 * self.variance + self.sigma**2)
        return self.by_z + self.by_noise * slope, -self.by_noise * slope * self.alpha * self.mean

    @property
    def first(self) -> tuple[float, float]:
        """Mean and variance of the start."""
        a, c = self.start
        return a * self.mean, a**2 * self.variance + c**2


@dataclass(frozen=True, eq=False)
class Prediction:
    """Mean, variance and covariance with the start, after 0, 1, ..., N steps."""

    mean: Numbers
    variance: Numbers
    covariance: Numbers


def predict(chain: Chain) -> Prediction:
    """The exact moments of a chain."""
    slopes, offsets = chain.affine()
    mean, variance = chain.first
    covariance = variance
    rows = [(mean, variance, covariance)]
    for slope, offset, noise in zip(slopes, offsets, chain.by_xi, strict=True):
        mean, variance, covariance = slope * mean + offset, slope**2 * variance + noise**2, slope * covariance
        rows.append((mean, variance, covariance))
    return Prediction(*(np.array(column) for column in zip(*rows, strict=True)))


@dataclass(frozen=True)
class Snapshot:
    """A statistic of the state after some steps: its value, its square, or its product with the start, about a centre."""

    kind: Literal["mean", "square", "product"]
    after: int
    centre: float = 0.0
    centre_of_start: float = 0.0


@dataclass(frozen=True, eq=False)
class ChainProgram:
    """Simulate a chain and take statistics on the way."""

    chain: Chain
    snapshots: tuple[Snapshot, ...]

    def statistics(self, source: Source, paths: int) -> Sequence[Tensor]:
        """One tensor for every snapshot, in their order."""
        slopes, offsets = (column.tolist() for column in self.chain.affine())
        noises = self.chain.by_xi.tolist()
        mean, variance = self.chain.first
        # Two buffers for any number of steps: mean and spread of fresh noise come with its making, so that a step is
        # one pass over the state.
        state, fresh = source.empty(paths), source.empty(paths)
        source.normal_(state, mean, variance**0.5)
        start = state.clone() if any(s.kind == "product" for s in self.snapshots) else None
        found: dict[int, Tensor] = {}
        self._take(0, state, start, found)
        for k, (slope, offset, noise) in enumerate(zip(slopes, offsets, noises, strict=True)):
            if noise:
                source.normal_(fresh, offset, abs(noise))
                torch.add(fresh, state, alpha=slope, out=state)
            else:
                state.mul_(slope).add_(offset)
            self._take(k + 1, state, start, found)
        return [found[i] for i in range(len(self.snapshots))]

    def _take(self, after: int, state: Tensor, start: Tensor | None, found: dict[int, Tensor]) -> None:
        for i, snapshot in enumerate(self.snapshots):
            if snapshot.after != after:
                continue
            if snapshot.kind == "mean":
                found[i] = state.clone()
            elif snapshot.kind == "square":
                found[i] = (state - snapshot.centre) ** 2
            elif start is not None:
                found[i] = (state - snapshot.centre) * (start - snapshot.centre_of_start)


@dataclass(frozen=True, eq=False)
class Coupled:
    r"""Three chains with N, 2N and 4N steps on one Brownian path, compared at the end.

    The noise of a coarse step is that of its two fine steps, $w_1\xi_1+w_2\xi_2$ with $w_1^2+w_2^2=1$.  Statistics: two
    numbers whose expectations are the strong and the weak order, $\tfrac12\log_2(S_1/S_2)$ with $S_i=E(z^{(i)}-
    z^{(i+1)})^2$ and $\log_2(W_1/W_2)$ with $W_i=E h(z^{(i)})-E h(z^{(i+1)})$, linearised at their exact values, so that
    each is a mean; $h$ is the state or its square.
    """

    chains: tuple[Chain, Chain, Chain]
    weights: tuple[Numbers, Numbers]  # (steps of the coarser chain, 2): for levels 1 and 2
    observable: Literal["state", "square"] = "square"

    def gaps(self) -> tuple[Numbers, Numbers, float]:
        """The exact S_1, S_2 and W_1, W_2, and |W_1| in standard deviations of a sample of it.

        By the recursion of the joint moments of the three, which are normal.
        """
        mean = np.full(3, self.chains[0].first[0])
        second = np.full((3, 3), self.chains[0].first[1])
        affine = [chain.affine() for chain in self.chains]
        for k in range(len(self.chains[0].by_z)):
            slopes, offsets, loads = np.ones(3), np.zeros(3), np.zeros((3, 4))
            loads_of = (self._load(1, k), self._load(2, k), np.eye(4))
            for level in range(3):
                count = 2**level
                for j in range(count):
                    i = k * count + j
                    slope, offset = affine[level][0][i], affine[level][1][i]
                    slopes[level], offsets[level] = slopes[level] * slope, offsets[level] * slope + offset
                    loads[level] = loads[level] * slope + self.chains[level].by_xi[i] * loads_of[level][j]
            mean = slopes * mean + offsets
            second = slopes[:, None] * second * slopes[None, :] + loads @ loads.T
        moment = second + np.outer(mean, mean)
        strong = np.array([moment[i, i] - 2 * moment[i, i + 1] + moment[i + 1, i + 1] for i in (0, 1)])
        values = mean if self.observable == "state" else np.diag(moment)
        weak = np.array([values[i] - values[i + 1] for i in (0, 1)])
        gap, both = np.array([1.0, -1.0, 0.0]), np.array([1.0, 1.0, 0.0])
        variance = gap @ second @ gap
        if self.observable == "square":  # the variance of a product of two normal numbers
            m, p, crossed, other = gap @ mean, both @ mean, gap @ second @ both, both @ second @ both
            variance = variance * other + crossed**2 + variance * p**2 + other * m**2 + 2 * m * p * crossed
        return strong, weak, float(abs(weak[0]) / np.sqrt(variance))

    def _load(self, level: int, k: int) -> Numbers:
        """How the noises of a coarse step's four finest steps enter the noises of level 1 (one row) or 2 (two rows)."""
        first, second = self.weights[1][2 * k], self.weights[1][2 * k + 1]
        pairs = np.array([[first[0], first[1], 0, 0], [0, 0, second[0], second[1]]])
        return pairs if level == 2 else self.weights[0][k][None, :] @ pairs

    def statistics(self, source: Source, paths: int) -> Sequence[Tensor]:
        """The linearised strong order and the linearised weak order."""
        strong, weak, _ = self.gaps()
        mean, variance = self.chains[0].first
        # In float64: the three differ by little, and without noise float32 would show nothing but its rounding.
        start = source.normal_(source.empty(paths), mean, variance**0.5).double()
        states = [start, start.clone(), start.clone()]
        fresh = [source.empty(paths) for _ in range(4)]
        affine = [[column.tolist() for column in chain.affine()] for chain in self.chains]
        noisy = any(chain.by_xi.any() for chain in self.chains)
        for k in range(len(self.chains[0].by_z)):
            noises: list[list[Tensor]] = [[], [], []]
            if noisy:
                for xi in fresh:
                    source.normal_(xi)
                w = self.weights
                pairs = [fresh[2 * j] * w[1][2 * k + j][0] + fresh[2 * j + 1] * w[1][2 * k + j][1] for j in (0, 1)]
                noises = [[pairs[0] * w[0][k][0] + pairs[1] * w[0][k][1]], pairs, fresh]
            for level, (slopes, offsets) in enumerate(affine):
                for j in range(2**level):
                    i = k * 2**level + j
                    states[level].mul_(slopes[i]).add_(offsets[i])
                    if noisy:
                        states[level].add_(noises[level][j], alpha=float(self.chains[level].by_xi[i]))
        differences = [states[i] - states[i + 1] for i in (0, 1)]
        in_square = [d * (states[i] + states[i + 1]) for i, d in enumerate(differences)]
        weakly = differences if self.observable == "state" else in_square
        found = []
        for values, exact, root in (([d**2 for d in differences], strong, 2), (weakly, weak, 1)):
            if not exact.all():
                continue  # this scheme has no weak error in the observable
            order = np.log2(exact[0] / exact[1]) / root
            slope = 1 / (root * np.log(2))
            found.append(float(order) + slope * (values[0] / float(exact[0]) - values[1] / float(exact[1])))
        return found
