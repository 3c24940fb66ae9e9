r"""The first step, from the noisiest level of all, and the last, to the cleanest: is there a value, and is it the limit?

Where $\alpha=0$ a predicted noise says nothing of the data, and no step has a value; where a step ends at $\sigma=0$, the
named steps end at the predicted data.  What is found is told and not held against an implementation whose own grid
stays inside the domain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from s2n_proofs.symbols import beta
from s2n_proofs.testing.worlds import mp

from .families import COEFFICIENTS, coefficients, scales
from .fitting import TOLERANCE, comparable, units
from .implementation import Implementation, Level
from .probing import measure

__all__ = ["Endpoint", "endpoints"]


@dataclass(frozen=True)
class Endpoint:
    """What one step at an end of the schedule gives.

    Attributes
    ----------
    which : str
        ``first`` or ``last``.
    alpha, sigma : float
        Of the level at that end.
    finite : bool
        Whether the step has finite values.
    units : float or None
        The largest distance from the named step, in rounding units; None where that has no value there.
    said : str
        In words.
    """

    which: str
    alpha: float
    sigma: float
    finite: bool
    units: float | None
    said: str


def endpoints(implementation: Implementation, family: str | None, numbers: Any) -> tuple[Endpoint, ...]:
    """Look at both ends; one at which alpha or sigma has no finite value is left out."""
    try:
        closed = implementation.closed()
    except Exception:  # foreign code, which need not know its own ends
        return ()
    last = len(closed.levels) - 2
    found = []
    for which, index, end in (("first", 0, 0), ("last", last, last + 1)):
        level = closed.levels[end]
        if all(isinstance(value, mp.mpf) and mp.isfinite(value) for value in level):
            found.append(_endpoint(closed, which, index, level, family, numbers))
    return tuple(found)


def _endpoint(
    closed: Implementation, which: str, index: int, level: Level, family: str | None, numbers: Any
) -> Endpoint:
    alpha, sigma = float(level.alpha), float(level.sigma)
    try:
        with np.errstate(all="ignore"):
            read = measure(closed, index)
    except Exception as error:  # foreign code
        return Endpoint(which, alpha, sigma, False, None, f"it raises {type(error).__name__}")
    if not read.finite:
        no_limit = level.alpha == 0 and which == "first"
        return Endpoint(which, alpha, sigma, False, None, "not finite" + (", as the formula" if no_limit else ""))
    away = None
    level_t, level_s = closed.levels[index], closed.levels[index + 1]
    if isinstance(numbers, list):
        numbers = {beta: abs(read.a_noise)}
    if family is not None and comparable(closed, index):
        expected = coefficients(family, level_s, level_t, numbers)
        if all(isinstance(value, mp.mpf) for value in expected):
            sizes = scales(level_s, level_t, expected[2])
            values = (read.a_z, read.a_eps, abs(read.a_noise))
            away = max(
                units(value, right, sizes[name], closed.precision)
                for name, value, right in zip(COEFFICIENTS, values, expected, strict=True)
            )
    if away is None:
        return Endpoint(which, alpha, sigma, True, None, "finite")
    limit = f"the limit of {family}" if level.sigma == 0 else str(family)
    word = "" if away <= TOLERANCE else "not "
    return Endpoint(which, alpha, sigma, True, away, f"finite, {word}{limit} ({away:.3g} rounding units away)")
