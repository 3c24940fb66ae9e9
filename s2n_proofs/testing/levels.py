r"""Increasing functions with values in $(0,1)$ or $(0,\infty)$: what a schedule's ratio $\sigma/\alpha$ is made of.

Sums, positive multiples and positive powers of positive increasing functions are increasing, and so is each of
them composed with a clock.  The ends are chosen, not found: a *start* is ``infinite`` where the function begins at 0
(the log-SNR at $+\infty$), an *end* is ``infinite`` where it reaches 1, or $\infty$ (the log-SNR at $-\infty$).
"""

from __future__ import annotations

from typing import Literal

from sympy import Expr, Integer, Rational, Symbol, log, pi, tan

from .chooser import Chooser
from .clocks import clock

__all__ = ["ENDS", "EndKind", "fraction", "level"]

EndKind = Literal["infinite", "finite"]
ENDS: tuple[EndKind, ...] = ("infinite", "finite")

_LOW = tuple(Rational(p, q) for p, q in ((1, 4), (1, 10), (1, 100), (1, 1000), (1, 3)))
_HIGH = tuple(Rational(p, q) for p, q in ((3, 4), (9, 10), (99, 100), (999, 1000), (1, 2)))
_SCALES = tuple(Rational(p, q) for p, q in ((1, 1), (2, 1), (1, 2), (10, 1), (1, 10), (199, 20), (50, 1), (3, 7)))
_GROWTHS = (Integer(2), Integer(10), Integer(100), Integer(5000), Rational(3, 2))
_POWERS = (Integer(1), Integer(2), Rational(1, 2))


def fraction(choose: Chooser, u: Symbol, start: EndKind, end: EndKind, rich: bool) -> Expr:
    r"""Draw an increasing function into $(0,1)$ that begins at 0 or above, and ends at 1 or below.

    Examples
    --------
    >>> from s2n_proofs.symbols import t
    >>> from s2n_proofs.testing.chooser import SeededChooser
    >>> fraction(SeededChooser(0), t, "finite", "infinite", rich=False)
    1 - 999*cos(pi*t/2)/1000
    """
    low = choose.pick(_LOW) if start == "finite" else Integer(0)
    high = choose.pick(_HIGH) if end == "finite" else Integer(1)
    return low + (high - low) * clock(choose, u, composed=rich)


def level(choose: Chooser, u: Symbol, start: EndKind, end: EndKind, rich: bool) -> Expr:
    r"""Draw an increasing function into $(0,\infty)$ that begins at 0 or above, and ends finite or not.

    Examples
    --------
    >>> from s2n_proofs.symbols import t
    >>> from s2n_proofs.testing.chooser import SeededChooser
    >>> level(SeededChooser(0), t, "infinite", "infinite", rich=False)
    50*tan(pi*t/2)
    """
    two = rich and choose.pick((False, True))
    if end == "infinite":
        value = _unbounded(choose, u)
    else:
        value = _bounded(choose, u, start, composed=rich and not two)
    # The second term is finite at both ends; beside a logarithm's slow growth it keeps the end from being certified.
    if two and not value.has(log):
        value += choose.pick(_SCALES) * clock(choose, u)
    value *= choose.pick(_SCALES)
    return value + choose.pick(_LOW) if start == "finite" and value.subs(u, 0) == 0 else value


def _bounded(choose: Chooser, u: Symbol, start: EndKind, composed: bool) -> Expr:
    running = clock(choose, u, composed)
    if start == "finite" and choose.pick((False, True)):
        return choose.pick(_LOW) * choose.pick(_GROWTHS) ** running  # geometric, as ve
    return running


def _unbounded(choose: Chooser, u: Symbol) -> Expr:
    # No clock inside: near the end 1 - clock(u) cancels, and neither a proof nor floating point gets through that.
    form = choose.pick(("odds", "tangent", "logarithm"))
    if form == "odds":
        return (u / (1 - u)) ** choose.pick(_POWERS)
    return tan(pi * u / 2) if form == "tangent" else -log(1 - u)
