"""``s2n experiment NAME``: the sweeps of the paper's Section 4, on data with a known score or on a user's network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import output_file, seed_number, valid_text

__all__ = ["experiment"]

_EXAMPLES = """\b
Examples:
  s2n experiment gamma-sweep                                  a Gaussian field: exact, in seconds
  s2n experiment gamma-sweep --data digits --out digits/
  s2n experiment gamma-delta --gamma 1 --gamma 1.25 --delta 1 --delta 0.95
  s2n experiment blur --data digits --out pictures/
  s2n experiment gamma-sweep --denoiser mine.networks:cifar --features mine.features:inception
  s2n experiment gamma-sweep --denoiser numerics.experiments.digits_network:digits    a network trained on the digits
"""
_SWEEP = ("-0.3", "-0.1", "-0.05", "-0.026", "0", "0.013", "0.026", "0.05", "0.1", "0.15", "0.2", "0.3", "0.5")
_GRID_GAMMA = ("0", "0.5", "0.75", "1", "1.25", "1.5", "2")
_GRID_DELTA = ("0", "0.5", "0.75", "0.9", "0.95", "1", "1.05", "1.25", "1.5")
_BLUR = ("-0.5", "-0.3", "-0.1", "0", "0.1", "0.3", "0.5")


def _numbers(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        above, _slash, below = value.partition("/")
        try:
            float(above) / float(below or 1)
        except (ValueError, ZeroDivisionError):
            raise click.BadParameter(f"{value!r} is no number such as 0.05 or 1/20") from None
    return values


def _common(command: Any) -> Any:
    for option in (
        click.option("--no-plot", is_flag=True, help="Write no picture."),
        click.option("--out", "folder", metavar="DIR", help="For NAME.json and NAME.png; a run goes on from there."),
        click.option("--seed", metavar="N", type=seed_number, default=0),
        click.option("--samples", metavar="N", type=click.IntRange(4), default=1000, help="Not used for field: its end is known."),
        click.option("--features", metavar="MODULE:NAME", type=valid_text, help="From a batch to rows of features."),
        click.option("--denoiser", metavar="MODULE:NAME", type=valid_text,
                     help="A function without arguments that makes a numerics.experiments.problem.Problem."),
        click.option("--data", metavar="NAME", type=valid_text, help="field (default), digits, mixture-2d, mixture, ..."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group(epilog=_EXAMPLES, short_help="Run the paper's sweeps of gamma and delta.")
def experiment() -> None:
    """Run the sweeps of the paper's Section 4: how gamma and delta change what is sampled.

    On data whose score is known every error is the sampler's own.
    """


@experiment.command("gamma-sweep", short_help="Deterministic steps over gamma (Fig. 1, Table 2).")
@click.option("--nfe", metavar="N", type=click.IntRange(2), multiple=True, default=(35, 79), help="Default: 35 and 79.")
@click.option(
    "--gamma",
    "gammas",
    metavar="G",
    callback=_numbers,
    multiple=True,
    default=_SWEEP,
    help=f"A number; may be repeated. Default: {', '.join(_SWEEP)}.",
)
@click.option("--delta", metavar="D", default="0", callback=lambda c, p, v: _numbers(c, p, (v,))[0])
@click.option("--rho", metavar="R", default="0", callback=lambda c, p, v: _numbers(c, p, (v,))[0])
@_common
def gamma_sweep(nfe: tuple[int, ...], gammas: tuple[str, ...], delta: str, rho: str, **common: Any) -> None:
    """Sweep gamma at fixed numbers of evaluations, on EDM's grid."""
    _run("gamma-sweep", [(gamma, delta, rho, count) for count in nfe for gamma in gammas], **common)


@experiment.command("gamma-delta", short_help="Stochastic steps over gamma and delta (Figs. 2, 3).")
@click.option("--nfe", metavar="N", type=click.IntRange(2), default=79)
@click.option(
    "--gamma",
    "gammas",
    metavar="G",
    callback=_numbers,
    multiple=True,
    default=_GRID_GAMMA,
    help=f"A number; may be repeated. Default: {', '.join(_GRID_GAMMA)}.",
)
@click.option(
    "--delta",
    "deltas",
    metavar="D",
    callback=_numbers,
    multiple=True,
    default=_GRID_DELTA,
    help=f"A number; may be repeated. Default: {', '.join(_GRID_DELTA)}.",
)
@click.option("--rho", metavar="R", default="1", callback=lambda c, p, v: _numbers(c, p, (v,))[0])
@_common
def gamma_delta(nfe: int, gammas: tuple[str, ...], deltas: tuple[str, ...], rho: str, **common: Any) -> None:
    """Sweep gamma and delta at rho = 1."""
    _run("gamma-delta", [(gamma, delta, rho, nfe) for delta in deltas for gamma in gammas], **common)


@experiment.command("blur", short_help="Pictures: negative gamma blurs, positive sharpens (Fig. 4).")
@click.option("--nfe", metavar="N", type=click.IntRange(2), default=35)
@click.option(
    "--gamma",
    "gammas",
    metavar="G",
    callback=_numbers,
    multiple=True,
    default=_BLUR,
    help=f"A number; may be repeated. Default: {', '.join(_BLUR)}.",
)
@_common
def blur(nfe: int, gammas: tuple[str, ...], **common: Any) -> None:
    """The variance that is left at each gamma, and pictures from the same noise."""
    _run("blur", [(gamma, "0", "0", nfe) for gamma in gammas], **common)


@experiment.command("train-digits", short_help="Train the small network that comes with the package anew.")
@click.option("--steps", metavar="N", type=click.IntRange(1), default=2500)
@click.option("--seed", metavar="N", type=seed_number, default=0)
@click.option(
    "--out", metavar="FILE", type=output_file, default="digits.pt", help="For the weights; default: digits.pt."
)
def train_digits(steps: int, seed: int, out: str) -> None:
    """Train a small UNet on the 8x8 digits, on one core, in minutes.

    The network that comes with the package was made so; sweep it by
    --denoiser numerics.experiments.digits_network:digits.  An interrupted training goes on where it was.
    """
    if out == "-":
        raise click.BadParameter("weights are no text; name a file", param_hint="'--out'")
    from numerics.experiments.training import LEVELS, Training, distance_to_exact, train
    from numerics.sampling.progress import bar_shown

    with bar_shown(steps, "training") as tell:
        network = train(Training(steps, seed=seed), Path(out), tell)
    click.echo(f"{sum(p.numel() for p in network.parameters())} parameters, {steps} steps, written to {out}")
    click.echo("root mean square per pixel, at noise level   network - best prediction   best prediction - data")
    for sigma in LEVELS:
        click.echo("{:>43} {:>27.4f} {:>24.4f}".format(sigma, *distance_to_exact(network, sigma)))


@experiment.command("statements", short_help="Judge the paper's statements by the results of sweeps.")
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=valid_text)
def statements(folders: tuple[str, ...]) -> None:
    """Say which of the paper's statements hold in the results that --out has written into folders.

    Between samples a statement holds if the 95 % interval of the difference says so, from resamples drawn together.
    """
    from numerics.experiments.statements import judge_folders

    for row in judge_folders(folders):
        click.echo(f"{row.data:<14} NFE {row.nfe:<3} {row.statement:<38} {row.verdict:<14} {row.figures}")


def _run(
    name: str,
    points: list[tuple[str, str, str, int]],
    *,
    data: str | None,
    denoiser: str | None,
    features: str | None,
    samples: int,
    seed: int,
    folder: str | None,
    no_plot: bool,
) -> None:
    if data is not None and denoiser is not None:
        raise click.UsageError("give either --data or --denoiser, not both")
    if features is not None and denoiser is None:
        raise click.UsageError("--features belongs to --denoiser")
    from dataclasses import replace

    from numerics.experiments.errors import ExperimentError
    from numerics.experiments.problem import Problem, guarded, load, of_law
    from numerics.experiments.sweep import Point, Sweep

    if denoiser is None:
        problem = of_law(data or "field")
    else:
        problem = guarded(load(denoiser, "--denoiser"), f"--denoiser: {denoiser}")()
        if not isinstance(problem, Problem):
            raise ExperimentError(f"--denoiser: {denoiser} must make a Problem; it made {problem!r:.60}")
        if problem.denoiser is not None:
            problem = replace(problem, denoiser=guarded(problem.denoiser, f"--denoiser: the network of {denoiser}"))
        if features is not None:
            problem = replace(problem, features=guarded(load(features, "--features"), f"--features: {features}"))
    place = None
    if folder is not None:
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        if not no_plot:
            from numerics.experiments import plots

            plots.check()  # before the work, not after it
            if name == "blur":
                plots.picture_shape(problem)
    sweep = Sweep(name, problem, [Point(*point) for point in points], samples, seed)
    click.echo(
        f"{'gamma':>8} {'delta':>6} {'rho':>5} {'NFE':>4}  {'Fréchet²':>10}  {'95 % interval':<22} {'variance':>8}"
    )
    result = sweep.run(place / f"{name}.json" if place else None, _print)
    best = min(result["points"], key=lambda row: row["frechet"][0])
    equal = sum(row["frechet"][0] == best["frechet"][0] for row in result["points"]) - 1
    told = f" (and {equal} other{'s' * (equal > 1)} of the same)" if equal else ""
    click.echo(
        f"best: gamma = {best['gamma']}, delta = {best['delta']}, NFE {best['nfe']}: {best['frechet'][0]:.6g}{told}"
    )
    if place is not None and not no_plot:
        file = place / f"{name}.png"
        if name == "gamma-sweep":
            plots.plot_sweep(result, file)
        elif name == "gamma-delta":
            plots.plot_grid(result, file)
        else:
            plots.plot_pictures(problem, list(sweep.points), seed, file)


def _print(row: dict[str, Any]) -> None:
    value, low, high = row["frechet"]
    between = "exact" if row["exact"] else f"{low:.5g} to {high:.5g}"
    click.echo(
        f"{row['gamma']:>8} {row['delta']:>6} {row['rho']:>5} {row['nfe']:>4}  {value:>10.5g}  {between:<22} "
        f"{row['variance_ratio']:>8.4f}"
    )
