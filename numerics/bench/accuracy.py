"""``s2n bench accuracy``: how many digits plans and kernels keep, against true values, with other packages beside."""

from __future__ import annotations

import json
import os
import statistics
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from s2n_proofs import Schedule, __version__, catalogue
from s2n_proofs.commandline.options import write_or_print
from s2n_proofs.report.progress import progress_bar
from s2n_proofs.testing import random_schedules

from .javascript_errors import GOAL, javascript_error
from .kernel_errors import KernelError, kernel_errors
from .kernel_times import inside_times, kernel_times
from .peers import peer_errors
from .plan_errors import plan_errors

__all__ = ["measure", "run"]

_POINTS = 100_000
_RANDOM_SCHEDULES, _RANDOM_POINTS, _RANDOM_GOAL = 200, 500, 32.0
_STEPS = (10, 50, 1000)
_DTYPES = (torch.float32, torch.float64)


def run(json_file: str | None) -> None:
    """Measure everything (half an hour on two cores) and print the table, or write it as JSON.

    With a file, what is finished is kept beside it until all is, and a run that was interrupted goes on from there.
    """
    kept = None if json_file in (None, "-") else Path(f"{json_file}.part")
    found = measure(kept=kept)
    if json_file is not None:
        write_or_print(json_file, json.dumps(found, indent=1))
    if kept is not None:
        kept.unlink(missing_ok=True)
    if json_file != "-":
        _print(found)


def measure(
    points: int = _POINTS,
    schedules: int = _RANDOM_SCHEDULES,
    steps: Iterable[int] = _STEPS,
    seed: int = 0,
    kept: Path | None = None,
) -> dict[str, Any]:
    """All figures, schema ``s2n-accuracy/1``.

    Parameters
    ----------
    points : int
        Pairs of times for each schedule of the catalogue and dtype.
    schedules : int
        Random schedules.
    steps : iterable of int
        Lengths of the plans.
    seed : int
    kept : Path, optional
        Where the result of each part is written when it is there, and read from in a later run.
    """
    tasks: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (_catalogue_kernels, (name, dtype, points, seed)) for name in catalogue for dtype in _DTYPES
    ]
    tasks += [(_catalogue_plans, (name, dtype, tuple(steps))) for name in catalogue for dtype in _DTYPES]
    tasks += [(_random_kernels, (k, seed)) for k in range(schedules)]
    tasks += [(_javascript, (name, seed)) for name in catalogue]
    results = list(_spread(tasks, kept))
    return {
        "schema": "s2n-accuracy/1",
        "kernels": [x for kind, rows in results if kind == "kernels" for x in rows],
        "plans": [x for kind, rows in results if kind == "plans" for x in rows],
        "random": [x for kind, rows in results if kind == "random" for x in rows],
        "javascript": [x for kind, rows in results if kind == "javascript" for x in rows],
        "times": kernel_times(),
        "inside": inside_times(),
        "peers": peer_errors(),
    }


def _spread(tasks: list[tuple[Callable[..., Any], tuple[Any, ...]]], kept: Path | None) -> Iterator[Any]:
    """The results in the order of the tasks, from one process a core."""
    names = [f"{__version__} {function.__name__} {arguments}" for function, arguments in tasks]
    done = _finished(kept)
    results = {i: done[name] for i, name in enumerate(names) if name in done}
    workers = os.cpu_count() or 1
    with progress_bar("measuring") as progress, ProcessPoolExecutor(workers, get_context("spawn"), _one_thread) as pool:
        futures = {pool.submit(run, *given): i for i, (run, given) in enumerate(tasks) if i not in results}
        for future in as_completed(futures):
            i = futures[future]
            line = json.dumps([names[i], future.result()])
            results[i] = json.loads(line)[1]
            if kept is not None:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
            if progress is not None:
                progress(len(results), len(tasks), {"id": ""})
    return iter(results[i] for i in range(len(tasks)))


def _finished(kept: Path | None) -> dict[str, Any]:
    """What an earlier run has written, up to a line that it did not finish."""
    found: dict[str, Any] = {}
    if kept is not None and kept.is_file():
        for line in kept.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):
                name, result = json.loads(line)
                found[name] = result
        # Without the line that was cut off, onto which the next one would be written.
        clean = kept.with_name(f"{kept.name}.new")
        clean.write_text("".join(json.dumps(pair) + "\n" for pair in found.items()), encoding="utf-8")
        os.replace(clean, kept)
    return found


def _one_thread() -> None:
    torch.set_num_threads(1)


def _catalogue_kernels(name: str, dtype: torch.dtype, points: int, seed: int) -> Any:
    return "kernels", [_row(name, x) for x in _worst_of(kernel_errors(catalogue[name], dtype, points, seed))]


def _worst_of(found: Iterable[KernelError]) -> list[KernelError]:
    """The worst case of each quantity over the parameters."""
    worst: dict[str, KernelError] = {}
    for each in found:
        if each.quantity not in worst or each.worst > worst[each.quantity].worst:
            worst[each.quantity] = each
    return list(worst.values())


def _row(name: str, error: KernelError) -> dict[str, Any]:
    return {"schedule": name, **asdict(error), "met": error.worst <= error.goal}


def _catalogue_plans(name: str, dtype: torch.dtype, steps: tuple[int, ...]) -> Any:
    rows = [
        {"schedule": name, "dtype": str(dtype).removeprefix("torch."), "steps": n}
        | asdict(plan_errors(catalogue[name], dtype, n))
        for n in steps
    ]
    return "plans", rows


def _random_kernels(k: int, seed: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a schedule that is not certified everywhere is as good for this
        schedule: Schedule = random_schedules(1, seed=1000 * (seed + 1) + k)[0]
    found = [x for dtype in _DTYPES for x in kernel_errors(schedule, dtype, _RANDOM_POINTS, seed, roots=True)]
    worst = max(found, key=lambda x: x.worst)
    return "random", [{**_row(str(schedule), worst), "goal": _RANDOM_GOAL, "met": worst.worst <= _RANDOM_GOAL}]


def _javascript(name: str, seed: int) -> Any:
    error = javascript_error(catalogue[name], 1000, seed)
    return "javascript", [{"schedule": name, "error": error, "goal": GOAL}]


def _print(found: dict[str, Any]) -> None:
    console = Console()
    table = Table(title="largest error found, in machine epsilons", title_justify="left")
    for column in ("kernel", "schedule", "dtype", "error", "goal"):
        table.add_column(column, justify="right" if column in ("error", "goal") else "left")
    hardest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found["kernels"]:
        key = (row["quantity"], row["dtype"])
        if key not in hardest or row["worst"] > hardest[key]["worst"]:
            hardest[key] = row
    for row in hardest.values():
        table.add_row(row["quantity"], row["schedule"], row["dtype"], f"{row['worst']:.2f}", f"{row['goal']:g}")
    console.print(table)
    plans, drawn, script = found["plans"], found["random"], found["javascript"]
    compared, wrong, capped = (sum(row[k] for row in plans) for k in ("coefficients", "misrounded", "hit_cap"))
    console.print(
        f"plans: {compared} coefficients, {wrong} not correctly rounded, {capped} undecided at the cap, "
        f"{max((row['bits'] for row in plans), default=0)} bits at most"
    )
    if drawn:
        worst = max(drawn, key=lambda row: row["worst"])
        met = sum(row["met"] for row in drawn)
        console.print(
            f"{len(drawn)} random schedules: {met} within {_RANDOM_GOAL:g}; the worst, {worst['worst']:.3g} "
            f"({worst['quantity']}, {worst['dtype']}): {worst['schedule']}"
        )
    if script and script[0]["error"] is not None:
        console.print(f"JavaScript under node: {max(row['error'] for row in script):.2g} relative (goal {GOAL:g})")
    else:
        console.print("JavaScript: node is not installed")
    for name, ratio in found["times"].items():
        console.print(f"time of {name} (vp, float32, 10^6 times) over the naive formula: {ratio:.2f}")
    inside = found["inside"]
    most = max(inside, key=lambda name: inside[name])
    console.print(
        f"float64 inside: {len(inside)} float32 kernels of the catalogue, at {statistics.median(inside.values()):.2f} times "
        f"the time of the same form in float32 (median; most, {inside[most]:.2f}, {most})"
    )
    for row in found["peers"]:
        console.print(
            f"{row['name']}, {row['family']}: {row['worst']:.3g} {row['precision']} ulp in {row['coefficient']}"
        )
