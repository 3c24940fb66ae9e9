r"""Distances of samples to a reference: Fréchet's between fitted Gaussians, and MMD, with intervals by resampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from .errors import ExperimentError

__all__ = ["Estimate", "frechet", "frechet_of_samples", "mmd"]

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


def frechet_of_samples(found: Tensor, reference: Tensor, seed: int = 0) -> Estimate:
    """The distance of Gaussians fitted to rows, its bias removed, with an interval: the bootstrap over the rows of `found`.

    The plain distance of N rows is biased upwards, as FID is, by a share that grows with the number of features; resampling
    the rows shows how much once more, and that is taken off.  The reference is taken as it is.
    """
    _check(found, reference)
    mean, covariance = reference.double().mean(0), torch.cov(reference.double().T).reshape(2 * reference.shape[1:])

    def distance(rows: Tensor) -> float:
        rows = rows.double()
        return frechet(rows.mean(0), torch.cov(rows.T).reshape(covariance.shape), mean, covariance)

    return _bootstrap(found, distance, seed)


def mmd(found: Tensor, reference: Tensor) -> Estimate:
    r"""The unbiased $\mathrm{MMD}^2$ of a Gaussian kernel whose width is the reference's median distance.

    The interval is that of the normal law, with the standard error of the paired estimate over equal numbers of rows
    (Gretton et al. 2012, lemma 14 and its linear-time variance).
    """
    _check(found, reference)
    count = min(len(found), len(reference)) // 2 * 2
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


def _bootstrap(rows: Tensor, statistic: Callable[[Tensor], float], seed: int) -> Estimate:
    value = statistic(rows)
    generator = torch.Generator().manual_seed(seed)
    found = sorted(
        statistic(rows[torch.randint(len(rows), (len(rows),), generator=generator)]) for _ in range(_RESAMPLES)
    )
    low, high = found[int(0.025 * _RESAMPLES)], found[int(0.975 * _RESAMPLES)]
    return Estimate(*(max(2 * value - seen, 0.0) for seen in (sum(found) / _RESAMPLES, high, low)))


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
