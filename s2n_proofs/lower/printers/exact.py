"""What the printers for arbitrary precision share: constants stay exact and get their value once per precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sympy import E, Expr, Float, Integer, Max, Min, Pow, Rational, pi
from sympy.functions import exp

from .base import ATOM, PRODUCT, Code, FunctionPrinter, between
from .errors import PrinterError

__all__ = ["ExactPrinter"]


class ExactPrinter(FunctionPrinter):
    """Prints a function of numbers of any precision.

    All constants of the program are the results of a second function, ``constants``, called when the precision is new.
    """

    number: ClassVar[str]  # the type of a number, to make one of an integer
    pi: ClassVar[str]
    e: ClassVar[str]

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self._constants: dict[Expr, Code] = {}
        self._within_constant = False
        self.constant_lines: list[str] = []

    def opening(self, name: str) -> list[str]:
        """The function of the constants, the head of the function, the constants' names."""
        head = super().opening(name)
        if not self.constant_lines:
            return head
        names = "".join(f"{code.text}, " for code in self._constants.values()).rstrip()
        return [
            "def constants():",
            *(f"{self.indent}{line}" for line in self.constant_lines),
            f"{self.indent}return ({names})",
            "", "",
            *head,
            f"{self.indent}{names} = at_this_precision(constants)",
        ]  # fmt: skip

    def results(self) -> list[Code]:
        """Every output is a number of the type, also if it is an integer."""
        self.prepare(self.outputs.values())
        return [self.code(expr) if expr.free_symbols else self._kept(expr) for expr in self.outputs.values()]

    def constant(self, expr: Expr) -> Code:
        """An integer as it is; else the name of a constant."""
        if isinstance(expr, Integer) and not self._within_constant:
            return Code(str(int(expr)), ATOM if expr >= 0 else PRODUCT)
        if self._within_constant:
            return self._value(expr)
        return self._kept(expr)

    def _kept(self, expr: Expr) -> Code:
        if expr not in self._constants:
            self._within_constant = True
            text = self._value(expr).text
            self._within_constant = False
            name = self.fresh("k")
            self.constant_lines.append(f"{name} = {text}")
            self._constants[expr] = Code(name)
        return self._constants[expr]

    def _value(self, expr: Expr) -> Code:
        if isinstance(expr, Integer):
            return Code(f"{self.number}({int(expr)})")
        if isinstance(expr, Float):
            raise PrinterError(f"the floating-point number {expr} is not exact")
        if isinstance(expr, Rational):
            return self.rational(int(expr.p), int(expr.q))
        if expr in (pi, E):
            return Code(self.pi if expr == pi else self.e)
        # Of atoms only: asked about unevaluated numbers, SymPy now and then raises InconsistentAssumptions.
        if expr.is_Atom and not expr.is_finite:
            raise PrinterError(f"{expr} is not a finite real number")
        code: Code = super(FunctionPrinter, self)._print(expr)
        return code

    def rational(self, p: int, q: int) -> Code:
        """The fraction p/q."""
        raise NotImplementedError

    def as_number(self, expr: Expr) -> Code:
        """The code of an expression whose value is of the number type, not an integer of Python."""
        return self._kept(expr) if not expr.free_symbols and not self._within_constant else self.code(expr)

    def _print_Function(self, expr: Expr) -> Code:
        template = self.functions.get(type(expr).__name__)
        if template is None:
            return self.emptyPrinter(expr)
        return self.apply(template, *map(self.as_number, expr.args))

    _print_Abs = _print_sign = _print_Heaviside = _print_DiracDelta = _print_Function

    def _print_Pow(self, expr: Pow) -> Code:
        base, exponent = expr.base, expr.exp
        if base == E:
            return self.code(exp(exponent, evaluate=False))
        if exponent == -1:
            return self.quotient(Code("1"), self.as_number(base))
        if isinstance(exponent, Integer) and exponent > 0:
            return self.integer_power(self.as_number(base), int(exponent))
        if isinstance(exponent, Rational):
            return Code(f"rational_power({self.as_number(base).text}, {int(exponent.p)}, {int(exponent.q)})")
        return Code(f"real_power({self.as_number(base).text}, {self.as_number(exponent).text})")

    def integer_power(self, base: Code, exponent: int) -> Code:
        """The base to a positive integer."""
        if exponent == 2 and base.text.isidentifier():
            return Code(f"{base.text}*{base.text}", PRODUCT)
        return Code(f"integer_power({base.text}, {exponent})")

    def quotient(self, above: Code, below: Code) -> Code:
        """The quotient; a call, which knows what to do about 0."""
        return Code(f"over({above.text}, {below.text})")

    def _print_Max(self, expr: Max) -> Code:
        return self._extreme("Max", expr.args)

    def _print_Min(self, expr: Min) -> Code:
        return self._extreme("Min", expr.args)

    def _extreme(self, name: str, args: Sequence[Expr]) -> Code:
        first, *others = map(self.as_number, args)
        for other in others:
            first = self.apply(self.functions[name], Code(between(first, ATOM)), other)
        return first

    def comparison(self, expr: Expr) -> Code:
        """A comparison as the call of a function."""
        name = type(expr).__name__
        if name not in self.functions:
            return self.emptyPrinter(expr)
        return self.apply(self.functions[name], *map(self.as_number, expr.args))

    _print_StrictLessThan = _print_LessThan = _print_StrictGreaterThan = comparison
    _print_GreaterThan = _print_Equality = _print_Unequality = comparison
