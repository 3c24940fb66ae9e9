"""Programs as plain Python with nothing but ``math``."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Basic, Piecewise, Symbol

from .base import ATOM, Code, between
from .floats import FloatPrinter

__all__ = ["PythonPrinter"]

_SAME = (
    "exp", "log", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "expm1", "log1p", "asin", "acos", "atan",
    "asinh", "acosh", "atanh",
)  # fmt: skip


class PythonPrinter(FloatPrinter):
    """Prints a function of floats; ``math`` raises where a value is undefined, so a branch is computed only if taken.

    Examples
    --------
    >>> from sympy import Piecewise, log
    >>> from sympy.abc import x
    >>> from s2n_proofs.lower.program import program
    >>> print(PythonPrinter(program([x], {"value": Piecewise((log(x), x > 0), (0, True))})).function("function"))
    def function(x0):
        return ((math.log(x0) if x0 > 0.0 else 0.0),)
    <BLANKLINE>
    """

    language = "Python"
    reserved = frozenset({"math", "max", "min", "abs"})
    not_a_number, infinity = "math.nan", "math.inf"
    conjunction, disjunction, negation = " and ", " or ", "not "
    functions = {name: f"math.{name}({{0}})" for name in _SAME if name != "cbrt"} | {  # math.cbrt is new in 3.11
        "cot": "(1.0/math.tan({0}))", "sec": "(1.0/math.cos({0}))", "csc": "(1.0/math.sin({0}))",
        "coth": "(1.0/math.tanh({0}))", "sech": "(1.0/math.cosh({0}))", "csch": "(1.0/math.sinh({0}))",
        "hypot": "math.hypot({0}, {1})", "atan2": "math.atan2({0}, {1})", "Abs": "abs({0})",
        "sign": "(0.0 if ({0}) == 0 else math.copysign(1.0, {0}))", "clipped_sqrt": "math.sqrt(max({0}, 0.0))",
        "Max": "max({0}, {1})", "Min": "min({0}, {1})",
    }  # fmt: skip

    def where(self, condition: Code, value: Code, other: Code) -> Code:
        """One of two values; the other is not computed."""
        return Code(f"({value.text} if {condition.text} else {other.text})")

    def always_computed(self, node: Basic) -> Iterator[Basic]:
        """The first condition only."""
        return iter(node.args[0].args[1:] if isinstance(node, Piecewise) else node.args)

    def _print_Symbol(self, expr: Symbol) -> Code:
        if expr in self.steps and expr not in self.scope:
            # Needed in a branch only: printed there, as an assignment would compute it in any case.
            return Code(between(self.code(self.steps[expr]), ATOM))
        return super()._print_Symbol(expr)

    def power(self, base: Code, exponent: Code) -> Code:
        """The base to any exponent; ``**`` would make a complex number of a negative base."""
        return Code(f"math.pow({base.text}, {exponent.text})")
