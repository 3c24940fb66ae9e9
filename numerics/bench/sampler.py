"""``s2n bench sampler``: a step's time over that of the in-place floor, and the same for the peers that are installed.

The network is a tensor that is there already, so that a step is all that is timed.  A job and the floor take turns, and the
shortest time of each counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from rich.console import Console
from torch import Tensor

from numerics.montecarlo.work import one_thread
from numerics.sampler import Sampler
from numerics.sampling.grids import uniform_times
from s2n_proofs import catalogue
from s2n_proofs.commandline.options import write_or_print
from s2n_proofs.ledger.runner import default_jobs

from .montecarlo import Figure
from .sampler_peers import peers
from .timing import best_of

__all__ = ["run"]

SHAPES = {"small": (1, 4, 64, 64), "large": (256, 3, 64, 64)}
_STEPS = {"small": 200, "large": 20}
_ROUNDS = {"small": 60, "large": 5}
_GOALS = {"deterministic": "<= 1.1", "stochastic": "<= 1.05"}
_PLANNING = """
import time
from numerics import plan_steps
from s2n_proofs import Schedule, catalogue
schedule = catalogue["vp"]
times = [(1000 - k) / 1000 for k in range(1000)] + ["0"]
began = time.perf_counter()
plan_steps(schedule, times)
first = time.perf_counter() - began
seconds = []
for _ in range(5):
    began = time.perf_counter()
    plan_steps(schedule, times)
    seconds.append(time.perf_counter() - began)
print(first, min(seconds))
"""


def run(json_file: str | None) -> None:
    """Measure, print a table, and write the figures."""
    console = Console(stderr=json_file == "-", highlight=False)
    figures: list[Figure] = []
    notes: list[str] = []

    def keep(found: list[Figure] | str) -> None:
        if isinstance(found, str):
            notes.append(found)
            console.print(f"  -      {found}", soft_wrap=True)
            return
        figures.extend(found)
        for figure in found:
            goal = f" (goal: {figure.goal})" if figure.goal else ""
            console.print(f"{figure.ratio:8.3f}  {figure.name}{goal}", soft_wrap=True)

    for size in SHAPES:
        keep(steps("deterministic", size))
        keep(steps("stochastic", size))
    keep(two_cores())
    keep(planning())
    keep(graphics())
    if json_file is not None:
        about = {"torch": torch.__version__, "cores": default_jobs(), "load": list(os.getloadavg())}
        figures_of = [figure.as_dict() for figure in figures]
        write_or_print(
            json_file,
            json.dumps(
                {"schema": "s2n-bench/1", "name": "sampler", "figures": figures_of, "notes": notes, **about}, indent=1
            ),
        )


def floor(z: Tensor, output: Tensor, count: int, noisy: bool) -> Callable[[], None]:
    """What an update costs at least: multiply, add, and, if it is stochastic, draw and add."""

    def job() -> None:
        for _ in range(count):
            z.mul_(0.9).add_(output, alpha=0.5)
            if noisy:
                z.add_(torch.randn(z.shape, device=z.device), alpha=0.1)
        if z.is_cuda:
            torch.cuda.synchronize()

    return job


def ours(z: Tensor, output: Tensor, count: int, noisy: bool, **options: Any) -> Callable[[], None]:
    """The same number of steps by the sampler, the check at the end left out."""
    times = uniform_times(catalogue["vp"], count, "9/10", "1/10")
    sampler = Sampler(catalogue["vp"], times, kind="ancestral" if noisy else "corollary", device=z.device)

    def job() -> None:
        sampler.run(lambda z, t: output, z, check=False, **options)
        if z.is_cuda:
            torch.cuda.synchronize()

    return job


def _tensors(size: str, device: str = "cpu") -> tuple[Tensor, Tensor]:
    generator = torch.Generator(device).manual_seed(0)
    z, output = (torch.randn(SHAPES[size], generator=generator, device=device) for _ in range(2))
    return z, output


def steps(kind: str, size: str) -> list[Figure]:
    """One core: ours and every peer over the floor."""
    noisy, count = kind == "stochastic", _STEPS[size]
    found = []
    with one_thread():
        jobs = {"ours": ours(*_tensors(size), count, noisy)} | dict(peers(*_tensors(size), count, noisy))
        for name, job in jobs.items():
            # In pairs: a peer that fills the caches would slow down whoever comes after it.
            best = best_of({"floor": floor(*_tensors(size), count, noisy), name: job}, _ROUNDS[size], time.thread_time)
            goal = _GOALS[kind] if name == "ours" else ""
            seconds = best[name] / count, best["floor"] / count
            found.append(Figure(f"{kind}, {size}, one core: {name}", seconds[0] / seconds[1], goal, seconds))
    return found


def two_cores() -> list[Figure] | str:
    """Noise drawn for each sample on two threads, against the floor with torch's own threads."""
    if default_jobs() < 2:
        return "there is one core: noise was not drawn on two"
    size, count = "large", _STEPS["large"]
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    jobs = {
        "floor": floor(*_tensors(size), count, True),
        "ours": ours(*_tensors(size), count, True, per_sample=True, seed=0, workers=2),
    }
    best = best_of(jobs, _ROUNDS[size])
    torch.set_num_threads(before)
    return [
        Figure("stochastic, large, noise on both cores: ours", best["ours"] / best["floor"], "<= 0.75",
               (best["ours"] / count, best["floor"] / count))
    ]  # fmt: skip


def planning() -> list[Figure]:
    """A plan of 1000 float32 steps in a fresh process, in units of 50 ms: the first, and the best of the next five."""
    done = subprocess.run([sys.executable, "-c", _PLANNING], capture_output=True, text=True, check=True)
    first, best = map(float, done.stdout.split())
    return [
        Figure(
            "planning 1000 steps after import, in units of 50 ms: the first plan", first / 0.05, "<= 1", (first, 0.05)
        ),
        Figure("planning 1000 steps after import, in units of 50 ms: a later plan", best / 0.05, "", (best, 0.05)),
    ]


def graphics() -> list[Figure] | str:
    """On a GPU: ours over the floor, both shapes."""
    if not torch.cuda.is_available():
        return "there is no GPU: nothing was measured on one"
    found = []
    for size in SHAPES:
        for kind in _GOALS:
            noisy, count = kind == "stochastic", 100
            jobs = {
                "floor": floor(*_tensors(size, "cuda"), count, noisy),
                "ours": ours(*_tensors(size, "cuda"), count, noisy),
            }
            best = best_of(jobs, _ROUNDS[size])
            name = f"{kind}, {size}, {torch.cuda.get_device_name()}: ours"
            found.append(Figure(name, best["ours"] / best["floor"], "", (best["ours"] / count, best["floor"] / count)))
    return found
