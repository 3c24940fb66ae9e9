"""The dependency graph as an SVG of its own making: layers from premises to conclusions, every claim a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from ..report.terminal import MARKS
from .dependencies import Result

__all__ = ["graph_svg"]

_ROW = 18  # height of a claim's line
_WIDTH, _GAP, _BETWEEN = 166, 12, 56  # a box, the space beside it, the space below a layer
_PER_ROW = 4  # boxes beside each other; a broader layer goes on in the next row


def graph_svg(found: Sequence[Result], verdicts: Mapping[str, str], hrefs: Mapping[str, str]) -> str:
    """The SVG of those results that build on others or are built upon.

    Parameters
    ----------
    found : sequence of Result
        As :func:`s2n_proofs.site.dependencies.results` gives them.
    verdicts, hrefs : mapping
        By claim id: its verdict, and where its page is.
    """
    used = {n for n, result in enumerate(found) if result.builds_on} | {n for r in found for n in r.builds_on}
    rows = [row for part in _connected(found, used) for row in _rows(found, part)]
    place: dict[int, tuple[float, float]] = {}
    heights = {n: 30 + _ROW * len(found[n].claims) for n in used}
    y = 10.0
    for row in rows:
        for column, n in enumerate(row):
            place[n] = (10 + column * (_WIDTH + _GAP) + (_PER_ROW - len(row)) * (_WIDTH + _GAP) / 2, y)
        y += max(heights[n] for n in row) + _BETWEEN
    width = 20 + _PER_ROW * (_WIDTH + _GAP) - _GAP
    edges = "".join(_edge(place[m], heights[m], place[n]) for n in sorted(used) for m in found[n].builds_on)
    boxes = "".join(_box(found[n], place[n], heights[n], verdicts, hrefs) for n in sorted(used))
    count = sum(len(found[n].claims) for n in used)
    return (
        f'<svg class="s2n-graph" viewBox="0 0 {width:g} {y - _BETWEEN + 10:g}" width="{width:g}" role="img" '
        f'aria-label="Dependency graph of {count} claims"><title>Dependency graph of {count} claims</title>'
        '<defs><marker id="s2n-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{edges}{boxes}</svg>"
    )


def _connected(found: Sequence[Result], used: set[int]) -> list[set[int]]:
    """Parts that no arrow joins, the largest first."""
    parts: list[set[int]] = []
    for n in sorted(used):
        star = {n, *found[n].builds_on}
        joined = [part for part in parts if part & star]
        parts = [part for part in parts if part not in joined] + [star.union(*joined)]
    return sorted(parts, key=lambda part: (-len(part), min(part)))


def _rows(found: Sequence[Result], used: set[int]) -> list[list[int]]:
    depth: dict[int, int] = {}
    for n in _premises_first(found, used):
        depth[n] = 1 + max((depth[m] for m in found[n].builds_on), default=-1)
    # A premise that is used only further down stands right above its first use.
    for n in reversed(_premises_first(found, used)):
        uses = [depth[m] for m in used if n in found[m].builds_on]
        depth[n] = max(depth[n], min(uses) - 1) if uses else depth[n]
    layers = [[n for n in sorted(used) if depth[n] == level] for level in range(max(depth.values()) + 1)]
    column: dict[int, float] = {}
    rows = []
    for layer in layers:
        above = {n: [column[m] for m in found[n].builds_on if m in column] for n in layer}
        middle = (_PER_ROW - 1) / 2
        layer.sort(key=lambda n: (sum(above[n]) / len(above[n]) if above[n] else middle, n))
        for start in range(0, len(layer), _PER_ROW):
            row = layer[start : start + _PER_ROW]
            column |= {n: k + (_PER_ROW - len(row)) / 2 for k, n in enumerate(row)}
            rows.append(row)
    return rows


def _premises_first(found: Sequence[Result], used: set[int]) -> list[int]:
    order: list[int] = []

    def visit(n: int) -> None:
        if n not in order:
            for m in found[n].builds_on:
                visit(m)
            order.append(n)

    for n in sorted(used):
        visit(n)
    return order


def _edge(start: tuple[float, float], height: float, end: tuple[float, float]) -> str:
    x0, y0 = start[0] + _WIDTH / 2, start[1] + height
    x1, y1 = end[0] + _WIDTH / 2, end[1] - 2
    bend = max(24.0, (y1 - y0) / 2)
    return (
        f'<path class="s2n-edge" d="M{x0:g} {y0:g}C{x0:g} {y0 + bend:g} {x1:g} {y1 - bend:g} {x1:g} {y1:g}" '
        'marker-end="url(#s2n-arrow)"/>'
    )


def _box(
    result: Result, at: tuple[float, float], height: float, verdicts: Mapping[str, str], hrefs: Mapping[str, str]
) -> str:
    x, y = at
    lines = "".join(
        f'<a href="{escape(hrefs[claim], quote=True)}"><text class="s2n-text-{verdicts[claim]}" x="{x + 10:g}" '
        f'y="{y + 38 + _ROW * row:g}">{MARKS[verdicts[claim]]} {escape(claim)}'
        f"<title>{escape(claim)}: {verdicts[claim]}</title></text></a>"
        for row, claim in enumerate(result.claims)
    )
    name = result.name if len(result.name) < 27 else f"{result.name[:25]}…"
    return (
        f'<g><rect class="s2n-box" x="{x:g}" y="{y:g}" width="{_WIDTH}" height="{height:g}" rx="6"/>'
        f'<text class="s2n-name" x="{x + 10:g}" y="{y + 18:g}">{escape(name)}<title>{escape(result.name)}</title>'
        f"</text>{lines}</g>"
    )
