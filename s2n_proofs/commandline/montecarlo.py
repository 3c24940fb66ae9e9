"""``s2n montecarlo``: every claim about a random process, checked by simulating the process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import output_file, valid_text, write_or_print

if TYPE_CHECKING:
    pass

__all__ = ["montecarlo"]

_EXAMPLES = """\b
Examples:
  s2n montecarlo                                   all checks for the six schedules of the catalogue
  s2n montecarlo --schedule vp --json vp.json
  s2n montecarlo --resume work                     keep finished chunks in work/, and go on from there
  torchrun --nproc-per-node 2 -m s2n_proofs montecarlo
  s2n montecarlo --resume work --part 3/16         one of 16 independent jobs; then
  s2n montecarlo merge work
"""


def _part(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    which, slash, of = value.partition("/")
    if not (slash and which.isdigit() and of.isdigit() and 1 <= int(which) <= int(of)):
        raise click.BadParameter(f"{value!r} is no part such as 3/16")
    return int(which) - 1, int(of)


@click.group(
    invoke_without_command=True,
    epilog=_EXAMPLES,
    short_help="Check the claims about random processes by simulation.",
)
@click.option(
    "--schedule", "names", metavar="NAME", type=valid_text, multiple=True, help="May be given more than once."
)
@click.option("--samples", metavar="N", type=click.IntRange(2, 2**40), help="Paths for a check; default 2097152.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto")
@click.option("--seed", metavar="N", type=click.IntRange(0), default=0)
@click.option("--rng", "generator", type=click.Choice(["torch", "philox"]), default="torch",
              help="philox is slower, and draws the same integers on every device.")  # fmt: skip
@click.option("--workers", metavar="N", type=click.IntRange(1), help="Processes; default: the cores.")
@click.option("--memory", metavar="GIB", type=click.FloatRange(0.0625), default=2.0, help="On a GPU, at a time.")
@click.option("--resume", "folder", metavar="DIR", help="Keep finished chunks in DIR, and go on from those there.")
@click.option("--part", metavar="K/N", callback=_part, help="Only the K-th of N parts, into --resume DIR.")
@click.option("--json", "json_file", metavar="FILE", type=output_file, help="Write the checks as JSON; - is stdout.")
@click.pass_context
def montecarlo(
    ctx: click.Context,
    /,
    names: tuple[str, ...],
    samples: int | None,
    device: str,
    seed: int,
    generator: Any,
    workers: int | None,
    memory: float,
    folder: str | None,
    part: tuple[int, int] | None,
    json_file: str | None,
) -> None:
    """Simulate every process that a claim speaks of, and compare.

    Derived formulas have to agree, printed forms that the algebra calls wrong have to be rejected.  The same seed gives
    the same bits, whatever the number of workers.
    """
    if ctx.invoked_subcommand is not None:
        return
    if memory != memory:
        raise click.UsageError("--memory must be a number of GiB")
    if part is not None and (json_file is not None):
        raise click.UsageError("--json is for a whole run: after all parts, s2n montecarlo merge DIR --json FILE")
    if part is not None and folder is None:
        raise click.UsageError("--part needs --resume DIR, the folder that all parts share")
    from numerics.montecarlo.experiment import DEFAULT_SAMPLES
    from numerics.montecarlo.runner import Share
    from numerics.montecarlo.session import Settings, choose_device, run
    from numerics.montecarlo.work import Task

    from ..ledger.runner import default_jobs
    from ..named_schedules import catalogue

    task = Task(seed, samples or DEFAULT_SAMPLES, generator, choose_device(device), round(memory * 2**30))
    count = workers or default_jobs()
    settings = Settings(
        tuple(dict.fromkeys(names)) or catalogue.names(), task, count, Path(folder) if folder else None,
        Share(*part) if part else None,
    )  # fmt: skip
    try:
        with _bar() as progress:
            outcome = run(settings, progress=progress, warn=_warn)
    except KeyboardInterrupt:
        kept = f"finished chunks are in {folder}; the same command goes on from there" if folder else (
            "nothing is kept without --resume DIR")  # fmt: skip
        click.echo(f"s2n montecarlo: interrupted; {kept}", err=True)
        ctx.exit(130)
    if outcome is not None:
        _report(ctx, outcome, settings, json_file)


@montecarlo.command(short_help="Merge the parts of a run.")
@click.argument("folder", metavar="DIR")
@click.option("--json", "json_file", metavar="FILE", type=output_file, help="Write the checks as JSON; - is stdout.")
@click.pass_context
def merge(ctx: click.Context, /, folder: str, json_file: str | None) -> None:
    """Judge what the parts of a run (--part K/N) left in DIR."""
    from numerics.montecarlo.session import merge_folder

    outcome, settings = merge_folder(Path(folder))
    _report(ctx, outcome, settings, json_file)


def _report(ctx: click.Context, outcome: Any, settings: Any, json_file: str | None) -> None:
    if json_file is not None:
        import json

        import torch

        about = {
            "seed": settings.task.seed, "rng": settings.task.generator, "device": settings.task.device,
            "schedules": list(settings.schedules), "torch": torch.__version__,
        }  # fmt: skip
        write_or_print(json_file, json.dumps(outcome.as_dict(**about), indent=1, allow_nan=False))
    if json_file != "-":
        from numerics.montecarlo.table import print_outcome

        from ..report.terminal import console_on

        print_outcome(outcome, console_on())
    ctx.exit(outcome.exit_status)


def _warn(message: str) -> None:
    click.echo(f"s2n montecarlo: warning: {message}", err=True)


class _bar:  # noqa: N801  (a context manager, used as one)
    """A progress bar with samples a second and the time left on a terminal, silence elsewhere."""

    def __enter__(self) -> Any:
        if not sys.stderr.isatty() or os.environ.get("RANK", "0") != "0":
            return None
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("simulating"), BarColumn(bar_width=30), TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[rate]}", style="dim"), TimeRemainingColumn(),
            console=Console(stderr=True, highlight=False), transient=True,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip
        self._progress.start()
        task = self._progress.add_task("", total=None, rate="planning")

        def advance(done: int, total: int) -> None:
            speed = self._progress.tasks[0].speed
            rate = f"{speed / 1e6:.1f} million samples/s" if speed else ""
            self._progress.update(task, completed=done, total=total, rate=rate)

        return advance

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "_progress"):
            self._progress.stop()
