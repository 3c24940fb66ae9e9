"""From a syntax tree to SymPy: a walk in which every node that is not named is refused."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sympy import Expr, Max, Min, Piecewise, Pow, S, true
from sympy.core.function import AppliedUndef
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from s2n_proofs import symbols
from s2n_proofs.grammar import bounded
from s2n_proofs.grammar.limits import MAX_ORDER, RefusedError, is_constant, vet
from s2n_proofs.grammar.syntax import MAX_DEPTH, ParseError, Source, Token

__all__ = ["OF_TIME", "TIMES", "Demand", "Language", "Parts", "read"]

TIMES = {"t": symbols.t, "s": symbols.s, "tau": symbols.tau}
OF_TIME = {
    "alpha": (symbols.alpha, 1), "sigma": (symbols.sigma, 1), "lam": (symbols.lam, 1),
    "snr": (symbols.snr, 1), "f": (symbols.f, 1), "g": (symbols.g, 1),
    "transition_factor": (symbols.transition_factor, 2),
    "transition_variance": (symbols.transition_variance, 2),
}  # fmt: skip
_COMPARISONS: dict[type, type[Relational]] = {
    ast.Lt: StrictLessThan, ast.LtE: LessThan, ast.Gt: StrictGreaterThan, ast.GtE: GreaterThan,
}  # fmt: skip
_MAX_ARGS = 16  # of min, max and piecewise


class Language(NamedTuple):
    """What a text may use: names with a value, and names that are called."""

    values: Mapping[str, Expr]
    functions: frozenset[str]


Demand = Literal["not 0", "at least 0", "positive", "at most 1 in size"]


@dataclass
class Parts:
    """What a text names before SymPy simplifies the whole: a text has a value only where all this has.

    Attributes
    ----------
    values : list of Expr
        Every part as it was built, and the inverse of everything that is divided by.
    demands : list of (Demand, Expr)
        What each root, logarithm and division asks of its argument.
    """

    values: list[Expr] = field(default_factory=list)
    demands: list[tuple[Demand, Expr]] = field(default_factory=list)


def _chain(node: ast.expr, plus: type, minus: type) -> list[tuple[ast.expr, bool]]:
    """Flatten ``a + b - c``, which Python nests to the left: operands, and whether each is inverted."""
    operands: list[tuple[ast.expr, bool]] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, plus | minus):
        operands.append((node.right, isinstance(node.op, minus)))
        node = node.left
    return [(node, False), *reversed(operands)]


_DEMANDS: dict[str, tuple[Demand, Callable[[Expr], Expr]]] = {
    "log": ("positive", lambda x: x),
    "log1p": ("positive", lambda x: bounded.total([S.One, x])),
    "tan": ("not 0", lambda x: bounded.FUNCTIONS["cos"](x)),
    "asin": ("at most 1 in size", lambda x: x),
    "acos": ("at most 1 in size", lambda x: x),
}


class _Builder:
    """Walks one syntax tree; every node that is not named here is refused."""

    def __init__(self, source: Source, language: Language) -> None:
        self.source, self.language = source, language
        # SymPy drops parts when it builds the whole, e.g. the root in sqrt(x)**2; where those have no value, the text has none.
        self.parts = Parts()

    def build(self, node: ast.expr, depth: int = 0) -> Expr:
        """Build the expression of a node, bottom-up."""
        if depth > MAX_DEPTH:
            raise self.source.error(node, "is nested too deeply")
        try:
            built = self._node(node, depth + 1)
            if isinstance(node, ast.Call | ast.BinOp) and not (built.is_Atom or isinstance(built, AppliedUndef)):
                self.parts.values.append(built)
            return built
        except RefusedError as refused:
            raise self.source.error(node, str(refused)) from None

    def _node(self, node: ast.expr, depth: int) -> Expr:
        match node:
            case ast.Constant():
                return bounded.number(self.source.number(node))
            case ast.Name(id=name) if name in self.language.values:
                return self.language.values[name]
            case ast.UnaryOp(op=ast.UAdd()):
                return self.build(node.operand, depth)
            case ast.UnaryOp(op=ast.USub()):
                return bounded.product([S.NegativeOne, self.build(node.operand, depth)])
            case ast.BinOp(op=ast.Pow()):
                return self._power(self.build(node.left, depth), self.build(node.right, depth))
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                terms = [(self.build(x, depth), inverse) for x, inverse in _chain(node, ast.Add, ast.Sub)]
                return bounded.total([bounded.product([S.NegativeOne, x]) if inv else x for x, inv in terms])
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                return self._product(node, depth)
            case ast.Call(func=ast.Name(id=name), keywords=[]) if name in self.language.functions:
                return self._call(name, node, depth)
        raise self.source.error(node, "is not an expression here; comparisons and pairs belong in piecewise")

    def _product(self, node: ast.expr, depth: int) -> Expr:
        (first, _), *rest = _chain(node, ast.Mult, ast.Div)
        factors: list[Expr] = []
        # -(a + b)*c is a product of three: a lone -1 is spread over the sum, and str() would not come back.
        while isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.USub):
            factors.append(S.NegativeOne)
            first = first.operand
        factors.append(self.build(first, depth))
        for operand, inverse in rest:
            factor = self.build(operand, depth)
            factors.append(self._power(factor, S.NegativeOne) if inverse else factor)
        return bounded.product(factors)

    def _power(self, base: Expr, exponent: Expr) -> Expr:
        built = bounded.power(base, exponent)
        if base.is_Number:
            return built
        if exponent.is_Integer:
            if exponent < 0:
                self.parts.demands.append(("not 0", base))
                # Not evaluated: the inverse of a quotient would be the other quotient, and x/x would be 1.
                self.parts.values.append(Pow(base, S.NegativeOne, evaluate=False))
        elif exponent.is_number and exponent.is_positive:
            self.parts.demands.append(("at least 0", base))
        else:
            self.parts.demands.append(("positive", base))
        return built

    def _call(self, name: str, node: ast.Call, depth: int) -> Expr:
        nodes = node.args
        if name == "piecewise":
            return self._piecewise(node, depth)
        if name == "diff":
            return self._diff(node, depth)
        if name in ("min", "max"):
            self._check_arity(node, range(2, _MAX_ARGS + 1))
            kind = Min if name == "min" else Max
            return bounded.extreme(kind, [self.build(arg, depth) for arg in nodes])
        if name == "clip":
            self._check_arity(node, range(3, 4))
            x, low, high = (self.build(arg, depth) for arg in nodes)
            return bounded.extreme(Min, [bounded.extreme(Max, [x, low]), high])
        if name in OF_TIME:
            function, arity = OF_TIME[name]
            self._check_arity(node, range(arity, arity + 1))
            times = [self.build(arg, depth) for arg in nodes]
            for arg, time in zip(nodes, times, strict=True):
                if not time.free_symbols <= set(TIMES.values()) or time.has(AppliedUndef):
                    raise self.source.error(arg, "is not a time; allowed are t, s, tau and numbers")
            # A time counts even if the word is 0 or cancels: transition_variance(2, 2).
            self.parts.values += [symbols.alpha(time) for time in times]
            return vet(function(*times))
        self._check_arity(node, range(1, 2))
        argument = self.build(nodes[0], depth)
        if name == "sqrt":
            return self._power(argument, S.Half)
        if name in _DEMANDS and not argument.is_Number:
            demand, of = _DEMANDS[name]
            self.parts.demands.append((demand, of(argument)))
        return bounded.FUNCTIONS[name](argument)

    def _check_arity(self, node: ast.Call, allowed: range) -> None:
        if len(node.args) not in allowed:
            wanted = str(allowed[0]) if len(allowed) == 1 else f"{allowed[0]} to {allowed[-1]}"
            raise self.source.error(node, f"has {len(node.args)} arguments; needed: {wanted}")

    def _diff(self, node: ast.Call, depth: int) -> Expr:
        self._check_arity(node, range(2, 4))
        variable = self.build(node.args[1], depth)
        if variable not in TIMES.values():
            raise self.source.error(node.args[1], "is not a variable to differentiate in; allowed: t, s, tau")
        order = self.build(node.args[2], depth) if len(node.args) == 3 else S.One
        if not (order.is_Integer and 1 <= order <= MAX_ORDER):
            raise self.source.error(node.args[2], f"is not an order from 1 to {MAX_ORDER}")
        return bounded.differentiate(self.build(node.args[0], depth), variable, int(order))

    def _piecewise(self, node: ast.Call, depth: int) -> Expr:
        self._check_arity(node, range(2, _MAX_ARGS + 1))
        pairs: list[tuple[Expr, object]] = []
        for arg in node.args:
            if not (isinstance(arg, ast.Tuple) and len(arg.elts) == 2):
                raise self.source.error(arg, "is not a pair; write (expression, condition)")
            last, before = arg is node.args[-1], len(self.parts.demands)
            branch = self.build(arg.elts[0], depth)
            inside = self.parts.demands[before:]
            del self.parts.demands[before:]
            condition = self._condition(arg.elts[1], last, depth)
            self.parts.demands += [_where(demand, pairs, condition) for demand in inside]
            pairs.append((branch, condition))
        # Unevaluated: evaluation merges conditions of equal pieces, at a cost exponential in their number.
        return vet(Piecewise(*pairs, evaluate=False))

    def _condition(self, node: ast.expr, last: bool, depth: int) -> object:
        if last:
            if isinstance(node, ast.Name) and node.id == "_true":
                return true
            raise self.source.error(node, "ends a piecewise; its last condition must be True")
        if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS):
            raise self.source.error(node, "is not a comparison; write t < 1/2, say")
        sides = [self.build(side, depth) for side in (node.left, node.comparators[0])]
        # SymPy would solve such a condition for t, by factoring polynomials, to write it without cases.
        if any(side.has(Piecewise) for side in sides):
            raise self.source.error(node, "has a piecewise inside a condition")
        if is_constant(sides[0] - sides[1]):
            raise self.source.error(node, "does not depend on t")
        return _COMPARISONS[type(node.ops[0])](*sides, evaluate=False)


def _where(demand: tuple[Demand, Expr], before: list[tuple[Expr, object]], condition: object) -> tuple[Demand, Expr]:
    """What a branch demands, where it applies."""
    kind, of = demand
    met = S.Zero if kind == "at most 1 in size" else S.One
    pairs = [*((met, earlier) for _, earlier in before), (of, condition), (met, true)]
    return kind, Piecewise(*pairs, evaluate=False)


def read(text: str, language: Language, tokens: list[Token] | None = None, parts: Parts | None = None) -> Expr:
    """Read a text, or the part of it in ``tokens``, as one expression of a language; put what it names into `parts`."""
    # True is a condition, never a value: the tokens let it pass, the walk only where a piecewise ends.
    extra = {"True"} if "piecewise" in language.functions else set()
    source = Source(text, {*language.values, *extra}, language.functions, tokens)
    try:
        builder = _Builder(source, language)
        whole = builder.build(source.tree)
        if parts is not None:
            parts.values += dict.fromkeys(builder.parts.values)
            parts.demands += dict.fromkeys(builder.parts.demands)
        return whole
    except RecursionError:  # the caller may have left little of the stack
        raise source.error(source.tree, "is nested too deeply") from None
    except ParseError:
        raise
    except Exception as error:  # a defect of SymPy or ours; the text is still refused with a sentence
        raise source.error(source.tree, f"cannot be built: {type(error).__name__} in SymPy") from error
