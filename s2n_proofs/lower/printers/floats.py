"""What the printers for floating-point languages share: constants rounded once, powers, conditions."""

from __future__ import annotations

import math
from typing import ClassVar

from sympy import Basic, E, Eq, Expr, Ge, Gt, Integer, Le, Lt, Max, Min, Ne, Piecewise, Pow, Rational, S, Symbol, sign
from sympy.core.relational import Relational
from sympy.functions import DiracDelta, Heaviside, exp
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from .base import ATOM, POWER, PRODUCT, Code, FunctionPrinter, between
from .constants import rounded
from .errors import PrinterError

__all__ = ["FloatPrinter", "decided"]

_OPERATORS = {Lt: "<", Le: "<=", Gt: ">", Ge: ">=", Eq: "==", Ne: "!="}


class FloatPrinter(FunctionPrinter):
    """Prints for a language whose numbers are floats."""

    not_a_number: ClassVar[str]
    infinity: ClassVar[str]
    conjunction: ClassVar[str] = " & "
    disjunction: ClassVar[str] = " | "
    negation: ClassVar[str] = "~"

    def constant(self, expr: Expr) -> Code:
        """A constant subtree, rounded once, whatever its form."""
        if expr in (S.Infinity, S.NegativeInfinity):
            return self.number(float(expr))
        return self.number(rounded(expr, self.bits))

    def number(self, value: float) -> Code:
        """A float; its shortest repr is read back as the same float64 by Python and JavaScript alike."""
        text = self.infinity if math.isinf(value) else repr(abs(value))
        return Code(text) if value >= 0 else Code(f"-{text}", PRODUCT)

    def is_negative(self, expr: Expr) -> bool:
        """Of a constant that is not rational, the value decides."""
        if expr.free_symbols or expr in (S.Infinity, S.NegativeInfinity):
            return super().is_negative(expr)
        return rounded(expr, self.bits) < 0

    def coefficient(self, number: Expr, followed: bool) -> tuple[list[Code], list[Code]]:
        """1/q divides: it rounds once, where a factor 1/q rounds twice unless q is a power of two."""
        if followed and isinstance(number, Rational):
            p, q = int(number.p), int(number.q)
            if p == 1 and (q & (q - 1)) and q.bit_length() <= self.bits:
                return [], [self.constant(Integer(q))]
        return super().coefficient(number, followed)

    # --- powers

    def _print_Pow(self, expr: Pow) -> Code:
        base, exponent = expr.base, expr.exp
        if base == E:
            return self.code(exp(exponent, evaluate=False))
        if isinstance(exponent, Rational):
            if exponent < 0:
                below = self.code(base) if exponent == -1 else self.code(Pow(base, -exponent, evaluate=False))
                return Code(f"{self.number(1.0).text}/{between(below, POWER)}", PRODUCT)
            if exponent == Rational(1, 2):
                return self.apply(self.functions["sqrt"], self.code(base))
            if exponent == 1:
                return self.code(base)
            if isinstance(exponent, Integer):
                return self.integer_power(self.code(base), int(exponent))
            if exponent == Rational(1, 3) and base.is_nonnegative and "cbrt" in self.functions:
                # The root of a negative number is not real here, as it is in no other printer.
                return self.apply(self.functions["cbrt"], self.code(base))
        return self.power(self.code(base), self.code(exponent))

    def integer_power(self, base: Code, exponent: int) -> Code:
        """The base to an integer of at least 2."""
        return Code(f"{between(base, ATOM)}**{exponent}", POWER)

    def power(self, base: Code, exponent: Code) -> Code:
        """The base to any exponent."""
        return Code(f"{between(base, ATOM)}**{between(exponent, ATOM)}", POWER)

    # --- branches

    def where(self, condition: Code, value: Code, other: Code) -> Code:
        """One of two values."""
        raise NotImplementedError

    def _print_Piecewise(self, expr: Piecewise) -> Code:
        return self.choose([(self.code(value), condition) for value, condition in expr.args])

    def choose(self, branches: list[tuple[Code, Basic]]) -> Code:
        """The value of the first branch whose condition is true; not a number if there is none."""
        result = Code(self.not_a_number)
        for value, condition in reversed(branches):
            known = decided(condition)
            if known is None:
                result = self.where(self.code(condition), value, result)
            elif known:
                result = value
        return result

    def _print_Heaviside(self, expr: Heaviside) -> Code:
        x, at_zero = expr.args
        if at_zero == Rational(1, 2):
            return self.code((1 + sign(x, evaluate=False)) * at_zero)
        step = Piecewise((at_zero, Eq(x, 0)), ((1 + sign(x, evaluate=False)) / 2, True), evaluate=False)
        return self.code(step)

    def _print_DiracDelta(self, expr: DiracDelta) -> Code:
        if len(expr.args) > 1:
            raise PrinterError(f"the {self.language} printer does not know derivatives of DiracDelta")
        (x,) = expr.args
        # What a derivative of Min or Max leaves at the corner, where there is no derivative; 0*x keeps a NaN.
        return self.where(
            Code(f"{between(self.code(x), ATOM)} == {self.number(0.0).text}", -1),
            Code(self.not_a_number),
            Code(f"{self.number(0.0).text}*{between(self.code(x), POWER)}", PRODUCT),
        )

    # --- conditions

    def _print_Relational(self, expr: Relational) -> Code:
        left, right = (between(self.code(side), 0) for side in expr.args)
        return Code(f"{left} {_OPERATORS[type(expr)]} {right}", -1)

    _print_StrictLessThan = _print_LessThan = _print_StrictGreaterThan = _print_Relational
    _print_GreaterThan = _print_Equality = _print_Unequality = _print_Relational

    def _print_And(self, expr: And) -> Code:
        return Code(self.conjunction.join(f"({self.code(arg).text})" for arg in expr.args), -1)

    def _print_Or(self, expr: Or) -> Code:
        return Code(self.disjunction.join(f"({self.code(arg).text})" for arg in expr.args), -1)

    def _print_Not(self, expr: Not) -> Code:
        return Code(f"{self.negation}({self.code(expr.args[0]).text})", -1)

    def _print_Max(self, expr: Max) -> Code:
        return self._extreme("Max", expr)

    def _print_Min(self, expr: Min) -> Code:
        return self._extreme("Min", expr)

    def _extreme(self, name: str, expr: Max | Min) -> Code:
        # A number last: Python's max(nan, 0.0) is nan, but max(0.0, nan) is 0.0.
        first, *others = map(self.code, sorted(expr.args, key=lambda arg: not arg.free_symbols))
        for other in others:
            first = self.apply(self.functions[name], first, other)
        return first


def decided(condition: Basic) -> bool | None:
    """Whether a condition without symbols is true; None for one with symbols."""
    if isinstance(condition, BooleanTrue | BooleanFalse):
        return bool(condition)
    if condition.free_symbols or isinstance(condition, Symbol):
        return None
    known = condition.doit()
    if isinstance(known, BooleanTrue | BooleanFalse):
        return bool(known)
    raise PrinterError(f"it cannot be told whether {condition} is true")
