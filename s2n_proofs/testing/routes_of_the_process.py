r"""Routes to the formulas of the setting and of the forward process: Eq. (1), Table 1, Theorem 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath
from sympy import Function

from ..symbols import Delta, s, t, t_0, tau, x, z_0, z_s
from .settings import UNIT_ODDS, Setting

__all__ = ["ROUTES", "deviation", "expectation"]

_mp: Any = mpmath.mp
_F, _G2 = Function("F", real=True), Function("g2", positive=True)
Numeric = Callable[[Any], Any]


def expectation(of: Numeric) -> Any:
    """The mean over a noise that is 1 or -1: it has mean 0 and variance 1, all that a mean or a variance asks."""
    return (of(_mp.mpf(1)) + of(_mp.mpf(-1))) / 2


def deviation(of: Numeric) -> Any:
    """The standard deviation over that noise."""
    return _mp.sqrt(expectation(lambda noise: of(noise) ** 2) - expectation(of) ** 2)


def state(c: Setting, time: Any) -> Numeric:
    """The state at a time as a function of the noise."""
    return lambda noise: c.routes.alpha(time) * c[x] + c.routes.sigma(time) * noise


# --- Table 1 ----------------------------------------------------------------------------------------------------------


def variance_preserving(f: Numeric, alpha: Numeric, time: Any) -> Any:
    """The deviation at a time of dz = f z dt + sqrt(-2 f) dw from 0: by quadrature."""
    return _mp.sqrt(_mp.quad(lambda u: (alpha(time) / alpha(u)) ** 2 * -2 * f(u), [0, time]))


def _vp(c: Setting) -> Any:
    # The rate that Song et al. chose; alpha solves alpha' = f alpha.
    f: Numeric = lambda u: -(_mp.mpf(1) / 10 + _mp.mpf(199) / 10 * u) / 2  # noqa: E731
    return variance_preserving(f, lambda u: _mp.exp(_mp.quad(f, [0, u])), c[t])


def _cosine(c: Setting) -> Any:
    offset = _mp.mpf(8) / 1000
    angle: Numeric = lambda u: (u + offset) / (1 + offset) * _mp.pi / 2  # noqa: E731
    cosine: Numeric = lambda u: _mp.cos(angle(u))  # noqa: E731
    return variance_preserving(lambda u: _mp.diff(cosine, u) / cosine(u), cosine, c[t])


def _geometric(c: Setting) -> Any:
    # A constant rate of log sigma from 1/100 to 50 over the unit of time.
    rate = _mp.quad(lambda level: 1 / level, [_mp.mpf(1) / 100, 1, 50])
    return _mp.exp(rate * c[t]) / 100


def _straight(c: Setting) -> Any:
    # sigma = t where the odds t : (1 - t) are u.
    return _mp.findroot(lambda w: w - c[UNIT_ODDS] * (1 - w), _mp.mpf(1) / 2)


# --- a linear equation with any drift F' and noise ----------------------------------------------------------------------


def _response(c: Setting, start: Any, end: Any) -> Any:
    """What dz/dt = F'(t) z makes of 1."""
    rate = c.function(_F)
    return _mp.exp(_mp.quad(lambda u: _mp.diff(rate, u), [start, end]))


def _psi(c: Setting) -> Callable[[Any, Any], Any]:
    return lambda start, end: 1 / _response(c, start, end)


# --- the forward process ------------------------------------------------------------------------------------------------


def _exact(c: Setting, start: Any, end: Any) -> tuple[Any, Any]:
    return c.routes.transition(start, end)


def _forward_mean(c: Setting) -> Any:
    return _exact(c, c[s], c[t])[0] * c[z_s]


def _noise_of_a_small_step(c: Setting) -> Any:
    """The root of the limit of variance over duration, forward."""
    spread: Numeric = lambda h: _exact(c, c[t], c[t] + h)[1]  # noqa: E731
    return _mp.sqrt(_mp.diff(spread, 0))


def _diffusion(c: Setting) -> Any:
    return _mp.sqrt(c.routes.diffusion_squared(c[t]))


ROUTES: Mapping[tuple[str, str], Callable[[Setting], Any]] = {
    ("eq1-forward", "mean"): lambda c: expectation(state(c, c[t])),
    ("eq1-forward", "noise"): lambda c: deviation(state(c, c[t])),
    ("table1-vp/a", "sigma"): _vp,
    ("table1-ve", "sigma"): _geometric,
    ("table1-iddpm", "sigma"): _cosine,
    ("table1-fmot", "sigma"): _straight,
    ("marginal-z0/b", "mean"): lambda c: _exact(c, c[t_0], c[t])[0] * c[z_0],
    ("marginal-z0/b", "noise"): lambda c: _mp.sqrt(_exact(c, c[t_0], c[t])[1]),
    ("psi-odes", "derivative in t"): lambda c: _mp.diff(lambda end: _psi(c)(c[tau], end), c[t]),
    ("psi-odes", "derivative in tau"): lambda c: _mp.diff(lambda start: _psi(c)(start, c[t]), c[tau]),
    ("psi-odes", "value at t = tau"): lambda c: _psi(c)(c[t], c[t]),
    ("psi-moments", "mean"): lambda c: _response(c, c[s], c[t]) * c[z_s],
    ("psi-moments", "variance density"): lambda c: _response(c, c[tau], c[t]) ** 2 * c.function(_G2)(c[tau]),
    ("thm1-f", "f"): lambda c: c.routes.drift(c[t]),
    ("thm1-g", "g"): _diffusion,
    ("thm1-psi", "psi"): lambda c: c.own["psi"],
    ("thm1-mean", "mean"): _forward_mean,
    ("thm1-var", "variance"): lambda c: c.own["transition_variance"],
    ("eq3-sde", "mean rate"): lambda c: _mp.diff(lambda u: expectation(state(c, u)), c[t]),
    ("eq3-sde", "variance rate"): lambda c: _mp.diff(lambda u: deviation(state(c, u)) ** 2, c[t]),
    ("limit-forward-step", "z"): lambda c: _exact(c, c[t], c[t] + c[Delta])[0],
    ("limit-forward-step", "noise"): lambda c: _mp.sqrt(_exact(c, c[t], c[t] + c[Delta])[1]),
    ("limit-forward", "diffusion"): _noise_of_a_small_step,
}
"""By claim and role."""
