r"""What float32 makes of the formulas that everybody types, against 50 digits.

The formulas are the generic ones of the theory, with α and σ rounded to float32 as a program would hold them.  Beside each
stands the accurate form of :mod:`s2n_proofs.lower.forms`, in the same float32, with the gap
$h=\tfrac12(\lambda_s-\lambda_t)$ rounded once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Symbol, exp, lambdify, log

from ..lower import forms
from ..schedule import Schedule
from ..symbols import alpha, gamma, lam, rho, s, sigma, t
from .curves import Curve, is_long

__all__ = ["PLACES", "Roundoff", "roundoff"]

_DIGITS = 50
_POINTS = 61
PLACES = ("transition_variance", "step.a_eps")
_LETTERS = (forms.alpha_s, forms.alpha_t, forms.sigma_s, forms.sigma_t)


@dataclass(frozen=True)
class Roundoff:
    """Relative errors of one formula over the time where a step of a fixed small length begins.

    Attributes
    ----------
    name : str
        As in :data:`s2n_proofs.lower.forms.FORMS`.
    typed, accurate : Curve
        The textbook formula and the accurate form.
    worst : float
        The largest error of the textbook formula.
    """

    name: str
    typed: Curve
    accurate: Curve

    @property
    def worst(self) -> float:
        """The largest error of the textbook formula that is finite."""
        return max((y for y in self.typed.y if np.isfinite(y)), default=float("nan"))


def roundoff(schedule: Schedule, name: str, steps: int = 1000) -> Roundoff:
    """The errors over a grid of steps as long as a sampler with so many steps would take."""
    pairs = _pairs(schedule, steps)
    x = tuple(float(pair[1]) for pair in pairs)
    typed, accurate = [], []
    for pair in pairs:
        exact = _exact(schedule, name, pair)
        letters = [np.float32(float(v)) for v in exact.letters]
        with np.errstate(all="ignore"):
            typed.append(_error(_typed(name)(*letters), exact.value))
            accurate.append(_error(_accurate(name)(*letters, np.float32(float(exact.gap))), exact.value))
    return Roundoff(name, Curve("as typed", x, tuple(typed), "."), Curve("accurate form", x, tuple(accurate), "."))


def _pairs(schedule: Schedule, steps: int) -> list[tuple[np.float32, np.float32]]:
    """Times that float32 has, so that the error is the formula's and not the argument's."""
    low, high = (float(end) for end in schedule.domain)
    grid = [(k + 0.5) / _POINTS for k in range(_POINTS)]
    found = []
    for u in grid:
        if is_long(schedule):
            later = low * (high / low) ** u
            earlier = later * (low / high) ** (1 / steps)
        else:
            later = low + (high - low) * u
            earlier = later - (high - low) / steps
        if low < earlier:
            found.append((np.float32(earlier), np.float32(later)))
    return found


@dataclass(frozen=True)
class _Exact:
    letters: Sequence[Any]
    gap: Any
    value: Any


def _exact(schedule: Schedule, name: str, pair: tuple[np.float32, np.float32]) -> _Exact:
    with mpmath.workdps(_DIGITS):
        early, late = (mpmath.mpf(float(time)) for time in pair)
        signal, noise = _functions(schedule)
        letters = [signal(early), signal(late), noise(early), noise(late)]
        gap = mpmath.log(letters[0] / letters[2]) - mpmath.log(letters[1] / letters[3])
        return _Exact(letters, gap, _reference(name)(*letters))


@lru_cache(maxsize=32)
def _functions(schedule: Schedule) -> tuple[Any, Any]:
    return lambdify([t], schedule.alpha, "mpmath"), lambdify([t], schedule.sigma, "mpmath")


def _generic(name: str) -> Expr:
    """The theory's formula in alpha and sigma at both times, at gamma = 0 and rho = 0."""
    formula = forms.derived()[name].subs({gamma: 0, rho: 0})
    spelt = formula.replace(lam, lambda time: log(alpha(time) ** 2 / sigma(time) ** 2))
    values = dict(zip((alpha(s), alpha(t), sigma(s), sigma(t)), _LETTERS, strict=True))
    return spelt.xreplace(values).replace(lambda node: isinstance(node, exp), lambda node: exp(node.exp).expand())


@lru_cache
def _reference(name: str) -> Any:
    return lambdify(_LETTERS, _generic(name), "mpmath")


@lru_cache
def _typed(name: str) -> Any:
    return lambdify(_LETTERS, _generic(name), "numpy")


@lru_cache
def _accurate(name: str) -> Any:
    gap: Symbol = forms.h
    form = forms.FORMS[name].subs({gamma: 0, rho: 0, forms.r: exp(-gap)})
    return lambdify((*_LETTERS, gap), form, "numpy")


def _error(value: Any, exact: Any) -> float:
    with mpmath.workdps(_DIGITS):
        difference = abs(mpmath.mpf(float(value)) - exact) / abs(exact) if np.isfinite(value) else mpmath.inf
        # An exact zero has no place on a logarithmic axis; half a unit of the last place is below every other error.
        return max(float(difference), 2.0**-26)
