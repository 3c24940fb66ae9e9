r"""Clocks with corners: piecewise linear ones, and clipped ones that stand still for a while.

Where a clock stands still the log-SNR is constant: valid, and not invertible.  A clock that starts late or stops
early turns an infinite end into a finite one, so what is clipped depends on the ends that are asked for.
"""

from __future__ import annotations

from typing import Literal

from sympy import Expr, Integer, Max, Min, Piecewise, Rational, Symbol, oo

from .chooser import Chooser
from .clocks import unit_fraction
from .levels import EndKind

__all__ = ["SHAPES", "Pace", "Shape", "paced", "shaped"]

Shape = Literal["smooth", "piecewise", "clipped"]
SHAPES: tuple[Shape, ...] = ("smooth", "piecewise", "clipped")

Pace = tuple[tuple[Expr, Expr], ...]
"""Clocks, each with the end of the stretch where it applies; the last end is infinite."""

_LATE = (Rational(1, 4), Rational(1, 2), Rational(1, 10), Rational(1, 1000))


def shaped(choose: Chooser, u: Symbol, shape: Shape, start: EndKind, end: EndKind) -> Pace:
    r"""Draw a clock of the given shape that runs in $(0,1)$.

    Examples
    --------
    >>> from s2n_proofs.symbols import t
    >>> from s2n_proofs.testing.chooser import SeededChooser
    >>> shaped(SeededChooser(1), t, "clipped", "finite", "infinite")
    ((Max(1/2, t), oo),)
    """
    if shape == "piecewise":
        knee, height = unit_fraction(choose), unit_fraction(choose)
        return (u * height / knee, knee), (height + (u - knee) * (1 - height) / (1 - knee), oo)
    if shape == "clipped":
        return _clipped(choose, u, start, end)
    return ((u, oo),)


def _clipped(choose: Chooser, u: Symbol, start: EndKind, end: EndKind) -> Pace:
    if start == end == "infinite":  # stands still in between
        low, high = Rational(1, 4), choose.pick((Rational(1, 2), Rational(3, 4)))
        return (u, low), (low, high), (low + (u - high) * (1 - low) / (1 - high), oo)
    low = choose.pick(_LATE) if start == "finite" else Integer(0)
    high = 1 - choose.pick(_LATE[2:] if start == "finite" else _LATE) if end == "finite" else Integer(1)
    return ((_clip(u, low, high), oo),)


def _clip(u: Symbol, low: Rational, high: Rational) -> Expr:
    late = Max(u, low) if low > 0 else u
    return Min(late, high) if high < 1 else late


def paced(expr: Expr, u: Symbol, pace: Pace, time: Expr) -> Expr:
    r"""Put a clock into an expression in `u`, and `time`, which has values in $(0,1)$, into the clock.

    Examples
    --------
    >>> from sympy import Rational, oo
    >>> from s2n_proofs.symbols import t
    >>> paced(1 - t, t, ((t / 2, Rational(1, 2)), (3 * t / 2 - Rational(1, 2), oo)), t)
    Piecewise((1 - t/2, t < 1/2), (3/2 - 3*t/2, True))
    """
    if not expr.has(u):
        return expr
    branches = [(expr.xreplace({u: run}).xreplace({u: time}), (u < until).xreplace({u: time})) for run, until in pace]
    return Piecewise(*branches) if len(branches) > 1 else branches[0][0]
