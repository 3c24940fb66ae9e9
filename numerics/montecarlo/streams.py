"""Where random numbers come from: every sub-chunk has a stream of its own, fixed by seed, experiment and number.

A tensor has one row per sub-chunk; a row is filled from its own stream, so it has the same numbers whether it is made
alone or among many, here or on another machine.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import torch
from torch import Tensor

from . import philox

__all__ = ["PhiloxSource", "Source", "TorchSource", "Workspace", "open_source"]

Generator = Literal["torch", "philox"]


class Workspace:
    """Memory that one sub-chunk after the other uses: touching fresh pages costs as much as an arithmetic pass."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, ...], list[Tensor]] = {}
        self._used: dict[tuple[int, ...], int] = {}
        self._wide = torch.empty(0, dtype=torch.float64)

    def wide(self, row: Tensor) -> Tensor:
        """A row in float64, which the next row overwrites."""
        if len(self._wide) != len(row):
            self._wide = torch.empty(len(row), dtype=torch.float64)
        return self._wide.copy_(row)

    def take(self, shape: tuple[int, ...], device: torch.device) -> Tensor:
        """A float32 tensor that nobody has taken since the last reset; its content is arbitrary."""
        kept, used = self._kept.setdefault(shape, []), self._used.get(shape, 0)
        if used == len(kept):
            kept.append(torch.empty(shape, dtype=torch.float32, device=device))
        self._used[shape] = used + 1
        return kept[used]

    def reset(self) -> None:
        """Everything may be taken again."""
        self._used.clear()


class Source:
    """Random numbers for the sub-chunks `first`, ..., `first + rows - 1` of an experiment."""

    def __init__(self, rows: int, device: torch.device) -> None:
        self.rows = rows
        self.device = device
        self.workspace: Workspace | None = None

    def empty(self, *shape: int) -> Tensor:
        """A float32 tensor that is not filled; ``rows`` is put before the shape."""
        if self.workspace is not None:
            return self.workspace.take((self.rows, *shape), self.device)
        return torch.empty(self.rows, *shape, dtype=torch.float32, device=self.device)

    def normal_(self, out: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
        """Fill `out`, of shape (rows, ...), with normal numbers."""
        raise NotImplementedError

    def uniform_(self, out: Tensor) -> Tensor:
        """Fill `out`, of shape (rows, ...), with uniform numbers on [0, 1)."""
        raise NotImplementedError


class TorchSource(Source):
    """Torch's own generators: Mersenne twisters on the CPU, which are fast, and Philox on CUDA."""

    def __init__(self, seed: int, key: str, first: int, rows: int, device: torch.device) -> None:
        super().__init__(rows, device)
        self._generators = [
            torch.Generator(device).manual_seed(_seed(seed, key, first + i, device)) for i in range(rows)
        ]

    def normal_(self, out: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
        """Fill every row from its own generator."""
        for row, generator in zip(out, self._generators, strict=True):
            row.normal_(mean, std, generator=generator)
        return out

    def uniform_(self, out: Tensor) -> Tensor:
        """Fill every row from its own generator."""
        for row, generator in zip(out, self._generators, strict=True):
            row.uniform_(generator=generator)
        return out


class PhiloxSource(Source):
    """The counter-based generator: the same integers on every device."""

    def __init__(self, seed: int, key: str, first: int, rows: int, device: torch.device) -> None:
        super().__init__(rows, device)
        digest = hashlib.sha256(f"{seed}|{key}".encode()).digest()
        self._key = int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big")
        self._streams = torch.arange(first, first + rows, dtype=torch.int64, device=device)
        self._calls = 0

    def normal_(self, out: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
        """Fill from the next counters."""
        fresh = philox.normal(out[0].numel(), self._next(), self._streams, self._key)
        return out.copy_((fresh * std + mean).reshape(out.shape))

    def uniform_(self, out: Tensor) -> Tensor:
        """Fill from the next counters."""
        fresh = philox.uniform(out[0].numel(), self._next(), self._streams, self._key)
        # 24 bits are what a float32 below 1 holds; more would round up to 1.
        return out.copy_((torch.floor(fresh * 2.0**24) * 2.0**-24).reshape(out.shape))

    def _next(self) -> int:
        self._calls += 1
        return self._calls


def open_source(
    seed: int,
    key: str,
    first: int,
    rows: int,
    device: torch.device,
    generator: Generator = "torch",
    workspace: Workspace | None = None,
) -> Source:
    """The streams of the sub-chunks `first` to `first + rows - 1` of the experiment `key`."""
    kind = TorchSource if generator == "torch" else PhiloxSource
    source = kind(seed, key, first, rows, device)
    source.workspace = workspace
    return source


def _seed(seed: int, key: str, number: int, device: torch.device) -> int:
    digest = hashlib.sha256(f"{seed}|{key}".encode()).digest()
    if device.type != "cpu":
        return int.from_bytes(hashlib.sha256(digest + number.to_bytes(8, "big")).digest()[:8], "big") >> 1
    # Torch's Mersenne twister takes 32 bits of a seed, too few for hashes: among 1e5 of them two would be equal.
    # This map is one to one in the number, so no two sub-chunks of an experiment share a stream.
    word = (int.from_bytes(digest[:4], "big") + number) & 0xFFFFFFFF
    for shift, multiplier in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        word = ((word ^ word >> shift) * multiplier) & 0xFFFFFFFF
    return word
