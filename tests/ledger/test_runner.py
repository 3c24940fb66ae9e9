from __future__ import annotations

import os
import time

from s2n_proofs.ledger.runner import Limits, run_all


def work(task: object) -> object:
    if task == "hang":
        time.sleep(600)
    if task == "die":
        os._exit(7)
    if task == "eat":
        return len(bytearray(8 * 1024**3))
    return f"done {task}"


def stopped(task: object, reason: str) -> str:
    assert reason
    return f"stopped {task}"


def test_results_come_in_the_order_of_the_tasks_for_any_number_of_workers() -> None:
    tasks = list(range(9))
    expected = [f"done {i}" for i in tasks]
    assert run_all(tasks, work, stopped, jobs=1) == run_all(tasks, work, stopped, jobs=4) == expected


def test_a_task_that_hangs_or_dies_is_stopped_and_the_others_go_on() -> None:
    tasks = ["a", "hang", "b", "die", "c", "d"]
    results = run_all(tasks, work, stopped, jobs=2, limits=Limits(seconds=0.5))
    assert results == ["done a", "stopped hang", "done b", "stopped die", "done c", "done d"]


def test_a_task_that_eats_memory_is_stopped() -> None:
    assert run_all(["eat", "a"], work, stopped, jobs=1, limits=Limits(memory=512 * 1024**2)) == [
        "stopped eat",
        "done a",
    ]


def test_each_end_is_reported_once() -> None:
    seen = []
    run_all(["a", "die", "b"], work, stopped, jobs=2, on_done=lambda i, _: seen.append(i))
    assert sorted(seen) == [0, 1, 2]
