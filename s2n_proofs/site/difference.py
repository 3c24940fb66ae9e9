r"""Two formulas side by side, with what differs marked.

The comparison is of what a reader sees, the LaTeX; it says nothing about whether the two are equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from .tex_tree import Node, parse, write

__all__ = ["HTML_MARKS", "TEX_MARKS", "marked"]

Marks = tuple[str, str]
HTML_MARKS: Marks = (r"\htmlClass{s2n-was}{%s}", r"\htmlClass{s2n-is}{%s}")
TEX_MARKS: Marks = (r"{\color{wrong}%s}", r"{\color{right}%s}")

# Below this share of common signs two formulas have nothing in common that a reader would look for.
_SIMILAR = 0.35


def marked(before: str, after: str, marks: Marks = HTML_MARKS) -> tuple[str, str]:
    r"""Both formulas in LaTeX, with their differences wrapped in the two marks.

    Parameters
    ----------
    before, after : str
        LaTeX as :func:`s2n_proofs.report.latex.to_latex` writes it.
    marks : pair of str
        What to wrap a part in, with ``%s`` for the part: of `before`, of `after`.

    Examples
    --------
    >>> marked(r"\frac{\alpha(t)}{2}", r"\frac{\alpha(s)}{2}", ("[%s]", "<%s>"))
    ('\\frac{\\alpha ( [t] )}{2}', '\\frac{\\alpha ( <s> )}{2}')
    """
    old, new = parse(before), parse(after)
    if _common(old, new) < _SIMILAR:
        return marks[0] % write(old), marks[1] % write(new)
    return _differ(old, new, marks)


def _common(old: Sequence[Node], new: Sequence[Node]) -> float:
    return SequenceMatcher(None, list(_signs(old)), list(_signs(new)), autojunk=False).ratio()


def _signs(nodes: Sequence[Node]) -> Iterator[str]:
    """The visible signs in reading order."""
    for node in nodes:
        if node.head != "{":
            yield node.head
        for argument in (*node.arguments, *(script for _, script in node.scripts)):
            yield from _signs(argument)


def _differ(old: Sequence[Node], new: Sequence[Node], marks: Marks) -> tuple[str, str]:
    left: list[str] = []
    right: list[str] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = old[a:b], new[c:d]
        if what == "equal":
            left.append(write(gone))
            right.append(write(come))
        elif len(gone) == len(come):
            for pair in zip(gone, come, strict=True):
                one, other = _pair(*pair, marks)
                left.append(one)
                right.append(other)
        else:
            left += [marks[0] % write(gone)] if gone else []
            right += [marks[1] % write(come)] if come else []
    return " ".join(left), " ".join(right)


def _pair(old: Node, new: Node, marks: Marks) -> tuple[str, str]:
    """Two nodes at the same place: their insides where they have the same shape, else both whole."""
    if old.shape != new.shape or not (old.arguments or old.scripts):
        return marks[0] % write([old]), marks[1] % write([new])
    insides = [_differ(a, b, marks) for a, b in zip(old.arguments, new.arguments, strict=True)]
    scripts = [(mark, *_differ(a, b, marks)) for (mark, a), (_, b) in zip(old.scripts, new.scripts, strict=True)]
    return (
        _assemble(old, [inside[0] for inside in insides], [(mark, one) for mark, one, _ in scripts]),
        _assemble(new, [inside[1] for inside in insides], [(mark, other) for mark, _, other in scripts]),
    )


def _assemble(node: Node, arguments: Sequence[str], scripts: Sequence[tuple[str, str]]) -> str:
    if node.head == "{":
        body = f"{{{arguments[0]}}}"
    elif node.tail:
        body = f"{node.head} {arguments[0]} {node.tail}"
    else:
        body = node.head + "".join(f"{{{argument}}}" for argument in arguments)
    return body + "".join(f"{mark}{{{script}}}" for mark, script in scripts)
