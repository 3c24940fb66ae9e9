"""The command ``s2n``: what is imported here is click alone, so that ``--help`` is there at once."""

from __future__ import annotations

import shlex
import sys
from contextlib import redirect_stdout
from typing import Any

import click

from .commandline.audit import audit
from .commandline.bench import bench
from .commandline.docs import docs
from .commandline.edge import Face, IdentityCommand, warnings_as_lines
from .commandline.experiment import experiment
from .commandline.montecarlo import montecarlo
from .commandline.options import (
    output_file,
    positive_seconds,
    schedule_from,
    schedule_options,
    valid_text,
    write_or_print,
)
from .commandline.sample import sample

__all__ = ["main"]


# "\b" tells click to leave the lines of a paragraph alone.
_EXAMPLES = """\b
Examples:
  s2n verify                                     judge every claim of the paper
  s2n verify --claim thm6-kl                     one claim, with every step
  s2n derive --schedule vp                       f, g, lambda, transition, steps
  s2n check "f(t) = diff(log(alpha(t)), t)"      prove or refute an identity
"""
_VERIFY = """\b
Examples:
  s2n verify
  s2n verify --claim thm3-noise --claim cor1-eps
  s2n verify --json ledger.json --junit ledger.xml
  s2n verify --ledger my_claims.py
  s2n verify --mutants                           how many wrong formulas would be noticed
"""
_DERIVE = """\b
Examples:
  s2n derive --schedule vp --param beta_min=1/5
  s2n derive --alpha "cos(pi*t/2)" --sigma "sin(pi*t/2)" --format latex
  s2n derive --alpha 1 --sigma t --domain 1/500 80 --format python --out edm.py
"""
_CHECK = """\b
Examples:
  s2n check "g(t)**2 = -exp(-lambda(t))*diff(lambda(t), t)*alpha(t)**2"
  s2n check "transition_variance(s,t) = sigma(t)**2*(1 - exp(lambda(t) - lambda(s)))"
  s2n check "alpha(t)**2 + sigma(t)**2 = 1" --schedule vp
"""


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"s2n-proofs {version('s2n-proofs')}")
        ctx.exit()


@click.group(
    name="s2n",
    cls=Face,
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def main() -> None:
    """Prove, refute and derive the formulas of signal-to-noise diffusion models.

    The setting is z_t = alpha(t) x + sigma(t) eps with lambda = log(alpha^2/sigma^2), and s < t.

    Exit status: 0 all well; 1 a check fails, or a derived formula is refuted; 2 wrong usage or bad input;
    3 undecided or internal.
    """


@main.command(epilog=_VERIFY, short_help="Judge every claim of the paper, or your own.")
@click.option(
    "--claim",
    "ids",
    metavar="ID",
    type=valid_text,
    multiple=True,
    help="Show this claim in full; thm3-noise takes all its readings.",
)
@click.option("--json", "json_file", metavar="FILE", type=output_file, help="Write the ledger as JSON; - is stdout.")
@click.option("--junit", metavar="FILE", type=output_file, help="Write JUnit XML; - is stdout.")
@click.option(
    "--ledger",
    "own",
    metavar="FILE",
    help="Judge the claims of this Python file instead of the paper's.  The file is run: use your own.",
)
@click.option("--jobs", metavar="N", type=click.IntRange(1), help="Worker processes; default: the cores.")
@click.option("--seed", metavar="N", type=int, default=0, help="For the points where counterexamples are looked for.")
@click.option(
    "--time-limit",
    metavar="S",
    type=positive_seconds,
    default=60.0,
    help="Seconds for one claim; default 60.",
)
@click.option(
    "--mutants", is_flag=True, help="Also ask the judge to refute every single edit of every derived formula."
)
@click.pass_context
def verify(
    ctx: click.Context,
    /,
    ids: tuple[str, ...],
    json_file: str | None,
    junit: str | None,
    own: str | None,
    jobs: int | None,
    seed: int,
    time_limit: float,
    mutants: bool,
) -> None:
    """Judge the ledger: every claim of the paper, printed against derived.

    A printed claim that fails is a result, with its counterexample and the proved correction: exit status 0.
    """
    if json_file is not None and json_file == junit:
        raise click.UsageError("--json and --junit cannot share one file")
    if mutants and own is not None:
        raise click.UsageError("--mutants is for the paper's ledger; it cannot be used with --ledger")
    from .report.ledger import verify as judge_all
    from .report.progress import progress_bar

    # What a user's claims print must not get between the lines of a report on stdout.
    with redirect_stdout(sys.stderr), progress_bar() as progress:
        claims = None
        if own is not None:
            from .ledger.user import load_claims

            claims = load_claims(own)
        ledger = judge_all(ids or None, claims=claims, jobs=jobs, seed=seed, time_limit=time_limit, progress=progress)
    if mutants:
        from dataclasses import replace

        from .report.mutants import try_mutants

        with progress_bar() as progress:
            ledger = replace(ledger, mutants=try_mutants(ids or None, jobs=jobs, seed=seed, progress=progress))
    if json_file is not None:
        write_or_print(json_file, _as_json(ledger.as_dict()))
    if junit is not None:
        from .report.junit import to_junit

        write_or_print(junit, to_junit(ledger))
    if "-" not in (json_file, junit):
        from .report.claim_page import print_pages
        from .report.table import print_table
        from .report.terminal import console_on

        if ids:
            print_pages(ledger.claims, console_on())
        else:
            command = "s2n verify" if own is None else f"s2n verify --ledger {shlex.quote(own)}"
            print_table(ledger, console_on(), command=command)
        if ledger.mutants is not None:
            from .report.mutants import mutant_lines

            write_or_print(None, "\n".join(mutant_lines(ledger.mutants)))
    ctx.exit(ledger.exit_status)


@main.command(epilog=_DERIVE, short_help="Print the formulas of a schedule.")
@schedule_options
@click.option("--strict", is_flag=True, help="Refuse a schedule that cannot be certified, instead of warning.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "latex", "json", "python", "torch", "javascript"]),
    default="text",
    help="python, torch and javascript are modules that need no SymPy.",
)
@click.option("--out", metavar="FILE", type=output_file, help="Write to a file; default: stdout.")
def derive(strict: bool, style: str, out: str | None, **given: Any) -> None:
    """Print f, g, lambda, the transition, the reverse SDE and the steps of a schedule."""
    with warnings_as_lines():
        schedule = schedule_from(**given, strict=strict)
        if schedule is None:
            raise click.UsageError("name a schedule: --schedule NAME, or --alpha EXPR --sigma EXPR")
        from .formulas import derive as formulas_of
        from .report.formats import render
        from .report.terminal import console_on, text_width

        width = text_width(console_on()) if out in (None, "-") else None
        write_or_print(out, render(formulas_of(schedule), style, width))


@main.command(cls=IdentityCommand, epilog=_CHECK, short_help="Prove or refute an identity.")
@click.argument("identity", metavar='"LHS = RHS"', type=valid_text)
@schedule_options
@click.option("--json", "json_file", metavar="FILE", type=output_file, help="Write the result as JSON; - is stdout.")
@click.option("--seed", metavar="N", type=int, default=0, help="For the points that are tried.")
@click.pass_context
def check(ctx: click.Context, /, identity: str, json_file: str | None, seed: int, **given: Any) -> None:
    """Prove or refute an identity, for every schedule or for one.

    The first line says holds, fails or undecided (exit status 0, 1, 3).  Words: t s tau alpha sigma lambda
    snr f g transition_factor transition_variance diff rho gamma delta beta, elementary functions, numbers.

    It is judged where s < tau < t, every time lies in the schedule's open domain, and both sides have a value as typed;
    for all real rho and gamma, delta >= 0 and 0 <= beta <= sigma(s).  A point where one side alone has a value refutes.
    """
    with warnings_as_lines():
        schedule = schedule_from(**given)
        from .checking import check as prove_or_refute

        result = prove_or_refute(identity, schedule=schedule, seed=seed)
    if json_file is not None:
        write_or_print(json_file, _as_json(result.as_dict()))
    if json_file != "-":
        write_or_print(None, "\n".join(result.lines()))
    ctx.exit({"holds": 0, "fails": 1}.get(result.verdict, 3))


main.add_command(audit)
main.add_command(bench)
main.add_command(docs)
main.add_command(experiment)
main.add_command(montecarlo)
main.add_command(sample)


def _as_json(data: dict[str, Any]) -> str:
    import json

    return json.dumps(data, indent=1, allow_nan=False)
