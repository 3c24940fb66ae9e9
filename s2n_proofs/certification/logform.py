r"""The log-SNR of a schedule, in logarithms of its factors."""

from __future__ import annotations

from math import prod

from sympy import E, Expr, Integer, Mul, Pow, Symbol, exp, log

from .factors import value_at
from .pieces import middle_of

__all__ = ["log_snr_of"]


def log_snr_of(alpha: Expr, sigma: Expr, variable: Symbol, domain: tuple[Expr, Expr]) -> Expr:
    r"""Return $\lambda=2\log\alpha-2\log\sigma$ with exponentials undone and powers in front.

    Examples
    --------
    >>> from sympy import sqrt
    >>> t = Symbol("t", real=True)
    >>> log_snr_of(exp(-t / 2), sqrt(1 - exp(-t)), t, (Integer(0), Integer(1)))
    -t - log(1 - exp(-t))
    """
    middle = middle_of(*domain)
    return 2 * _log(alpha, variable, middle) - 2 * _log(sigma, variable, middle)


def _log(expr: Expr, variable: Symbol, middle: Expr) -> Expr:
    """Write log(abs(expr)) as a sum over the factors; `expr` is positive where a sign is unknown."""
    if isinstance(expr, exp):
        return expr.args[0]
    if isinstance(expr, Pow):
        base, exponent = expr.args
        if base == E:
            return exponent
        # An even power does not tell its base's sign; that is constant on the domain, so one point does.
        return exponent * _log(base, variable, middle) if _sign(base, variable, middle) else log(expr)
    if isinstance(expr, Mul):
        signs = {factor: _sign(factor, variable, middle) for factor in expr.args}
        total = sum((_log(factor, variable, middle) for factor, sign in signs.items() if sign), Integer(0))
        unknown = [factor for factor, sign in signs.items() if not sign]
        # The product is positive, so the unknown factors together have the sign of the known ones.
        sign = prod(sign for sign in signs.values() if sign)
        return total + log(sign * Mul(*unknown)) if unknown else total
    return log(expr * (_sign(expr, variable, middle) or 1))


def _sign(expr: Expr, variable: Symbol, middle: Expr) -> int:
    """Return the sign at the middle of the domain; 0: not known."""
    if expr.is_positive:
        return 1
    if expr.free_symbols - {variable}:
        return 0
    value = value_at(expr, variable, middle)
    return 0 if value is None else 1 if value > 0 else -1 if value < 0 else 0
