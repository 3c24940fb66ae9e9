r"""LaTeX the way the field writes it: $\alpha'(t)$, $\lambda(s)$, $\partial_zp(z,t)$."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr
from sympy.printing.latex import LatexPrinter

__all__ = ["to_latex"]

_NAMES = {
    "lambda": r"\lambda", "alpha": r"\alpha", "sigma": r"\sigma", "epsilon": r"\epsilon_\theta",
    "alpha_tilde": r"\tilde\alpha", "sigma_tilde": r"\tilde\sigma", "snr": r"\mathrm{SNR}",
    "alpha_1": r"\alpha_1", "alpha_2": r"\alpha_2", "mmse_x": r"\mathrm{mmse}", "mmse": r"\mathrm{mmse}",
    "transition_factor": r"\alpha_{t\mid s}", "transition_variance": r"\Sigma_{t\mid s}", "g2": "g^2",
}  # fmt: skip


class _Printer(LatexPrinter):  # type: ignore[misc]  # SymPy is not typed
    """SymPy's printer with primes for derivatives in time and plain parentheses for arguments."""

    def _print_Function(self, expr: Expr, exp: str | None = None) -> str:
        name = expr.func.__name__
        if name not in _NAMES and len(name) > 1:
            return super()._print_Function(expr, exp)  # type: ignore[no-any-return]
        return self._applied(expr, "", exp)

    def _applied(self, expr: Expr, primes: str, exp: str | None) -> str:
        name = _NAMES.get(expr.func.__name__, expr.func.__name__)
        inside = ", ".join(self._print(a) for a in expr.args)
        body = f"{name}{primes}({inside})"
        if exp is None:
            return body
        return f"{{{name}{primes}}}({inside})^{{{exp}}}" if not primes and "^" not in name else f"({body})^{{{exp}}}"

    def _print_Derivative(self, expr: Expr) -> str:
        inner = expr.expr
        orders = {v: int(n) for v, n in expr.variable_count}
        if inner.is_Function and len(inner.args) == 1 and set(orders) == set(inner.args):
            return self._applied(inner, "'" * sum(orders.values()), None)
        if inner.is_Function:
            below = "".join(rf"\partial_{{{self._print(v)}}}" * n for v, n in orders.items())
            return f"{below}{self._print(inner)}"
        return super()._print_Derivative(expr)  # type: ignore[no-any-return]


@lru_cache(maxsize=4096)
def to_latex(expr: Expr) -> str:
    r"""LaTeX of an expression in the vocabulary.

    Examples
    --------
    >>> from s2n_proofs.symbols import alpha, t
    >>> print(to_latex(alpha(t).diff(t) / alpha(t)))
    \frac{\alpha'(t)}{\alpha(t)}
    """
    printed: str = _Printer({"ln_notation": False, "order": None}).doprint(expr)
    return printed
