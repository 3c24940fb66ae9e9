"""A graph as a program for the printers: one step an operation, so that no printer can move one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sympy import Abs, Eq, Expr, Ge, Gt, Integer, Max, Piecewise, Pow, Rational, Symbol
from sympy.codegen.cfunctions import expm1

from s2n_proofs.symbols import beta, delta, gamma, rho, s, t

from .candidates import SINGLE, p
from .graph import UNARY, Node, order
from .program import Program
from .twofold import SERIES_BELOW, phi_tail

if TYPE_CHECKING:
    from .lowered import Lowered

__all__ = ["accurate_program", "to_program"]

_ARGUMENTS = {"step": (s, t, gamma, delta, rho), "ancestral_step": (s, t), "nonmarkov_step": (s, t, beta)}


def accurate_program(lowered: Lowered, quantity: str) -> Program:
    """The chosen form of a quantity for float64, in plain arithmetic.

    Parameters
    ----------
    lowered : Lowered
    quantity : str
        A name of :data:`~s2n_proofs.lower.search.QUANTITIES`.

    Returns
    -------
    Program
        With the output ``value``, or a step's three coefficients.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> from s2n_proofs.lower.lowered import lower
    >>> accurate_program(lower(catalogue["edm"]), "g_squared").outputs
    (('value', x0),)
    """
    nodes = lowered.choice(quantity, "float64").nodes
    if quantity in SINGLE:
        arguments: tuple[Symbol, ...] = (t,)
    else:
        arguments = _ARGUMENTS.get(quantity, (s, t))
    return to_program(arguments, nodes if len(nodes) > 1 else {"value": nodes[quantity]})


def to_program(inputs: Sequence[Symbol], outputs: Mapping[str, Node]) -> Program:
    """The outputs as straight-line code; 1 + gamma is formed first, where it is needed."""
    steps: list[tuple[Symbol, Expr]] = []
    values: dict[int, Expr] = {}

    def kept(expr: Expr) -> Symbol:
        symbol = Symbol(f"x{len(steps)}", real=True)
        steps.append((symbol, expr))
        return symbol

    for node in order(outputs.values()):
        if node.op == "input":
            values[id(node)] = kept(1 + gamma) if node.value == p else node.value
        elif node.op == "const":
            values[id(node)] = node.value
        elif node.op in ("ge", "gt"):
            # A comparison is part of what chooses by it.
            values[id(node)] = _expression(node, [values[id(arg)] for arg in node.args])
        elif node.op == "phi":
            exponent, gap, ratio = (values[id(arg)] for arg in node.args)
            values[id(node)] = kept(_phi(exponent, gap, ratio, kept(exponent * gap)))
        else:
            values[id(node)] = kept(_expression(node, [values[id(arg)] for arg in node.args]))
    return Program(tuple(inputs), tuple(steps), tuple((name, values[id(node)]) for name, node in outputs.items()))


def _phi(exponent: Expr, gap: Expr, ratio: Expr, product: Expr) -> Expr:
    """The function phi; where the product is not a number the gap is infinite."""
    return Piecewise(
        (gap * (1 - phi_tail(product)), Abs(product) < Rational(SERIES_BELOW)),
        (gap, Eq(exponent, 0)),
        (-expm1(-product) / exponent, Abs(product) < Rational(1, 2)),
        ((1 - ratio**exponent) / exponent, True),
    )


def _expression(node: Node, args: list[Expr]) -> Expr:
    op = node.op
    if op in UNARY:
        return UNARY[op](*args)
    if op == "pow":
        return Pow(args[0], node.value)
    return _OPERATIONS[op](*args)


_OPERATIONS = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "neg": lambda a: Integer(-1) * a, "powr": lambda a, b: a**b, "max": Max, "ge": Ge, "gt": Gt,
    "select": lambda condition, a, b: Piecewise((a, condition), (b, True)),
}  # fmt: skip
