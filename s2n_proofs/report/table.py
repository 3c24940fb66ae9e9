"""The ledger as a table that a person reads: verdict, id, where it stands, and why."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from .ledger import VERDICTS, Ledger
from .terminal import STYLES, mark, paragraph, text_width

__all__ = ["MEANINGS", "print_table", "table"]

_VERDICT_WIDTH = 15  # mark, space, "conditional", two spaces
MEANINGS = {
    "holds": "true under the standing hypotheses: so many identities proved, so many points tried",
    "conditional": "false as printed, true once the named condition is added",
    "fails": "false as printed: there is a counterexample, and a proved correction",
    "undecided": "neither proved nor refuted, for the reason given",
}
_NOUNS = {"holds": "hold", "conditional": "conditional", "fails": "fail", "undecided": "undecided"}


def print_table(ledger: Ledger, console: Console, *, command: str = "s2n verify") -> None:
    """Print the table on a console; `command` is what judged this ledger."""
    for line in table(ledger, text_width(console), command=command):
        console.print(line, soft_wrap=True)


def table(ledger: Ledger, width: int | None = None, *, command: str = "s2n verify") -> list[Text]:
    """The lines of the table and its footer.

    Parameters
    ----------
    ledger : Ledger
        What to show.
    width : int, optional
        Columns; a reason that does not fit beside its claim goes below it.  None: every claim is one line.
    command : str
        The command that the footer recommends, with ``--claim`` after it.
    """
    ids = max(len(record["id"]) for record in ledger.claims) + 2
    places = max(len(record["where"]) for record in ledger.claims) + 2
    lines: list[Text] = []
    for section, records in groupby(ledger.claims, key=lambda record: record.get("section")):
        lines += [Text(section, style="bold")] if section else []
        for record in records:
            lines += _row(record, ids, places, width)
        lines.append(Text())
    return [*lines, *_footer(ledger, width, command)]


def _row(record: dict[str, Any], ids: int, places: int, width: int | None) -> list[Text]:
    line = mark(record["verdict"])
    line.pad_right(_VERDICT_WIDTH - len(line))
    line.append(record["id"].ljust(ids), style="bold" if record["verdict"] != "holds" else "")
    line.append(record["where"].ljust(places), style="dim")
    reasons, style = _reasons(record)
    if width is None:
        return [line.append(reasons[0], style=style)]
    for reason in reasons:
        if len(line) + len(reason) <= width:
            return [line.append(reason, style=style)]
    line.rstrip()
    indent = " " * (_VERDICT_WIDTH + 2)
    lines = [line]
    for role in re.split(r"; (?!and )", reasons[0]):  # one formula of the claim
        for number, part in enumerate(paragraph(role, width - len(indent) - 2)):
            lines.append(Text(indent + "  " * (number > 0)).append(part, style=style))
    return lines


def _reasons(record: dict[str, Any]) -> tuple[list[str], str]:
    """Why, in one line, the longest first; and its style."""
    summary = record["summary"] or ""
    if record.get("derivation_refuted"):
        return [f"THE DERIVATION IS REFUTED: {summary}"], "bold red"
    if record["verdict"] == "undecided":
        return [summary], STYLES["undecided"]
    if not record.get("derivation_proved", True):
        return [f"the derivation is not proved: {summary}"], STYLES["undecided"]
    if record["verdict"] != "holds":
        return [summary], ""
    proved = record.get("identities")
    return [f"{proved} proved, {record['tested']} tried" if proved else summary], "dim"


def _footer(ledger: Ledger, width: int | None, command: str) -> list[Text]:
    summary = ledger.summary
    counts = Text().append(f"{summary['claims']} claims: " if summary["claims"] != 1 else "1 claim: ", "bold")
    shown = [v for v in VERDICTS if summary["verdicts"][v]]
    for verdict in shown:
        counts.append(f"{summary['verdicts'][verdict]} {_NOUNS[verdict]}", style=f"bold {STYLES[verdict]}")
        counts.append(", " if verdict != shown[-1] else f"   ({_time(summary)})")
    lines = [counts]
    lines += [Text(part) for part in paragraph(_derivations(ledger), width)]
    lines.append(Text())
    for verdict in shown:
        first, *rest = paragraph(MEANINGS[verdict], width and width - _VERDICT_WIDTH)
        lines.append(mark(verdict).append("  ").append(first))
        lines += [Text(" " * _VERDICT_WIDTH + part) for part in rest]
    example = next((r["id"] for r in ledger.claims if r["verdict"] == "fails"), ledger.claims[0]["id"])
    shown_in_full = Text().append(f"{command} --claim {example}", "bold").append("  shows one claim in full")
    return [*lines, Text(), shown_in_full]


def _derivations(ledger: Ledger) -> str:
    derivations, engines = ledger.summary["derivations"], ledger.summary["engines"]
    agreed = f"{engines['agreed']} identities, each proved by {' and by '.join(engines['names'])} on its own"
    if derivations["refuted"]:
        ours = any(record.get("derivation_refuted") and record.get("section") for record in ledger.claims)
        whose = ", an error of this package" if ours else ", an error in the ledger's own derivations"
        return f"Derivations that are REFUTED: {derivations['refuted']}{whose}."
    if derivations["proved"] < len(ledger):
        return f"Derivations not proved: {len(ledger) - derivations['proved']}.  In the others: {agreed}."
    return f"Every derived formula is proved: {agreed}." if engines["agreed"] else ""


def _time(summary: dict[str, Any]) -> str:
    jobs = summary["jobs"]
    return f"{summary['seconds']:.1f} s on {jobs} process{'es' if jobs != 1 else ''}"
