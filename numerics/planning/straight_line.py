"""SymPy expressions as straight-line code over balls.

One text of assignments is printed per set of expressions; shared parts are computed once.  Every constant part is a
parameter of the text, enclosed anew for each precision; no float is ever made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import flint
from flint import arb
from sympy import Expr, Float, Symbol
from sympy.core.numbers import Exp1, Integer

from s2n_proofs.proof.ball import BallError, enclose

__all__ = ["Program", "compile_expressions"]


class Program:
    """Compiled expressions: call :meth:`balls`, or `code` with :meth:`constants` in a loop.

    Attributes
    ----------
    source : str
        The straight-line code.
    code : callable
        The constants, then one ball per argument; returns one ball per expression.
    """

    def __init__(self, source: str, constants: Sequence[Expr]) -> None:
        self.source = source
        self._constants = tuple(constants)
        self.code = _execute(source)
        self._enclosed: dict[int, tuple[arb, ...]] = {}

    def constants(self) -> tuple[arb, ...]:
        """Enclose the constants at the precision in force."""
        bits = flint.ctx.prec
        if bits not in self._enclosed:
            self._enclosed[bits] = tuple(enclose(c, {}) for c in self._constants)
        return self._enclosed[bits]

    def balls(self, *values: arb) -> tuple[arb, ...]:
        """Enclose every expression at the precision in force; not finite where the balls given are too wide."""
        found: tuple[arb, ...] = self.code(self.constants(), *values)
        return found


@lru_cache(maxsize=512)
def compile_expressions(expressions: tuple[Expr, ...], arguments: tuple[Symbol, ...]) -> Program:
    """Print the expressions as one program in the given arguments.

    Raises
    ------
    BallError
        If an expression holds a node, a symbol or a floating-point number that the code cannot have.

    Examples
    --------
    >>> from sympy import Symbol, sqrt
    >>> t = Symbol("t")
    >>> program = compile_expressions((1 - t**2, sqrt(1 - t**2)), (t,))
    >>> program.balls(arb(3) / 5)[1].contains(arb(4) / 5)
    True
    """
    writer = _Writer(arguments)
    results = [writer.name(expr) for expr in expressions]
    lines = "".join(f"    {line}\n" for line in writer.lines)
    unpack = "".join(f"k{i}, " for i in range(len(writer.constants)))
    head = f"def program({', '.join(['K', *writer.argument_names])}):\n"
    source = (
        head + (f"    {unpack}= K\n" if unpack else "") + lines + f"    return {''.join(r + ', ' for r in results)}\n"
    )
    return Program(source, writer.constants)


class _Writer:
    def __init__(self, arguments: tuple[Symbol, ...]) -> None:
        self.lines: list[str] = []
        self.constants: list[Expr] = []
        self.argument_names = [f"v{i}" for i in range(len(arguments))]
        self._names: dict[Expr, str] = dict(zip(arguments, self.argument_names, strict=True))

    def name(self, expr: Expr) -> str:
        """Return the name that holds the value of `expr`, computing it first if need be."""
        if expr not in self._names:
            if expr.has(Float):
                raise BallError(f"{expr} holds a floating-point number, which is not exact")
            if not expr.free_symbols:
                self._names[expr] = f"k{len(self.constants)}"
                self.constants.append(expr)
            else:
                text = self._text(expr)
                self._names[expr] = f"x{len(self.lines)}"
                self.lines.append(f"{self._names[expr]} = {text}")
        return self._names[expr]

    def _text(self, expr: Expr) -> str:
        if isinstance(expr, Symbol):
            raise BallError(f"no value for {expr}")
        if expr.is_Add:
            return self._sum(expr)
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow:
            return self._power(expr)
        function = _FUNCTIONS.get(type(expr).__name__)
        if function is None:
            raise BallError(f"straight-line code has no {type(expr).__name__}")
        arguments = [self.name(argument) for argument in expr.args]
        if function in ("largest", "smallest"):
            return f"{function}(({', '.join(arguments)}))"
        return f"{function}({', '.join(arguments)})"

    def _sum(self, expr: Expr) -> str:
        text = ""
        # Positive terms first, so that no text begins with a minus sign that costs an operation.
        for term in sorted(expr.args, key=lambda term: term.could_extract_minus_sign()):
            minus = term.could_extract_minus_sign()
            text += (" - " if minus else " + ") + self.name(-term if minus else term)
        return text[3:] if text.startswith(" + ") else text.strip()

    def _product(self, expr: Expr) -> str:
        sign, above, below = "", [], []
        for factor in expr.args:
            base, exponent = factor.as_base_exp()
            if factor == -1:
                sign = "-"
            elif exponent.is_Rational and exponent < 0 and base.free_symbols:
                below.append(self.name(base**-exponent))
            else:
                above.append(self.name(factor))
        top = " * ".join(above) or self.name(Integer(1))
        return f"{sign}{top}" + "".join(f" / {name}" for name in below)

    def _power(self, expr: Expr) -> str:
        base, exponent = expr.as_base_exp()
        if isinstance(base, Exp1):
            return f"exp({self.name(exponent)})"
        if exponent.is_Rational:
            if exponent < 0:
                return f"{self.name(Integer(1))} / {self.name(base**-exponent)}"
            if exponent == 2:
                return f"{self.name(base)} * {self.name(base)}"
            if exponent.is_Integer:
                return f"integer_power({self.name(base)}, {int(exponent)})"
            if exponent.p == 1:
                return f"root({self.name(base)}, {int(exponent.q)})"
            return f"integer_power(root({self.name(base)}, {int(exponent.q)}), {int(exponent.p)})"
        return f"power({self.name(base)}, {self.name(exponent)})"


_FUNCTIONS = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "cot": "cot", "sec": "sec", "csc": "csc",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "coth": "coth", "sech": "sech", "csch": "csch", "asin": "asin",
    "acos": "acos", "atan": "atan", "expm1": "expm1", "log1p": "log1p", "Abs": "absolute", "Max": "largest",
    "Min": "smallest",
}  # fmt: skip


def _integer_power(x: Any, n: int) -> Any:
    # arb's own power is nan for a ball with midpoint 0; products are not.
    product = None
    while n:
        if n & 1:
            product = x if product is None else product * x
        x, n = x * x, n >> 1
    return product


def _ball_root(x: arb, n: int) -> arb:
    return x.sqrt() if n == 2 else x.root(n)


def _ball_extreme(method: Callable[[arb, arb], arb]) -> Callable[[Sequence[arb]], arb]:
    def extreme(values: Sequence[arb]) -> arb:
        best = values[0]
        for value in values[1:]:
            best = method(best, value)
        return best

    return extreme


_BALLS: dict[str, Any] = {
    name: getattr(arb, name) for name in _FUNCTIONS.values() if name not in ("absolute", "largest", "smallest")
} | {
    "absolute": abs, "largest": _ball_extreme(arb.max), "smallest": _ball_extreme(arb.min), "power": arb.__pow__,
    "integer_power": _integer_power, "root": _ball_root,
}  # fmt: skip


def _execute(source: str) -> Callable[..., Any]:
    # The text is ours: names, digits and operators printed from a tree of known nodes.
    space = dict(_BALLS)
    exec(compile(source, "<straight-line code>", "exec"), space)
    program: Callable[..., Any] = space["program"]
    return program
