"""The claims by section and by verdict, and the verdicts in one picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import Any

from ..report.ledger import VERDICTS, Ledger
from ..report.table import MEANINGS
from ..report.terminal import MARKS
from .claim_page import claim_file
from .markup import badge, greek, raw_html

__all__ = ["by_section", "by_verdict", "toctree", "verdict_picture"]

Plain = dict[str, Any]


def by_section(ledger: Ledger) -> str:
    """The MyST page of all claims under the headings of the paper."""
    parts = ["# Claims by section\n", _counts(ledger), ":::{seealso}\n[By verdict](by-verdict.md), "
             "[dependency graph](graph.md), [errata](../errata.md)\n:::\n"]  # fmt: skip
    for section, records in _sections(ledger):
        parts += [f"## {section}\n", _table(records)]
    parts.append(toctree(record["id"] for record in ledger.claims))
    return "\n".join(parts)


def by_verdict(ledger: Ledger) -> str:
    """The MyST page of all claims by verdict."""
    parts = ["# Claims by verdict\n", _counts(ledger)]
    for verdict in VERDICTS:
        records = [record for record in ledger.claims if record["verdict"] == verdict]
        if records:
            parts += [f"## {verdict}\n", f"{_meaning(verdict)}.\n", _table(records)]
    return "\n".join(parts)


def verdict_picture(ledger: Ledger) -> str:
    """Every claim of the ledger as a tile in the colour of its verdict, a link to its page."""
    rows = []
    for section, records in _sections(ledger):
        tiles = "".join(
            f'<a class="s2n-tile s2n-{record["verdict"]}" href="{claim_file(record["id"])}.html" '
            f'title="{escape(record["id"] + ": " + record["verdict"], quote=True)}">'
            f'<span aria-hidden="true">{MARKS[record["verdict"]]}</span> {escape(record["id"])}</a>'
            for record in records
        )
        rows.append(f'<p class="s2n-tiles-title">{escape(section)}</p><div class="s2n-tiles">{tiles}</div>')
    return raw_html(f'<div class="s2n-picture">{"".join(rows)}</div>') + "\n" + _counts(ledger)


def toctree(ids: Iterable[str]) -> str:
    """A hidden table of contents, which Sphinx wants for every page."""
    lines = "\n".join(f"{claim} </{claim_file(claim)}>" for claim in ids)
    return f"```{{toctree}}\n:hidden:\n\n{lines}\n```\n"


def _sections(ledger: Ledger) -> list[tuple[str, list[Plain]]]:
    return [
        (str(section), list(records))
        for section, records in groupby(ledger.claims, key=lambda record: record["section"])
    ]


def _counts(ledger: Ledger) -> str:
    verdicts = ledger.summary["verdicts"]
    counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in VERDICTS if verdicts[verdict])
    engines = ledger.summary["engines"]
    return (
        f"{len(ledger)} readings of the paper's claims: {counted}. "
        f"{engines['agreed']} of the {engines['identities']} identities behind them are proved by both engines.\n"
    )


def _meaning(verdict: str) -> str:
    """The legend of the terminal's table, without what it says of that table's columns."""
    said = MEANINGS[verdict].partition(": so many")[0]
    return f"{said[0].upper()}{said[1:]}"


def _table(records: Sequence[Plain]) -> str:
    rows = "".join(
        f'<tr><td>{badge(record["verdict"])}</td><td><a href="../{claim_file(record["id"])}.html">'
        f"{escape(record['id'])}</a></td><td>{escape(record['where'])}</td>"
        f"<td>{escape(greek(record['statement']))}</td></tr>"
        for record in records
    )
    return raw_html(
        '<div class="s2n-scroll" tabindex="0" role="group" aria-label="claims"><table class="s2n-table"><thead><tr>'
        f"<th>verdict</th><th>claim</th><th>where</th><th>says</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )
