"""``s2n docs``: build the site, or the page of one schedule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .edge import warnings_as_lines
from .options import schedule_from, schedule_options, valid_text

__all__ = ["docs"]

_EXAMPLES = """\b
Examples:
  s2n docs --out build/site
  s2n docs --alpha "1 - t**2" --sigma "t" --name mine --out build/mine
"""


@click.command(epilog=_EXAMPLES, short_help="Build the site: claims, errata, schedules, guides, explorer.")
@click.option(
    "--out", metavar="DIR", default="build/site", show_default=True, type=valid_text, help="Where to; made if missing."
)
@schedule_options
@click.option("--name", metavar="NAME", type=valid_text, help="The heading of your schedule's page.")
def docs(out: str, name: str | None, **given: Any) -> None:
    """Build the site: every claim with its proof, the errata, the schedules, guides and the explorer.

    With a schedule: a site of one page, its formulas, plots and code.
    """
    if not out:
        raise click.BadParameter("the folder has no name", param_hint="--out")
    with warnings_as_lines():
        schedule = schedule_from(**given)
    if name is not None and schedule is None:
        raise click.UsageError("--name needs a schedule: --alpha EXPR --sigma EXPR, or --schedule NAME")
    from ..site.build import build_schedule_site, build_site

    folder = Path(out)
    if schedule is None:
        warnings = build_site(folder, say=_say)
    else:
        warnings = build_schedule_site(folder, schedule, name or schedule.name or "Your schedule", say=_say)
    for warning in warnings:
        click.echo(warning, err=True)
    click.echo(f"open {folder / 'index.html'}")


def _say(what: str) -> None:
    click.echo(f"{what} ...", err=True)
