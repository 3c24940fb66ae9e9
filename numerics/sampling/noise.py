"""Where the noise of a run comes from: one stream for the batch, or one for each sample."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from .errors import SamplerError

__all__ = ["BatchNoise", "Noise", "SampleNoise", "noise_source"]


class Noise(Protocol):
    """Fills a buffer with standard normal numbers, and can begin again."""

    def fill(self, buffer: Tensor) -> Tensor:
        """Overwrite `buffer`; return it."""

    def rewind(self) -> None:
        """Go back to where this source began."""


class BatchNoise:
    """One generator for the whole batch: the numbers that ``torch.randn`` gives, without its allocation.

    Parameters
    ----------
    generator : torch.Generator
        On the device of the buffers.

    Examples
    --------
    >>> noise = BatchNoise(torch.Generator().manual_seed(0))
    >>> torch.equal(noise.fill(torch.empty(3)), torch.randn(3, generator=torch.Generator().manual_seed(0)))
    True
    """

    def __init__(self, generator: torch.Generator) -> None:
        self._generator = generator
        self._start = generator.get_state()

    def fill(self, buffer: Tensor) -> Tensor:
        """Overwrite `buffer`; return it."""
        return buffer.normal_(generator=self._generator)

    def rewind(self) -> None:
        """Go back to where this source began."""
        self._generator.set_state(self._start)


class SampleNoise:
    r"""A generator for each sample, so that sample $i$ depends on the seed and $i$ alone, not on the batch.

    Parameters
    ----------
    seed : int
        Of the run.
    first, count : int
        The samples of this batch are number `first` to ``first + count - 1`` of the run.
    workers : int
        Threads that draw; the numbers do not depend on it.
    device : torch.device
        Where the noise is made.

    Examples
    --------
    >>> whole = SampleNoise(7, 0, 4).fill(torch.empty(4, 2))
    >>> torch.equal(whole[2:], SampleNoise(7, 2, 2, workers=2).fill(torch.empty(2, 2)))
    True
    """

    def __init__(self, seed: int, first: int, count: int, workers: int = 1, device: torch.device | str = "cpu") -> None:
        self._seeds = [
            int(np.random.SeedSequence((seed, first + i)).generate_state(1, np.uint64)[0] >> 1) for i in range(count)
        ]
        self._generators = [torch.Generator(device) for _ in range(count)]
        self._shares = [slice(k * count // workers, (k + 1) * count // workers) for k in range(workers)]
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None
        self.rewind()

    def fill(self, buffer: Tensor) -> Tensor:
        """Overwrite `buffer`, one sample after the other; return it."""

        def draw(share: slice) -> None:
            for row, generator in zip(buffer[share], self._generators[share], strict=True):
                row.normal_(generator=generator)

        every: Callable[..., object] = map if self._pool is None else self._pool.map
        list(every(draw, self._shares))  # type: ignore[call-overload]
        return buffer

    def rewind(self) -> None:
        """Go back to where this source began."""
        for seed, generator in zip(self._seeds, self._generators, strict=True):
            generator.manual_seed(seed)


def noise_source(
    shape: torch.Size,
    device: torch.device,
    *,
    generator: torch.Generator | None,
    seed: int | None,
    per_sample: bool,
    first: int = 0,
    workers: int = 1,
) -> Noise:
    """The source that these arguments name.

    Raises
    ------
    SamplerError
        If they contradict each other.
    """
    if generator is not None and (seed is not None or per_sample):
        raise SamplerError("give a generator or a seed, not both; seeds for each sample need the seed")
    if generator is not None and not isinstance(generator, torch.Generator):
        raise SamplerError(
            f"generator must be one torch.Generator, not {type(generator).__name__}; for one stream for each sample give seed "
            "and per_sample=True"
        )
    if generator is not None and generator.device.type != device.type:
        raise SamplerError(f"the generator is on {generator.device}, the state on {device}")
    for name, value, least in (("seed", seed, 0), ("first", first, 0), ("workers", workers, 1)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if value is not None and not (whole and least <= value < 2**64):
            raise SamplerError(f"{name} must be a whole number, at least {least} and below 2**64; it is {value!r:.40}")
    if per_sample:
        if not shape:
            raise SamplerError("seeds for each sample need a batch axis; the state is one number")
        return SampleNoise(seed or 0, first, shape[0], workers, device)
    if workers > 1 or first:
        raise SamplerError("workers and first belong to per_sample=True: one stream is drawn in order")
    return BatchNoise(torch.Generator(device).manual_seed(seed or 0) if generator is None else generator)
