"""Programs as numpy source."""

from __future__ import annotations

from .base import Code
from .floats import FloatPrinter

__all__ = ["NumpyPrinter"]

_SAME = ("exp", "log", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "expm1", "log1p", "sign")


class NumpyPrinter(FloatPrinter):
    """Prints a function of arrays.

    A Python float in an operation with an array takes the array's dtype, so that float32 stays float32.

    Examples
    --------
    >>> from sympy import exp
    >>> from sympy.abc import x
    >>> from s2n_proofs.lower.program import program
    >>> print(NumpyPrinter(program([x], {"value": exp(x) / 3 - 1 / (1 + exp(x))})).function("function"))
    def function(x0):
        v0 = np.exp(x0)
        return (v0/3.0 - 1.0/(1.0 + v0),)
    <BLANKLINE>
    """

    language = "numpy"
    reserved = frozenset({"np"})
    not_a_number, infinity = "np.nan", "np.inf"
    functions = {name: f"np.{name}({{0}})" for name in _SAME} | {
        "asin": "np.arcsin({0})", "acos": "np.arccos({0})", "atan": "np.arctan({0})",
        "asinh": "np.arcsinh({0})", "acosh": "np.arccosh({0})", "atanh": "np.arctanh({0})",
        "cot": "(1.0/np.tan({0}))", "sec": "(1.0/np.cos({0}))", "csc": "(1.0/np.sin({0}))",
        "coth": "(1.0/np.tanh({0}))", "sech": "(1.0/np.cosh({0}))", "csch": "(1.0/np.sinh({0}))",
        "hypot": "np.hypot({0}, {1})", "atan2": "np.arctan2({0}, {1})", "Abs": "np.abs({0})",
        "Max": "np.maximum({0}, {1})", "Min": "np.minimum({0}, {1})",
    }  # fmt: skip

    def where(self, condition: Code, value: Code, other: Code) -> Code:
        """One of two values, element by element; both are computed."""
        return Code(f"np.where({condition.text}, {value.text}, {other.text})")
