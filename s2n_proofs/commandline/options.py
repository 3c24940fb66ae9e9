"""What the commands take: files, exact numbers as text, and a schedule by name or by its formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ..schedule import Schedule

__all__ = [
    "output_file", "positive_seconds", "schedule_from", "schedule_options", "seed_number", "valid_text", "write_or_print",
]  # fmt: skip

seed_number = click.IntRange(0, 2**63 - 1)  # what torch's generators take, and some beyond the largest
F = TypeVar("F", bound=Callable[..., Any])


def valid_text(value: str) -> str:
    """Text in the terminal's encoding; what is in another encoding arrives as lone surrogates."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise click.BadParameter("the text is not valid UTF-8") from None
    return value


def output_file(value: str) -> str:
    """A file to write, or ``-`` for stdout; one that can't be written is refused before the work."""
    from ..report.files import FileError, check_writable

    if not value:
        raise click.BadParameter("the file has no name")
    if value != "-":
        try:
            check_writable(value)
        except FileError as error:
            raise click.BadParameter(str(error)) from None
    return value


def positive_seconds(value: str | float) -> float:
    """A positive finite number of seconds, of a day at most."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= 86400:
        raise click.BadParameter(f"{value!r} is no number of seconds between 0 and 86400")
    return seconds


def schedule_options(command: F) -> F:
    """Add the options that name a schedule."""
    for option in (
        click.option(
            "--param",
            "parameters",
            metavar="NAME=VALUE",
            type=valid_text,
            multiple=True,
            help="Value of a parameter, e.g. beta_min=1/10; may be given more than once.",
        ),
        click.option(
            "--domain",
            metavar="T0 T1",
            type=valid_text,
            nargs=2,
            help="First and last time, exact numbers; (0, 1) unless given.",
        ),
        click.option("--sigma", metavar="EXPR", type=valid_text, help="sigma(t), e.g. 'sin(pi*t/2)'."),
        click.option("--alpha", metavar="EXPR", type=valid_text, help="alpha(t), e.g. 'cos(pi*t/2)'."),
        click.option(
            "--schedule",
            metavar="NAME",
            type=valid_text,
            help="A schedule of the catalogue: vp, ve, iddpm, fm-ot, edm, sub-vp.",
        ),
    ):
        command = option(command)
    return command


def schedule_from(
    schedule: str | None,
    alpha: str | None,
    sigma: str | None,
    domain: tuple[str, str] | None,
    parameters: tuple[str, ...],
    *,
    strict: bool = False,
) -> Schedule | None:
    """The schedule that the options name; None if they name none.

    Raises
    ------
    click.UsageError
        If they contradict each other.
    s2n_proofs.schedule.ScheduleError, s2n_proofs.parsing.ParseError
        If there is no such schedule.
    """
    if schedule is not None and (alpha is not None or sigma is not None):
        raise click.UsageError("give either --schedule or --alpha and --sigma, not both")
    if (alpha is None) != (sigma is None):
        given, missing = ("--alpha", "--sigma") if sigma is None else ("--sigma", "--alpha")
        raise click.UsageError(f"{given} needs {missing}: a schedule is both of them")
    values = _values(parameters)
    if alpha is None and schedule is None:
        if domain is not None or values:
            raise click.UsageError("--domain and --param need a schedule: --schedule, or --alpha and --sigma")
        return None
    from ..schedule import Schedule

    if schedule is None:
        return Schedule(alpha, sigma, domain or (0, 1), parameters=values, strict=strict)
    from ..named_schedules import catalogue

    found = catalogue[schedule]
    if values:
        found = found.with_parameters(**values)
    if domain is not None or strict:
        found = Schedule(found.alpha, found.sigma, domain or found.domain, name=found.name, strict=strict)
    return found


def _values(parameters: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for given in parameters:
        name, equals, value = (part.strip() for part in given.partition("="))
        if not (name and equals and value):
            raise click.UsageError(f"--param takes NAME=VALUE, not {given!r}")
        if name in values:
            raise click.UsageError(f"--param gives {name} twice")
        values[name] = value
    return values


def write_or_print(path: str | None, text: str) -> None:
    """Write `text` to a file, whole or not at all; to stdout if the path is ``-`` or None."""
    if path is None or path == "-":
        click.echo(text, nl=not text.endswith("\n"))
        return
    from ..report.files import write_atomically

    write_atomically(path, text if text.endswith("\n") else f"{text}\n")
