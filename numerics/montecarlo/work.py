"""One chunk of work: sub-chunks of an experiment, each from its own stream, one thread within each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from .experiment import Experiment
from .moments import Moments, summarise
from .streams import Generator, Workspace, open_source

__all__ = ["SUB_CHUNK", "MemoryLimitError", "Task", "do", "one_thread", "sub_chunks"]

# 65536 paths: a float32 tensor of them is 256 KiB, so a handful stays in a core's cache.
SUB_CHUNK = 2**16
# An upper bound on what a path of any program holds at a time, measured at 160 bytes for the widest.
_BYTES_PER_PATH = 512


class MemoryLimitError(OSError):
    """Even a single sub-chunk does not fit into the device's memory."""


@dataclass(frozen=True)
class Task:
    """How to make random numbers, where, and how much may be held in memory at a time."""

    seed: int
    samples: int
    generator: Generator = "torch"
    device: str = "cpu"
    memory: int = 2**31
    sub_chunk: int = SUB_CHUNK


def sub_chunks(experiment: Experiment, task: Task) -> list[int]:
    """How many paths every sub-chunk has; the number of samples alone decides."""
    total = max(2, round(task.samples * experiment.weight))
    whole, rest = divmod(total, task.sub_chunk)
    return [task.sub_chunk] * whole + ([rest] if rest else [])


def do(experiment: Experiment, first: int, count: int, task: Task) -> list[Moments]:
    """The summaries of some sub-chunks, in order.

    On a GPU several are done at once; when memory runs out, half as many.  Streams and sums are by rows, so the result
    does not depend on it.

    Raises
    ------
    MemoryLimitError
        If one alone is too many.
    """
    sizes = sub_chunks(experiment, task)[first : first + count]
    device = torch.device(task.device)
    at_once = rows_at_once(task)
    found: list[Moments] = []
    workspace = Workspace() if device.type == "cpu" else None  # torch keeps a GPU's memory by itself
    while len(found) < count:
        done = len(found)
        rows = sum(1 for size in sizes[done : done + at_once] if size == sizes[done])
        source = open_source(task.seed, experiment.key, first + done, rows, device, task.generator, workspace)
        try:
            found += summarise(experiment.program.statistics(source, sizes[done]), overwrite=True)
        except torch.cuda.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            if rows == 1:
                raise MemoryLimitError(
                    f"the device has no memory for {sizes[done]} paths; close what else uses it"
                ) from error
            at_once = rows // 2
        if workspace is not None:
            workspace.reset()
    return found


def rows_at_once(task: Task) -> int:
    """On a CPU one sub-chunk stays in the cache; on a GPU as many as the memory limit allows."""
    if torch.device(task.device).type == "cpu":
        return 1
    return max(1, task.memory // (task.sub_chunk * _BYTES_PER_PATH))


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread within the block: sub-chunks are what runs in parallel."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
