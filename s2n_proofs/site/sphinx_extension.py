"""What Sphinx is told: formulas are left to the vendored KaTeX, and docstrings may have formulas in dollars."""

from __future__ import annotations

import re
from typing import Any

from .markup import display, inline

__all__ = ["setup"]

_DOLLARS = re.compile(r"(?<![\\$\w])\$([^$\n]+?)\$(?![\w$])")
_CODE = re.compile(r"``.*?``")


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_html_math_renderer("s2n", (_inline, None), (_block, None))
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("doctree-read", _without_object)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _without_object(app: Any, doctree: Any) -> None:
    """That a class is an object goes without saying."""
    from docutils import nodes

    for paragraph in list(doctree.findall(nodes.paragraph)):
        if paragraph.astext() == "Bases: object":
            paragraph.parent.remove(paragraph)


def _inline(writer: Any, node: Any) -> None:
    from docutils import nodes  # comes with Sphinx, which is an extra

    writer.body.append(inline(node.astext()))
    raise nodes.SkipNode


def _block(writer: Any, node: Any) -> None:
    from docutils import nodes

    # Several lines or alignment marks need an environment; KaTeX has none around a display.
    tex = node.astext()
    if r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    writer.body.append(f'<div class="s2n-scroll" tabindex="0" role="group" aria-label="formula">{display(tex)}</div>')
    raise nodes.SkipNode


_EXAMPLE = re.compile(r"^\s*(>>>|\.\.\. )")
_RULE = re.compile(r"^\s*=+(\s+=+)+\s*$")


def _docstring(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Write $...$ as a math role; reStructuredText has no dollars."""
    done: list[str] = []
    table: list[str] = []
    rules = 0
    text = _joined_formulas("\n".join(lines)).split("\n")
    for line, after in zip(text, [*text[1:], ""], strict=True):
        if _RULE.match(line) or table:
            table.append(line)
            rules += _RULE.match(line) is not None
            # A rule ends the table where a blank line follows: with a head it is the third, without one the second.
            if rules > 1 and _RULE.match(line) and not after.strip():
                done += _table(table)
                table, rules = [], 0
        else:
            done.append(line if _EXAMPLE.match(line) else _outside_code(line))
    lines[:] = [*done, *table]


def _table(lines: list[str]) -> list[str]:
    """A simple table whose columns are as wide as their cells with math roles need."""
    starts = [found.start() for found in re.finditer(r"=+", lines[0])]
    spans = [slice(a, b) for a, b in zip(starts, [*starts[1:], None], strict=True)]
    rows = [None if _RULE.match(line) else [_outside_code(line[span].strip()) for span in spans] for line in lines]
    widths = [max(len(row[k]) for row in rows if row) for k in range(len(spans))]
    return [
        " " * starts[0] + "  ".join("=" * w if row is None else row[k].ljust(w) for k, w in enumerate(widths))
        for row in rows
    ]


_DISPLAY = re.compile(r"^( *)\$\$(.+?)\$\$", re.M | re.S)


def _joined_formulas(text: str) -> str:
    """A formula that is broken over two lines, on one; one in double dollars as a block."""
    text = _DISPLAY.sub(lambda found: f"{found[1]}.. math:: {' '.join(found[2].split())}", text)
    return re.sub(r"(?<![\\$\w])\$([^$\n`]+)\n\s*([^$\n`]+)\$(?![\w$])", r"$\1 \2$", text)


def _outside_code(line: str) -> str:
    pieces, at = [], 0
    for code in _CODE.finditer(line):
        pieces += [_math_roles(line[at : code.start()]), code.group()]
        at = code.end()
    return "".join([*pieces, _math_roles(line[at:])])


def _math_roles(text: str) -> str:
    pieces, at = [], 0
    for formula in _DOLLARS.finditer(text):
        pieces += [_bars(text[at : formula.start()]), f":math:`{formula[1]}`"]
        at = formula.end()
    return "".join([*pieces, _bars(text[at:])])


def _bars(text: str) -> str:
    """A bar before a letter would begin the name of a substitution."""
    return re.sub(r"\|(?=\S)", r"\|", text)
