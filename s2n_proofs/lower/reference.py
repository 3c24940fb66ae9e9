r"""The true values that code is measured against: the formula as derived, in ball arithmetic, with digits to spare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from flint import arb
from sympy import Expr, Rational, Symbol, log

from s2n_proofs.proof.ball import working_precision
from s2n_proofs.symbols import alpha, beta, delta, gamma, lam, rho, sigma, t

from .forms import derived
from .points import Pairs, exact
from .printers.compiled import ball_of

__all__ = ["Exactly", "PrecisionError", "Reference", "errors"]

_BITS = 320  # a step of 1e-7 costs 24 bits, a root near an end 50; the radius is looked at all the same
_SHORT = 1024
_SPARE = 2.0**-80
_ZERO = arb(2) ** -1200  # a ball around zero as narrow as this, on a flat piece say, is taken for zero


class PrecisionError(ArithmeticError):
    """A true value could not be enclosed tightly enough to measure against."""


@dataclass(frozen=True, eq=False)
class Exactly:
    """True values, each the sum of two doubles.

    Attributes
    ----------
    high, low : numpy.ndarray
        Shape (n,); together they hold more than a hundred bits.
    """

    high: np.ndarray
    low: np.ndarray


class Reference:
    """True values of a schedule's functions at exact times.

    Parameters
    ----------
    schedule_alpha, schedule_sigma : sympy.Expr
        In t, as the user gave them.
    """

    def __init__(self, schedule_alpha: Expr, schedule_sigma: Expr) -> None:
        self._functions = {alpha: schedule_alpha, sigma: schedule_sigma}

    def formula(self, expr: Expr) -> Expr:
        """A generic formula with the schedule's own alpha and sigma, derivatives carried out, not simplified."""
        expr = expr.replace(lam, lambda time: 2 * log(alpha(time)) - 2 * log(sigma(time))).doit()
        for name, value in self._functions.items():
            expr = expr.replace(name, lambda time, value=value: value.subs(t, time))
        return expr.doit()

    def values(self, expr: Expr, places: Mapping[Symbol, np.ndarray | float]) -> Exactly:
        """The formula (of this schedule) at each place.

        Raises
        ------
        PrecisionError
            If a value cannot be enclosed to 80 bits.
        """
        arrays = np.broadcast_arrays(*places.values())
        function = ball_of(tuple(places), expr)
        high, low = np.empty(arrays[0].size), np.empty(arrays[0].size)
        for i, point in enumerate(zip(*(array.ravel().tolist() for array in arrays), strict=True)):
            for bits in (_BITS, 4 * _BITS, 16 * _BITS):
                with working_precision(bits):
                    ball = function(*map(exact, point))
                    middle = ball.mid()
                    if ball.is_exact() or (ball.is_finite() and ball.rad() < max(_SPARE * abs(middle), _ZERO)):
                        high[i] = float(middle)
                        low[i] = float(middle - arb(high[i]))
                        break
            else:
                raise PrecisionError(f"{expr} could not be evaluated at {point}")
        return Exactly(high, low)

    def representable(self, points: Pairs) -> Pairs:
        """The pairs at which alpha and sigma have room for a relative difference of eps among the dtype's normal numbers."""
        kinds = np.finfo(points.s.dtype)
        kept = np.ones(points.s.shape, bool)
        for function in self._functions.values():
            for times in (points.s, points.t):
                sizes = np.abs(self.values(function, {t: times}).high)
                kept &= (sizes >= kinds.tiny / kinds.eps) & (sizes <= kinds.max)
        return Pairs(points.s[kept], points.t[kept])

    def step(self, name: str, places: Mapping[Symbol, np.ndarray | float]) -> Exactly:
        """A formula of :func:`s2n_proofs.lower.forms.derived` by its name, gamma, delta, rho and beta among the places."""
        expr = derived()[name]
        # gamma, delta and rho are exact numbers: put in, so that a power with exponent 0 or -1 is one.  Long fractions
        # stay outside: SymPy looks for roots of that order in every number that is raised to one.
        given = {symbol: _rational(float(places[symbol])) for symbol in (gamma, delta, rho) if symbol in places}
        fixed = {symbol: number for symbol, number in given.items() if number.q <= _SHORT}
        rest = {symbol: x for symbol, x in places.items() if symbol not in fixed}
        if beta in rest and not expr.has(beta):
            del rest[beta]
        return self.values(self.formula(expr.subs(fixed)), rest)


def errors(found: np.ndarray, true: Exactly, unit: np.ndarray | None = None) -> np.ndarray:
    """|found - true| in units of |true| (or of `unit`); what is not a number counts as infinitely wrong.

    Below the smallest normal number of the dtype, where floats are equidistant, that number is the unit; beyond the largest,
    infinity is right.

    Examples
    --------
    >>> true = Exactly(np.array([1.0, 2.0]), np.array([1e-17, 0.0]))
    >>> errors(np.array([1.0, np.nan]), true).tolist()
    [1e-17, inf]
    """
    with np.errstate(all="ignore"):
        difference = np.abs((np.asarray(found, np.float64).ravel() - true.high) - true.low)
        smallest = np.finfo(found.dtype).tiny
        relative: np.ndarray = difference / np.maximum(np.abs(true.high) if unit is None else unit, smallest)
    relative[difference == 0] = 0.0
    overflown = np.abs(true.high) > np.finfo(found.dtype).max
    relative[overflown & (found.ravel() == np.copysign(np.inf, true.high))] = 0.0
    relative[np.isnan(relative)] = np.inf
    return relative


def _rational(value: float) -> Expr:
    return Rational(*value.as_integer_ratio())
