"""Several processes on one or more machines, started by ``torchrun``: each does its chunks, the first merges them.

Every rank makes the same plan, so nothing but summaries travels; they are merged in the order of the plan, and the
result is that of one process, bit for bit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist

from .chunks import Chunk
from .moments import Moments

__all__ = ["Ranks", "ranks"]

Results = dict[Chunk, list[Moments]]


@dataclass(frozen=True)
class Ranks:
    """Which of how many processes this is."""

    rank: int = 0
    world: int = 1
    local: int = 0

    @property
    def device(self) -> str:
        """The GPU of this process."""
        return f"cuda:{self.local}" if self.world > 1 else "cuda"

    def gather(self, mine: Results) -> Results:
        """Everybody's results in the first process; nothing in the others."""
        if self.world == 1:
            return mine
        parts: list[Results | None] | None = [None] * self.world if self.rank == 0 else None
        dist.gather_object(mine, parts)
        merged: Results = {}
        for part in parts or ():
            merged |= part or {}
        return merged


@contextmanager
def ranks(*, cuda: bool) -> Iterator[Ranks]:
    """The process group that ``torchrun`` asks for by its environment; a single process without it.

    gloo carries the summaries on a CPU, nccl on GPUs.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1 or "RANK" not in os.environ:
        yield Ranks()
        return
    found = Ranks(int(os.environ["RANK"]), world, int(os.environ.get("LOCAL_RANK", "0")))
    if cuda:
        torch.cuda.set_device(found.local)
    # A rank waits for the others at the end only, and a lost one is torchrun's to notice.
    dist.init_process_group("nccl" if cuda else "gloo", timeout=timedelta(days=30))
    try:
        yield found
        dist.barrier()
    finally:
        dist.destroy_process_group()
