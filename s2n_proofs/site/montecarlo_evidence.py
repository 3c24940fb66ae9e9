"""The Monte Carlo evidence of a claim, from the file that ``s2n montecarlo --json`` writes; nothing where there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from .claim_page import claim_file
from .markup import raw_html, table
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


def evidence_of(claim: str, checks: Mapping[str, Sequence[Check]], siblings: Sequence[str] = ()) -> str:
    """The block of a claim's page: a plot with error bars and a table, for the derived and the printed form.

    Parameters
    ----------
    claim : str
    checks : mapping
        As :func:`read_checks` returns them.
    siblings : sequence of str
        Other readings of the claim, and claims with the same derivation: a print that is wrong stands beside their derived form.
        If none was simulated either, it stands beside the derived forms of the same process.
    """
    own = sorted(checks.get(claim, ()), key=lambda check: (check["form"] != "derived", check["schedule"]))
    if not own:
        return ""
    forms = {check["form"] for check in own}
    beside = [] if "derived" in forms else _derived_of(own, checks, siblings)
    shown = [*beside, *own]
    rows: dict[str, list[tuple[float, bool]]] = {}
    for check in shown:
        rows.setdefault(f"{check['form']}, {check['schedule']}", []).append(
            (float(check["z"]), check["verdict"] == "agrees")
        )
    svg = error_bars(rows, what=f"Monte Carlo for {claim}: deviations of simulation from formula")
    body = table(
        "Monte Carlo",
        ("check", "schedule", "form", "verdict", "estimate", "expected", "z", "samples"),
        [_row(check) for check in shown],
    )
    if len(shown) > _MANY:
        body = f"<details><summary>All {len(shown)} checks</summary>{body}</details>"
    return "\n".join([
        "## Monte Carlo\n", f"{_sentence(own, beside)} [How it is simulated](/montecarlo.md).\n",
        raw_html(
            f'<figure class="s2n-figure">{svg}<figcaption>Deviation of simulation from formula in standard errors, one mark '
            "a check, with bars of one standard error. Circles agree, crosses are rejected.</figcaption></figure>"
        ),
        raw_html(body),
    ])  # fmt: skip


_MANY = 12  # rows of a table that is shown without being asked for


def _derived_of(own: Sequence[Check], checks: Mapping[str, Sequence[Check]], siblings: Sequence[str]) -> list[Check]:
    schedules = {check["schedule"] for check in own}
    derived = [c for found in checks.values() for c in found if c["form"] == "derived" and c["schedule"] in schedules]
    processes = {_process(check) for check in own}
    near = [c for c in derived if c["claim"] in siblings] or [c for c in derived if _process(c) in processes]
    return sorted(near, key=lambda check: str(check["schedule"]))


def _process(check: Check) -> str:
    """The first word of a check's name."""
    return re.split("[ /]", str(check["id"]))[0]


def _sentence(own: Sequence[Check], beside: Sequence[Check]) -> str:
    said = []
    for form in ("derived", "printed"):
        of = [check for check in (*beside, *own) if check["form"] == form]
        if not of:
            continue
        word = "agree" if form == "derived" else "are rejected"
        wanted = "agrees" if form == "derived" else "rejected"
        count = sum(check["verdict"] == wanted for check in of)
        said.append(f"{count} of {len(of)} checks of the {form} form {word}")
    text = f"{'; '.join(said)}."
    if beside:
        links = ", ".join(
            f"[{name}](/{claim_file(name)}.md)" for name in sorted({str(check["claim"]) for check in beside})
        )
        text += f" The derived form was simulated for {links}."
    return text


def _row(check: Check) -> tuple[str, ...]:
    state = "holds" if check["verdict"] == "agrees" else "fails"
    return (
        *(escape(str(check[key])) for key in ("id", "schedule", "form")),
        f'<span class="s2n-{state}">{escape(check["verdict"])}</span>',
        f"{check['estimate']:.6g} ± {check['standard_error']:.2g}",
        f"{check['expected']:.6g}",
        f"{check['z']:.2f}",
        f"{check['samples']:,}",
    )
