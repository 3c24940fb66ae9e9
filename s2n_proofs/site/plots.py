"""Plots as SVG that is the same on every run, drawn in the page's own colour so that it suits light and dark."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from .curves import Curve

__all__ = ["error_bars", "line_plot"]

_INK = "#123456"  # stands for the page's text colour until the SVG is written
_COLOURS = ("#1f77b4", "#d1541f", "#2a9d55", "#8f5bbd")  # 3:1 on white and on black
_WIDTH, _HEIGHT = 4.2, 2.9  # inches


def line_plot(
    curves: Sequence[Curve], *, what: str, xlabel: str = "t", ylabel: str = "", logx: bool = False, logy: bool = False
) -> str:
    """An inline SVG of some curves.

    Parameters
    ----------
    curves : sequence of Curve
        What is drawn; a value that is not finite leaves a gap.
    what : str
        What the plot shows, in words, for readers who don't see it.
    xlabel, ylabel : str
        Of the axes, LaTeX in dollars allowed.
    logx, logy : bool
        Logarithmic axes.
    """
    figure, axes = _figure(what)
    # Fixed margins: finding them by measuring the letters takes as long as all else.
    figure.subplots_adjust(left=0.17, right=0.98, bottom=0.17, top=0.9)
    for curve, colour in zip(curves, _COLOURS, strict=False):
        axes.plot(curve.x, curve.y, curve.style, color=colour, label=curve.label, linewidth=1.7, markersize=3)
    if logx:
        axes.set_xscale("log")
    if logy:
        axes.set_yscale("log")
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    if len(curves) > 1:
        figure.legend(loc="upper center", ncols=len(curves), frameon=False, fontsize=9, labelcolor=_INK)
    return _svg(figure, what)


def error_bars(rows: Mapping[str, Sequence[tuple[float, bool]]], *, what: str) -> str:
    """An inline SVG of deviations in standard errors, with bars of one standard error.

    Parameters
    ----------
    rows : mapping
        Of each labelled row the deviations, and whether each was accepted; they are spread over the row's height.
    what : str
        What the plot shows, in words, for readers who don't see it.
    """
    figure, axes = _figure(what)
    figure.set_layout_engine("constrained")  # the labels are as long as they are
    heights = [min(0.8, 0.25 + 0.04 * len(found)) for found in rows.values()]  # inches
    places = [sum(heights[:row]) + height / 2 for row, height in enumerate(heights)]
    for good, colour, mark in ((True, _COLOURS[2], "o"), (False, _COLOURS[1], "X")):
        marks = [
            (z, place + 0.7 * height * ((k + 0.5) / len(found) - 0.5))
            for place, height, found in zip(places, heights, rows.values(), strict=True)
            for k, (z, accepted) in enumerate(found)
            if accepted == good
        ]
        if marks:
            x, y = zip(*marks, strict=True)
            axes.errorbar(x, y, xerr=1.0, fmt=mark, color=colour, capsize=2, markersize=4, elinewidth=1)
    axes.axvline(0.0, color=_INK, linewidth=0.8)
    deviations = [z for found in rows.values() for z, _ in found]
    if max(map(abs, deviations), default=0.0) > 30:
        _far(axes, min(deviations), max(deviations))
    axes.set_yticks(places, list(rows))
    axes.set_ylim(sum(heights), 0)
    axes.set_xlabel("(estimate - expected) / standard error")
    figure.set_figheight(0.9 + sum(heights))
    return _svg(figure, what)


def _far(axes: Any, least: float, most: float) -> None:
    """An axis that is linear up to 5 standard errors and logarithmic beyond."""
    axes.set_xscale("symlog", linthresh=5, linscale=1)
    powers = [10**k for k in range(2, 20)]
    below = -min((x for x in powers if x >= -least), default=powers[-1]) if least < -30 else min(-5.0, 2 * least)
    above = min((x for x in powers if x >= most), default=powers[-1]) if most > 30 else max(5.0, 2 * most)
    ticks = [-x for x in reversed(powers) if -x >= below] + [-5, 0, 5] + [x for x in powers if x <= above]
    axes.set_xticks(ticks, [f"{x:,}".replace("-", "\N{MINUS SIGN}") for x in ticks])
    axes.minorticks_off()
    axes.set_xlim(below, above)


def _figure(what: str) -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib.figure import Figure

    matplotlib.rcParams.update({
        # The same bytes on every run; letters stay text, in a font that every system has.
        "svg.hashsalt": what, "svg.fonttype": "none", "font.family": "sans-serif", "mathtext.fontset": "dejavusans",
        "text.color": _INK, "axes.edgecolor": _INK, "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
        "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25,
        "grid.color": _INK,
    })  # fmt: skip
    figure = Figure(figsize=(_WIDTH, _HEIGHT))
    figure.patch.set_alpha(0.0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0.0)
    return figure, axes


def _svg(figure: Any, what: str) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :].replace(_INK, "currentColor")
    svg = re.sub(
        r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', rf'<svg viewBox="\1" role="img" aria-label="{_quoted(what)}">', svg
    )
    svg = re.sub(r' id="[\w.]+_\d+"', "", svg)  # nothing refers to them, and a page has several plots
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    return re.sub(r"\n\s*", "\n", svg).strip()


def _quoted(text: str) -> str:
    return escape(text, quote=True).replace("\\", r"\\")
