"""Run a plan: divide it into chunks, do them anywhere and in any order, merge them in theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .chunks import Chunk, ChunkStore, ResumeError
from .experiment import Experiment
from .moments import Moments, merge_in_order
from .pool import in_pool
from .work import Task, do, one_thread, sizes, sub_chunks

__all__ = ["Progress", "Share", "chunks_of", "finish", "merge"]

_PER_CHUNK = 16  # sub-chunks; a million paths, a fraction of a second

# Called with samples done, samples in all.
Progress = Callable[[int, int], None]
Results = dict[Chunk, list[Moments]]


@dataclass(frozen=True)
class Share:
    """Every `of`-th chunk, beginning with number `which`: the part of one job among several."""

    which: int = 0
    of: int = 1


def chunks_of(experiments: Sequence[Experiment], task: Task) -> list[Chunk]:
    """The whole plan in chunks, in the order in which they are merged."""
    found = []
    for i, experiment in enumerate(experiments):
        count = sub_chunks(experiment, task)
        found += [Chunk(i, first, min(_PER_CHUNK, count - first)) for first in range(0, count, _PER_CHUNK)]
    return found


def finish(
    experiments: Sequence[Experiment],
    task: Task,
    *,
    workers: int = 1,
    store: ChunkStore | None = None,
    share: Share | None = None,
    progress: Progress | None = None,
    warn: Callable[[str], None] | None = None,
) -> Results:
    """Do what is left of a plan, or of a share of it.

    Parameters
    ----------
    workers : int
        Processes; 1 works in this one.  The results do not depend on it.
    store : ChunkStore, optional
        Where finished chunks are kept and looked for.
    warn : callable, optional
        Told of damaged files, which are done again.
    """
    mine = chunks_of(experiments, task)[share.which :: share.of] if share else chunks_of(experiments, task)
    results: Results = {}
    if store is not None:
        for chunk in mine:
            found = _kept(store, experiments[chunk.experiment].key, chunk, warn)
            if found is not None:
                results[chunk] = found
    total = sum(_paths(experiments, chunk, task) for chunk in mine)
    done = sum(_paths(experiments, chunk, task) for chunk in results)
    if progress:
        progress(done, total)
    left = [chunk for chunk in mine if chunk not in results]
    for chunk, moments in _doing(experiments, left, task, workers):
        if store is not None:
            store.save(experiments[chunk.experiment].key, chunk.first, moments)
        results[chunk] = moments
        done += _paths(experiments, chunk, task)
        if progress:
            progress(done, total)
    return results


def merge(experiments: Sequence[Experiment], task: Task, results: Results) -> list[Moments]:
    """One summary per experiment: all sub-chunks, first to last, whoever did them.

    Raises
    ------
    ResumeError
        If chunks are missing.
    """
    chunks = chunks_of(experiments, task)
    missing = [chunk for chunk in chunks if chunk not in results]
    if missing:
        raise ResumeError(f"{len(missing)} of {len(chunks)} chunks are missing; run the parts that have not finished")
    parts: list[list[Moments]] = [[] for _ in experiments]
    for chunk in chunks:
        parts[chunk.experiment] += results[chunk]
    return [merge_in_order(rows) for rows in parts]


def _doing(
    experiments: Sequence[Experiment], left: Sequence[Chunk], task: Task, workers: int
) -> Iterable[tuple[Chunk, list[Moments]]]:
    # One process per GPU: two of them would only take turns.
    if workers > 1 and len(left) > 1 and task.device == "cpu":
        return in_pool(experiments, left, task, min(workers, len(left)))
    return _here(experiments, left, task)


def _here(
    experiments: Sequence[Experiment], left: Sequence[Chunk], task: Task
) -> Iterator[tuple[Chunk, list[Moments]]]:
    with one_thread():
        for chunk in left:
            yield chunk, do(experiments[chunk.experiment], chunk.first, chunk.count, task)


def _kept(store: ChunkStore, key: str, chunk: Chunk, warn: Callable[[str], None] | None) -> list[Moments] | None:
    try:
        return store.load(key, chunk.first, chunk.count)
    except ResumeError as error:
        if warn:
            warn(f"{error}; it is done again")
        return None


def _paths(experiments: Sequence[Experiment], chunk: Chunk, task: Task) -> int:
    return sum(sizes(experiments[chunk.experiment], task, chunk.first, chunk.count))
