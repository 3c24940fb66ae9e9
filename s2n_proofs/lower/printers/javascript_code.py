"""Programs as JavaScript source: numbers in, an array of numbers out."""

from __future__ import annotations

from collections.abc import Sequence

from .base import ATOM, PRODUCT, Code, between
from .floats import FloatPrinter

__all__ = ["JavaScriptPrinter"]

_SAME = (
    "exp", "log", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "expm1", "log1p", "sign", "asin", "acos", "atan",
    "asinh", "acosh", "atanh",
)  # fmt: skip
_WORDS = """
    Math NaN Infinity undefined arguments eval await break case catch class const continue debugger default delete do else enum
    export extends false finally for function if implements import in instanceof interface let new null package
    private protected public return static super switch this throw true try typeof var void while with yield
"""


class JavaScriptPrinter(FloatPrinter):
    """Prints a function of numbers, which are float64 in JavaScript.

    Examples
    --------
    >>> from sympy import sqrt
    >>> from sympy.abc import x
    >>> from s2n_proofs.lower.program import program
    >>> print(JavaScriptPrinter(program([x], {"value": 1 - sqrt(x) ** 3})).function("step"))
    function step(x0) {
      return [1.0 - Math.pow(x0, 1.5)];
    }
    <BLANKLINE>
    """

    language = "JavaScript"
    reserved = frozenset(_WORDS.split())
    indent = "  "
    not_a_number, infinity = "NaN", "Infinity"
    conjunction, disjunction, negation = " && ", " || ", "!"
    functions = {name: f"Math.{name}({{0}})" for name in _SAME} | {
        "cot": "(1/Math.tan({0}))", "sec": "(1/Math.cos({0}))", "csc": "(1/Math.sin({0}))",
        "coth": "(1/Math.tanh({0}))", "sech": "(1/Math.cosh({0}))", "csch": "(1/Math.sinh({0}))",
        "hypot": "Math.hypot({0}, {1})", "atan2": "Math.atan2({0}, {1})", "Abs": "Math.abs({0})",
        "clipped_sqrt": "Math.sqrt(Math.max({0}, 0))",
        "Max": "Math.max({0}, {1})", "Min": "Math.min({0}, {1})",
    }  # fmt: skip

    def opening(self, name: str) -> list[str]:
        """The head of the function."""
        return [f"function {name}({', '.join(self.arguments)}) {{"]

    def closing(self, results: Sequence[Code]) -> list[str]:
        """The result and the brace."""
        return [f"{self.indent}return [{', '.join(code.text for code in results)}];", "}", ""]

    def assignment(self, name: str, code: str) -> str:
        """A constant of the block."""
        return f"const {name} = {code};"

    def integer_power(self, base: Code, exponent: int) -> Code:
        """A square as a product where that repeats a name only; ``-x**2`` is a syntax error in JavaScript."""
        if exponent == 2 and base.text.isidentifier():
            return Code(f"{base.text}*{base.text}", PRODUCT)
        return Code(f"Math.pow({base.text}, {exponent})")

    def power(self, base: Code, exponent: Code) -> Code:
        """The base to any exponent."""
        return Code(f"Math.pow({base.text}, {exponent.text})")

    def where(self, condition: Code, value: Code, other: Code) -> Code:
        """One of two values."""
        return Code(f"({condition.text} ? {between(value, 0)} : {between(other, 0)})", ATOM)
