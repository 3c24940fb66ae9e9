"""``s2n sample``: samples of data with a known score, by the reference sampler."""

from __future__ import annotations

from typing import Any

import click

from .edge import warnings_as_lines
from .options import output_file, schedule_from, schedule_options, seed_number, valid_text

__all__ = ["sample"]

_EXAMPLES = """\b
Examples:
  s2n sample                                       a mixture, by 50 deterministic steps of fm-ot
  s2n sample --data digits --schedule vp --steps 100 --kind ancestral --out digits.npy
  s2n sample --start 99/100 --gamma 0.05 --delta 1 --rho "sigma(t)"
"""


@click.command(epilog=_EXAMPLES, short_help="Sample data with a known score.")
@schedule_options
@click.option(
    "--data",
    metavar="NAME",
    type=valid_text,
    default="mixture",
    help="mixture (default), mixture-2d, gaussian, gaussian-2d, point, digits or field.",
)
@click.option("--steps", metavar="N", type=click.IntRange(1, 100_000), default=50)
@click.option("--grid", type=click.Choice(["uniform", "log-snr", "edm"]), default="uniform")
@click.option("--start", metavar="T", type=valid_text, help="First time; default: the end of the domain.")
@click.option("--end", metavar="T", type=valid_text, help="Last time; default: the start of the domain.")
@click.option(
    "--kind", type=click.Choice(["corollary", "ancestral", "nonmarkov", "deterministic"]), default="corollary"
)
@click.option("--method", type=click.Choice(["first", "heun", "multistep"]), default="first")
@click.option("--gamma", metavar="G", type=valid_text, default="0", help="A number, or an expression of t.")
@click.option("--delta", metavar="D", type=valid_text, default="0")
@click.option("--rho", metavar="R", type=valid_text, default="0")
@click.option("--eta", metavar="E", type=valid_text, help="DDIM's, for --kind nonmarkov.")
@click.option("--samples", metavar="N", type=click.IntRange(4, 10_000_000), default=1000)
@click.option("--seed", metavar="N", type=seed_number, default=0)
@click.option("--out", metavar="FILE", type=output_file, help="Write the samples as a NumPy file (.npy).")
def sample(
    data: str,
    steps: int,
    grid: str,
    start: str | None,
    end: str | None,
    kind: Any,
    method: Any,
    gamma: str,
    delta: str,
    rho: str,
    eta: str | None,
    samples: int,
    seed: int,
    out: str | None,
    **given: Any,
) -> None:
    """Draw samples with the exact score in the network's place, and compare their moments with the data's.

    The first states are drawn from the true law at the first time, so that every error is the sampler's.
    """
    with warnings_as_lines():
        schedule = schedule_from(**given)
    if schedule is None:
        from ..named_schedules import catalogue

        schedule = catalogue["fm-ot"]
    import torch

    from numerics.experiments.one_run import one_run

    knobs = {name: value for name, value in (("gamma", gamma), ("delta", delta), ("rho", rho)) if value != "0"}
    run = one_run(schedule, data, steps, grid, start, end, samples, seed, kind=kind, method=method, eta=eta, **knobs)
    if out is not None:
        from numerics.experiments.one_run import save

        save(out, run.samples)
    if out == "-":
        return
    click.echo(f"{samples} samples of {data}, {run.evaluations} evaluations, {schedule.name or schedule}")
    click.echo(f"{'':>12} {'mean':>10} {'variance':>10}")
    for name, rows in (("sampled", run.samples), ("data", run.data)):
        click.echo(f"{name:>12} {float(rows.mean()):>10.5f} {float(rows.var(0).mean()):>10.5f}")
    click.echo(f"{'±':>12} {run.standard_error:>10.5f}   (standard error of the mean of all components)")
    if not bool(torch.isfinite(run.samples).all()):
        click.get_current_context().exit(1)
