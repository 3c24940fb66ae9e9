"""The sign of an expression right beside a point, by expansions with a rigorous remainder.

Beside a point t0 where a quantity vanishes, has a root or a pole, no ball is ever small enough: bisection
towards t0 does not end.  With t = t0 +- h**k (k clears the denominators of rational exponents) it is

    h**v (c_0 + c_1 h + ... + c_{n-1} h**(n-1) + r(h) h**n),     r(h) in a ball for *every* 0 < h <= h0,

and where the ball of the bracket excludes zero the sign is that of the bracket on all of 0 < h <= h0.  The
order v is exact: a leading coefficient counts as zero only when it is the rational number 0 or its exact
symbolic value is 0, never because it is small.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq
from sympy import Dummy, Expr, Symbol

from ..proof.ball import BallError, UndefinedValueError
from .series import Algebra, NeedsRootError
from .taylor import GaveUpError

__all__ = ["Leading", "expand_beside", "sign_beside"]

_MAX_ROOT = 24  # the largest k in t = t0 +- h**k


@dataclass(frozen=True)
class Leading:
    """The expansion h**order * (coefficient + ...), with t = t0 +- h**root, and its bracket's enclosure.

    Attributes
    ----------
    order : fractions.Fraction
        The exact order in ``|t - t0|``, v/k: positive where the limit is 0, negative at a pole.
    coefficient : flint.arb
        The leading coefficient, which excludes 0: the limit itself where `order` is 0.
    bracket : flint.arb
        Encloses the bracket for every h in (0, h0].
    """

    order: Fraction
    coefficient: arb
    bracket: arb


def sign_beside(expr: Expr, variable: Symbol, point: Expr, side: int, width: Fraction) -> int | None:
    """Return the sign that `expr` provably has at every t with 0 < side*(t - point) <= width; None: unknown.

    Examples
    --------
    >>> from sympy import Symbol, exp, sqrt, Integer
    >>> t = Symbol("t")
    >>> sign_beside(sqrt(1 - exp(-t)), t, Integer(0), +1, Fraction(1, 4))
    1
    """
    leading = expand_beside(expr, variable, point, side, width)
    if leading is None:
        return None
    return 1 if leading.bracket > 0 else -1 if leading.bracket < 0 else None


def expand_beside(expr: Expr, variable: Symbol, point: Expr, side: int, width: Fraction) -> Leading | None:
    """Expand `expr` on the given side (+1: t > point, -1: t < point) of `point`, up to a distance `width`."""
    h = Dummy("h", positive=True)
    k = 1  # only a root of what vanishes at the point needs more, and a needless k spends coefficients
    while k <= _MAX_ROOT:
        reach = arb(fmpq(width.numerator, width.denominator)).root(k).upper()
        algebra = Algebra(h, arb(0).union(reach))
        inner = expr.xreplace({variable: point + side * h**k})
        try:
            model = algebra.settle(inner, algebra.walk(inner))
        except NeedsRootError as need:
            k *= need.factor
            continue
        except (GaveUpError, UndefinedValueError, BallError):
            return None
        return Leading(Fraction(model.order, k), arb(model.head[0]), algebra.bracket(model))
    return None
