"""A whole run from its settings: plan, identity, work, merge, judgement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import torch

from s2n_proofs.named_schedules import catalogue

from .chunks import ChunkStore, ResumeError, RunIdentity, make_folder, read_identity
from .distributed import ranks
from .experiment import Experiment
from .plan import fingerprint, plan_for
from .pool import worker_context
from .results import Outcome, judge
from .runner import Progress, Share, chunks_of, finish, merge
from .work import Task

__all__ = ["DeviceError", "Settings", "merge_folder", "run"]


class DeviceError(ValueError):
    """The device that was asked for is not there."""


@dataclass(frozen=True)
class Settings:
    """What a run is asked for.

    Attributes
    ----------
    schedules : tuple of str
        Names of the catalogue.
    task : Task
    workers : int
    folder : Path or None
        Where finished chunks are kept and looked for.
    share : Share or None
        The part of one job among several that share the folder.
    """

    schedules: tuple[str, ...]
    task: Task
    workers: int = 1
    folder: Path | None = None
    share: Share | None = None


def choose_device(wanted: str) -> str:
    """``cpu`` or ``cuda``; ``auto`` takes a GPU where there is one.

    Raises
    ------
    DeviceError
        If there is no GPU and one is wanted.
    """
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise DeviceError("there is no CUDA device here; --device cpu works everywhere")
    return "cuda" if wanted != "cpu" and there else "cpu"


def run(
    settings: Settings, *, progress: Progress | None = None, warn: Callable[[str], None] | None = None
) -> Outcome | None:
    """Do everything, or this process's part of it; the outcome is with the process that merged.

    None in the other processes under ``torchrun``, and for a share of a run.
    """
    if settings.share is not None and settings.folder is None:
        raise ResumeError("a part of a run needs a folder that all parts share: --resume DIR")
    if settings.folder is not None:
        make_folder(settings.folder)  # before the work of planning
    cuda = settings.task.device == "cuda"
    with ranks(cuda=cuda) as group:
        task = replace(settings.task, device=group.device) if cuda else settings.task
        experiments = _plans(settings.schedules, settings.workers if group.world == 1 else 1)
        store = None
        if settings.folder is not None:
            store = ChunkStore(settings.folder, identity_of(settings.schedules, experiments, settings.task))
        share = Share(group.rank, group.world) if group.world > 1 else settings.share
        mine = finish(
            experiments, task, workers=settings.workers if group.world == 1 else 1, store=store, share=share,
            progress=progress if group.rank == 0 else None, warn=warn,
        )  # fmt: skip
        results = group.gather(mine)
        if group.rank != 0 or settings.share is not None:
            return None
        return judge(experiments, merge(experiments, task, results), task.samples)


def merge_folder(folder: Path) -> tuple[Outcome, Settings]:
    """The outcome of parts that were run one by one into the same folder.

    Raises
    ------
    ResumeError
        If a part is missing or damaged, or was made by another version.
    """
    found = read_identity(folder)
    if found is None:
        raise ResumeError(f"{folder} holds no run: there is no run.json in it")
    try:
        task = Task(found["seed"], found["samples"], found["generator"], found["device"], sub_chunk=found["sub_chunk"])
        names = tuple(found["schedules"])
    except (KeyError, TypeError) as error:
        raise ResumeError(f"{folder / 'run.json'} does not describe a run") from error
    experiments = _plans(names, 1)
    store = ChunkStore(folder, replace(identity_of(names, experiments, task), torch=found.get("torch", "")))
    results = {}
    for chunk in chunks_of(experiments, task):
        kept = store.load(experiments[chunk.experiment].key, chunk.first, chunk.count)
        if kept is not None:
            results[chunk] = kept
    outcome = judge(experiments, merge(experiments, task, results), task.samples)
    return outcome, Settings(names, task, folder=folder)


def identity_of(schedules: Sequence[str], experiments: Sequence[Experiment], task: Task) -> RunIdentity:
    """What a run's finished chunks belong to."""
    return RunIdentity(
        task.seed, task.samples, task.generator, task.device, task.sub_chunk, tuple(schedules),
        fingerprint(experiments), torch.__version__,
    )  # fmt: skip


@lru_cache(maxsize=8)
def plan_of(name: str) -> tuple[Experiment, ...]:
    """The experiments of a named schedule."""
    return plan_for(name, catalogue[name])


def _plans(names: Sequence[str], workers: int) -> tuple[Experiment, ...]:
    for name in names:
        catalogue[name]  # an unknown name is told before any work
    if workers > 1 and len(names) > 1:
        with ProcessPoolExecutor(min(workers, len(names)), mp_context=worker_context()) as pool:
            return tuple(e for plan in pool.map(plan_of, names) for e in plan)
    return tuple(e for name in names for e in plan_of(name))
