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

__all__ = ["Moments", "fixed_sum", "merge_in_order", "summarise"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, means and centred sums of squares of several statistics over the same samples."""

    count: int
    mean: Numbers
    m2: Numbers

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


def fixed_sum(values: Tensor) -> Tensor:
    """Row sums in float64 whose bits do not depend on how many rows there are.

    On a CPU every row is summed by itself, on one thread.  On a GPU a library reduction would split its work by the
    shape of the whole tensor; there a row is folded in half again and again, so that every addition is elementwise.
    """
    if values.device.type == "cpu":
        return torch.stack([row.sum(dtype=torch.float64) for row in values])
    return folded_sum(values.double())


def folded_sum(values: Tensor) -> Tensor:
    """Row sums by halving."""
    while (length := values.shape[1]) > 1:
        half = (length + 1) // 2
        folded = values[:, :half].clone()
        folded[:, : length - half] += values[:, half:]
        values = folded
    return values[:, 0]


def summarise(statistics: Sequence[Tensor], *, overwrite: bool = False) -> list[Moments]:
    """One summary per row of tensors of shape (rows, samples), float32 or float64.

    `overwrite` saves memory and its first touch; the tensors must then not share theirs.
    """
    count = statistics[0].shape[1]
    means, squares = [], []
    for values in statistics:
        mean = fixed_sum(values) / count
        # About the mean as the samples' type has it, for speed; what that rounds away is taken off afterwards.
        centre = mean.to(values.dtype)
        gaps = values.sub_(centre.unsqueeze(1)) if overwrite else values - centre.unsqueeze(1)
        square = fixed_sum(gaps.square_())
        means.append(mean)
        squares.append((square - count * (mean - centre.double()) ** 2).clamp_(min=0.0))
    mean_rows, square_rows = (torch.stack(column, dim=1).cpu().numpy() for column in (means, squares))
    return [Moments(count, mean, m2) for mean, m2 in zip(mean_rows, square_rows, strict=True)]
