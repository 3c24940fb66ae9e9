"""What Sphinx is told: formulas are left to the vendored KaTeX, and docstrings may have formulas in dollars."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes

from .markup import display, inline

__all__ = ["setup"]

_DOLLARS = re.compile(r"(?<![\\$\w])\$([^$\n]+?)\$(?![\w$])")
_CODE = re.compile(r"``.*?``")


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_html_math_renderer("s2n", (_inline, None), (_block, None))
    app.connect("autodoc-process-docstring", _docstring)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(writer: Any, node: Any) -> None:
    writer.body.append(inline(node.astext()))
    raise nodes.SkipNode


def _block(writer: Any, node: Any) -> None:
    # Several lines or alignment marks need an environment; KaTeX has none around a display.
    tex = node.astext()
    if r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    writer.body.append(f'<div class="s2n-scroll" tabindex="0" role="group" aria-label="formula">{display(tex)}</div>')
    raise nodes.SkipNode


def _docstring(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Write $...$ as a math role; reStructuredText has no dollars."""
    text = "\n".join(lines)
    example = re.compile(r"^\s*(>>>|\.\.\. )")
    lines[:] = [line if example.match(line) else _outside_code(line) for line in _joined_formulas(text).split("\n")]


def _joined_formulas(text: str) -> str:
    """A formula that is broken over two lines, on one."""
    return re.sub(r"(?<![\\$\w])\$([^$\n`]+)\n\s*([^$\n`]+)\$(?![\w$])", r"$\1 \2$", text)


def _outside_code(line: str) -> str:
    pieces, at = [], 0
    for code in _CODE.finditer(line):
        pieces += [_math_roles(line[at : code.start()]), code.group()]
        at = code.end()
    return "".join([*pieces, _math_roles(line[at:])])


def _math_roles(text: str) -> str:
    return _DOLLARS.sub(r":math:`\1`", text)
