r"""Philox4x32-10, a counter-based generator: number $i$ of a stream is a function of $(key, i)$, on every device alike.

Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.  Words of 32 bits are kept
in int64 tensors; a product of two of them wraps modulo $2^{64}$, and its halves are cut out by shift and mask.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["normal", "philox", "uniform"]

_MASK = 0xFFFFFFFF
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10


def philox(counter: tuple[Tensor, Tensor, Tensor, Tensor], key: tuple[int, int]) -> tuple[Tensor, ...]:
    """Four words of 32 bits for every counter of four words.

    Examples
    --------
    >>> zero = torch.zeros(1, dtype=torch.int64)
    >>> [hex(int(word)) for word in philox((zero, zero, zero, zero), (0, 0))]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(_ROUNDS):
        left, right = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        high_left, high_right = (product >> 32 & _MASK for product in (left, right))
        c0, c1, c2, c3 = high_right ^ c1 ^ k0, right & _MASK, high_left ^ c3 ^ k1, left & _MASK
        k0, k1 = (k0 + _WEYL[0]) & _MASK, (k1 + _WEYL[1]) & _MASK
    return c0, c1, c2, c3


def _words(count: int, call: int, streams: Tensor, key: tuple[int, int]) -> Tensor:
    """At least `count` words for every stream, (streams, words)."""
    position = torch.arange(-(-count // 4), dtype=torch.int64, device=streams.device)
    grid = position.expand(len(streams), -1)
    stream = streams.unsqueeze(1).expand_as(grid)
    counter = (grid, torch.full_like(grid, call), stream & _MASK, stream >> 32)
    return torch.stack(philox(counter, key), dim=-1).flatten(1)


def uniform(count: int, call: int, streams: Tensor, key: tuple[int, int]) -> Tensor:
    """Uniform numbers on [0, 1), float64 of 32 bits each, (streams, count)."""
    return _words(count, call, streams, key)[:, :count].double() * 2.0**-32


def normal(count: int, call: int, streams: Tensor, key: tuple[int, int]) -> Tensor:
    """Standard normal numbers by Box and Muller's transform, float64, (streams, count)."""
    words = _words(count + 1, call, streams, key).double()
    # In the middle of its cell, so that the logarithm of 0 is never asked for; the tails end at 6.7.
    radius = torch.sqrt(-2 * torch.log((words[:, 0::2] + 0.5) * 2.0**-32))
    angle = words[:, 1::2] * (2 * torch.pi * 2.0**-32)
    return torch.stack((radius * torch.cos(angle), radius * torch.sin(angle)), dim=-1).flatten(1)[:, :count]
