"""An independent oracle for plans: the derived formulas in mpmath at many digits, and a rounding of its own."""

from fractions import Fraction
from functools import lru_cache

import mpmath
import numpy as np
import torch
from sympy import lambdify

from s2n_proofs import catalogue, derive
from s2n_proofs.symbols import beta, delta, gamma, rho, s, t

DIGITS = 90
_NUMPY = {torch.float16: np.float16, torch.float32: np.float32, torch.float64: np.float64}


@lru_cache
def formulas(name, step):
    """The derived triple of a catalogue schedule as mpmath functions of (s, t, gamma, delta, rho, beta)."""
    return lambdify((s, t, gamma, delta, rho, beta), list(getattr(derived(name), step)), "mpmath", cse=True)


@lru_cache
def derived(name):
    """The formulas of a catalogue schedule."""
    return derive(catalogue[name])


@lru_cache
def schedule_values(name):
    """Alpha and sigma of a catalogue schedule as an mpmath function of t."""
    return lambdify(t, [catalogue[name].alpha, catalogue[name].sigma], "mpmath")


def exact(value):
    """The exact number that an mpmath, Python or torch float is."""
    if isinstance(value, mpmath.mpf):
        sign, mantissa, exponent, _ = value._mpf_
        return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent
    return Fraction(value)


def nearest(value, dtype):
    """Round an exact number by comparing the distances to neighbouring numbers of the dtype; ties to the even one."""
    kind = _NUMPY[dtype]
    if value == 0:
        return 0.0
    # The biggest finite number and its would-be successor settle overflow.
    largest = np.finfo(kind).max
    top = Fraction(float(largest))
    limit = top + (top - Fraction(float(np.nextafter(largest, kind(0))))) / 2
    if abs(value) >= limit:
        return float("inf") if value > 0 else float("-inf")
    clipped = max(-top, min(top, value))
    with np.errstate(all="ignore"):
        middle = kind(float(clipped))
        around = [middle, np.nextafter(middle, kind(-np.inf)), np.nextafter(middle, kind(np.inf))]
    around = [y for y in around if np.isfinite(y)]
    distances = [abs(Fraction(float(y)) - value) for y in around]
    best = [y for y, distance in zip(around, distances, strict=True) if distance == min(distances)]
    chosen = best[0] if len(best) == 1 else next(y for y in best if not int(y.view(f"u{y.nbytes}")) & 1)
    return float(np.copysign(chosen, kind(1 if value > 0 else -1)))


def triple(name, step, start, end, *, gamma=0, delta=0, rho=0, beta=0, digits=DIGITS):
    """The three coefficients at exact times, as mpmath numbers."""
    with mpmath.workdps(digits):
        return [mpmath.mpf(x) for x in formulas(name, step)(*map(number, (end, start, gamma, delta, rho, beta)))]


def number(value):
    """An exact number at the precision in force."""
    ratio = exact(value)
    return mpmath.mpf(ratio.numerator) / ratio.denominator


def converted(a_z, a_eps, alpha, sigma, prediction):
    """The update with eps written through z and the output, by hand."""
    if prediction == "x":
        return a_z + a_eps / sigma, -a_eps * alpha / sigma
    if prediction == "score":
        return a_z, -a_eps * sigma
    if prediction == "v":
        square = alpha**2 + sigma**2
        return a_z + a_eps * sigma / square, a_eps * alpha / square
    return a_z, a_eps


def rows(plan):
    """The plan's coefficients as Python floats, one triple per step."""
    return list(zip(plan.a_z.tolist(), plan.a_eps.tolist(), plan.a_noise.tolist(), strict=True))
