"""Where a formula's code is measured: times and pairs of times, exact floats, close to each other and to both ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from flint import arb, fmpq
from sympy import Expr

from s2n_proofs.proof.ball import enclose, working_precision

__all__ = ["Pairs", "domain_ends", "float_times", "moved_inside", "pairs", "without"]

_UNITS = 4
_SMALLEST = -7.0  # the decimal exponent, in units of the domain, of the closest times


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs s < t of one dtype, strictly inside the domain.

    Attributes
    ----------
    s, t : numpy.ndarray
        Shape (n,).
    """

    s: np.ndarray
    t: np.ndarray


@lru_cache
def domain_ends(domain: tuple[Expr, Expr]) -> tuple[float, float]:
    """The ends of the domain, to the nearest doubles."""
    with working_precision(128):
        start, end = (float(enclose(x, {}).mid()) for x in domain)
    return start, end


def without(points: Pairs, times: Sequence[float]) -> Pairs:
    """The pairs of which none is at one of these times, to a few units in the last place: at a corner nothing has a slope."""
    kept = np.ones(points.s.shape, bool)
    for time in times:
        unit = float(np.spacing(points.s.dtype.type(abs(time))))
        for column in (points.s, points.t):
            kept &= np.abs(column.astype(float) - time) > _UNITS * unit
    return Pairs(points.s[kept], points.t[kept])


def float_times(
    domain: tuple[Expr, Expr], count: int, rng: np.random.Generator, dtype: str, smallest: float = _SMALLEST
) -> np.ndarray:
    """Times of a dtype inside the domain, a third uniform, a third log-uniform to each end."""
    start, end = domain_ends(domain)
    length = end - start
    kind = rng.integers(0, 3, count)
    near = length * 10.0 ** rng.uniform(smallest, 0, count)
    times = np.where(
        kind == 0, start + length * rng.uniform(0, 1, count), np.where(kind == 1, start + near, end - near)
    )
    return moved_inside(times.astype(dtype), domain)


def moved_inside(times: np.ndarray, domain: tuple[Expr, Expr]) -> np.ndarray:
    """What rounding has put onto an end, or beyond, goes one float back; the ends may be no floats."""
    dtype = times.dtype.type
    with working_precision(128):
        low, high = (enclose(x, {}) for x in domain)
        first, last = dtype(float(low.mid())), dtype(float(high.mid()))
        while not arb(float(first)) > low:
            first = np.nextafter(first, dtype(np.inf))
        while not arb(float(last)) < high:
            last = np.nextafter(last, dtype(-np.inf))
    inside: np.ndarray = np.clip(times, first, last)
    return inside


def pairs(domain: tuple[Expr, Expr], count: int, seed: int, dtype: str, smallest: float = _SMALLEST) -> Pairs:
    """Pairs whose distance is log-uniform down to 1e-7 of the domain, each time anywhere, also beside the ends.

    Parameters
    ----------
    domain : pair of sympy.Expr
    count : int
        Pairs that coincide after rounding are left out, so there may be fewer.
    seed : int
    dtype : str
        ``float32`` or ``float64``.
    smallest : float
        Decimal exponent of the smallest distance between times and from an end, in units of the domain.

    Examples
    --------
    >>> from sympy import Integer
    >>> found = pairs((Integer(0), Integer(1)), 100, 0, "float32")
    >>> bool((found.s < found.t).all()), found.s.dtype.name
    (True, 'float32')
    """
    rng = np.random.default_rng(seed)
    start, end = domain_ends(domain)
    one = float_times(domain, count, rng, "float64", smallest)
    distance = (end - start) * 10.0 ** rng.uniform(smallest, 0, count)
    other = np.where(rng.random(count) < 0.5, one - distance, one + distance)
    # A partner outside the domain is drawn anew, beside an end or anywhere.
    other = np.where((other > start) & (other < end), other, float_times(domain, count, rng, "float64", smallest))
    first, last = (moved_inside(x.astype(dtype), domain) for x in (np.minimum(one, other), np.maximum(one, other)))
    apart = first < last
    return Pairs(first[apart], last[apart])


def exact(value: float) -> arb:
    """A float as the exact number that it is."""
    return arb(fmpq(*float(value).as_integer_ratio()))
