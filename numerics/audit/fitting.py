"""Which named step the measured coefficients are, and by how many units in the last place they miss it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Symbol

from s2n_proofs.symbols import beta, delta, gamma, rho
from s2n_proofs.testing.worlds import mp

from .families import COEFFICIENTS, ETA, coefficients, evaluate, formulas_of, scales
from .implementation import Implementation
from .probing import Measured

__all__ = ["TOLERANCE", "Fit", "Miss", "comparable", "compare", "identify", "units"]

# Units of rounding: eps times the size of the terms that are added.  A straightforward evaluation takes some thirty
# operations, each off by half a unit at most; diffusers' and azula's are all within 1.
TOLERANCE = 32.0


@dataclass(frozen=True)
class Miss:
    """The worst step of one coefficient.

    Attributes
    ----------
    units : float
        Distance in units of rounding of a straightforward evaluation; a right coefficient has at most some hundred.
    ulp : float
        Distance in units in the last place of the exact value, at the step where it is largest.
    step : int
        The step where `units` is largest.
    measured, expected : float
        The values there.
    """

    units: float
    ulp: float
    step: int
    measured: float
    expected: float


@dataclass(frozen=True)
class Fit:
    """A named step against the measured coefficients."""

    family: str
    numbers: Mapping[str, float]
    misses: Mapping[str, Miss]
    compared: int

    @property
    def worst(self) -> float:
        """The largest distance of the three coefficients."""
        return max((miss.units for miss in self.misses.values()), default=float("inf"))

    @property
    def right(self) -> bool:
        """Whether every coefficient is within rounding."""
        return self.worst <= TOLERANCE

    @property
    def wrong(self) -> tuple[str, ...]:
        """The coefficients that are off."""
        return tuple(name for name, miss in self.misses.items() if miss.units > TOLERANCE)


def comparable(implementation: Implementation, index: int) -> bool:
    """Whether the formulas have a value: the later time must have some signal and some noise."""
    level = implementation.levels[index]
    return bool(level.alpha > 0 and level.sigma > 0)


def units(measured: float, expected: Any, scale: Any, precision: str, error: float = 0.0) -> float:
    """The distance in units of rounding; an estimated value may be five standard errors off at no cost."""
    away = abs(mp.mpf(measured) - expected)
    away = max(away - 5 * error * abs(expected), mp.mpf(0))
    return float(away / (scale * float(np.finfo(precision).eps)))


def compare(implementation: Implementation, measured: Sequence[Measured], family: str, numbers: Any = None) -> Fit:
    """Hold a family against the measured coefficients.

    Parameters
    ----------
    numbers : mapping or sequence of mappings, optional
        Values of gamma, delta, rho, eta or beta; a sequence gives them step by step.
    """
    each = numbers if isinstance(numbers, list) else [numbers or {}] * len(measured)
    misses: dict[str, Miss] = {}
    compared = 0
    for index, found in enumerate(measured):
        if not comparable(implementation, index) or not found.finite:
            continue
        level_t, level_s = implementation.levels[index], implementation.levels[index + 1]
        expected = coefficients(family, level_s, level_t, each[index])
        if any(value is None or not isinstance(value, mp.mpf) for value in expected):
            continue
        compared += 1
        sizes = scales(level_s, level_t, expected[2])
        values = (found.a_z, found.a_eps, abs(found.a_noise))
        for name, value, right in zip(COEFFICIENTS, values, expected, strict=True):
            error = found.noise_error if name == "a_noise" else 0.0
            off = units(value, right, sizes[name], implementation.precision, error)
            last = np.spacing(np.abs(np.asarray(float(right), dtype=implementation.precision)))
            ulp = float(abs(mp.mpf(value) - right) / float(last))
            if not np.isfinite(off):
                off = ulp = float("inf")
            before = misses.get(name)
            if before is None or off > before.units:
                misses[name] = Miss(off, max(ulp, before.ulp if before else 0.0), index, value, float(right))
            else:
                misses[name] = Miss(before.units, max(ulp, before.ulp), before.step, before.measured, before.expected)
    plain = {} if isinstance(numbers, list) else {str(key): float(value) for key, value in (numbers or {}).items()}
    return Fit(family, plain, misses, compared)


def identify(implementation: Implementation, measured: Sequence[Measured]) -> Fit:
    """The first family that fits within rounding, else the nearest."""
    fits = []
    for family, numbers in _candidates(implementation, measured):
        fit = compare(implementation, measured, family, numbers)
        if fit.compared and fit.right:
            return fit
        fits.append(fit)
    return min(fits, key=lambda fit: (-fit.compared, fit.worst))


def _candidates(implementation: Implementation, measured: Sequence[Measured]) -> Iterator[tuple[str, Any]]:
    yield "ddim", None
    yield "ancestral", None
    eta = fitted_eta(implementation, measured)
    if eta is not None:
        yield "eta", {ETA: eta}
    yield from _eq7(implementation, measured)
    betas = [{beta: abs(found.a_noise)} for found in measured]
    if any(found.a_noise for found in measured):
        yield "nonmarkov", betas


def fitted_eta(implementation: Implementation, measured: Sequence[Measured]) -> float | None:
    """The measured noise over the posterior's: the eta of DDIM."""
    ratios = []
    for index in _usable(implementation):
        posterior = coefficients("ancestral", implementation.levels[index + 1], implementation.levels[index])[2]
        ratios.append(abs(measured[index].a_noise) / float(posterior))
    return None if not ratios or not any(ratios) else _nice(float(np.median(ratios)))


def _usable(implementation: Implementation) -> list[int]:
    """Steps with signal and noise on both sides, and room between them."""
    levels = implementation.levels
    return [
        k
        for k in range(len(levels) - 1)
        if comparable(implementation, k)
        and levels[k + 1].sigma > 0
        and levels[k + 1].alpha > 0
        and levels[k + 1].sigma * levels[k].alpha < levels[k].sigma * levels[k + 1].alpha
    ]


def _eq7(implementation: Implementation, measured: Sequence[Measured]) -> Iterator[tuple[str, Any]]:
    steps = _usable(implementation)
    if not steps:
        return
    noise = [abs(measured[k].a_noise) for k in steps]
    if not any(noise):
        found_rho, found_delta = 0.0, 0.0
    elif all(noise):
        found_rho, found_delta = _noise_numbers(implementation, steps, noise)
    else:
        return
    given = {rho: found_rho, delta: found_delta}
    for power in (0.0, 1.0, -1.0):
        yield "eq7", {gamma: power, **given}
    fitted = _fitted_gamma(implementation, measured, steps[len(steps) // 2], given)
    if fitted is not None:
        yield "eq7", {gamma: fitted, **given}


def _noise_numbers(implementation: Implementation, steps: Sequence[int], noise: Sequence[float]) -> tuple[float, float]:
    """Solve noise = rho * (at delta 0) * (delta 1 over delta 0)**delta in logarithms, for all steps."""
    rows, values = [], []
    for k, level in zip(steps, noise, strict=True):
        bare, full = (
            coefficients("eq7", implementation.levels[k + 1], implementation.levels[k], {gamma: 0, rho: 1, delta: d})[2]
            for d in (0, 1)
        )
        rows.append([1.0, float(mp.log(full / bare))])
        values.append(float(mp.log(level / bare)))
    (log_rho, found_delta), *_ = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)
    return _nice(float(np.exp(log_rho))), _nice(float(found_delta))


def _fitted_gamma(
    implementation: Implementation, measured: Sequence[Measured], k: int, given: Mapping[Symbol, float]
) -> float | None:
    level_t, level_s = implementation.levels[k], implementation.levels[k + 1]

    def gap(power: Any) -> Any:
        numbers = {gamma: power, **given}
        found = evaluate(formulas_of("eq7", numbers).a_eps, level_s, level_t, numbers)
        return found - measured[k].a_eps

    try:
        found = mp.findroot(gap, (mp.mpf(1) / 3, mp.mpf(3) / 4), tol=1e-24)
    except (ValueError, ZeroDivisionError, TypeError):  # no gamma gives this coefficient
        return None
    return _nice(float(found)) if isinstance(found, mp.mpf) else None


def _nice(value: float) -> float:
    """The simple fraction nearby that a person will have typed, if there is one."""
    simple = Fraction(value).limit_denominator(100)
    return float(simple) if abs(value - simple) < 1e-5 * (1 + abs(value)) else value
