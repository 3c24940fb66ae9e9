"""Programs as mpmath source: exact rationals, and every operation at the precision that is set when it is called."""

from __future__ import annotations

from sympy import And, Not, Or, Piecewise

from .base import Code
from .exact import ExactPrinter
from .floats import decided

__all__ = ["MpmathPrinter"]

_SAME = (
    "exp", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch", "atan", "asinh",
    "expm1", "hypot", "atan2", "sign",
)  # fmt: skip
_REAL = ("log", "log1p", "asin", "acos", "acosh", "atanh")  # in mpmath complex outside the domain
_COMPARISONS = {
    "StrictLessThan": "<", "LessThan": "<=", "StrictGreaterThan": ">", "GreaterThan": ">=", "Equality": "==", "Unequality": "!=",
}  # fmt: skip


class MpmathPrinter(ExactPrinter):
    """Prints a function of ``mpf`` numbers; undefined is NaN, as with floats, and never complex.

    Examples
    --------
    >>> from sympy import exp
    >>> from sympy.abc import x
    >>> from s2n_proofs.lower.program import program
    >>> print(MpmathPrinter(program([x], {"value": exp(x) / 3 + 1})).function("function"))
    def constants():
        k0 = mpf(1)/3
        return (k0,)
    <BLANKLINE>
    <BLANKLINE>
    def function(x0):
        k0, = at_this_precision(constants)
        return (1 + k0*mp.exp(x0),)
    <BLANKLINE>
    """

    language = "mpmath"
    number, pi, e = "mpf", "+mp.pi", "+mp.e"
    functions = (
        {name: f"mp.{name}({{0}})" for name in _SAME}
        | {name: f"real(mp.{name}, {{0}})" for name in _REAL}
        | {name: f"({{0}} {operator} {{1}})" for name, operator in _COMPARISONS.items()}
        | {
            "hypot": "mp.hypot({0}, {1})", "atan2": "mp.atan2({0}, {1})", "Abs": "abs({0})",
            "Max": "largest({0}, {1})", "Min": "smallest({0}, {1})", "Heaviside": "heaviside({0}, {1})", "DiracDelta": "dirac_delta({0})",
        }
    )  # fmt: skip

    def rational(self, p: int, q: int) -> Code:
        """A quotient that is rounded once."""
        return Code(f"mpf({p})/{q}", 1)

    def _print_Piecewise(self, expr: Piecewise) -> Code:
        result = Code("nan")
        for value, condition in reversed(expr.args):
            known = decided(condition)
            if known:
                result = self.as_number(value)
            elif known is None:
                result = Code(f"({self.as_number(value).text} if {self.code(condition).text} else {result.text})")
        return result

    def _print_And(self, expr: And) -> Code:
        return Code("(" + " and ".join(self.code(arg).text for arg in expr.args) + ")")

    def _print_Or(self, expr: Or) -> Code:
        return Code("(" + " or ".join(self.code(arg).text for arg in expr.args) + ")")

    def _print_Not(self, expr: Not) -> Code:
        return Code(f"(not {self.code(expr.args[0]).text})")
