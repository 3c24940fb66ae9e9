"""``s2n bench montecarlo``: simulations against their random numbers alone, interleaved in one run.

A ratio of two times taken in turns on the same core is what another machine can be expected to show, too; the best of
several rounds is taken of each.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch
from rich.console import Console

from numerics.bench.timing import best_of
from numerics.montecarlo.build import Data, euler, grid
from numerics.montecarlo.chain import ChainProgram, Snapshot
from numerics.montecarlo.experiment import Experiment, Row
from numerics.montecarlo.moments import summarise
from numerics.montecarlo.runner import finish
from numerics.montecarlo.setup import setting_for
from numerics.montecarlo.streams import Source, Workspace, open_source
from numerics.montecarlo.tied import TwoGaussians
from numerics.montecarlo.work import BYTES_PER_PATH, SUB_CHUNK, Task, do, one_thread
from s2n_proofs import catalogue
from s2n_proofs.commandline.options import write_or_print
from s2n_proofs.ledger.runner import default_jobs
from s2n_proofs.symbols import rho
from s2n_proofs.theory.backward import epsilon_form

__all__ = ["run"]

# Short jobs in many rounds: the best of them met no other work on its core.
_ROUNDS = 40
_PATHS, _STEPS = 100_000, 100
_ROW = Row("mmse", "mmse-optimal", "derived", "bench", 0, 0.0)


@dataclass(frozen=True)
class Figure:
    """One line of the table: a ratio, what it should reach, and the two times it is made of."""

    name: str
    ratio: float
    goal: str
    seconds: tuple[float, float]

    def as_dict(self) -> dict[str, Any]:
        """For the JSON file."""
        return {"name": self.name, "ratio": self.ratio, "goal": self.goal, "seconds": list(self.seconds)}


def run(json_file: str | None) -> None:
    """Measure everything that this machine can, print a table, and write the figures."""
    console = Console(stderr=json_file == "-", highlight=False)
    figures: list[Figure] = []
    notes: list[str] = []
    for measure in (mixture, reverse, torchsde_loop, two_cores, two_ranks, graphics, everything):
        found = measure()
        if isinstance(found, str):
            notes.append(found)
            console.print(f"  -      {found}", soft_wrap=True)
            continue
        for figure in [found] if isinstance(found, Figure) else found:
            figures.append(figure)
            console.print(f"{figure.ratio:8.3f}  {figure.name} (goal: {figure.goal})", soft_wrap=True)
    if json_file is not None:
        about = {"torch": torch.__version__, "cores": default_jobs(), "load": list(os.getloadavg())}
        figures_of = [figure.as_dict() for figure in figures]
        write_or_print(
            json_file,
            json.dumps(
                {"schema": "s2n-bench/1", "name": "montecarlo", "figures": figures_of, "notes": notes, **about},
                indent=1,
            ),
        )


def _repeated(job: Callable[[Source], object]) -> Callable[[], None]:
    workspace = Workspace()
    source = open_source(0, "bench", 0, 1, torch.device("cpu"), workspace=workspace)

    def whole() -> None:
        job(source)
        workspace.reset()

    return whole


def _mixture(device: str, count: int, rows: int) -> dict[str, Callable[[], None]]:
    """`count` sub-chunks of the simulation as it is run, `rows` of them at a time, and random numbers alone."""
    program = TwoGaussians(1.1, 0.1, 2, 0.7, 0.6)
    experiment = Experiment("bench", program, (_ROW,))
    task = Task(0, count * SUB_CHUNK, device=device, memory=rows * SUB_CHUNK * BYTES_PER_PATH)

    def numbers(part: bool) -> None:
        workspace = Workspace() if device == "cpu" else None
        for first in range(0, count, rows):
            source = open_source(0, "bench", first, rows, torch.device(device), workspace=workspace)
            out = source.empty(SUB_CHUNK)
            if part:
                source.uniform_(out)
            for _ in range(2 * program.dimension):
                source.normal_(out, 0.1, 0.9)
            if workspace is not None:
                workspace.reset()
        _wait(device)

    def whole() -> None:
        do(experiment, 0, count, task)
        _wait(device)

    return {"path": lambda: numbers(True), "drawn": lambda: numbers(False), "whole": whole}


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def mixture() -> list[Figure]:
    """The mean squared error of a mixture in two dimensions, on one core.

    A path has five random numbers: which Gaussian, two of the data, two of the noise.  Four are drawn.
    """
    with one_thread():
        best = best_of(_mixture("cpu", 8, 1), clock=time.thread_time)
    name = "mixture MMSE, D = 2, one core: time over that of the {} alone"
    return [
        Figure(name.format(numbers), best["whole"] / best[which], goal, (best["whole"], best[which]))
        for numbers, which, goal in (
            ("five random numbers of a path", "path", "<= 1.15"),
            ("four that are drawn, the fifth being saved by symmetry", "drawn", "none"),
        )
    ]


def _reverse_program() -> ChainProgram:
    setting = setting_for("vp", catalogue["vp"])
    formulas = {role: value.subs(rho, 1) for role, value in epsilon_form().result.items()}
    chain = euler(setting, formulas, grid(setting.late, setting.early, _STEPS), Data(1.0, 0.25))
    return ChainProgram(chain, (Snapshot("square", _STEPS),))


def reverse() -> Figure:
    """The reverse SDE with the exact score, every path kept in float32."""
    program = _reverse_program()

    def numbers(source: Source) -> None:
        out = source.empty(_PATHS)
        for _ in range(_STEPS + 1):
            source.normal_(out, 0.1, 0.9)

    with one_thread():
        jobs = {
            "numbers": _repeated(numbers),
            "whole": _repeated(lambda source: summarise(program.statistics(source, _PATHS))),
        }
        best = best_of(jobs, clock=time.thread_time)
    return Figure(
        "reverse SDE, 1e5 paths x 100 steps, one core: time over that of its random numbers",
        best["whole"] / best["numbers"], "<= 1.1", (best["whole"], best["numbers"]),
    )  # fmt: skip


def torchsde_loop() -> Figure | str:
    """The same SDE by torchsde's Euler method, where it is installed."""
    if importlib.util.find_spec("torchsde") is None:
        return "torchsde is not installed: the reverse SDE was not compared with it (pip install torchsde)"
    torchsde = importlib.import_module("torchsde")
    program = _reverse_program()
    slopes, offsets = program.chain.affine()
    h = 1.0 / _STEPS

    class Reverse(torch.nn.Module):
        """The chain's own coefficients, looked up by the step's number."""

        noise_type, sde_type = "diagonal", "ito"

        def f(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            k = min(int(float(t) * _STEPS + 0.5), _STEPS - 1)
            drift: torch.Tensor = ((float(slopes[k]) - 1) * y + float(offsets[k])) / h
            return drift

        def g(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            k = min(int(float(t) * _STEPS + 0.5), _STEPS - 1)
            return torch.full_like(y, float(program.chain.by_xi[k]) / h**0.5)

    mean, variance = program.chain.first

    def theirs() -> None:
        start = mean + variance**0.5 * torch.randn(_PATHS, 1)
        with torch.no_grad():
            torchsde.sdeint(Reverse(), start, torch.tensor([0.0, 1.0]), method="euler", dt=h)

    ours = _repeated(lambda source: summarise(program.statistics(source, _PATHS)))
    with one_thread():
        best = best_of({"theirs": theirs, "ours": ours}, rounds=3, clock=time.thread_time)
    return Figure(
        "reverse SDE: time of torchsde.sdeint over ours", best["theirs"] / best["ours"], ">= 25",
        (best["theirs"], best["ours"]),
    )  # fmt: skip


def two_cores() -> Figure | str:
    """Two worker processes against one: the shortest times of several rounds, in turns.

    The start of the workers is left out: what counts is the difference of two sizes.
    """
    if default_jobs() < 2:
        return "there is one core: two were not compared with one"
    experiment = Experiment("bench", TwoGaussians(1.1, 0.1, 2, 0.7, 0.6), (_ROW,))

    def job(workers: int, samples: int) -> Callable[[], object]:
        return lambda: finish((experiment,), Task(0, samples), workers=workers)

    small, large = 2**24, 2**28
    jobs = {f"{workers} {samples}": job(workers, samples) for workers in (1, 2) for samples in (small, large)}
    best = best_of(jobs, rounds=5)
    one, two = (best[f"{workers} {large}"] - best[f"{workers} {small}"] for workers in (1, 2))
    if min(one, two) <= 0:
        return (
            "two workers were not compared with one: more work took less time, so something else runs on this machine"
        )
    return Figure("mixture MMSE: speed of two workers over one", one / two, ">= 1.8", (two, one))


def two_ranks() -> Figure | str:
    """Two processes under torchrun against one, each timed between barriers."""
    if default_jobs() < 2:
        return "there is one core: two processes under torchrun were not compared with one"
    seconds = []
    for count in (1, 2):
        done = subprocess.run(
            [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count),
             "-m", "numerics.bench.ranks"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        seconds.append(float(done.stdout.split()[-1]))
    return Figure(
        "two processes under torchrun: speed over one", seconds[0] / seconds[1], ">= 1.8", (seconds[1], seconds[0])
    )


def graphics() -> Figure | str:
    """On a GPU: its random numbers' time over the whole."""
    if not torch.cuda.is_available():
        return "there is no GPU: nothing was measured on one"
    best = best_of(_mixture("cuda", 128, 32))
    return Figure(
        f"mixture MMSE on {torch.cuda.get_device_name()}: share of what its random generator allows",
        best["drawn"] / best["whole"], ">= 0.7", (best["whole"], best["drawn"]),
    )  # fmt: skip


def everything() -> Figure:
    """The command itself, with its defaults, on as many workers as there are cores."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "s2n_proofs", "montecarlo"], capture_output=True, check=False)
    seconds = time.perf_counter() - began
    return Figure(
        f"s2n montecarlo with its defaults, in units of 90 s (exit status {done.returncode})", seconds / 90, "<= 1",
        (seconds, float(Fraction(90))),
    )  # fmt: skip
