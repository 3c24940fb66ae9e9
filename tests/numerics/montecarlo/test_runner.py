"""The same bits for any number of workers, any order, any interruption; damage is found."""

from __future__ import annotations

import json
import sys
import textwrap

import numpy as np
import pytest
import torch

from numerics.montecarlo import work
from numerics.montecarlo.chunks import Chunk, ChunkStore, ResumeError, RunIdentity
from numerics.montecarlo.experiment import Experiment, Row
from numerics.montecarlo.pool import WorkerError
from numerics.montecarlo.runner import Share, chunks_of, finish, merge
from numerics.montecarlo.session import plan_of
from numerics.montecarlo.work import MemoryLimitError, Task, do, one_thread, sizes, sub_chunks

# 40 small sub-chunks and a smaller one, in three chunks for every experiment.
TASK = Task(seed=7, samples=40 * 64 + 17, sub_chunk=64)


@pytest.fixture(scope="module")
def experiments():
    keys = ("fm-ot/forward-transition", "fm-ot/ancestral", "fm-ot/kl-rate", "fm-ot/step order 1,1,1")
    return tuple(e for e in plan_of("fm-ot") if e.key in keys)


@pytest.fixture(scope="module")
def expected(experiments):
    return bits(merge(experiments, TASK, finish(experiments, TASK)))


def bits(merged):
    return [(m.count, m.mean.tobytes(), m.m2.tobytes()) for m in merged]


def store(folder, experiments, **changes):
    fields = {
        "seed": TASK.seed, "samples": TASK.samples, "generator": "torch", "device": "cpu", "sub_chunk": 64,
        "schedules": ("fm-ot",), "plan": "x", "torch": torch.__version__,
    }  # fmt: skip
    return ChunkStore(folder, RunIdentity(**(fields | changes)))


def test_sub_chunks_depend_on_the_number_of_samples_alone(experiments):
    each = sizes(experiments[0], TASK, 0, sub_chunks(experiments[0], TASK))
    assert each == [64] * 40 + [17]
    assert [c.count for c in chunks_of(experiments[:1], TASK)] == [16, 16, 9]


def test_two_workers_give_the_same_bits(experiments, expected):
    assert bits(merge(experiments, TASK, finish(experiments, TASK, workers=2))) == expected


def test_chunks_in_any_order_give_the_same_bits(experiments, expected):
    with one_thread():  # as every run does: what torch adds up on two threads may end in other bits
        results = {
            c: do(experiments[c.experiment], c.first, c.count, TASK) for c in reversed(chunks_of(experiments, TASK))
        }
    assert bits(merge(experiments, TASK, results)) == expected


def test_shares_give_the_same_bits(experiments, expected):
    parts = [finish(experiments, TASK, share=Share(k, 3)) for k in range(3)]
    assert bits(merge(experiments, TASK, parts[2] | parts[0] | parts[1])) == expected


def test_another_seed_gives_other_bits(experiments, expected):
    other = Task(seed=8, samples=TASK.samples, sub_chunk=64)
    assert not set(bits(merge(experiments, other, finish(experiments, other)))) & set(expected)


@pytest.mark.parametrize("generator", ["torch", "philox"])
@pytest.mark.parametrize("at_once", [2, 3, 100])
def test_sub_chunks_done_together_give_the_same_bits(experiments, generator, at_once, monkeypatch):
    task = Task(seed=7, samples=TASK.samples, sub_chunk=64, generator=generator)
    alone = merge(experiments, task, finish(experiments, task))
    monkeypatch.setattr(work, "rows_at_once", lambda _: at_once)
    together = merge(experiments, task, finish(experiments, task))
    # Vectorised elementary functions may round an element differently at another place of a tensor; the sums don't.
    for one, many in zip(alone, together, strict=True):
        assert np.allclose(one.mean, many.mean, rtol=1e-5, atol=1e-6)
    chain = experiments[0].key
    assert chain == "fm-ot/forward-transition"  # no elementary function: there the bits are the same
    assert bits(alone[:1]) == bits(together[:1])


class Hungry:
    """Has memory for two rows."""

    asked: list[int]

    def __init__(self, limit):
        self.limit, self.asked = limit, []

    def statistics(self, source, paths):
        self.asked.append(source.rows)
        if source.rows > self.limit:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return [source.normal_(source.empty(paths))]


def test_out_of_memory_takes_fewer_sub_chunks_and_goes_on(monkeypatch):
    row = Row("a", "eq1-forward", "derived", "none", 0, 0.0)
    monkeypatch.setattr(work, "rows_at_once", lambda _: 8)
    rich, poor = (Experiment("k", Hungry(limit), (row,)) for limit in (8, 2))
    assert bits(do(rich, 0, 21, TASK)) == bits(do(poor, 0, 21, TASK))
    assert poor.program.asked[:4] == [8, 4, 2, 2]
    with pytest.raises(MemoryLimitError):
        do(Experiment("k", Hungry(0), (row,)), 0, 21, TASK)


def test_resume_does_only_what_is_left(experiments, expected, tmp_path):
    seen = []
    finish(experiments, TASK, store=store(tmp_path, experiments), share=Share(0, 2))
    again = finish(
        experiments, TASK, store=store(tmp_path, experiments), progress=lambda done, total: seen.append((done, total))
    )
    assert bits(merge(experiments, TASK, again)) == expected
    assert 0 < seen[0][0] < seen[0][1] == seen[-1][0] == seen[-1][1]
    # Everything is there now: nothing is simulated.
    finish(
        experiments, TASK, store=store(tmp_path, experiments), progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1][0] == seen[-1][1]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"0x1', '"0x2', 1),
        lambda text: "",
        lambda text: "[]",
        lambda text: text.replace('"first": 16', '"first": 0'),
        lambda text: json.dumps({**json.loads(text), "sha256": "0" * 64}),
    ],
)
def test_damaged_chunks_are_reported_and_done_again(experiments, expected, tmp_path, damage):
    finish(experiments, TASK, store=store(tmp_path, experiments))
    victim = sorted(p for p in tmp_path.iterdir() if p.name.endswith("00000016.json"))[0]
    victim.write_text(damage(victim.read_text()))
    warnings = []
    again = finish(experiments, TASK, store=store(tmp_path, experiments), warn=warnings.append)
    assert len(warnings) == 1
    assert victim.name in warnings[0]
    assert bits(merge(experiments, TASK, again)) == expected
    finish(experiments, TASK, store=store(tmp_path, experiments), warn=warnings.append)
    assert len(warnings) == 1


@pytest.mark.parametrize(
    "change", [{"seed": 8}, {"samples": 5}, {"plan": "y"}, {"generator": "philox"}, {"device": "cuda"}]
)
def test_a_folder_of_another_run_is_refused(experiments, tmp_path, change):
    store(tmp_path, experiments)
    with pytest.raises(ResumeError, match=next(iter(change))):
        store(tmp_path, experiments, **change)


def test_folders_that_cannot_be_used_are_refused(experiments, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResumeError):
        store(tmp_path / "file", experiments)
    (tmp_path / "run.json").write_text("not JSON")
    with pytest.raises(ResumeError):
        store(tmp_path, experiments)


def test_a_failing_disk_loses_nothing_finished(experiments, expected, tmp_path, monkeypatch):
    full = store(tmp_path, experiments)
    written = []

    def save(key, first, moments):
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        written.append(first)
        ChunkStore.save(full, key, first, moments)

    monkeypatch.setattr(full, "save", save)
    with pytest.raises(OSError, match="No space left"):
        finish(experiments, TASK, store=full)
    seen = []
    again = finish(experiments, TASK, store=store(tmp_path, experiments), progress=lambda d, t: seen.append(d))
    assert seen[0] > 0
    assert bits(merge(experiments, TASK, again)) == expected


def test_missing_chunks_are_told(experiments):
    results = finish(experiments, TASK, share=Share(0, 2))
    with pytest.raises(ResumeError, match="missing"):
        merge(experiments, TASK, results)


MORTAL = """
    import os, pathlib, signal
    class Mortal:
        '''Kills its process the first few times.'''
        def __init__(self, folder, deaths):
            self.folder, self.deaths = folder, deaths
        def statistics(self, source, paths):
            graves = pathlib.Path(self.folder)
            for number in range(self.deaths):
                try:
                    (graves / str(number)).touch(exist_ok=False)
                except FileExistsError:
                    continue
                os.kill(os.getpid(), signal.SIGKILL)
            return [source.normal_(source.empty(paths))]
"""


@pytest.fixture
def mortal(tmp_path, monkeypatch):
    (tmp_path / "mortal_program.py").write_text(textwrap.dedent(MORTAL))
    monkeypatch.syspath_prepend(str(tmp_path))
    from mortal_program import Mortal

    def make(deaths):
        graves = tmp_path / f"graves{deaths}"
        graves.mkdir()
        return (Experiment("m", Mortal(str(graves), deaths), (Row("a", "eq1-forward", "derived", "none", 0, 0.0),)),)

    yield make
    sys.modules.pop("mortal_program", None)


def test_a_killed_worker_is_replaced(mortal):
    killed, unharmed = mortal(1), mortal(0)
    assert bits(merge(killed, TASK, finish(killed, TASK, workers=2))) == bits(
        merge(unharmed, TASK, finish(unharmed, TASK))
    )


def test_workers_that_are_always_killed_end_the_run_with_a_sentence(mortal):
    with pytest.raises(WorkerError, match="killed"):
        finish(mortal(50), TASK, workers=2)


def test_chunks_sort_in_plan_order():
    assert sorted([Chunk(1, 0, 8), Chunk(0, 8, 8), Chunk(0, 0, 8)])[0] == Chunk(0, 0, 8)
