"""One chunk of work: sub-chunks of an experiment, each from its own stream, one thread within each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from .experiment import Experiment
from .moments import Moments, summarise, sums_of_row
from .streams import Generator, Workspace, open_source

__all__ = ["BYTES_PER_PATH", "SUB_CHUNK", "MemoryLimitError", "Task", "do", "one_thread", "sizes", "sub_chunks"]

# 65536 paths: a float32 tensor of them is 256 KiB, so a handful stays in a core's cache.
SUB_CHUNK = 2**16
# An upper bound on what a path of any program holds at a time, measured at 160 bytes for the widest.
BYTES_PER_PATH = 512


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


def sub_chunks(experiment: Experiment, task: Task) -> int:
    """How many there are; the number of samples alone decides."""
    return -(-_paths(experiment, task) // task.sub_chunk)


def sizes(experiment: Experiment, task: Task, first: int, count: int) -> list[int]:
    """How many paths each of some sub-chunks has: as many as fit, but the last."""
    left = _paths(experiment, task) - first * task.sub_chunk
    return [min(task.sub_chunk, left - i * task.sub_chunk) for i in range(count)]


def _paths(experiment: Experiment, task: Task) -> int:
    return max(2, round(task.samples * experiment.weight))


def do(experiment: Experiment, first: int, count: int, task: Task) -> list[Moments]:
    """The summaries of some sub-chunks, in order.

    Raises
    ------
    MemoryLimitError
        If a GPU has no room for a single one.
    """
    alone = task.device == "cpu" and rows_at_once(task) == 1
    each = sizes(experiment, task, first, count)
    return (_one_by_one if alone else _side_by_side)(experiment, first, each, task)


def _one_by_one(experiment: Experiment, first: int, each: Sequence[int], task: Task) -> list[Moments]:
    """On a CPU: one sub-chunk stays in the cache."""
    device, workspace, sums = torch.device("cpu"), Workspace(), []
    for number, size in enumerate(each, first):
        source = open_source(task.seed, experiment.key, number, 1, device, task.generator, workspace)
        sums.append([sums_of_row(values[0], workspace) for values in experiment.program.statistics(source, size)])
        workspace.reset()
    return [Moments.of(size, pairs) for size, pairs in zip(each, sums, strict=True)]


def _side_by_side(experiment: Experiment, first: int, each: Sequence[int], task: Task) -> list[Moments]:
    """On a GPU: several at once, and when memory runs out, half as many.

    Streams and sums are by rows, so the result does not depend on it.
    """
    device, at_once = torch.device(task.device), rows_at_once(task)
    found: list[Moments] = []
    while len(found) < len(each):
        done = len(found)
        rows = sum(1 for size in each[done : done + at_once] if size == each[done])
        source = open_source(task.seed, experiment.key, first + done, rows, device, task.generator)
        try:
            found += summarise(experiment.program.statistics(source, each[done]))
        except torch.cuda.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            if rows == 1:
                raise MemoryLimitError(
                    f"the device has no memory for {each[done]} paths; close what else uses it"
                ) from error
            at_once = rows // 2
    return found


def rows_at_once(task: Task) -> int:
    """On a CPU one sub-chunk stays in the cache; on a GPU as many as the memory limit allows."""
    if torch.device(task.device).type == "cpu":
        return 1
    return max(1, task.memory // (task.sub_chunk * BYTES_PER_PATH))


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread within the block: sub-chunks are what runs in parallel."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
