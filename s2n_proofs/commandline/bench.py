"""``s2n bench NAME``: one benchmark per module of :mod:`numerics.bench`, imported when it is run."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click

from .options import output_file

__all__ = ["bench"]

# Each is a module with a function ``run(json_file: str | None) -> None``.
_BENCHMARKS = {
    "accuracy": "digits that the printed kernels keep, against naive ones",
    "sampler": "speed of the sampler",
    "montecarlo": "speed of the simulations, against their random numbers alone",
    "symbolic": "speed of derivations, proofs and first compilations",
}


class _Benchmarks(click.Group):
    """The benchmarks that are there, without importing one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in _BENCHMARKS if find_spec(_module(name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None

        def run(json_file: str | None) -> None:
            import_module(_module(cmd_name)).run(json_file)

        option: Any = click.Option(
            ["--json", "json_file"], metavar="FILE", type=output_file, help="Write the figures as JSON; - is stdout."
        )
        return click.Command(
            cmd_name, params=[option], callback=run, help=f"Measure the {_BENCHMARKS[cmd_name]}.",
            context_settings={"help_option_names": ["-h", "--help"]},
        )  # fmt: skip


def _module(name: str) -> str:
    return f"numerics.bench.{name}"


@click.group(cls=_Benchmarks, short_help="Measure speed and accuracy.")
def bench() -> None:
    """Measure speed and accuracy on this machine, as ratios taken in one run."""
