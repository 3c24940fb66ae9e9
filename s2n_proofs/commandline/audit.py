"""``s2n audit``: probe a step function of another package and say what it computes."""

from __future__ import annotations

import json
from typing import Any

import click

from .edge import warnings_as_lines
from .options import output_file, positive_seconds, schedule_from, schedule_options, valid_text, write_or_print

__all__ = ["audit"]

_EXAMPLES = """\b
Examples:
  s2n audit diffusers:DDIMScheduler --step-option eta=0.5
  s2n audit diffusers:DPMSolverMultistepScheduler --option solver_order=1
  s2n audit azula.sample:DDPMSampler
  s2n audit mypackage.module:MyScheduler --family ancestral --junit audit.xml
  s2n audit mymodule:step --schedule vp --family ddim
"""


@click.command(epilog=_EXAMPLES, short_help="Say what a step function of another package computes.")
@click.argument("target", metavar="MODULE:NAME", type=valid_text)
@click.option(
    "--family",
    type=click.Choice(["ddim", "ancestral", "eta", "eq7", "nonmarkov"]),
    help="What it should compute; known for the schedulers of diffusers and azula.",
)
@click.option("--steps", metavar="N", type=click.IntRange(2, 500), default=10, help="Steps that are read; default 10.")
@click.option(
    "--order",
    metavar="P",
    type=click.IntRange(1, 9),
    help="Claimed order of convergence; of a function 1 unless given.",
)
@click.option("--option", "options", metavar="NAME=VALUE", multiple=True, help="An argument of the scheduler.")
@click.option("--step-option", "step_options", metavar="NAME=VALUE", multiple=True, help="An argument of its step.")
@click.option("--number", "numbers", metavar="NAME=VALUE", multiple=True, help="Claimed gamma, delta, rho or eta.")
@schedule_options
@click.option("--json", "json_file", metavar="FILE", type=output_file, help="Write the result as JSON; - is stdout.")
@click.option("--junit", metavar="FILE", type=output_file, help="Write JUnit XML; - is stdout.")
@click.option("--script", metavar="FILE", type=output_file, help="Write a program that shows the worst coefficient.")
@click.option("--time-limit", metavar="S", type=positive_seconds, default=120.0, help="Seconds; default 120.")
@click.pass_context
def audit(
    ctx: click.Context,
    /,
    target: str,
    family: str | None,
    steps: int,
    order: int | None,
    options: tuple[str, ...],
    step_options: tuple[str, ...],
    numbers: tuple[str, ...],
    json_file: str | None,
    junit: str | None,
    script: str | None,
    time_limit: float,
    **given: Any,
) -> None:
    """Read the coefficients of a step function by probes, name the formula, and judge it.

    MODULE:NAME is a scheduler in the style of diffusers, a sampler in the style of azula, or a function
    step(z, eps, s, t, xi), which needs a schedule.  The module is imported, in a process that is stopped when it hangs.

    Exit status: 0 right, 1 wrong, 2 bad input, 3 unrecognised or stopped.
    """
    with warnings_as_lines():
        schedule = schedule_from(**given)
    from numerics.audit.report import lines, to_junit
    from numerics.audit.run import audit_target, claimed

    found = audit_target(
        target,
        schedule=schedule,
        family=family,
        steps=steps,
        order=order,
        options=_values(options, "--option"),
        step_options=_values(step_options, "--step-option"),
        numbers=claimed(_values(numbers, "--number")),
        time_limit=time_limit,
    )
    if json_file is not None:
        write_or_print(json_file, json.dumps(found.as_dict(), indent=1, allow_nan=False))
    if junit is not None:
        write_or_print(junit, to_junit(found))
    if script is not None and found.script is not None:
        write_or_print(script, found.script)
    if "-" not in (json_file, junit, script):
        write_or_print(None, "\n".join(lines(found)))
    ctx.exit(found.exit_status)


def _values(given: tuple[str, ...], option: str) -> dict[str, Any]:
    """NAME=VALUE pairs; a value is a number, true, false or null where it reads as one, else text."""
    values: dict[str, Any] = {}
    for pair in given:
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals and value):
            raise click.UsageError(f"{option} takes NAME=VALUE, not {pair!r}")
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    return values
