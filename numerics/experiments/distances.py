r"""Distances of samples to a reference: Fréchet's between fitted Gaussians, and MMD, with intervals by resampling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import NamedTuple

import torch
from torch import Tensor

from .errors import ExperimentError

__all__ = ["Estimate", "estimate", "estimate_of_difference", "frechet", "frechet_of_samples", "mmd", "resamples"]

_RESAMPLES = 100


class Estimate(NamedTuple):
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


def frechet(mean: Tensor, covariance: Tensor, other_mean: Tensor, other_covariance: Tensor) -> float:
    r"""$|m-m'|^2+\mathrm{tr}(C+C'-2(C^{1/2}C'C^{1/2})^{1/2})$, what FID is in a feature space.

    Examples
    --------
    >>> frechet(torch.zeros(2), torch.eye(2), torch.ones(2), 4 * torch.eye(2))
    4.0
    """
    root = _root(covariance.double())
    inner = torch.linalg.eigvalsh(root @ other_covariance.double() @ root).clamp(min=0).sqrt().sum()
    gap = ((mean.double() - other_mean.double()) ** 2).sum()
    return float(gap + covariance.double().trace() + other_covariance.double().trace() - 2 * inner)


def frechet_of_samples(found: Tensor, reference: Tensor) -> Callable[[Tensor], float]:
    """The distance of Gaussians fitted to rows, as a function of the rows of `found` or of some of them, for :func:`resamples`.

    The plain distance of N rows is biased upwards, as FID is, by a share that grows with the number of features.  The
    reference is taken as it is.
    """
    _check(found, reference)
    mean, covariance = reference.double().mean(0), torch.cov(reference.double().T).reshape(2 * reference.shape[1:])

    def distance(rows: Tensor) -> float:
        rows = rows.double()
        return frechet(rows.mean(0), torch.cov(rows.T).reshape(covariance.shape), mean, covariance)

    return distance


def resamples(rows: Tensor, statistic: Callable[[Tensor], float], seed: int = 0) -> list[float]:
    """A statistic of all rows, then of 100 resamples of them.

    The resamples depend on the seed and the number of rows alone: two samplers that were given the same noise are
    resampled together, so that the difference of their statistics is known better than each.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = (torch.randint(len(rows), (len(rows),), generator=generator) for _ in range(_RESAMPLES))
    return [statistic(rows), *(statistic(rows[places]) for places in chosen)]


def estimate(values: Sequence[float]) -> Estimate:
    """A positive statistic from its :func:`resamples`: what resampling added once more is taken off, as bias.

    Examples
    --------
    >>> estimate([3.0, 3.5, 4.5])
    Estimate(value=2.0, low=1.5, high=2.5)
    """
    return Estimate(*(max(end, 0.0) for end in _basic(values)))


def estimate_of_difference(values: Sequence[float], other: Sequence[float], chosen_of: int = 1) -> Estimate:
    """The first less the second, from resamples that were drawn together.

    Where one of the two was chosen from several for its value, the interval is widened as Bonferroni's is for that many
    comparisons, by the quantiles of the normal law: of 13, one comes out far from the rest by chance.

    Examples
    --------
    >>> estimate_of_difference([3.0, 3.5, 4.5], [1.0, 1.5, 2.5])
    Estimate(value=2.0, low=2.0, high=2.0)
    """
    found = _basic([a - b for a, b in zip(values, other, strict=True)])
    wider = NormalDist().inv_cdf(1 - 0.025 / chosen_of) / NormalDist().inv_cdf(0.975)
    return Estimate(found.value, *(found.value + wider * (end - found.value) for end in found[1:]))


def _basic(values: Sequence[float]) -> Estimate:
    """The basic bootstrap interval: what the statistic has missed is what the resamples have missed of the statistic."""
    plain, found = values[0], sorted(values[1:])
    low, high = found[int(0.025 * len(found))], found[int(0.975 * len(found))]
    return Estimate(*(2 * plain - seen for seen in (sum(found) / len(found), high, low)))


def mmd(found: Tensor, reference: Tensor) -> Estimate:
    r"""The unbiased $\mathrm{MMD}^2$ of a Gaussian kernel whose width is the reference's median distance.

    The interval is that of the normal law, with the standard error of the paired estimate over equal numbers of rows
    (Gretton et al. 2012, lemma 14 and its linear-time variance).  The first 4000 rows count: the time goes with their square.
    """
    _check(found, reference)
    count = min(len(found), len(reference), 4000) // 2 * 2
    x, y = found[:count].double(), reference[:count].double()
    width = torch.cdist(y[:1000], y[:1000]).median().clamp(min=torch.finfo(torch.float64).tiny)

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return torch.exp(-((torch.cdist(a, b) / width) ** 2) / 2)

    off = 1 - torch.eye(count, dtype=torch.float64)
    pairs = kernel(x, x) + kernel(y, y) - kernel(x, y) - kernel(x, y).T
    value = float((pairs * off).sum() / (count * (count - 1)))
    halves = [z.reshape(count // 2, 2, -1).unbind(1) for z in (x, y)]
    (x1, x2), (y1, y2) = halves

    def close(a: Tensor, b: Tensor) -> Tensor:
        return torch.exp(-((a - b) ** 2).sum(-1) / width**2 / 2)

    terms = close(x1, x2) + close(y1, y2) - close(x1, y2) - close(x2, y1)
    error = 1.96 * float(terms.std()) / (count // 2) ** 0.5
    return Estimate(value, value - error, value + error)


def _root(matrix: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    return root


def _check(found: Tensor, reference: Tensor) -> None:
    for name, rows in (("samples", found), ("reference", reference)):
        if rows.ndim != 2 or len(rows) < 4:
            raise ExperimentError(
                f"a distance needs at least four rows of features; the {name} have shape {tuple(rows.shape)}"
            )
        if not bool(torch.isfinite(rows).all()):
            raise ExperimentError(f"the {name} are not finite")
    if found.shape[1] != reference.shape[1]:
        raise ExperimentError(f"the samples have {found.shape[1]} features, the reference {reference.shape[1]}")
