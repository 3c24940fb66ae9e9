"""Formulas of the docstrings arrive at Sphinx as formulas, also those in tables."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from s2n_proofs.site.sources import packages
from s2n_proofs.site.sphinx_extension import _docstring

_LITERAL = re.compile(r":math:`[^`]*`|``.*?``|^\s*(?:>>>|\.\.\. ).*$|^\s*\.\. math::.*$|\\[|*]", re.M)


def lost(docstring: str) -> list[str]:
    """Lines with a dollar or a backslash that reStructuredText would not take for part of a formula or of code."""
    lines = inspect.cleandoc(docstring).split("\n")
    _docstring(None, "module", "name", None, None, lines)
    left = "\n".join(lines)
    # A block after a double colon, and what an example prints, is shown as it is.
    left = re.sub(r"::\n\n(?:(?: {2,}.*)?\n)*(?: {2,}.*)?", "\n", left)
    left = re.sub(r"^ *>>> .*\n(?:.*\S.*(?:\n|\Z))*", "", left, flags=re.M)
    return [line for line in _LITERAL.sub("", left).split("\n") if "$" in line or "\\" in line]


def docstrings(source: str) -> Iterator[tuple[int, str, bool]]:
    """The line of each docstring, also those below a constant; its value; whether its source is raw."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            raw = lines[node.lineno - 1][node.col_offset] in "rR"
            yield node.lineno, node.value.value, raw


@pytest.mark.parametrize("package", packages(), ids=lambda package: package.name)
def test_no_docstring_loses_a_backslash(package: Path) -> None:
    wrong = []
    for file in sorted(package.rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        for line, text, raw in docstrings(source):
            where = f"{file.relative_to(package.parent)}:{line}"
            # What a string that is not raw makes of \f, \b or \t is no letter.
            wrong += [f"{where} not raw" for _ in range(not raw and bool(re.search(r"[\x00-\x09\x0b-\x1f]", text)))]
            wrong += [f"{where} {found}" for found in lost(text)]
    assert wrong == []


def test_the_scan_finds_what_it_should() -> None:
    assert lost("A letter \\beta alone.") == ["A letter \\beta alone."]
    assert lost("Half a formula: $\\beta") != []
    assert lost("A formula $\\beta$, code ``\\beta``.") == []


@pytest.mark.parametrize("head", [[], ["===  ========", "a    $\\beta$"]])
def test_a_table_with_a_head_or_without_gets_its_formulas(head: list[str]) -> None:
    rows = ["===  ========", "b    $\\frac12$", "===  ========"]
    lines = [*head, *rows, "", "And $\\gamma$."]
    _docstring(None, "module", "name", None, None, lines)
    assert any(line.startswith("b") and ":math:`\\frac12`" in line for line in lines)
    assert lines[-1] == "And :math:`\\gamma`."
    assert len({len(line) for line in lines if line.startswith("=")}) == 1
