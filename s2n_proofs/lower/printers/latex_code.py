r"""LaTeX the way the field writes it: $\alpha'(t)$ and $\lambda(s)$, or shorter, $\alpha_t^2$ and $\dot\lambda_t$."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Symbol
from sympy.printing.latex import LatexPrinter

from s2n_proofs.lower.program import Program, put

__all__ = ["expression_latex", "program_latex"]

_NAMES = {
    "lambda": r"\lambda", "alpha": r"\alpha", "sigma": r"\sigma", "epsilon": r"\epsilon_\theta",
    "alpha_tilde": r"\tilde\alpha", "sigma_tilde": r"\tilde\sigma", "snr": r"\mathrm{SNR}",
    "alpha_1": r"\alpha_1", "alpha_2": r"\alpha_2", "mmse_x": r"\mathrm{mmse}", "mmse": r"\mathrm{mmse}",
    "transition_factor": r"\alpha_{t\mid s}", "transition_variance": r"\Sigma_{t\mid s}", "g2": "g^2",
    "expm1": r"\operatorname{expm1}", "log1p": r"\operatorname{log1p}", "hypot": r"\operatorname{hypot}",
}  # fmt: skip

# In the short style: functions of one time, and of two, the later first.
_OF_TIME = {"lambda": r"\lambda", "alpha": r"\alpha", "sigma": r"\sigma", "f": "f", "g": "g", "snr": r"\mathrm{SNR}"}
_OF_TWO = {"transition_factor": r"\alpha", "transition_variance": r"\Sigma"}
_DOTS = ("", r"\dot", r"\ddot")


class _Printer(LatexPrinter):  # type: ignore[misc]  # SymPy is not typed
    """SymPy's printer with primes for derivatives in time and plain parentheses for arguments."""

    def _print_Function(self, expr: Expr, exp: str | None = None) -> str:
        name = expr.func.__name__
        if name not in _NAMES and len(name) > 1:
            return super()._print_Function(expr, exp)  # type: ignore[no-any-return]
        return self._applied(expr, 0, exp)

    def _applied(self, expr: Expr, order: int, exp: str | None) -> str:
        primes = "'" * order
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
            return self._applied(inner, sum(orders.values()), None)
        if inner.is_Function:
            below = "".join(rf"\partial_{{{self._print(v)}}}" * n for v, n in orders.items())
            return f"{below}{self._print(inner)}"
        return super()._print_Derivative(expr)  # type: ignore[no-any-return]


class _ShortPrinter(_Printer):
    """The same with times as subscripts and dots for derivatives in time."""

    def _applied(self, expr: Expr, order: int, exp: str | None) -> str:
        name, power = expr.func.__name__, "" if exp is None else f"^{{{exp}}}"
        times = [self._print(a) for a in expr.args]
        if name in _OF_TIME and len(times) == 1:
            if order < len(_DOTS):
                return f"{_DOTS[order]}{_OF_TIME[name]}_{{{times[0]}}}{power}"
            body = f"{_OF_TIME[name]}^{{({order})}}_{{{times[0]}}}"
            return f"({body}){power}" if power else body
        if name in _OF_TWO and len(times) == 2 and not order:
            return rf"{_OF_TWO[name]}_{{{times[1]}\mid {times[0]}}}{power}"
        return super()._applied(expr, order, exp)

    def _print_Pow(self, expr: Expr) -> str:
        base = expr.base
        if base.is_Derivative and expr.exp.is_Integer and expr.exp > 0:
            inner = base.expr
            orders = {v: int(n) for v, n in base.variable_count}
            if inner.is_Function and inner.args == tuple(orders):
                return self._applied(inner, sum(orders.values()), self._print(expr.exp))
        return super()._print_Pow(expr)  # type: ignore[no-any-return]


@lru_cache(maxsize=4096)
def expression_latex(expr: Expr, *, short: bool = False) -> str:
    r"""LaTeX of an expression in the vocabulary.

    Parameters
    ----------
    expr : sympy.Expr
        What is printed; its operations stay as they are.
    short : bool
        Times as subscripts and dots for derivatives, instead of arguments and primes.

    Examples
    --------
    >>> from s2n_proofs.symbols import alpha, lam, t
    >>> print(expression_latex(alpha(t).diff(t) / alpha(t)))
    \frac{\alpha'(t)}{\alpha(t)}
    >>> print(expression_latex(-alpha(t) ** 2 * lam(t).diff(t), short=True))
    - \alpha_{t}^{2} \dot\lambda_{t}
    """
    printer = _ShortPrinter if short else _Printer
    printed: str = printer({"ln_notation": False, "order": None}).doprint(expr)
    return printed


def program_latex(program: Program, *, short: bool = True) -> str:
    r"""LaTeX of a program: an ``aligned`` block of its steps, named $v_0,v_1,\dots$, and its outputs.

    Examples
    --------
    >>> from sympy import exp
    >>> from s2n_proofs.symbols import t
    >>> from s2n_proofs.lower.program import program
    >>> print(program_latex(program([t], {"alpha": exp(-t), "f": exp(-t) + exp(-2 * t)})))
    \begin{aligned}
      v_{0} &= e^{- t} \\
      \mathrm{alpha} &= v_{0} \\
      \mathrm{f} &= v_{0} + e^{- 2 t}
    \end{aligned}
    """
    names = {symbol: Symbol(f"v_{i}", real=True) for i, (symbol, _) in enumerate(program.steps)}
    rows = [(expression_latex(names[symbol]), expr) for symbol, expr in program.steps]
    rows += [(rf"\mathrm{{{name}}}".replace("_", r"\_"), expr) for name, expr in program.outputs]
    lines = [f"  {left} &= {expression_latex(put(expr, names), short=short)}" for left, expr in rows]
    return "\n".join([r"\begin{aligned}", " \\\\\n".join(lines), r"\end{aligned}"])
