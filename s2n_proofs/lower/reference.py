r"""The true values that code is measured against: the formula as derived, in ball arithmetic, with digits to spare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from flint import arb
from sympy import Expr, Max, Min, Piecewise, Rational, Symbol, log

from s2n_proofs.proof.ball import enclose, working_precision
from s2n_proofs.symbols import alpha, beta, delta, gamma, lam, rho, sigma, t

from .forms import derived
from .points import exact

__all__ = ["Reference", "errors"]

_BITS = 320  # a step of 1e-7 costs 24 bits, a root near an end 50; the radius is looked at all the same
_SPARE = 2.0**-80


class PrecisionError(ArithmeticError):
    """A true value could not be enclosed tightly enough to measure against."""


class Reference:
    """True values of a schedule's functions at exact times.

    Parameters
    ----------
    schedule_alpha, schedule_sigma : sympy.Expr
        In t, as the user gave them.
    """

    def __init__(self, schedule_alpha: Expr, schedule_sigma: Expr) -> None:
        self._functions = {alpha: _branched(schedule_alpha), sigma: _branched(schedule_sigma)}

    def formula(self, expr: Expr) -> Expr:
        """A generic formula with the schedule's own alpha and sigma, derivatives carried out, not simplified."""
        expr = expr.replace(lam, lambda time: 2 * log(alpha(time)) - 2 * log(sigma(time))).doit()
        for name, value in self._functions.items():
            expr = expr.replace(name, lambda time, value=value: value.subs(t, time))
        return expr.doit()

    def values(self, expr: Expr, places: Mapping[Symbol, np.ndarray | float]) -> list[arb]:
        """The formula (of this schedule) at each place.

        Raises
        ------
        PrecisionError
            If a value cannot be enclosed to 80 bits.
        """
        arrays = np.broadcast_arrays(*places.values())
        found = []
        for point in zip(*(array.ravel() for array in arrays), strict=True):
            for bits in (_BITS, 4 * _BITS, 16 * _BITS):
                with working_precision(bits):
                    ball = enclose(expr, {name: exact(x) for name, x in zip(places, point, strict=True)})
                if ball.is_finite() and (ball.is_exact() or ball.rad() < _SPARE * abs(ball.mid())):
                    break
            else:
                raise PrecisionError(f"{expr} could not be evaluated at {point}")
            found.append(ball)
        return found

    def step(self, name: str, places: Mapping[Symbol, np.ndarray | float]) -> list[arb]:
        """A formula of :func:`s2n_proofs.lower.forms.derived` by its name, gamma, delta, rho and beta among the places."""
        expr = derived()[name]
        # gamma, delta and rho are exact numbers: put in, so that a power with exponent 0 or -1 is one.
        fixed = {symbol: _rational(float(places[symbol])) for symbol in (gamma, delta, rho) if symbol in places}
        rest = {symbol: x for symbol, x in places.items() if symbol not in fixed}
        if beta in rest and not expr.has(beta):
            del rest[beta]
        return self.values(self.formula(expr.subs(fixed)), rest)


def errors(found: np.ndarray, true: Sequence[arb], unit: Sequence[arb] | None = None) -> np.ndarray:
    """|found - true| in units of |true| (or of `unit`), as doubles; not-a-number counts as infinite."""
    result = np.full(len(true), np.inf)
    with working_precision(_BITS):
        for i, (x, y) in enumerate(zip(np.ravel(found), true, strict=True)):
            if np.isfinite(x):
                difference = abs(exact(x) - y)
                scale = abs(y) if unit is None else unit[i]
                result[i] = 0.0 if difference.is_zero() else float((difference / scale).mid())
    return result


def _rational(value: float) -> Expr:
    return Rational(*value.as_integer_ratio())


def _branched(expr: Expr) -> Expr:
    return expr.rewrite(Piecewise) if expr.has(Max, Min) else expr
