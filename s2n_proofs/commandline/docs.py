"""``s2n docs``: build the site."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["docs"]


@click.command(short_help="Build the site: claims, errata, schedules, guides, explorer.")
@click.option("--out", metavar="DIR", default="build/site", show_default=True, help="Where to; made if missing.")
def docs(out: str) -> None:
    """Build the site: every claim with its proof, the errata, the schedules, guides and the explorer."""
    from ..site.build import build_site
    from ..site.pages import write_site

    def say(what: str) -> None:
        click.echo(f"{what} ...", err=True)

    warnings = build_site(Path(out), lambda tree: write_site(tree, say=say), say=say)
    for warning in warnings:
        click.echo(warning, err=True)
    click.echo(f"open {Path(out) / 'index.html'}")
