r"""Several formulas as one program: inputs, steps that are computed once, outputs.

SymPy's ``cse`` also finds common parts, but rebuilds what it touches: $2(1-e^x)$ becomes $2-2e^x$, and an accurate form that was
put together on purpose is lost.  Here equal subtrees are shared, and no operation is moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from sympy import Basic, Expr, Integer, Pow, Rational, Symbol, sympify
from sympy.logic.boolalg import Boolean

__all__ = ["Program", "ProgramError", "program", "put", "rebuilt"]


_B = TypeVar("_B", bound=Basic)


class ProgramError(ValueError):
    """A program uses a symbol before it has a value, or gives one twice."""


@dataclass(frozen=True)
class Program:
    r"""Straight-line code over the reals.

    Attributes
    ----------
    inputs : tuple of sympy.Symbol
        The arguments, in order.
    steps : tuple of (sympy.Symbol, sympy.Expr)
        Each expression in the inputs and the symbols of earlier steps.
    outputs : tuple of (str, sympy.Expr)
        What is computed, by name, in the inputs and all steps.

    Raises
    ------
    ProgramError
        If a symbol has no value where it is used, or two.
    """

    inputs: tuple[Symbol, ...]
    steps: tuple[tuple[Symbol, Expr], ...]
    outputs: tuple[tuple[str, Expr], ...]

    def __post_init__(self) -> None:
        known: set[Symbol] = set()
        for symbol in self.inputs:
            _define(symbol, known)
        for symbol, expr in self.steps:
            _check(expr, known, f"step {symbol}")
            _define(symbol, known)
        for name, expr in self.outputs:
            _check(expr, known, f"output {name}")
        names = [name for name, _ in self.outputs]
        if len(set(names)) < len(names):
            raise ProgramError(f"two outputs have one name: {', '.join(names)}")

    def expressions(self) -> Mapping[str, Expr]:
        """Every output by name, in the inputs alone; no operation is moved."""
        values: dict[Symbol, Expr] = {}
        for symbol, expr in self.steps:
            values[symbol] = put(expr, values)
        return {name: put(expr, values) for name, expr in self.outputs}


def program(inputs: Iterable[Symbol], outputs: Mapping[str, Expr]) -> Program:
    """Make a program in which every subtree that occurs twice is a step.

    Parameters
    ----------
    inputs : iterable of sympy.Symbol
        The arguments; every free symbol of the outputs must be among them.
    outputs : mapping of str to sympy.Expr
        The formulas.

    Returns
    -------
    Program

    Raises
    ------
    ProgramError
        If a symbol is not among the inputs.

    Examples
    --------
    >>> from sympy import exp
    >>> from sympy.abc import x
    >>> for part in program([x], {"a": exp(x) + 1, "b": x / exp(x) ** 2 + exp(x)}).steps:
    ...     print(part)
    (_0, exp(x))
    """
    inputs = tuple(inputs)
    trees = {name: _with_plain_reciprocals(sympify(expr)) for name, expr in outputs.items()}
    used = {symbol.name for symbol in inputs}
    names = (Symbol(name) for number in count() if (name := f"_{number}") not in used)
    uses = _uses(trees.values())
    steps: list[tuple[Symbol, Expr]] = []
    done: dict[Basic, Basic] = {}
    for node in _inside_out(trees.values()):
        new = rebuilt(node, [done[arg] for arg in node.args])
        if uses[node] > 1 and _worth_a_step(node):
            symbol = next(names)
            steps.append((symbol, new))
            new = symbol
        done[node] = new
    return Program(inputs, tuple(steps), tuple((name, done[tree]) for name, tree in trees.items()))


def rebuilt(node: Basic, args: Sequence[Basic]) -> Basic:
    """The same operation on other arguments, with nothing simplified or reordered."""
    if all(new is old for new, old in zip(args, node.args, strict=True)):
        return node
    try:
        return node.func(*args, evaluate=False)
    except TypeError:  # the pair (value, condition) of a Piecewise has no such option
        return node.func(*args)


def put(expr: _B, values: Mapping[Symbol, Expr]) -> _B:
    """Put expressions in place of symbols; unlike ``xreplace``, without simplifying.

    Examples
    --------
    >>> from sympy import Mul
    >>> from sympy.abc import x, y
    >>> put(Mul(2, x, evaluate=False), {x: 1 - y})
    2*(1 - y)
    """
    done: dict[Basic, Basic] = dict(values)
    for node in _inside_out([expr]):
        if node not in done:
            done[node] = rebuilt(node, [done[arg] for arg in node.args])
    result: _B = done[expr]
    return result


def _with_plain_reciprocals(tree: Expr) -> Expr:
    """x**(-3/2) as 1/(x**(3/2)), so that the power is shared and division stays one operation."""
    done: dict[Basic, Basic] = {}
    for node in _inside_out([tree]):
        new = rebuilt(node, [done[arg] for arg in node.args])
        if isinstance(new, Pow) and isinstance(new.exp, Rational) and new.exp < 0 and new.exp != -1:
            new = Pow(Pow(new.base, -new.exp, evaluate=False), Integer(-1), evaluate=False)
        done[node] = new
    return done[tree]


def _worth_a_step(node: Basic) -> bool:
    if not isinstance(node, Expr) or not node.args or not node.free_symbols:
        return False
    # a*(1/x) rounds twice where a/x rounds once, so a reciprocal is not kept.
    return not (isinstance(node, Pow) and node.exp == -1)


def _uses(trees: Iterable[Basic]) -> Counter[Basic]:
    uses: Counter[Basic] = Counter(trees)
    for node in _inside_out(list(uses)):
        uses.update(node.args)
    return uses


def _inside_out(trees: Iterable[Basic]) -> Iterator[Basic]:
    """Every different subtree once, after its arguments."""
    seen: set[Basic] = set()
    stack: list[tuple[Basic, bool]] = [(tree, False) for tree in reversed(list(trees))]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))


def _define(symbol: Symbol, known: set[Symbol]) -> None:
    if not isinstance(symbol, Symbol):
        raise ProgramError(f"inputs and steps must be symbols; {symbol} is a {type(symbol).__name__}")
    if symbol in known:
        raise ProgramError(f"the symbol {symbol} has two values")
    known.add(symbol)


def _check(expr: Basic, known: set[Symbol], where: str) -> None:
    if not isinstance(expr, Expr) or (isinstance(expr, Boolean) and not isinstance(expr, Symbol)):
        raise ProgramError(f"{where} must be an expression, not {type(expr).__name__}")
    unknown = sorted(map(str, expr.free_symbols - known))
    if unknown:
        raise ProgramError(f"{where} uses {', '.join(unknown)}, which has no value there")
