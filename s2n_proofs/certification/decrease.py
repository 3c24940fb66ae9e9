r"""Expressions with the sign of $-\lambda'$ that neither a root nor a quotient hides.

With $\alpha=\prod_i b_i^{e_i}$ and $\sigma=\prod_i b_i^{d_i}$ over the bases $b_i$, exponentials aside,

$$\tfrac12\lambda'=(\log\alpha)'-(\log\sigma)'=\frac{N}{\prod_i b_i},$$

and where the sign of every base is certified, $-\lambda'$ has the sign of $-N$ times those.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Integer, Mul, Pow, Symbol, exp, expand, factor_terms, log, together

from .pieces import Piece
from .prover import Prover

__all__ = ["decrease_forms"]

_TERMS = 200  # a sum that would have more terms is not expanded


def decrease_forms(piece: Piece, variable: Symbol, prover: Prover) -> Iterable[Expr]:
    """Yield expressions with the sign of -lambda', the most telling first."""
    terms = [(-n, b) for n, b in _log_derivative(piece.alpha, variable)]
    terms += _log_derivative(piece.sigma, variable)
    by_base: dict[Expr, Expr] = {}
    for numerator, base in terms:
        by_base[base] = by_base.get(base, Integer(0)) + numerator
    by_base = {base: numerator for base, numerator in by_base.items() if numerator != 0}  # common to both: no matter
    signs = [1 if base == 1 else prover.sign(base) for base in by_base]
    if all(sign is not None for sign in signs):
        sign = Mul(*[s for s in signs if s is not None])
        total = sum((n * Mul(*[b for b in by_base if b != base]) for base, n in by_base.items()), start=Integer(0))
        yield from _rewritten(sign * total)
    squares = piece.alpha**2, piece.sigma**2
    yield from _rewritten(squares[0] * squares[1].diff(variable) - squares[0].diff(variable) * squares[1])


def _rewritten(expr: Expr) -> Iterable[Expr]:
    shorter = _shortened(expr) if _terms(expr) <= _TERMS else expr
    if shorter != expr:
        yield shorter
    yield expr


def _shortened(expr: Expr) -> Expr:
    try:
        return factor_terms(expand(expr, power_exp=False, power_base=False, log=False, trig=False))
    except ValueError:  # SymPy sorts numbers by their digits, and Python prints no more than 4300: 5000**2312
        return expr


def _terms(expr: Expr) -> int:
    """Bound the number of terms that expanding `expr` can give."""
    if expr.is_Add:
        return sum(_terms(term) for term in expr.args)
    if expr.is_Mul:
        product = 1
        for factor in expr.args:
            product *= _terms(factor)
        return product
    if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 1:
        return int(min(_terms(expr.base) ** min(int(expr.exp), 64), 10**9))
    return 1


def _log_derivative(expr: Expr, variable: Symbol) -> list[tuple[Expr, Expr]]:
    """Write (log expr)' as a sum of numerator/base."""
    if not expr.has(variable):
        return []
    if isinstance(expr, exp):
        return [(expr.args[0].diff(variable), Integer(1))]
    if isinstance(expr, Mul):
        return [term for argument in expr.args for term in _log_derivative(argument, variable)]
    if isinstance(expr, Pow):
        if not expr.exp.has(variable):
            return [(expr.exp * n, base) for n, base in _log_derivative(expr.base, variable)]
        return [((expr.exp * log(expr.base)).diff(variable), Integer(1))]
    if expr.is_Add:
        product = together(expr)
        if isinstance(product, Mul | Pow):
            return _log_derivative(product, variable)
    return [(expr.diff(variable), expr)]
