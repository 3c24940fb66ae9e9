r"""From formulas to chains: Euler's scheme for an SDE, and steps given by their coefficients.

Formulas come by role, as the theory and the ledger have them: ``drift z``, ``drift eps`` (or ``drift score``) and
``diffusion`` for an SDE; ``z``, ``eps`` (or ``score``, or ``xhat``) and ``noise`` for a step from one time to another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

import numpy as np
from sympy import Expr, Symbol

from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import Delta, s, t

from .chain import Chain
from .coefficients import Coefficients

__all__ = ["Data", "Setting", "euler", "grid", "steps"]

Formulas = Mapping[str, Expr]
Scales = Mapping[str, float]


@dataclass(frozen=True)
class Data:
    """Normal data in one dimension; variance 0 is a point."""

    mean: float
    variance: float


class Setting:
    """One schedule with its coefficients and the times between which processes run.

    Parameters
    ----------
    name : str
    schedule : Schedule
    spread : Expr, optional
        b(t) of the non-Markovian model.
    """

    def __init__(self, name: str, schedule: Schedule, spread: Expr | None = None) -> None:
        self.name = name
        self.schedule = schedule
        self.values = Coefficients(schedule, spread)
        low, high = self.values.domain
        inset = (high - low) / 1000
        top, bottom = self.values.log_snr(low + inset), self.values.log_snr(high - inset)
        # Signal and noise of comparable size, where every coefficient matters; or the middle of what there is.
        upper, lower = min(2.0, top), max(-2.0, bottom)
        if upper - lower < 0.5:
            upper, lower = bottom + 0.8 * (top - bottom), bottom + 0.2 * (top - bottom)
        self.early, self.late = self.values.time_at(upper), self.values.time_at(lower)

    def between(self, fraction: Fraction) -> Fraction:
        """A time between the early (0) and the late one (1)."""
        return self.early + (self.late - self.early) * fraction


def grid(start: Fraction, end: Fraction, count: int) -> tuple[Fraction, ...]:
    """Equidistant times from `start` to `end`, either way."""
    return tuple(start + (end - start) * Fraction(k, count) for k in range(count + 1))


def euler(
    setting: Setting,
    formulas: Formulas,
    times: Sequence[Fraction],
    data: Data,
    *,
    parameters: Mapping[Symbol, Fraction] | None = None,
    scales: Scales | None = None,
) -> Chain:
    r"""Euler and Maruyama's scheme: $z+(t_{k+1}-t_k)(a z+e\epsilon)+c\sqrt{|t_{k+1}-t_k|}\,\xi$.

    `scales` multiplies a role's formula by $1+x$, which is how a wrong coefficient is simulated; where it is 0 throughout,
    $x$ over the whole duration is added instead.
    """
    duration = abs(float(times[-1] - times[0]))
    offsets = {
        role: (scale - 1) / duration
        for role, scale in (scales or {}).items()
        if not any(setting.values(formulas[role], {t: when, **(parameters or {})}) for when in times)
    }
    columns: list[tuple[float, ...]] = []
    for here, there in pairwise(times):
        at = {t: here, **(parameters or {})}
        h = float(there - here)
        role = _roles(setting, formulas, at, scales, offsets)
        sigma = setting.values.sigma(here)
        network = role.get("drift eps", 0.0) - role.get("drift score", 0.0) / sigma
        drift = role.get("drift z", role.get("drift", 0.0))
        noise = role.get("diffusion", 0.0) * abs(h) ** 0.5
        columns.append((1 + h * drift, h * network, noise, setting.values.alpha(here), sigma))
    return _chain(setting, columns, times[0], data)


def steps(
    setting: Setting,
    formulas: Formulas,
    times: Sequence[Fraction],
    data: Data,
    *,
    parameters: Mapping[Symbol, Fraction] | None = None,
    scales: Scales | None = None,
    network_at: Literal["start", "end"] = "start",
    start: Fraction | None = None,
) -> Chain:
    """A step for every pair of neighbours; the formulas are in s and t, s < t, whichever way the chain goes.

    `network_at` says with whose coefficients the network is evaluated; `start` is the time of the first state's law,
    where that is not the first of `times`.
    """
    columns: list[tuple[float, ...]] = []
    for here, there in pairwise(times):
        at = {s: min(here, there), t: max(here, there), **(parameters or {})}
        if any(formula.has(Delta) for formula in formulas.values()):
            at |= {t: here, Delta: there - here}
        role = _roles(setting, formulas, at, scales, {})
        alpha, sigma = setting.values.alpha(here), setting.values.sigma(here)
        guess = role.get("xhat", 0.0)  # x-hat = (z - sigma eps)/alpha
        by_z = role["z"] + guess / alpha
        network = role.get("eps", 0.0) - role.get("score", 0.0) / sigma - guess * sigma / alpha
        asked = here if network_at == "start" else there
        columns.append(
            (by_z, network, role.get("noise", 0.0), setting.values.alpha(asked), setting.values.sigma(asked))
        )
    return _chain(setting, columns, times[0] if start is None else start, data)


def _roles(
    setting: Setting, formulas: Formulas, at: Mapping[Symbol, Fraction], scales: Scales | None, offsets: Scales
) -> dict[str, float]:
    return {
        role: setting.values(formula, at) * (scales or {}).get(role, 1.0) + offsets.get(role, 0.0)
        for role, formula in formulas.items()
    }


def _chain(setting: Setting, columns: Sequence[tuple[float, ...]], first: Fraction, data: Data) -> Chain:
    by_z, by_noise, by_xi, alpha, sigma = (np.array(column) for column in zip(*columns, strict=True))
    start = setting.values.alpha(first), setting.values.sigma(first)
    return Chain(by_z, by_noise, by_xi, alpha, sigma, data.mean, data.variance, start)
