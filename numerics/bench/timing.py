"""Times that can be compared: jobs in turns, in one run, the shortest of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

__all__ = ["best_of"]


def best_of(
    jobs: Mapping[str, Callable[[], object]], rounds: int = 40, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """The shortest time of each job, taken in turns after one round that does not count.

    For work on one core the `clock` is the thread's own, which stands still while other processes have the core.
    """
    best = dict.fromkeys(jobs, float("inf"))
    for turn in range(rounds + 1):
        for name, job in jobs.items():
            began = clock()
            job()
            if turn:
                best[name] = min(best[name], clock() - began)
    return best
