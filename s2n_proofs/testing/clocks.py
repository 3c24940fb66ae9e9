r"""Clocks: increasing maps of $(0,1)$ onto itself, closed under composition and mixing.

A clock runs time at another pace.  Composed with a monotone function it leaves that monotone, so a schedule with a
clock inside is valid because the schedule without it is.  Clocks are exact SymPy expressions.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Integer, Rational, cos, exp, log, pi, sin

from .chooser import Chooser

__all__ = ["clock", "unit_fraction"]

_EXPONENTS = (Integer(2), Rational(1, 2), Integer(3), Rational(3, 2), Rational(2, 3))
_RATES = (Integer(1), Integer(2), Rational(1, 2), Integer(5), Rational(1, 3), Integer(20))
_INSIDE = tuple(Rational(p, q) for p, q in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (2, 5), (1, 10), (9, 10), (17, 23)))


def unit_fraction(choose: Chooser) -> Rational:
    """Draw a rational strictly between 0 and 1."""
    return choose.pick(_INSIDE)


def clock(choose: Chooser, u: Expr, composed: bool = False) -> Expr:
    r"""Draw a smooth clock of `u`, an expression with values in $(0,1)$; `composed`: sometimes of another clock.

    Examples
    --------
    >>> from s2n_proofs.symbols import t
    >>> from s2n_proofs.testing.chooser import SeededChooser
    >>> clock(SeededChooser(6), t, composed=True)
    log(t/2 + 1)/log(3/2)
    """
    inner = choose.pick(_SMOOTH)(choose, u) if composed and choose.pick((False, True)) else u
    return choose.pick(_SMOOTH)(choose, inner)


def _same(_: Chooser, u: Expr) -> Expr:
    return u


def _power(choose: Chooser, u: Expr) -> Expr:
    return u ** choose.pick(_EXPONENTS)


def _quarter_sine(_: Chooser, u: Expr) -> Expr:
    return sin(pi * u / 2)


def _quarter_cosine(_: Chooser, u: Expr) -> Expr:
    return 1 - cos(pi * u / 2)


def _moebius(choose: Chooser, u: Expr) -> Expr:
    rate = choose.pick(_RATES)
    return (1 + rate) * u / (1 + rate * u)


def _exponential(choose: Chooser, u: Expr) -> Expr:
    rate = choose.pick(_RATES)
    return (exp(rate * u) - 1) / (exp(rate) - 1)


def _logarithm(choose: Chooser, u: Expr) -> Expr:
    rate = choose.pick(_RATES)
    return log(1 + rate * u) / log(1 + rate)


def _smooth_step(_: Chooser, u: Expr) -> Expr:
    return u**2 * (3 - 2 * u)


def _mixture(choose: Chooser, u: Expr) -> Expr:
    weight = unit_fraction(choose)
    return weight * u + (1 - weight) * u ** choose.pick(_EXPONENTS)


_SMOOTH: tuple[Callable[[Chooser, Expr], Expr], ...] = (
    _same, _power, _moebius, _mixture, _smooth_step, _quarter_sine, _quarter_cosine, _logarithm, _exponential,
)  # fmt: skip
