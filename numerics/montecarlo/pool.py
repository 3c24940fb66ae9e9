"""Worker processes: they may finish in any order and be killed; what is finished stays finished."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from typing import Any

import torch

from .chunks import Chunk
from .experiment import Experiment
from .moments import Moments
from .work import Task, do

__all__ = ["WorkerError", "in_pool", "worker_context"]

_RESTARTS = 3
_experiments: Sequence[Experiment] = ()
_task: Task | None = None


class WorkerError(ChildProcessError):
    """Worker processes were killed again and again."""


def in_pool(
    experiments: Sequence[Experiment], chunks: Sequence[Chunk], task: Task, workers: int
) -> Iterator[tuple[Chunk, list[Moments]]]:
    """Do the chunks, and yield each as it is finished.

    Raises
    ------
    WorkerError
        If workers are killed more than three times; the chunks that were yielded are finished.
    """
    left = set(chunks)
    for _ in range(_RESTARTS + 1):
        try:
            for chunk, moments in _until_broken(experiments, sorted(left), task, workers):
                left.discard(chunk)
                yield chunk, moments
        except BrokenProcessPool:
            continue
        return
    raise WorkerError(
        f"worker processes were killed {_RESTARTS + 1} times, perhaps for want of memory: try fewer --workers;"
        f" {len(chunks) - len(left)} of {len(chunks)} chunks are finished"
    )


def worker_context() -> BaseContext:
    """How workers are started, with what they need already imported where the system can do that.

    Not by fork: a lock that another thread of the caller holds would stay locked in the child for ever.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["numerics.montecarlo.pool", "numerics.montecarlo.plan"])
    return context


def _until_broken(
    experiments: Sequence[Experiment], chunks: Sequence[Chunk], task: Task, workers: int
) -> Iterator[tuple[Chunk, list[Moments]]]:
    pool = ProcessPoolExecutor(
        workers, mp_context=worker_context(), initializer=_start, initargs=(tuple(experiments), task)
    )
    try:
        pending: dict[Future[list[Moments]], Chunk] = {pool.submit(_work, chunk): chunk for chunk in chunks}
        for future in as_completed(pending):
            yield pending[future], future.result()
    finally:
        # On an interrupt, too: what runs is given up, and nothing waits for it.
        processes: dict[int, Any] = dict(getattr(pool, "_processes", None) or {})
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes.values():
            process.terminate()


def _start(experiments: Sequence[Experiment], task: Task) -> None:
    global _experiments, _task
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    torch.set_num_threads(1)
    _experiments, _task = experiments, task


def _work(chunk: Chunk) -> list[Moments]:
    if _task is None:
        raise RuntimeError("the worker was not started")
    return do(_experiments[chunk.experiment], chunk.first, chunk.count, _task)
