"""What the reports for a person share: marks and colours of verdicts, the width, the wrapping of formulas."""

from __future__ import annotations

import os
import re
import textwrap
from typing import TextIO

from rich.console import Console
from rich.text import Text

__all__ = ["MARKS", "STYLES", "console_on", "mark", "paragraph", "text_width", "wrap_formula"]

MARKS = {"holds": "✓", "conditional": "~", "fails": "✗", "undecided": "?"}
STYLES = {"holds": "green", "conditional": "yellow", "fails": "red", "undecided": "magenta"}

# A formula may be broken before a sum's sign and after a product's; "**" is neither.
_BREAKS = re.compile(r"(?= [+-] )|(?<=[^*]\*)(?!\*)|(?<=/)(?!\d)")
_WITHIN = re.compile(r"(?<=, )|(?<=\()")  # in a piece that is wider than the page


class _Plain(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command line, which knows what exit status means what; rich would exit with 1."""
        raise BrokenPipeError


def console_on(stream: TextIO | None = None) -> Console:
    """Return a console that prints text as it is: colour only on a terminal, nothing highlighted."""
    return _Plain(file=stream, highlight=False, markup=False, emoji=False)


def text_width(console: Console) -> int | None:
    """Columns to fill; None for a pipe, where a line is as long as it needs to be: grep sees it whole."""
    if console.is_terminal:
        return max(console.width, 40)
    columns = os.environ.get("COLUMNS", "")
    return max(int(columns), 40) if columns.isdecimal() and len(columns) < 6 else None


def mark(verdict: str) -> Text:
    """The verdict as mark and word, in its colour, 13 columns wide."""
    # Appended, because a style given to Text itself would colour what follows the mark, too.
    return Text().append(f"{MARKS[verdict]} {verdict:<11}", style=f"bold {STYLES[verdict]}")


def paragraph(text: str, width: int | None) -> list[str]:
    """Lines of at most `width` columns; one line where there is no width."""
    if width is None:
        return [text]
    return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def wrap_formula(formula: str, width: int | None) -> list[str]:
    """A formula in lines, broken at its operators.

    Examples
    --------
    >>> wrap_formula("alpha(t)**2*exp(-lambda(t)) - sigma(t)**2", 30)
    ['alpha(t)**2*exp(-lambda(t))', '- sigma(t)**2']
    >>> wrap_formula("alpha(t)**2*exp(-lambda(t)) - sigma(t)**2", None)
    ['alpha(t)**2*exp(-lambda(t)) - sigma(t)**2']
    """
    if width is None:
        return [formula]
    width = max(width, 20)
    lines = [""]
    pieces = _BREAKS.split(formula)
    for piece in (p for whole in pieces for p in ([whole] if len(whole) <= width else _WITHIN.split(whole))):
        if lines[-1] and len(lines[-1] + piece) > width:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return [line.rstrip() for line in lines]
