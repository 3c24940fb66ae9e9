"""What a formula tends to at the ends of the domain, where it may have no value: code must give that, or infinity."""

from __future__ import annotations

import math

import numpy as np
from flint import arb
from sympy import Expr

from s2n_proofs.proof.ball import BallError, UndefinedValueError, enclose, working_precision
from s2n_proofs.symbols import t

from .forms import single_formula
from .printers.compiled import ball_of
from .reference import Reference

__all__ = ["EndValues"]

_DISTANCES = (200, 400)  # powers of 1/2 of the domain, far closer than any float
_BITS = 4096
_LARGE = 50.0  # the log-SNR is some hundred so close to an end at which it is infinite
_UNITS = 64  # a limit read at a distance; what is to be told apart is infinite, or some 1e16


class EndValues:
    """The limits of a function of one time at those ends of the domain that are floats.

    Parameters
    ----------
    reference : Reference
    quantity : str
    domain : pair of sympy.Expr
    dtype : str

    Attributes
    ----------
    times : numpy.ndarray
        The ends that have a limit, finite or not.
    limits : tuple of float

    Examples
    --------
    >>> from sympy import Integer, cos, pi, sin
    >>> reference = Reference(cos(pi * t / 2), sin(pi * t / 2))
    >>> ends = EndValues(reference, "log_snr", (Integer(0), Integer(1)), "float64")
    >>> ends.limits
    (inf, -inf)
    >>> ends.kept(np.array([np.inf, -74.66]))
    False
    """

    def __init__(self, reference: Reference, quantity: str, domain: tuple[Expr, Expr], dtype: str) -> None:
        expr = reference.formula(single_formula(quantity))
        found: dict[float, float] = {}
        with working_precision(_BITS):
            start, end = (enclose(x, {}) for x in domain)
            for place, inward in ((start, end - start), (end, start - end)):
                if not place.is_exact() or float(place.mid()) != place:
                    continue
                time = float(np.dtype(dtype).type(float(place.mid())))
                limit = _limit(expr, place, inward)
                if place == time and limit is not None:
                    found[time] = limit
        self.times = np.array(list(found), dtype)
        self.limits = tuple(found.values())
        self._epsilon = float(np.finfo(dtype).eps)

    def kept(self, values: np.ndarray) -> bool:
        """Whether code that gives these values at the ends gives the limits."""
        return all(map(self._near, values.astype(float).tolist(), self.limits))

    def _near(self, value: float, limit: float) -> bool:
        if math.isinf(limit):
            return value == limit
        return abs(value - limit) <= _UNITS * self._epsilon * max(abs(limit), 1.0)


def _limit(expr: Expr, place: arb, inward: arb) -> float | None:
    function = ball_of((t,), expr)
    try:
        near, nearer = (function(place + inward * arb(2) ** -distance) for distance in _DISTANCES)
    except (BallError, UndefinedValueError):  # not defined so close to the end, or not decided
        return None
    if not (near.is_finite() and nearer.is_finite()):
        return None
    first, second = float(near.mid()), float(nearer.mid())
    if abs(second) > 1.5 * abs(first) and abs(first) > _LARGE:
        return math.copysign(math.inf, second)
    return second if abs(second - first) <= 1e-9 * max(abs(second), 1.0) else None
