"""Python source for a graph: one line an operation, in plain or in twofold arithmetic, for NumPy and torch alike."""

from __future__ import annotations

import linecache
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flint import arb
from sympy import Expr, Symbol, nan

from s2n_proofs.proof.ball import UndefinedValueError, enclose, working_precision

from .graph import UNARY, LoweringError, Node, order

__all__ = ["PLAIN", "TWOFOLD", "compile_graph", "double", "source"]

PLAIN, TWOFOLD = "plain", "twofold"

_PLAIN = {
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}", "powr": "{0} ** {1}",
    "max": "xp.where({0} > {1}, {0}, {1})", "ge": "{0} >= {1}", "gt": "{0} > {1}",
    "select": "xp.where({0}, {1}, {2})", "phi": "phi(xp, {0}, {1}, {2})",
}  # fmt: skip
_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}  # torch has both names, NumPy these


@lru_cache(maxsize=4096)
def double(value: Expr) -> tuple[float, float]:
    """The number as the nearest double and the double nearest to what that leaves.

    Examples
    --------
    >>> from sympy import pi
    >>> double(pi)
    (3.141592653589793, 1.2246467991473532e-16)
    """
    if value is nan:
        return math.nan, math.nan
    with working_precision(256):
        try:
            ball = enclose(value, {})
        except UndefinedValueError:  # of a branch at an end where it does not hold
            return math.nan, math.nan
        high = float(ball.mid())
        return high, float((ball - arb(high)).mid())


def source(inputs: Sequence[Symbol], outputs: Mapping[str, Node], arithmetic: str = PLAIN) -> str:
    """A function ``graph(xp, two, phi, x0, x1, ...)`` that returns the outputs as a tuple."""
    names: dict[int, str] = {}
    lines: list[str] = []
    arguments = {symbol: f"x{i}" for i, symbol in enumerate(inputs)}
    nodes = list(order(outputs.values()))
    used = _used(nodes, outputs, arithmetic)
    for node in nodes:
        if id(node) not in used:
            continue
        if node.op == "input":
            if node.value not in arguments:
                raise LoweringError(f"no value is given for {node.value}")
            names[id(node)] = arguments[node.value]
        elif node.op == "const":
            high, low = double(node.value)
            names[id(node)] = f"({high!r})" if arithmetic == PLAIN else f"({high!r}, {low!r})"
        else:
            names[id(node)] = f"v{len(lines)}"
            given = [names.get(id(arg), "") for arg in node.args]
            code = _plain(node, given, names) if arithmetic == PLAIN else _twofold(node, given)
            lines.append(f"    v{len(lines)} = {code}")
    results = [names[id(node)] for node in outputs.values()]
    head = f"def graph(xp, two, phi, {', '.join(arguments.values())}):"
    return "\n".join([head, *lines, f"    return ({', '.join(results)},)"]) + "\n"


def _used(nodes: Sequence[Node], outputs: Mapping[str, Node], arithmetic: str) -> set[int]:
    """The nodes that have code of their own: not the product inside an :func:`_affine`."""
    used = {id(node) for node in outputs.values()}
    for node in reversed(nodes):
        if id(node) in used:
            line = _affine(node) if arithmetic == PLAIN else None
            used |= {id(arg) for arg in (node.args if line is None else (line[0],))}
    return used


def _plain(node: Node, given: Sequence[str], names: Mapping[int, str]) -> str:
    if (line := _affine(node)) is not None:
        inner, slope, offset = line
        return f"xp.affine({names[id(inner)]}, {double(slope)[0]!r}, {double(offset)[0]!r})"
    if node.op == "pow":
        return f"{given[0]} ** ({double(node.value)[0]!r})"
    if node.op in UNARY:
        return f"xp.{_NAMES.get(node.op, node.op)}({given[0]})"
    return _PLAIN[node.op].format(*given)


def _affine(node: Node) -> tuple[Node, Expr, Expr] | None:
    """x, c and d of d + c x: one pass over memory instead of two."""
    if node.op not in ("add", "sub"):
        return None
    first, second = node.args
    if first.op != "const" or second.op != "mul" or second.args[1].op != "const":
        return None
    slope = second.args[1].value
    assert slope is not None
    return second.args[0], slope if node.op == "add" else -slope, first.value


def _twofold(node: Node, given: Sequence[str]) -> str:
    if node.op in ("ge", "gt"):
        return _PLAIN[node.op].format(*(f"{value}[0]" for value in given))
    if node.op == "pow":
        high, low = double(node.value)
        return f"two.powr({given[0]}, ({high!r}, {low!r}))"
    if node.op == "max":
        return f"two.select({given[0]}[0] > {given[1]}[0], {given[0]}, {given[1]})"
    return f"two.{node.op}({', '.join(given)})"


def compile_graph(inputs: Sequence[Symbol], outputs: Mapping[str, Node], arithmetic: str = PLAIN) -> Callable[..., Any]:
    """The function of :func:`source`; our own text, in which a user's names never occur.

    Examples
    --------
    >>> import numpy as np
    >>> from s2n_proofs.symbols import s, t
    >>> from .graph import Builder
    >>> build = Builder()
    >>> gap = build.unary("expm1", build.sub(build.input(s), build.input(t)))
    >>> compile_graph((s, t), {"gap": gap})(np, None, None, np.array([1.0]), np.array([1.0]))
    (array([0.]),)
    """
    text = source(inputs, outputs, arithmetic)
    name = f"<s2n graph {hash(text) & 0xFFFFFFFF:08x}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope: dict[str, Any] = {"inf": math.inf, "nan": math.nan}  # a number beyond the largest double, or none
    exec(compile(text, name, "exec"), scope)  # the text is made above from a fixed alphabet of operations
    made: Callable[..., Any] = scope["graph"]
    return made
