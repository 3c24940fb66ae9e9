r"""Formulas as graphs of single operations, in the order in which a machine carries them out.

SymPy puts expressions into its own order: it multiplies $2(t-s)$ out, and with that destroys the difference that an
accurate form was made for.  A graph keeps every operation where it was put, shares what is equal, and can be turned
back into a SymPy expression, which is what proofs and comparisons with the derived formula are about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Add, E, Expr, Integer, Mul, Pow, S, Symbol
from sympy.codegen.cfunctions import expm1, log1p

__all__ = ["UNARY", "Builder", "LoweringError", "Node", "convert", "name_of", "order", "to_sympy"]


class LoweringError(ValueError):
    """A formula holds something that no accurate code is known for."""


@dataclass(frozen=True, eq=False)
class Node:
    """One operation.

    Attributes
    ----------
    op : str
        ``input``, ``const``, ``add``, ``sub``, ``mul``, ``div``, ``neg``, ``pow``, ``powr``, ``max``,
        ``ge`` and ``gt`` (of the first argument against the second), ``select`` (condition, then, else), ``phi``, or a
        name of :data:`UNARY`.
    args : tuple of Node
    value : sympy.Expr or None
        Of an ``input`` its symbol, of a ``const`` the exact number, of a ``pow`` the exact exponent.
    """

    op: str
    args: tuple[Node, ...] = ()
    value: Expr | None = None


UNARY = {
    "exp": sp.exp, "expm1": expm1, "log": sp.log, "log1p": log1p, "sqrt": sp.sqrt, "sin": sp.sin, "cos": sp.cos,
    "tan": sp.tan, "sinh": sp.sinh, "cosh": sp.cosh, "tanh": sp.tanh, "asin": sp.asin, "acos": sp.acos,
    "atan": sp.atan,
}  # fmt: skip
_ODD = frozenset({"sin", "tan", "sinh", "tanh", "asin", "atan"})


class Builder:
    """Makes nodes; equal ones are one.

    Examples
    --------
    >>> from s2n_proofs.symbols import s, t
    >>> build = Builder()
    >>> gap = build.sub(build.input(t), build.input(s))
    >>> to_sympy(build.mul(build.const(Integer(2)), gap), unchanged=True)
    (-s + t)*2
    """

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Node] = {}

    def _node(self, op: str, args: Sequence[Node] = (), value: Expr | None = None) -> Node:
        key = (op, tuple(map(id, args)), value)
        if key not in self._made:
            self._made[key] = Node(op, tuple(args), value)
        return self._made[key]

    def input(self, symbol: Symbol) -> Node:
        """A variable."""
        return self._node("input", value=symbol)

    def const(self, value: Expr | int) -> Node:
        """An exact number; what is infinite, undefined or complex is not one, and harmless in a branch that is not taken."""
        exact = sp.sympify(value)
        none = exact.has(sp.nan, sp.zoo, sp.oo, sp.I) or exact.is_real is False  # (-7)**(2/3) shows no i
        return self._node("const", value=sp.nan if none else exact)

    def add(self, *terms: Node) -> Node:
        """The sum, numbers gathered first, else from left to right."""
        number = sum((_number(x) for x in terms if x.op == "const"), S.Zero)
        rest = [x for x in terms if x.op != "const"]
        if number != 0 or not rest:
            rest.insert(0, self.const(number))
        total = rest[0]
        for term in rest[1:]:
            if term.op == "neg":
                total = self._node("sub", (total, term.args[0]))
            elif total.op == "neg":
                total = self._node("sub", (term, total.args[0]))
            else:
                total = self._node("add", (total, term))
        return total

    def sub(self, a: Node, b: Node) -> Node:
        """The difference."""
        return self.add(a, self.neg(b))

    def neg(self, a: Node) -> Node:
        """Minus a."""
        if a.op == "const":
            return self.const(-_number(a))
        if a.op == "sub":
            return self._node("sub", (a.args[1], a.args[0]))
        return a.args[0] if a.op == "neg" else self._node("neg", (a,))

    def mul(self, *factors: Node) -> Node:
        """The product, numbers gathered last, else from left to right; a sign comes to the front."""
        negative = sum(x.op == "neg" for x in factors) % 2
        bare = [x.args[0] if x.op == "neg" else x for x in factors]
        # One rounding less where a factor ends in a number of its own.
        bare = [part for x in bare for part in (x.args if x.op == "mul" and x.args[1].op == "const" else (x,))]
        number = sp.Mul(*(_number(x) for x in bare if x.op == "const"))
        if number == 0:
            return self.const(0)
        if number.is_negative:
            number, negative = -number, 1 - negative
        rest = [x for x in bare if x.op != "const"]
        if number != 1 or not rest:
            rest.append(self.const(number))
        product = rest[0]
        for factor in rest[1:]:
            product = self._node("mul", (product, factor))
        return self.neg(product) if negative else product

    def div(self, a: Node, b: Node) -> Node:
        """The quotient; division by a number is a multiplication only where the inverse is as exact."""
        if a.op == "neg" or b.op == "neg":
            bare = self.div(*(x.args[0] if x.op == "neg" else x for x in (a, b)))
            return self.neg(bare) if (a.op == "neg") != (b.op == "neg") else bare
        if b.op == "const":
            if a.op == "const":
                return self.const(_number(a) / _number(b))
            return self.mul(a, self.const(1 / _number(b)))
        return a if a.op == "const" and _number(a) == 0 else self._node("div", (a, b))

    def power(self, base: Node, exponent: Expr) -> Node:
        """The base to an exact number."""
        exponent = sp.sympify(exponent)
        if base.op == "const":
            return self.const(_number(base) ** exponent)
        if exponent == 0:
            return self.const(1)
        if exponent == 1:
            return base
        if exponent.is_negative:
            return self._node("div", (self.const(1), self.power(base, -exponent)))
        if exponent.is_Integer and exponent <= 8:
            half = self.power(base, Integer(int(exponent) // 2))
            square = self._node("mul", (half, half))
            return square if exponent % 2 == 0 else self._node("mul", (square, base))
        if (2 * exponent).is_Integer and exponent <= 8:
            root = self.unary("sqrt", base)
            return root if exponent == S.Half else self.mul(self.power(base, exponent - S.Half), root)
        return self._node("pow", (base,), exponent)

    def real_power(self, base: Node, exponent: Node) -> Node:
        """The base, not negative, to a variable."""
        return self._node("powr", (base, exponent))

    def unary(self, name: str, a: Node) -> Node:
        """A function of :data:`UNARY`."""
        if a.op == "const":
            value = UNARY[name](_number(a))
            return self.const(value.rewrite(sp.exp) if name in ("expm1", "log1p") else value)
        if a.op == "neg" and name in _ODD:
            return self.neg(self.unary(name, a.args[0]))
        if a.op == "neg" and name in ("cos", "cosh"):
            a = a.args[0]
        return self._node(name, (a,))

    def phi(self, p: Node, gap: Node, ratio: Node) -> Node:
        r"""$(1-r^p)/p$ with $r=e^{-h}$, and $h$ for $p=0$."""
        return self._node("phi", (p, gap, ratio))

    def largest(self, a: Node, b: Node) -> Node:
        """The larger of two."""
        return self._node("max", (a, b))

    def compare(self, op: str, a: Node, b: Node) -> Node:
        """``ge`` or ``gt``."""
        return self._node(op, (a, b))

    def select(self, condition: Node, then: Node, otherwise: Node) -> Node:
        """One of two, element by element."""
        return then if then is otherwise else self._node("select", (condition, then, otherwise))


def _number(node: Node) -> Expr:
    assert node.value is not None
    return node.value


def name_of(expr: Expr) -> str | None:
    """The name in :data:`UNARY` of a function, or None."""
    return next((name for name, function in UNARY.items() if name != "sqrt" and isinstance(expr, function)), None)


def convert(build: Builder, expr: Expr, leaves: Mapping[Symbol, Node]) -> Node:
    """An expression as a graph, operation by operation, with `leaves` in place of its symbols.

    Raises
    ------
    LoweringError
        If it holds a function without code.
    """
    if not expr.free_symbols:
        return build.const(expr)
    if expr.is_Symbol:
        return leaves[expr] if expr in leaves else build.input(expr)
    parts = [convert(build, arg, leaves) for arg in expr.args]
    if isinstance(expr, Add):
        return build.add(*parts)
    if isinstance(expr, Mul):
        return _quotient_of(build, expr, parts)
    if isinstance(expr, Pow) and expr.base is not E:
        return build.power(parts[0], expr.exp) if expr.exp.is_number else build.real_power(*parts)
    name = name_of(expr)
    if name is None:
        raise LoweringError(f"{type(expr).__name__} has no code")
    return build.unary(name, parts[-1])


def _quotient_of(build: Builder, expr: Expr, parts: Sequence[Node]) -> Node:
    """A product whose negative powers are one division."""
    below = [i for i, factor in enumerate(expr.args) if factor.is_Pow and factor.exp.is_number and factor.exp < 0]
    top = build.mul(*(part for i, part in enumerate(parts) if i not in below))
    if not below:
        return top
    under = [build.div(build.const(1), parts[i]) if parts[i].op != "div" else parts[i].args[1] for i in below]
    return build.div(top, build.mul(*under))


def order(outputs: Iterable[Node]) -> Iterator[Node]:
    """Every node that the outputs need, each after its arguments."""
    seen: set[int] = set()
    stack = [(node, False) for node in reversed(list(outputs))]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))


def to_sympy(node: Node, *, unchanged: bool = False) -> Expr:
    """The graph as an expression; `unchanged` keeps products of sums as they are."""
    done: dict[int, Expr] = {}
    for each in order([node]):
        done[id(each)] = _expression(each, [done[id(arg)] for arg in each.args], unchanged)
    return done[id(node)]


def _expression(node: Node, args: list[Expr], unchanged: bool) -> Expr:
    op = node.op
    if op in ("input", "const"):
        return node.value
    if op in UNARY:
        return UNARY[op](*args)
    if op == "mul" and unchanged:
        return sp.Mul(*args, evaluate=False)
    if op == "phi":
        p, _, ratio = args
        return (1 - ratio**p) / p  # for p = 0, where it is the gap, the form of Corollary 1's limit is proved
    table = {
        "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
        "neg": lambda a: -a, "powr": lambda a, b: a**b, "pow": lambda a: a**node.value,
        "max": sp.Max, "ge": sp.Ge, "gt": sp.Gt,
        "select": lambda condition, a, b: sp.Piecewise((a, condition), (b, True)),
    }  # fmt: skip
    return table[op](*args)
