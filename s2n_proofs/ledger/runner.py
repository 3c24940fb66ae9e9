"""Many claims at once: worker processes, a time and a memory limit for each claim, and the others go on.

A claim that overruns its limit, or kills its process, is answered by the caller's fallback; nothing finished is
lost.  Results come
back in the order of the claims, whatever the number of workers.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

__all__ = ["Limits", "default_jobs", "run_all"]

Work = Callable[[Any], Any]


@dataclass(frozen=True)
class Limits:
    """What one claim may use: wall seconds, and bytes of memory beyond what its process has at the start."""

    seconds: float = 60.0
    memory: int = 2 * 1024**3


def default_jobs() -> int:
    """Processes to use: the cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_all(
    tasks: Sequence[Any],
    work: Work,
    stopped: Callable[[Any, str], Any],
    *,
    jobs: int | None = None,
    limits: Limits | None = None,
    on_done: Callable[[int, Any], None] | None = None,
) -> list[Any]:
    """Apply `work` to every task; the results in the order of the tasks.

    Parameters
    ----------
    tasks : sequence
        Anything; where processes are forked they need not be picklable.
    work : callable
        Returns a picklable result.
    stopped : callable
        Given a task and the reason, returns the result of a task that was stopped or died.
    jobs : int, optional
        Worker processes; default the available cores.
    limits : Limits, optional
        Of each task.
    on_done : callable, optional
        Told the index and the result as each task ends.
    """
    limits = limits or Limits()
    results: list[Any] = [None] * len(tasks)
    waiting = list(range(len(tasks)))[::-1]
    pool = [_Worker(tasks, work, limits) for _ in range(min(jobs or default_jobs(), len(tasks)))]
    try:
        while True:
            for worker in pool:
                if waiting and worker.index is None:
                    worker.start(waiting.pop())
            busy = [worker for worker in pool if worker.index is not None]
            if not busy:
                return results
            first_deadline = min(worker.deadline for worker in busy)
            wait([worker.pipe for worker in busy], timeout=max(0.0, first_deadline - time.monotonic()))
            for worker in busy:
                outcome = worker.poll()
                if outcome is None:
                    continue
                index, good, value = outcome
                results[index] = value if good else stopped(tasks[index], value)
                if on_done is not None:
                    on_done(index, results[index])
    finally:
        for worker in pool:
            worker.kill()


class _Worker:
    """A process that is given one task at a time, and is replaced when it had to be killed."""

    def __init__(self, tasks: Sequence[Any], work: Work, limits: Limits) -> None:
        self.tasks, self.work, self.limits = tasks, work, limits
        self.index: int | None = None
        self.deadline = 0.0
        self._launch()

    def _launch(self) -> None:
        # Forked where that exists: SymPy and the derivations made so far are there without a new import.
        methods = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=_serve, args=(theirs, self.tasks, self.work, self.limits.memory), daemon=True
        )
        self.process.start()
        theirs.close()

    def start(self, index: int) -> None:
        self.index = index
        self.deadline = time.monotonic() + self.limits.seconds
        self.pipe.send(index)

    def poll(self) -> tuple[int, bool, Any] | None:
        """(index, finished, result or reason), or None while the task runs."""
        index = self.index
        assert index is not None
        reason = ""
        try:
            if self.pipe.poll():
                good, value = self.pipe.recv()
                self.index = None
                return index, good, value
        except (EOFError, OSError):
            reason = "its process died"
        if not reason and time.monotonic() < self.deadline:
            return None
        self.kill()
        self.index = None
        self._launch()
        return index, False, reason or f"stopped at its limit of {self.limits.seconds:g} s"

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, tasks: Sequence[Any], work: Work, memory: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _limit_memory(memory)
    while True:
        try:
            index = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (True, work(tasks[index]))
        except MemoryError:
            answer = (False, f"stopped at its limit of {memory / 1024**3:g} GiB")
        except RecursionError:
            answer = (False, "the expression is nested too deeply")
        pipe.send(answer)


def _limit_memory(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the time limit remains
        return
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return
    now = int(statm.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = now + memory
    if hard == resource.RLIM_INFINITY or wanted < hard:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
