r"""Means and sums of squares that merge: float64 sums over float32 samples, the same bits however they are gathered.

A sub-chunk of $n$ samples is summarised as $(n,\bar x,M_2=\sum(x-\bar x)^2)$.  Two summaries merge by
$\bar x=\bar x_1+\delta\,n_2/n$, $M_2=M_{2,1}+M_{2,2}+\delta^2n_1n_2/n$ with $\delta=\bar x_2-\bar x_1$ (Chan, Golub,
LeVeque 1983), which cancels nothing.  Floating-point sums depend on their order, so the order is fixed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .streams import Workspace

__all__ = ["Moments", "folded_sum", "merge_in_order", "summarise", "sums_of_row"]

Numbers = NDArray[np.float64]

# Below this share of the sum of squares the centred sum is taken by a pass of its own: what cancels in the difference
# costs at most two of sixteen digits.
_CANCELS = 1e-2


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, means and centred sums of squares of several statistics over the same samples."""

    count: int
    mean: Numbers
    m2: Numbers

    @classmethod
    def of(cls, count: int, pairs: Sequence[tuple[float, float]]) -> Moments:
        """From the mean and the centred sum of squares of every statistic."""
        means, squares = np.array(pairs).T
        return cls(count, means, squares)

    def merge(self, other: Moments) -> Moments:
        """Both sets of samples together."""
        count = self.count + other.count
        gap = other.mean - self.mean
        return Moments(
            count,
            self.mean + gap * (other.count / count),
            self.m2 + other.m2 + gap**2 * (self.count * other.count / count),
        )

    @property
    def variance(self) -> Numbers:
        """Unbiased."""
        return self.m2 / (self.count - 1)

    @property
    def standard_error(self) -> Numbers:
        """Of the means."""
        return np.sqrt(self.variance / self.count)


def merge_in_order(parts: Iterable[Moments]) -> Moments:
    """Merge summaries one after the other, first to last.

    Examples
    --------
    >>> halves = [Moments(2, np.array([1.0]), np.array([2.0])), Moments(2, np.array([3.0]), np.array([2.0]))]
    >>> merged = merge_in_order(halves)
    >>> merged.count, merged.mean.tolist(), merged.m2.tolist()
    (4, [2.0], [8.0])
    """
    iterator = iter(parts)
    total = next(iterator)
    for part in iterator:
        total = total.merge(part)
    return total


def folded_sum(values: Tensor) -> Tensor:
    """Row sums by halving, whose bits do not depend on how many rows there are."""
    while (length := values.shape[1]) > 1:
        half = (length + 1) // 2
        folded = values[:, :half].clone()
        folded[:, : length - half] += values[:, half:]
        values = folded
    return values[:, 0]


def summarise(statistics: Sequence[Tensor]) -> list[Moments]:
    """One summary per row of tensors of shape (rows, samples), float32 or float64, which stay as they are.

    On a CPU every row is summed by itself on one thread.  On a GPU a library reduction would split its work by the shape
    of the whole tensor; there a row is folded in half again and again, so that every addition is elementwise.  Either
    way the bits of a row do not depend on how many rows there are.
    """
    count = statistics[0].shape[1]
    if statistics[0].device.type == "cpu":
        workspace = Workspace()
        rows = zip(*([sums_of_row(row, workspace) for row in values] for values in statistics), strict=True)
        return [Moments.of(count, pairs) for pairs in rows]
    columns = [_sums_of_rows(values.double()) for values in statistics]
    means, squares = (torch.stack(column, dim=1).cpu().numpy() for column in zip(*columns, strict=True))
    return [Moments(count, mean, m2) for mean, m2 in zip(means, squares, strict=True)]


def sums_of_row(row: Tensor, workspace: Workspace) -> tuple[float, float]:
    """Mean and centred sum of squares of one row, in float64 memory of its own, aligned in the same way each time."""
    wide = workspace.wide(row)
    total, square = wide.sum().item(), torch.dot(wide, wide).item()
    mean = total / len(wide)
    centred = square - total * mean
    if centred < _CANCELS * square:
        wide.sub_(mean)
        centred = torch.dot(wide, wide).item()
    return mean, centred


def _sums_of_rows(values: Tensor) -> tuple[Tensor, Tensor]:
    mean = folded_sum(values) / values.shape[1]
    return mean, folded_sum((values - mean.unsqueeze(1)).square_())
