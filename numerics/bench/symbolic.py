"""``s2n bench symbolic``: derivations, proofs and first compilations, in processes of their own, against their goals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping

from rich.console import Console

from s2n_proofs import catalogue
from s2n_proofs.commandline.options import write_or_print
from s2n_proofs.ledger.runner import default_jobs

from .montecarlo import Figure

__all__ = ["figures", "run"]

_TURNS = 3
# Work inside a fresh process, after the imports that its user has paid for already.
_TIMED = """
import time
{before}
began = time.perf_counter()
{work}
print(time.perf_counter() - began)
"""
_KERNELS = (
    "from numerics import compile_kernels; from s2n_proofs.lower.search import GOALS; from s2n_proofs import {name}"
)
_EVERY = "k = compile_kernels({schedule}, dtype='float32')\nfor each in GOALS: k.arithmetic(each)"
_INSIDE: Mapping[str, tuple[str, str, float | None]] = {
    "derive(), generic, SymPy loaded": ("from s2n_proofs import derive", "derive()", None),
    **{
        f"first compilation of {name}, every quantity": (
            _KERNELS.format(name="catalogue"),
            _EVERY.format(schedule=f"catalogue[{name!r}]"),
            0.3,
        )
        for name in catalogue
    },
    "first compilation of a new schedule, search included": (
        _KERNELS.format(name="Schedule"),
        _EVERY.format(schedule="Schedule('1/(1 + t**3)', 't**(3/2) + 1/20')"),
        3.0,
    ),
}
_COMMANDS: Mapping[str, tuple[tuple[str, ...], float | None]] = {
    "s2n --help": (("--help",), 0.15),
    "s2n verify, whole": (("verify",), 10.0),
    "s2n derive --schedule vp": (("derive", "--schedule", "vp"), None),
    'a check: "lambda(t) = log(snr(t))"': (("check", "lambda(t) = log(snr(t))"), None),
}


def run(json_file: str | None) -> None:
    """Measure, print a table, and write the figures."""
    console = Console(stderr=json_file == "-", highlight=False)
    found = []
    for figure in figures():
        found.append(figure)
        goal = f" (goal: {figure.seconds[1]:g} s)" if figure.goal else ""
        console.print(f"{figure.seconds[0]:8.3f} s  {figure.name}{goal}", soft_wrap=True)
    if json_file is not None:
        document = {
            "schema": "s2n-bench/1", "name": "symbolic", "figures": [figure.as_dict() for figure in found],
            "notes": [f"Each is the shortest of {_TURNS} fresh processes without kept searches, over its goal, or over a second."],
            "cores": default_jobs(), "load": list(os.getloadavg()),
        }  # fmt: skip
        write_or_print(json_file, json.dumps(document, indent=1))


def figures() -> Iterator[Figure]:
    """Each piece of work, as a multiple of what it may take."""
    for name, (arguments, goal) in _COMMANDS.items():
        yield _figure(name, [_command(arguments) for _ in range(_TURNS)], goal)
    for name, (before, work, goal) in _INSIDE.items():
        yield _figure(name, [_inside(before, work) for _ in range(_TURNS)], goal)


def _figure(name: str, seconds: list[float], goal: float | None) -> Figure:
    """In units of the goal; where there is none, of a second."""
    unit = 1.0 if goal is None else goal
    return Figure(name, min(seconds) / unit, "" if goal is None else "<= 1", (min(seconds), unit))


def _command(arguments: tuple[str, ...]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "s2n_proofs", *arguments], capture_output=True, check=True)
    return time.perf_counter() - began


def _inside(before: str, work: str) -> float:
    """Seconds of the work alone; a search is kept in a folder that nobody reads again."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _TIMED.format(before=before, work=work)],
            capture_output=True, text=True, check=True, env={**os.environ, "XDG_CACHE_HOME": folder},
        )  # fmt: skip
    return float(done.stdout)
