"""The Monte Carlo evidence of a claim, from the file that ``s2n montecarlo --json`` writes; nothing where there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from .markup import raw_html
from .plots import error_bars
from .sources import SiteError

__all__ = ["SCHEMA", "evidence_of", "read_checks"]

SCHEMA = "s2n-montecarlo/1"
Check = Mapping[str, Any]
_NEEDED = frozenset(
    {"id", "claim", "form", "schedule", "estimate", "standard_error", "expected", "z", "verdict", "samples"}
)


def read_checks(file: Path) -> Mapping[str, Sequence[Check]]:
    """The checks by claim; empty if there is no such file.

    Raises
    ------
    SiteError
        If the file is not what ``s2n montecarlo --json`` writes.
    """
    if not file.is_file():
        return {}
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        checks = document["checks"] if document["schema"] == SCHEMA else None
    except (ValueError, KeyError, TypeError):
        checks = None
    if not isinstance(checks, list) or not all(isinstance(c, dict) and c.keys() >= _NEEDED for c in checks):
        raise SiteError(f"{file} is not a file of {SCHEMA}, as s2n montecarlo --json writes it")
    found: dict[str, list[Check]] = {}
    for check in checks:
        found.setdefault(check["claim"], []).append(check)
    return found


def evidence_of(claim: str, checks: Mapping[str, Sequence[Check]]) -> str:
    """The block of a claim's page: a plot with error bars and a table, for the derived and the printed form."""
    own = sorted(checks.get(claim, ()), key=lambda check: (check["form"] != "derived", check["schedule"]))
    if not own:
        return ""
    labels = [f"{check['form']}, {check['schedule']}: {check['id'].rsplit('/', 1)[-1]}" for check in own]
    svg = error_bars(
        labels, [float(c["z"]) for c in own], [c["verdict"] == "agrees" for c in own], what=f"Monte Carlo for {claim}"
    )
    rows = "".join(_row(check) for check in own)
    return "## Monte Carlo\n\n" + raw_html(
        f'<figure class="s2n-figure">{svg}<figcaption>Deviation of simulation from formula in standard errors, with '
        "bars of one.</figcaption></figure>"
        '<div class="s2n-scroll" tabindex="0" role="group" aria-label="Monte Carlo"><table class="s2n-table"><thead><tr>'
        "<th>verdict</th><th>form</th><th>schedule</th><th>check</th><th>estimate</th><th>expected</th><th>z</th><th>samples</th></tr>"
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _row(check: Check) -> str:
    state = "holds" if check["verdict"] == "agrees" else "fails"
    cells = [
        check["form"],
        check["schedule"],
        check["id"],
        f"{check['estimate']:.6g} ± {check['standard_error']:.2g}",
        f"{check['expected']:.6g}",
        f"{check['z']:.2f}",
        f"{check['samples']:,}",
    ]
    inside = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
    return f'<tr><td><span class="s2n-{state}">{escape(check["verdict"])}</span></td>{inside}</tr>'
