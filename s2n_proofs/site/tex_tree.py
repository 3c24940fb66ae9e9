r"""LaTeX formulas as trees, as far as a comparison needs them: fractions, roots, scripts, delimiters, letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Node", "TexError", "parse", "write"]

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+|\S")
_ARGUMENTS = {r"\frac": 2, r"\sqrt": 1, r"\text": 1, r"\mathrm": 1, r"\tilde": 1, r"\begin": 1, r"\end": 1}
# What these take is a name, not a formula; it is kept as it stands, blanks included.
_VERBATIM = re.compile(r"\\(?:text|mathrm|begin|end)\{[^{}]*\}")


class TexError(ValueError):
    """Not LaTeX that this package writes."""


@dataclass(frozen=True)
class Node:
    r"""A letter or command, its arguments (sequences of nodes), and its scripts.

    ``head`` is the token; a group has the head ``{``, a delimited part ``\left(`` and the closing token in ``tail``.
    """

    head: str
    arguments: tuple[tuple[Node, ...], ...] = ()
    tail: str = ""
    scripts: tuple[tuple[str, tuple[Node, ...]], ...] = ()

    @property
    def shape(self) -> tuple[object, ...]:
        """What two nodes must share to be compared argument by argument."""
        return self.head, self.tail, len(self.arguments), tuple(mark for mark, _ in self.scripts)


def parse(tex: str) -> tuple[Node, ...]:
    r"""The nodes of a formula.

    Raises
    ------
    TexError
        If braces or delimiters do not match.

    Examples
    --------
    >>> [node.head for node in parse(r"\frac{a}{b} + c^{2}")]
    ['\\frac', '+', 'c']
    """
    tokens: list[str] = []
    at = 0
    for name in _VERBATIM.finditer(tex):
        tokens += [*_TOKEN.findall(tex[at : name.start()]), name.group()]
        at = name.end()
    tokens += _TOKEN.findall(tex[at:])
    reader = _Reader(tokens)
    nodes = reader.sequence(())
    if reader.tokens:
        raise TexError(f"unexpected {reader.tokens[-1]} in {tex}")
    return nodes


class _Reader:
    """Recursive descent over tokens, the next one last."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = list(tokens)[::-1]

    def sequence(self, until: tuple[str, ...]) -> tuple[Node, ...]:
        nodes: list[Node] = []
        while self.tokens and self.tokens[-1] not in until:
            token = self.tokens.pop()
            if token in ("^", "_") and nodes:
                last = nodes.pop()
                scripts = (*last.scripts, (token, self.argument()))
                nodes.append(Node(last.head, last.arguments, last.tail, scripts))
            else:
                nodes.append(self.node(token))
        return tuple(nodes)

    def node(self, token: str) -> Node:
        if token == "{":
            inside = self.closed("}")
            return inside[0] if len(inside) == 1 and not inside[0].scripts else Node("{", (inside,))
        if token == r"\left":
            opening, inside = self.pop(), self.closed(r"\right")
            return Node(rf"\left{opening}", (inside,), rf"\right{self.pop()}")
        if token == "}" or token == r"\right":
            raise TexError(f"unmatched {token}")
        return Node(token, tuple(self.argument() for _ in range(_ARGUMENTS.get(token, 0))))

    def argument(self) -> tuple[Node, ...]:
        token = self.pop()
        return self.closed("}") if token == "{" else (self.node(token),)

    def closed(self, closing: str) -> tuple[Node, ...]:
        inside = self.sequence((closing,))
        self.pop()
        return inside

    def pop(self) -> str:
        if not self.tokens:
            raise TexError("the formula ends too early")
        return self.tokens.pop()


def write(nodes: Sequence[Node]) -> str:
    """LaTeX of nodes; the same formula as was parsed, with blanks of its own."""
    return " ".join(_one(node) for node in nodes)


def _one(node: Node) -> str:
    inside = [write(argument) for argument in node.arguments]
    if node.head == "{":
        body = f"{{{inside[0]}}}"
    elif node.head.startswith(r"\left"):
        body = f"{node.head} {inside[0]} {node.tail}"
    else:
        body = node.head + "".join(f"{{{part}}}" for part in inside)
    return body + "".join(f"{mark}{{{write(script)}}}" for mark, script in node.scripts)
