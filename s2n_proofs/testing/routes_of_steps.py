r"""Routes to the formulas of the reverse process and of the steps: Theorems 2 to 4, Corollary 1, Eqs. (8) to (12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath
from sympy import Function, Integer

from ..symbols import b, beta, density, eps_net, rho, s, t, tau, x, z, z_t
from .processes import number
from .routes_of_the_process import deviation, expectation, state
from .settings import PRIOR_VARIANCE, Setting

__all__ = ["ROUTES"]

_mp: Any = mpmath.mp
_H = Function("h", positive=True)
Numeric = Callable[[Any], Any]


# --- the reverse process --------------------------------------------------------------------------------------------------


def _density_rate(c: Setting) -> Any:
    """The time difference of the density that the data really have."""
    p = c.function(density)
    return _mp.diff(lambda u: p(c[z], u), c[t])


def _joint_rate(c: Setting) -> Any:
    """The same of the joint density of the state and a later one."""
    p, kernel = c.function(density), c.function(_H)
    return _mp.diff(lambda u: p(c[z], u) * kernel(c[z], u), c[t])


def _score_over_noise(c: Setting) -> Any:
    """The slope of log q(z|x) at some z, over the noise that leads there."""
    mean, level = c.routes.alpha(c[t]) * c[x], c.routes.sigma(c[t])
    noise = (c[z] - mean) / level
    return _mp.diff(lambda w: -((w - mean) ** 2) / (2 * level**2), c[z]) / noise


def _noise_squared(c: Setting, time: Any) -> Any:
    return c[rho] ** 2 * c.routes.diffusion_squared(time)


def _drift_eps(c: Setting, time: Any, noise_squared: Any) -> Any:
    """The network's coefficient in the drift with which Gaussian data keep their variance."""
    return -c.routes.reverse_score(time, noise_squared, number(PRIOR_VARIANCE)) / c.routes.sigma(time)


def _network_at_the_start(c: Setting) -> Any:
    """The network's part of a step of the ODE that shrinks to nothing, over the integral of its coefficient."""
    network = c.function(eps_net)

    def slope(time: Any, place: Any) -> Any:
        return c.routes.drift(time) * place + _drift_eps(c, time, _mp.mpf(0)) * network(place, time)

    def part(length: Any) -> Any:
        start, place = c[t], c[z_t]
        middle = place - length / 2 * slope(start, place)
        after = place - length * slope(start - length / 2, middle)
        return (after - c.routes.propagator(start, start - length) * place) / -length / _drift_eps(c, start, _mp.mpf(0))

    return at_zero(part, _mp.mpf(1) / 100, 12)


def at_zero(of: Numeric, first: Any, count: int) -> Any:
    """The limit at 0 of a smooth function, by Neville's extrapolation from halved arguments."""
    places = [first / 2**k for k in range(count)]
    row = [of(place) for place in places]
    for order in range(1, count):
        row = [
            (places[k] * row[k + 1] - places[k + order] * row[k]) / (places[k] - places[k + order])
            for k in range(count - order)
        ]
    return row[0]


# --- steps ----------------------------------------------------------------------------------------------------------------


def _step_noise(c: Setting, start: Any) -> Any:
    """The variance of the exact noise of the reverse equation from t back to `start`."""
    factor, spread = c.routes.transition(start, c[t])
    return c[rho] ** 2 * spread / factor**2


def _prediction(c: Setting, second: Callable[[Any, Any], Any]) -> Any:
    """The coefficients of z and of `second` in E[x|z], from two Gaussian laws of the data."""
    a, level = c.routes.alpha(c[t]), c.routes.sigma(c[t])
    rows, right = [], []
    for mean, variance in ((_mp.mpf(1) / 3, _mp.mpf(1) / 4), (_mp.mpf(-2) / 5, _mp.mpf(7) / 3)):
        total = a**2 * variance + level**2
        gap = c[z] - a * mean
        rows.append([c[z], second(gap, total)])
        right.append(mean + a * variance / total * gap)
    return _mp.lu_solve(_mp.matrix(rows), _mp.matrix(right))


def _by_score(gap: Any, total: Any) -> Any:
    return -gap / total


def _by_noise(c: Setting) -> Callable[[Any, Any], Any]:
    # E[eps | z] from the covariance sigma of eps and z.
    return lambda gap, total: c.routes.sigma(c[t]) / total * gap


def _nonmarkov_state(c: Setting, data: Any, later: Any) -> Any:
    """The mean of z_s given the data and z_t, the noise in z_t kept but for what beta replaces."""
    noise = (later - c.routes.alpha(c[t]) * data) / c.routes.sigma(c[t])
    return c.routes.alpha(c[s]) * data + _mp.sqrt(c.routes.sigma(c[s]) ** 2 - c[beta] ** 2) * noise


def _slope_of_b(c: Setting) -> Any:
    return _mp.diff(c.function(b), c[t])


# --- Euler ----------------------------------------------------------------------------------------------------------------


def _euler_in_noise_ratio(c: Setting) -> Any:
    """One Euler step for z/alpha in sigma/alpha: the slope there, of the network alone, times the distance."""
    ratio: Numeric = lambda u: c.routes.sigma(u) / c.routes.alpha(u)  # noqa: E731
    slope = _drift_eps(c, c[t], _mp.mpf(0)) / c.routes.alpha(c[t]) / _mp.diff(ratio, c[t])
    return c.routes.alpha(c[s]) * slope * (ratio(c[s]) - ratio(c[t]))


def _posterior_step(c: Setting) -> Mapping[str, Any]:
    return c.own_at(gamma=Integer(1), delta=Integer(1))


def _ode_step(c: Setting) -> Mapping[str, Any]:
    return c.own_at(rho=Integer(0))


ROUTES: Mapping[tuple[str, str], Callable[[Setting], Any]] = {
    ("thm2-family/a", "dp/dt"): _density_rate,
    ("thm2-family/b", "d(hp)/dt"): _joint_rate,
    ("thm2-score", "eps"): _score_over_noise,
    ("thm2-eps", "drift eps"): lambda c: _drift_eps(c, c[t], _noise_squared(c, c[t])),
    ("thm2-eps", "diffusion"): lambda c: c.own["reverse_sde.diffusion"],
    ("thm3-eps", "z"): lambda c: c.own["step.a_z"],
    ("thm3-eps", "kernel eps"): lambda c: (
        _drift_eps(c, c[tau], _noise_squared(c, c[tau])) * c.routes.propagator(c[tau], c[s])
    ),
    ("thm3-noise/a", "noise kernel"): lambda c: _mp.sqrt(_noise_squared(c, c[tau])) * c.routes.propagator(c[tau], c[s]),
    ("cor1-eps", "eps"): lambda c: c.own["step.a_eps"],
    ("cor1-arguments", "network"): _network_at_the_start,
    ("cor1-noise/a", "noise"): lambda c: _mp.sqrt(_step_noise(c, c[s])),
    ("cor1-noise/b", "variance rate"): lambda c: -_mp.diff(lambda u: _step_noise(c, u), c[t]),
    ("vdm-mean-1", "score"): lambda c: -c.routes.sigma(c[t]) * c.own["ancestral_step.a_eps"],
    ("vdm-mean-2", "eps"): lambda c: c.own["ancestral_step.a_eps"],
    ("vdm-var", "variance"): lambda c: c.own["ancestral_step.a_noise"] ** 2,
    ("eq8-step/a", "noise"): lambda c: c.own["ancestral_step.a_noise"],
    # Eq. (7) is printed with the sign of eps wrong, so what follows from the print is minus the quadrature.
    ("eq8-special-case/a", "score"): lambda c: c.routes.sigma(c[t]) * _posterior_step(c)["step.a_eps"],
    ("eq8-special-case/a", "noise"): lambda c: _posterior_step(c)["step.a_noise"],
    ("eq8-special-case/b", "score"): lambda c: -c.routes.sigma(c[t]) * _posterior_step(c)["step.a_eps"],
    ("limit-backward", "drift score"): lambda c: c.routes.reverse_score(
        c[t], c.routes.diffusion_squared(c[t]), number(PRIOR_VARIANCE)
    ),
    ("limit-backward", "diffusion"): lambda c: _mp.sqrt(-_mp.diff(lambda u: _step_noise(c, u), c[t])) / c[rho],
    ("nonmarkov-marginal", "mean"): lambda c: expectation(state(c, c[s])),
    ("nonmarkov-marginal", "noise"): lambda c: deviation(state(c, c[s])),
    ("tweedie", "z"): lambda c: _prediction(c, _by_score)[0],
    ("tweedie", "score"): lambda c: _prediction(c, _by_score)[1],
    ("tweedie", "eps"): lambda c: _prediction(c, _by_noise(c))[1],
    ("eq9-substitution/a", "xhat"): lambda c: _nonmarkov_state(c, 1, 0) - _nonmarkov_state(c, 0, 0),
    ("eq9-substitution/a", "z"): lambda c: _nonmarkov_state(c, 0, 1) - _nonmarkov_state(c, 0, 0),
    ("eq9-substitution/a", "noise"): lambda c: c.own["nonmarkov_step.a_noise"],
    ("eq9-step", "eps"): lambda c: c.own["nonmarkov_step.a_eps"],
    ("thm4-sde", "drift eps"): lambda c: _drift_eps(c, c[t], -_slope_of_b(c)),
    ("thm4-sde", "diffusion"): lambda c: _mp.sqrt(-_slope_of_b(c)),
    ("eq12-step/a", "eps"): lambda c: -_ode_step(c)["step.a_eps"],
    ("eq12-step/b", "eps"): lambda c: _ode_step(c)["step.a_eps"],
    ("eq12-euler/a", "z"): lambda c: 1 + (c[s] - c[t]) * c.routes.drift(c[t]),
    ("eq12-euler/a", "eps"): lambda c: (c[s] - c[t]) * _drift_eps(c, c[t], _mp.mpf(0)),
    ("eq12-euler/b", "eps"): _euler_in_noise_ratio,
}
"""By claim and role."""
