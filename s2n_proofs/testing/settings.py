r"""Worlds in which the unknown functions belong together, so that every formula of the ledger has a value by definition.

A world of :mod:`s2n_proofs.testing.worlds` draws each unknown function for itself; here the density is that of real
data, the kernel that of the process, the mean squared errors those of a Gaussian prior.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from random import Random
from typing import Any

import mpmath
from sympy import Expr, Function, Integer, Rational, Symbol, exp, lambdify, pi, sqrt

from ..certification.certificate import ScheduleError
from ..schedule import Schedule
from ..symbols import (
    beta,
    delta,
    density,
    gamma,
    log_snr_value,
    mmse,
    mmse_point,
    rho,
    t_0,
    tau,
    x,
    z_0,
    z_s,
    z_t,
)  # fmt: skip
from ..symbols import s as s_symbol
from ..symbols import t as t_symbol
from ..theory.snr_space import ell_s, ell_t
from .drawing import Kinds, random_schedules
from .parameters import StepParameters
from .processes import ROUTE_DIGITS
from .routes import Routes
from .worlds import Models, World

__all__ = ["POSTERIOR_MEAN", "PRIOR", "PRIOR_VARIANCE", "STATE", "UNIT_ODDS", "Setting", "settings"]

_mp: Any = mpmath.mp

PRIOR = (
    (Rational(1, 3), Rational(-1, 2), Rational(1, 4)),
    (Rational(2, 3), Rational(4, 3), Rational(2, 5)),
)
"""Weight, mean and variance of each part of the data's law."""

PRIOR_VARIANCE = Rational(3, 7)
"""Of the Gaussian prior that the mean squared errors belong to."""

STATE = (Rational(49, 50), Rational(1, 2))
"""A later time and the state there, for the kernel that leads to it."""

POSTERIOR_MEAN = Symbol("m_1", real=True)
UNIT_ODDS = Symbol("u", positive=True)
_START = Rational(1, 40)
_ATTEMPTS = 20
_TIMES = Kinds(families=("affine", "vp", "sub-vp", "free"), shapes=("smooth",), unit_domain=True)


class Setting(World):
    """A world of Gaussian mixtures, and the same things as functions of mpmath numbers.

    Parameters
    ----------
    schedule : Schedule
        On (0, 1); alpha is scaled to be 1 at the start of the process, t_0.
    random : random.Random
        Draws the point.

    Examples
    --------
    >>> setting = settings(1)[0]
    >>> with mpmath.workdps(30):
    ...     print(mpmath.nstr(setting.routes.alpha(setting[t_0]), 10))
    1.0
    """

    def __init__(self, schedule: Schedule, random: Random) -> None:
        at_start = schedule.alpha_at(_START)
        super().__init__(Schedule(schedule.alpha / at_start, schedule.sigma, schedule.domain), random)
        self.routes = Routes(self.schedule)
        self._own: dict[Any, Mapping[str, Any]] = {}

    def _point(self) -> dict[Symbol, Any]:
        point = super()._point()
        draw = self.random.randint
        moments = sorted(self.random.sample(range(100, 900), 3))
        exact: dict[Symbol, Expr] = dict(
            zip((s_symbol, tau, t_symbol), (Rational(k, 1000) for k in moments), strict=True)
        )
        self.share = Rational(draw(20, 80), 100)
        exact |= {
            t_0: _START, beta: self.share * self.schedule.sigma_at(exact[s_symbol]),
            rho: Rational(draw(11, 19), 10), ell_t: Rational(draw(2, 9), 10), ell_s: Rational(draw(11, 19), 10),
            UNIT_ODDS: Rational(draw(2, 9), 10), z_0: Rational(draw(2, 9), 7), z_s: Rational(draw(2, 9), 5),
            z_t: Rational(draw(11, 19), 11), POSTERIOR_MEAN: Rational(draw(2, 9), 13),
        }  # fmt: skip
        return point | {symbol: self._evaluate(value, point) for symbol, value in exact.items()}

    @cached_property
    def models(self) -> Models:
        """Those of a world, with the density of the data, the kernel to STATE and the errors of PRIOR_VARIANCE."""
        u, w, ell = Symbol("u_", real=True), Symbol("w_", real=True), log_snr_value
        signal, noise = (part.xreplace({t_symbol: u}) for part in (self.schedule.alpha, self.schedule.sigma))
        later, state = STATE
        far_signal, far_noise = (part.xreplace({u: later}) for part in (signal, noise))
        kernel = gaussian(state - w * far_signal / signal, far_noise**2 - (far_signal * noise / signal) ** 2)
        parts = [weight * gaussian(w - signal * m, signal**2 * v + noise**2) for weight, m, v in PRIOR]
        gain = exp(ell) * PRIOR_VARIANCE / (1 + exp(ell) * PRIOR_VARIANCE)
        return {
            **super().models,
            density: ((w, u), sum(parts, Integer(0))),
            Function("h", positive=True): ((w, u), kernel),
            mmse_point: ((x, ell), (1 - gain) ** 2 * x**2 + gain**2 * exp(-ell)),
            mmse: ((ell,), (1 - gain) ** 2 * PRIOR_VARIANCE + gain**2 * exp(-ell)),
        }

    def __getitem__(self, symbol: Symbol) -> Any:
        """The symbol's value, to the digits of the routes."""
        return +_mp.convert(self.point[symbol])

    def function(self, name: Any) -> Callable[..., Any]:
        """An unknown function of this world, of mpmath numbers."""
        arguments, body = self.models[name]
        made: Callable[..., Any] = lambdify(arguments, body, "mpmath")
        return made

    @cached_property
    def own(self) -> Mapping[str, Any]:
        """The values of the formulas of ``derive()`` at this point, by :meth:`Routes.values`."""
        return self.own_at()

    def own_at(self, **changed: Expr) -> Mapping[str, Any]:
        """Those values with gamma, delta or rho replaced."""
        key = tuple(sorted(changed.items()))
        if key not in self._own:
            with mpmath.workdps(ROUTE_DIGITS):
                knobs = StepParameters(self[gamma], self[delta], self[rho])._replace(**changed)
                times = (self[s_symbol], self[tau], self[t_symbol])
                self._own[key] = self.routes.values(times, knobs, self.share, PRIOR_VARIANCE)
        return self._own[key]


def gaussian(gap: Expr, variance: Expr) -> Expr:
    """Return the Gaussian density at `gap` from its mean."""
    return exp(-(gap**2) / (2 * variance)) / sqrt(2 * pi * variance)


def settings(count: int, seed: int = 0) -> list[Setting]:
    """Settings over random schedules that depend on the seed alone."""
    found: list[Setting] = []
    for k in range(_ATTEMPTS * count):
        (schedule,) = random_schedules(1, _ATTEMPTS * count * seed + k, _TIMES)
        try:
            found.append(Setting(schedule, Random(f"setting {seed}/{k}")))
        except ScheduleError:
            continue  # scaled, it has numbers larger than are read
        if len(found) == count:
            break
    return found
