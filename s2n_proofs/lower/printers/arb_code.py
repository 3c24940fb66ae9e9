"""Programs as straight-line code for python-flint's balls, as rigorous as :func:`s2n_proofs.proof.ball.enclose` and faster.

One call does what the evaluator does at one point, without the walk over the tree.  As there, an expression that provably has no value
raises ``UndefinedValueError``, and what a branch needs is computed only where the branch may be taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import And, Basic, Expr, Not, Or, Piecewise, Symbol

from .base import ATOM, Code, between
from .exact import ExactPrinter
from .floats import decided

__all__ = ["ArbPrinter"]

# Defined for every real ball, so that the method of the ball will do.
_METHODS = {
    "exp": "exp", "sin": "sin", "cos": "cos", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "sech": "sech", "atan": "atan",
    "asinh": "asinh", "expm1": "expm1", "sign": "sgn",
}  # fmt: skip
_WORDS = (
    "log", "log1p", "tan", "cot", "sec", "csc", "coth", "csch", "asin", "acos", "acosh", "atanh", "Heaviside",
    "DiracDelta",
)  # fmt: skip
_COMPARISONS = {
    "StrictLessThan": "less", "LessThan": "less_or_equal", "StrictGreaterThan": "greater",
    "GreaterThan": "greater_or_equal", "Equality": "equal", "Unequality": "unequal",
}  # fmt: skip


class ArbPrinter(ExactPrinter):
    """Prints a function of ``flint.arb`` balls, at the precision that is set when it is called.

    Examples
    --------
    >>> from sympy import exp, sqrt
    >>> from sympy.abc import x
    >>> from s2n_proofs.lower.program import program
    >>> print(ArbPrinter(program([x], {"value": sqrt(exp(x) / 3 + x**2)})).function("function"))
    def constants():
        k0 = arb(fmpq(1, 3))
        return (k0,)
    <BLANKLINE>
    <BLANKLINE>
    def function(x0):
        k0, = at_this_precision(constants)
        return (rational_power(x0*x0 + k0*x0.exp(), 1, 2),)
    <BLANKLINE>
    """

    language = "Arb"
    number, pi, e = "arb", "arb.pi()", "arb.const_e()"
    functions = (
        {name: f"{{0}}.{method}()" for name, method in _METHODS.items()}
        | {name: f"{name}({{0}})" for name in _WORDS}
        | {name: f"{word}({{0}}, {{1}})" for name, word in _COMPARISONS.items()}
        | {
            "hypot": "hypot({0}, {1})", "atan2": "arb.atan2({0}, {1})", "Abs": "abs({0})",
            "Max": "{0}.max({1})", "Min": "{0}.min({1})",
        }
    )  # fmt: skip

    def rational(self, p: int, q: int) -> Code:
        """An exact fraction, enclosed."""
        return Code(f"arb(fmpq({p}, {q}))")

    def apply(self, template: str, *args: Code) -> Code:
        """A method is called on what binds most tightly."""
        if template.startswith("{0}."):
            args = (Code(between(args[0], ATOM)), *args[1:])
        return super().apply(template, *args)

    # --- branches

    def always_computed(self, node: Basic) -> Iterator[Basic]:
        """The first condition only."""
        return iter(node.args[0].args[1:] if isinstance(node, Piecewise) else node.args)

    def _print_Piecewise(self, expr: Piecewise) -> Code:
        pairs = []
        for value, condition in expr.args:
            for part in (condition, value):
                self._prepare_later(part)
            known = decided(condition)
            truth = str(known) if known is not None else self.code(condition).text
            pairs.append(f"(lambda: {truth}, lambda: {self.as_number(value).text})")
        return Code(f"piecewise({', '.join(pairs)})")

    def _prepare_later(self, part: Basic) -> None:
        needed = self.needed([part])
        for symbol, expr in self.steps.items():
            if symbol in needed and symbol not in self.scope:
                # What this step's own branches need is prepared while it is printed, so before it.
                self.scope[symbol] = self._later(symbol, expr)

    def _later(self, symbol: Symbol, expr: Expr) -> Code:
        name = self.assign("w", f"later(lambda: {self.code(expr).text})").text
        return Code(f"{name}()")

    def _print_And(self, expr: And) -> Code:
        return Code(f"both({', '.join(self.code(arg).text for arg in expr.args)})")

    def _print_Or(self, expr: Or) -> Code:
        return Code(f"either({', '.join(self.code(arg).text for arg in expr.args)})")

    def _print_Not(self, expr: Not) -> Code:
        return Code(f"negated({self.code(expr.args[0]).text})")
