"""How accurate and how fast: the page made of the files that ``s2n bench NAME --json FILE`` writes."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from .markup import raw_html, table
from .sources import SiteError

__all__ = ["BENCHMARKS", "figures_page"]

BENCHMARKS = {
    "accuracy": ("How accurate", "s2n-accuracy/1"),
    "sampler": ("How fast: the sampler", "s2n-bench/1"),
    "montecarlo": ("How fast: the simulations", "s2n-bench/1"),
    "symbolic": ("How fast: derivations and proofs", "s2n-bench/1"),
}
"""The benchmarks by name: a heading, and the schema of the file."""

Found = Mapping[str, Any]
_HEAD = """# How accurate and how fast

Every table here is made from a file that a benchmark wrote; no figure is typed. Run a benchmark yourself with `s2n bench NAME`. Speeds are
ratios of two times taken in turns in one run, since seconds say more about the machine.
"""


def figures_page(folder: Path) -> str:
    """The MyST page, from the files ``bench-NAME.json`` in a folder; it says which are not there.

    Raises
    ------
    SiteError
        If a file is not what its benchmark writes.
    """
    parts = [_HEAD]
    for name, (title, schema) in BENCHMARKS.items():
        parts.append(f"## {title}\n")
        found = _read(folder / f"bench-{name}.json", name, schema)
        if found is None:
            parts.append(f"Not measured for this edition: `s2n bench {name}` has left no file in `docs/data`.\n")
            continue
        shown = _accuracy if name == "accuracy" else _ratios
        try:
            parts.append(shown(found))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise _refused(folder / f"bench-{name}.json", name, schema) from error
    return "\n".join(parts)


def _read(file: Path, name: str, schema: str) -> Found | None:
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("schema") != schema or found.get("name", name) != name:
        raise _refused(file, name, schema)
    return found


def _refused(file: Path, name: str, schema: str) -> SiteError:
    return SiteError(f"{file} is not a file of {schema}, as s2n bench {name} --json writes it")


def _table(label: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return raw_html(table(label, head, [[escape(cell) for cell in row] for row in rows]))


# --- speed -----------------------------------------------------------------------------------------------


def _ratios(found: Found) -> str:
    rows = [
        (x["name"], f"{x['ratio']:.3g}", x["goal"] or "–", *(_seconds(time) for time in x["seconds"]))
        for x in found["figures"]
    ]
    about = f"Measured with torch {found['torch']} on {found['cores']} cores" if "torch" in found else "Measured once"
    if "load" in found:
        about += f", at a load of {found['load'][0]:.1f}"
    notes = "".join(f"<li>{escape(note)}</li>" for note in found.get("notes", ()))
    return f"{about}.\n\n{_table('figures', ('what', 'ratio', 'goal', 'time', 'over'), rows)}\n" + (
        raw_html(f"<ul>{notes}</ul>") if notes else ""
    )


def _seconds(time: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if time >= size:
            return f"{time / size:.3g} {unit}"
    return f"{time / 1e-9:.3g} ns"


# --- accuracy --------------------------------------------------------------------------------------------


def _accuracy(found: Found) -> str:
    shown: list[Callable[[Found], str]] = [_kernels, _plans, _random, _javascript, _times, _peers]
    return "\n".join(part for show in shown if (part := show(found)))


def _kernels(found: Found) -> str:
    dtypes = list(dict.fromkeys(row["dtype"] for row in found["kernels"]))
    rows = []
    for quantity in dict.fromkeys(row["quantity"] for row in found["kernels"]):
        cells = []
        for dtype in dtypes:
            own = [row for row in found["kernels"] if (row["quantity"], row["dtype"]) == (quantity, dtype)]
            worst = max(own, key=lambda row: row["worst"])
            cells.append(f"{worst['worst']:.2f} ({worst['schedule']})")
        rows.append((quantity, *cells, f"{own[0]['goal']:g}"))
    points = max(row["points"] for row in found["kernels"])
    schedules = len({row["schedule"] for row in found["kernels"]})
    return (
        f"The largest error of every kernel over {schedules} schedules, {points:,} pairs of times each, in machine epsilons "
        f"([what is measured](kernels.md)):\n\n{_table('errors of the kernels', ('kernel', *dtypes, 'goal'), rows)}"
    )


def _plans(found: Found) -> str:
    plans: Sequence[Found] = found["plans"]
    compared, wrong, capped = (sum(row[key] for row in plans) for key in ("coefficients", "misrounded", "hit_cap"))
    steps = ", ".join(str(n) for n in sorted({row["steps"] for row in plans}))
    bits = max((row["bits"] for row in plans), default=0)
    return (
        f"- Plans of {steps} steps: {compared:,} coefficients, {wrong} not correctly rounded, {capped} undecided; "
        f"{bits} bits at most."
    )


def _random(found: Found) -> str:
    drawn: Sequence[Found] = found["random"]
    if not drawn:
        return ""
    worst = max(drawn, key=lambda row: row["worst"])
    met = sum(row["met"] for row in drawn)
    return (
        f"- {len(drawn)} random schedules: {met} within {worst['goal']:g} epsilons in every kernel; the worst has "
        f"{worst['worst']:.3g} (`{worst['quantity']}`, {worst['dtype']}, `{worst['schedule']}`)."
    )


def _javascript(found: Found) -> str:
    errors = [row["error"] for row in found["javascript"] if row["error"] is not None]
    return f"- JavaScript under node: {max(errors):.2g} relative." if errors else "- JavaScript: node was not there."


def _times(found: Found) -> str:
    lines = [
        f"- Time of `{name}` on `vp`, float32, over the formula that one would type: {ratio:.2f}."
        for name, ratio in found["times"].items()
    ]
    inside = list(found["inside"].values())
    if inside:
        lines.append(
            f"- {len(inside)} float32 kernels of the catalogue compute in float64, at {statistics.median(inside):.2f} times "
            f"(at most {max(inside):.2f}) the time of the same form in float32."
        )
    return "\n".join(lines) + "\n"


def _peers(found: Found) -> str:
    if not found["peers"]:
        return ""
    rows = [
        (row["name"], row["family"], row["precision"], row["coefficient"], f"{row['worst']:.3g}")
        for row in found["peers"]
    ]
    return (
        "Other packages, adjacent steps of 1000, read from their own step functions, in units in the last place of their precision "
        f"(a plan has 0.5):\n\n{_table('other packages', ('step', 'family', 'precision', 'worst coefficient', 'units'), rows)}"
    )
