"""Formulas as one line of text that a person reads and ``s2n check`` parses."""

from __future__ import annotations

from functools import lru_cache

from sympy import Derivative, Expr
from sympy.printing.str import StrPrinter

__all__ = ["to_text"]


class _Printer(StrPrinter):  # type: ignore[misc]  # SymPy is not typed
    """SymPy's printer with ``diff(f(t), t)`` for derivatives, so that the text can be typed back."""

    def _print_Derivative(self, expr: Derivative) -> str:
        variables = ", ".join(f"{self._print(v)}" + (f", {n}" if n != 1 else "") for v, n in expr.variable_count)
        return f"diff({self._print(expr.expr)}, {variables})"


@lru_cache(maxsize=4096)
def to_text(expr: Expr) -> str:
    """One line of text.

    Examples
    --------
    >>> from s2n_proofs.symbols import alpha, t
    >>> to_text(alpha(t).diff(t) / alpha(t))
    'diff(alpha(t), t)/alpha(t)'
    """
    printed: str = _Printer().doprint(expr)
    return printed
