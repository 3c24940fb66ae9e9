"""What alpha, sigma and the log-SNR tend to at an end of the domain, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Integer, Symbol, expand_log, log, nan, oo, zoo

from ..proof.ball import BallError, UndefinedValueError, enclose, working_precision
from .endpoint import expand_beside
from .points import near
from .zero import exactly_zero

__all__ = ["End", "end_of", "limit_beside"]

_WIDTHS = (Fraction(1, 16), Fraction(1, 1024), Fraction(1, 2**24))  # of the domain


@dataclass(frozen=True)
class End:
    """One end of the domain.

    Attributes
    ----------
    time : sympy.Expr
        The end itself.
    alpha, sigma, ratio, log_snr : sympy.Expr or None
        The one-sided limits of alpha, sigma, alpha/sigma and lambda: an exact number, 0 only where that is
        proven, ``oo`` or ``-oo``, or None where the limit is not known.
    """

    time: Expr
    alpha: Expr | None
    sigma: Expr | None
    ratio: Expr | None
    log_snr: Expr | None

    @property
    def infinite(self) -> bool | None:
        """Whether the log-SNR is infinite at this end; None: not known."""
        return None if self.log_snr is None else self.log_snr in (oo, -oo)


def limit_beside(expr: Expr, variable: Symbol, point: Expr, side: int, width: Fraction) -> Expr | None:
    """Return the exact limit of a branch-free `expr` at `point` from one side; None where it is not known.

    Examples
    --------
    >>> from sympy import Symbol, Integer, cos, pi, sin
    >>> t = Symbol("t")
    >>> limit_beside(cos(pi * t / 2), t, Integer(1), -1, Fraction(1))
    0
    >>> limit_beside(cos(pi * t / 2) / sin(pi * t), t, Integer(0), +1, Fraction(1))
    oo
    """
    value = expr.subs(variable, point)
    if not value.has(nan, zoo, oo, -oo):
        # Every function that the evaluator knows, sign aside, is continuous where its ball is finite.
        try:
            with working_precision(128):
                ball = enclose(expr, {variable: enclose(point, {})})
        except (UndefinedValueError, BallError):
            return None
        if ball.is_finite() and not ball.contains(0):
            return value
        if exactly_zero(value):
            return Integer(0)
    for part in _WIDTHS:
        with working_precision(128):
            leading = expand_beside(expr, variable, point, side, width * part)
        if leading is not None:
            if leading.order > 0:
                return Integer(0)
            if leading.order < 0:
                return oo if leading.coefficient > 0 else -oo
            return None  # a ball of 0/0 is at hand, but no closed form
    return None


def end_of(alpha: Expr, sigma: Expr, variable: Symbol, point: Expr, side: int, width: Expr) -> End:
    """Collect the limits of a branch-free schedule at one end."""
    reach = near(width, -1)
    a, b, ratio = (limit_beside(e, variable, point, side, reach) for e in (alpha, sigma, alpha / sigma))
    if ratio is None:
        log_snr = None
    elif ratio == 0:
        log_snr = -oo
    elif ratio == oo:
        log_snr = oo
    else:
        log_snr = expand_log(2 * log(ratio))
    return End(point, a, b, ratio, log_snr)
