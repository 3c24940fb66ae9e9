"""From text to a Python syntax tree that holds nothing but arithmetic; no code is ever evaluated.

The text is cut into tokens first, and only tokens of the vocabulary pass.  What goes to ``ast.parse`` is not
the text but a rewriting of it in which each number is an index into a table and each name is an ASCII word of
ours.  So Python sees no keyword (``lambda`` is ``lam`` by then), no string, no attribute, no Unicode to
normalise and no number to convert, and the depth that could exhaust its parser is bounded before it starts.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Collection
from itertools import accumulate
from typing import NamedTuple

__all__ = [
    "ALIASES",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_TOKENS",
    "ParseError",
    "Source",
    "Token",
    "shown",
    "tokenize",
]

MAX_LENGTH = 2000  # characters; the longest formula of the papers takes about 150
MAX_TOKENS = 1000
MAX_DEPTH = 50  # parentheses, and levels of the tree; SymPy spends about 12 Python frames on a level
MAX_CALLS = 10  # nested calls; the limit on what they build is tighter, but only found by building
MAX_RUN = 4  # consecutive signs ("--t"), and powers chained without parentheses ("t**2**2")

GREEK = {
    "α": "alpha", "σ": "sigma", "λ": "lam", "ρ": "rho", "γ": "gamma", "δ": "delta", "β": "beta", "π": "pi",
    "τ": "tau",
}  # fmt: skip
ALIASES = GREEK | {"lambda": "lam", "log_snr": "lam", "Abs": "abs", "Min": "min", "Max": "max"}
ALIASES |= {"Piecewise": "piecewise"}  # SymPy's own spelling: what str() prints can be read again

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*|[ασλργδβπτ])"
    r"|(?P<op>\*\*|<=|>=|==|[-+*/(),<>=])"
)
_HINTS = {
    "^": "write ** for a power",
    "\n": "write it on one line",
    ".": "attributes are not part of the language",
    "[": "only round parentheses are allowed",
    "{": "only round parentheses are allowed",
    "−": "write the ASCII minus sign -",
    "×": "write * for a product",
    "·": "write * for a product",
}


class ParseError(ValueError):
    """Text that is not an expression of the vocabulary; the message is one sentence for the user."""


class Token(NamedTuple):
    """A piece of the text; ``kind`` is ``number``, ``name`` or ``op``, ``word`` the name without aliases."""

    kind: str
    text: str
    start: int
    word: str

    @property
    def end(self) -> int:
        """Where the piece ends in the text."""
        return self.start + len(self.text)


def shown(text: str, width: int = 60) -> str:
    """Quote a text on one line, shortened, with control characters escaped."""
    return repr(text if len(text) <= width else text[: width - 3] + "...")


def _fail(text: str, start: int, problem: str) -> ParseError:
    return ParseError(f"cannot read {shown(text)}: at column {start + 1}, {problem}")


def tokenize(text: object) -> list[Token]:
    """Cut a text into tokens, refusing what is no token, too long or empty.

    >>> [token.word for token in tokenize("λ(t)**2")]
    ['lam', '(', 't', ')', '**', '2']
    """
    if not isinstance(text, str):
        raise ParseError(f"cannot read {type(text).__name__} {shown(repr(text)[:200])}: a text is needed")
    if len(text) > MAX_LENGTH:
        raise ParseError(f"cannot read {shown(text)}: it has {len(text)} characters, over {MAX_LENGTH}")
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        if text[position] == " ":
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            hint = _HINTS.get(text[position], "allowed are numbers, names, + - * / ** ( ) and commas")
            raise _fail(text, position, f"{text[position]!r} is not allowed; {hint}")
        piece = match.group()
        tokens.append(Token(str(match.lastgroup), piece, position, ALIASES.get(piece, piece)))
        position = match.end()
    if not tokens:
        raise ParseError(f"cannot read {shown(text)}: it is empty; an expression is needed")
    if len(tokens) > MAX_TOKENS:
        raise ParseError(f"cannot read {shown(text)}: it has {len(tokens)} parts, over {MAX_TOKENS}")
    return tokens


class Source:
    """A text, its tokens and its syntax tree, with the way back from a node of the tree to a column.

    Parameters
    ----------
    text : str
        What the user gave.
    values, functions : collections of str
        The names allowed as they stand (``t``) and the names allowed before a parenthesis (``sin``).
    tokens : list of Token, optional
        The part of the text to read; all of it by default.

    Raises
    ------
    ParseError
        If the text is not an expression in these names.
    """

    def __init__(
        self,
        text: str,
        values: Collection[str],
        functions: Collection[str],
        tokens: list[Token] | None = None,
    ) -> None:
        self.text = text
        self.tokens = tokenize(text) if tokens is None else tokens
        self._check_names(values, functions)
        self._check_neighbours()
        self._check_depth()
        # Numbers become their index in `tokens`: a table look-up, so that Python never makes a float of one.
        words = [str(i) if x.kind == "number" else x.word for i, x in enumerate(self.tokens)]
        # True is a constant of Python, equal to the index 1; as a name of ours it cannot be mistaken.
        words = ["_true" if word == "True" else word for word in words]
        self._starts = [0, *accumulate(len(word) + 1 for word in words[:-1])]
        try:
            self.tree = ast.parse(" ".join(words), mode="eval").body
        except SyntaxError as error:
            at = self.tokens[max(0, bisect_right(self._starts, (error.offset or 1) - 1) - 1)]
            raise _fail(text, at.start, f"something is missing or misplaced near {at.text!r}") from None
        except (RecursionError, MemoryError):
            raise _fail(text, 0, "it is nested too deeply") from None

    def error(self, node: ast.AST, problem: str) -> ParseError:
        """Say what is wrong with a node, naming its text and column."""
        first = self._token(getattr(node, "col_offset", 0))
        last = self._token(getattr(node, "end_col_offset", 1) - 1)
        piece = shown(self.text[first.start : last.end], 40)
        return _fail(self.text, first.start, f"{piece} {problem}")

    def number(self, node: ast.Constant) -> str:
        """Give the digits that a constant of the tree stands for."""
        return self._token(node.col_offset).text

    def _token(self, offset: int) -> Token:
        return self.tokens[max(0, bisect_right(self._starts, offset) - 1)]

    def _check_names(self, values: Collection[str], functions: Collection[str]) -> None:
        for token, follower in zip(self.tokens, [*self.tokens[1:], None], strict=True):
            if token.kind != "name":
                continue
            called = follower is not None and follower.text == "("
            if token.word in values and called:
                raise _fail(self.text, token.start, f"{token.text!r} is not a function; write * for a product")
            if token.word in functions and not called:
                raise _fail(self.text, token.start, f"{token.text!r} is a function; write {token.text}(t), say")
            if token.word not in values and token.word not in functions:
                known = ", ".join(sorted({*values, *functions}))
                raise _fail(self.text, token.start, f"the name {shown(token.text)} is unknown; known: {known}")

    def _check_neighbours(self) -> None:
        """Refuse ``2t``, ``2(t)`` and ``(t)(s)``, which Python would read as errors or calls."""
        for left, right in zip(self.tokens, self.tokens[1:], strict=False):
            ends = left.kind == "number" or left.text == ")" or (left.kind == "name" and right.text != "(")
            if ends and (right.kind != "op" or right.text == "("):
                raise _fail(self.text, right.start, f"an operator is missing before {shown(right.text)}; write *")
        for token in self.tokens:
            if token.text in ("=", "=="):
                raise _fail(self.text, token.start, f"{token.text!r} is allowed only once, in an identity")

    def _check_depth(self) -> None:
        """Bound what costs Python's parser stack: open parentheses, signs in a row, powers in a row."""
        opened: list[bool] = []  # for each open parenthesis, whether it belongs to a call
        signs = powers = 0
        previous = "("
        for token in self.tokens:
            if token.text == "(":
                opened.append(previous[0].isalpha())
            elif token.text == ")" and not opened:
                raise _fail(self.text, token.start, "')' closes nothing")
            elif token.text == ")":
                opened.pop()
            is_sign = token.text in ("+", "-") and previous in ("(", ",", "+", "-", "*", "/", "**", "<", ">")
            signs = signs + 1 if is_sign else 0
            powers = 0 if token.text in ("+", "-", "*", "/", ",", "(") and not is_sign else powers
            powers += token.text == "**"
            if len(opened) > MAX_DEPTH or sum(opened) > MAX_CALLS or max(signs, powers) > MAX_RUN:
                raise _fail(self.text, token.start, f"{token.text!r} is nested or chained too deeply")
            previous = token.text
