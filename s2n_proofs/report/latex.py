r"""LaTeX of formulas in reports: $\alpha'(t)$, $\lambda(s)$, $\partial_zp(z,t)$."""

from __future__ import annotations

from sympy import Expr

from s2n_proofs.lower.printers.latex_code import expression_latex

__all__ = ["to_latex"]


def to_latex(expr: Expr) -> str:
    r"""LaTeX of an expression in the vocabulary.

    Examples
    --------
    >>> from s2n_proofs.symbols import alpha, t
    >>> print(to_latex(alpha(t).diff(t) / alpha(t)))
    \frac{\alpha'(t)}{\alpha(t)}
    """
    return expression_latex(expr)
