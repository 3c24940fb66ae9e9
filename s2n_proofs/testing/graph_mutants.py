r"""Mutants of generated code: every operation of a kernel's graph replaced once.

A graph is what the kernels of every backend are printed from, so a slip in the lowering is a wrong operation in it.
Which mutants change nothing is decided by the graph's own values to 60 digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sympy import Expr, Symbol

from ..lower.graph import UNARY, Node, order
from ..symbols import s, t
from .worlds import mp

__all__ = ["GraphMutant", "exact_values", "graph_mutants"]

Nodes = Mapping[str, Node]

_OTHER = {"add": "sub", "sub": "add", "mul": "div", "div": "mul", "ge": "gt", "gt": "ge"}
_TURNED = ("sub", "div", "powr", "max")  # their arguments may stand in the wrong order


class GraphMutant(NamedTuple):
    """What was done, and the graph."""

    what: str
    nodes: Nodes


def graph_mutants(nodes: Nodes) -> Iterator[GraphMutant]:
    """Every graph with one operation replaced.

    Examples
    --------
    >>> from s2n_proofs.lower.graph import Builder
    >>> build = Builder()
    >>> gap = build.sub(build.input(t), build.input(s))
    >>> [mutant.what for mutant in graph_mutants({"gap": gap})]
    ['sub becomes add', 'the arguments of sub exchanged', 'input s becomes t', 'input t becomes s']
    """
    every = list(order(nodes.values()))
    times = [node.value for node in every if node.op == "input" and node.value in (s, t)]
    for node in reversed(every):
        for what, other in _edits(node, times):
            yield GraphMutant(what, _with(nodes, node, other))


def _edits(node: Node, times: Sequence[Expr]) -> Iterator[tuple[str, Node]]:
    if node.op in _OTHER:
        yield f"{node.op} becomes {_OTHER[node.op]}", Node(_OTHER[node.op], node.args)
    if node.op in _TURNED:
        yield f"the arguments of {node.op} exchanged", Node(node.op, node.args[::-1])
    if node.op in UNARY or node.op == "neg":
        yield f"{node.op} left out", node.args[0]
    if node.op == "pow":
        yield "exponent one higher", Node("pow", node.args, _value(node) + 1)
    if node.op == "select":
        condition, then, otherwise = node.args
        yield "branches exchanged", Node("select", (condition, otherwise, then))
    if node.op == "const" and node.value != 0:
        yield f"{node.value} doubled", Node("const", (), 2 * _value(node))
        yield f"{node.value} negated", Node("const", (), -_value(node))
    if node.op == "input" and node.value in times:
        for other in times:
            if other != node.value:
                yield f"input {node.value} becomes {other}", Node("input", (), other)


def _value(node: Node) -> Expr:
    if node.value is None:
        raise ValueError(f"{node.op} has no value of its own")
    return node.value


def _with(nodes: Nodes, old: Node, new: Node) -> Nodes:
    done: dict[int, Node] = {}
    for node in order(nodes.values()):
        args = tuple(done[id(arg)] for arg in node.args)
        done[id(node)] = new if node is old else Node(node.op, args, node.value)
    return {name: done[id(node)] for name, node in nodes.items()}


def exact_values(nodes: Nodes, point: Mapping[Symbol, Any]) -> dict[str, Any]:
    """The graph's outputs to 60 digits; None where one has no real value."""
    found: dict[int, Any] = {}
    for node in order(nodes.values()):
        args = [found[id(arg)] for arg in node.args]
        try:
            found[id(node)] = None if _blocked(node, args) else _exact(node, args, point)
        except (ZeroDivisionError, ValueError, OverflowError):
            found[id(node)] = None
    return {name: found[id(node)] for name, node in nodes.items()}


def _blocked(node: Node, args: Sequence[Any]) -> bool:
    """Whether an argument that is needed has no value; the branch of a select that is not taken is not needed."""
    if node.op == "select":
        return args[0] is None
    return any(arg is None or isinstance(arg, mp.mpc) for arg in args)


def _exact(node: Node, args: Sequence[Any], point: Mapping[Symbol, Any]) -> Any:
    if node.op == "input":
        return point[node.value]
    if node.op == "const":
        return mp.mpf(str(_value(node).evalf(mp.dps + 10)))
    if node.op == "pow":
        return args[0] ** mp.mpf(str(_value(node).evalf(mp.dps + 10)))
    if node.op == "phi":
        exponent, gap, ratio = args
        return (1 - ratio**exponent) / exponent if exponent else gap
    if node.op in UNARY:
        return getattr(mp, node.op)(*args)
    return _BINARY[node.op](*args)


_BINARY: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "neg": lambda a: -a, "powr": lambda a, b: a**b, "max": max, "ge": lambda a, b: a >= b, "gt": lambda a, b: a > b,
    "select": lambda condition, a, b: a if condition else b,
}  # fmt: skip
