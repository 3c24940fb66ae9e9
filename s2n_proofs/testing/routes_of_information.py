r"""Routes to the formulas in signal-to-noise space and about information: Eq. (11), Theorems 5 and 6."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath

from ..symbols import alpha_tilde, log_snr_value, t, x
from ..theory.snr_space import alpha_2, ell_s, ell_t
from .processes import Process, number
from .routes_of_the_process import deviation, expectation
from .settings import POSTERIOR_MEAN, PRIOR, PRIOR_VARIANCE, Setting

__all__ = ["ROUTES"]

_mp: Any = mpmath.mp
Numeric = Callable[[Any], Any]


# --- channels -------------------------------------------------------------------------------------------------------------


def _level(signal: Any, log_snr: Any) -> Any:
    """The noise level at which the channel has that log-SNR: a root of the definition."""
    return _mp.exp(_mp.findroot(lambda power: 2 * _mp.log(signal) - power - log_snr, _mp.mpf(0)) / 2)


def _received(c: Setting, signal: Any, log_snr: Any) -> Numeric:
    level = _level(signal, log_snr)
    return lambda noise: signal * c[x] + level * noise


def _in_space(c: Setting) -> Numeric:
    return _received(c, c.function(alpha_tilde)(c[log_snr_value]), c[log_snr_value])


def _second(c: Setting) -> Numeric:
    """The second schedule, in the clock of the log-SNR."""
    return _received(c, c.function(alpha_2)(c[ell_t]), c[ell_t])


def _second_transition(c: Setting) -> tuple[Any, Any]:
    # Time runs against the log-SNR.
    signal = c.function(alpha_2)
    process = Process(lambda u: signal(-u), lambda u: signal(-u) * _mp.exp(u / 2))
    return process.transition(-c[ell_s], -c[ell_t])


def _same_ratio(c: Setting, *, rescaled: bool) -> Numeric:
    """A second schedule in time, with the log-SNR of the first; perhaps over its own alpha."""
    signal = c.function(alpha_2)(c[t])
    received = _received(c, signal, c.routes.log_snr(c[t]))
    return lambda noise: received(noise) / (signal if rescaled else 1)


# --- information ----------------------------------------------------------------------------------------------------------


def _law(parts: Any, signal: Any, level: Any) -> Numeric:
    """The density of the received under a mixture of Gaussians."""
    laws = [(weight, signal * mean, signal**2 * variance + level**2) for weight, mean, variance in parts]
    return lambda w: sum(
        weight * _mp.exp(-((w - mean) ** 2) / (2 * total)) / _mp.sqrt(2 * _mp.pi * total)
        for weight, mean, total in laws
    )


def _average(signal: Any, level: Any, data: Any, of: Numeric) -> Any:
    """Over the noise, given the data: beyond 10 deviations are 1e-23 of the whole."""
    weight: Numeric = lambda noise: _mp.exp(-(noise**2) / 2) / _mp.sqrt(2 * _mp.pi)  # noqa: E731
    return _mp.quad(
        lambda noise: weight(noise) * of(signal * data + level * noise), [-10, -4, 0, 4, 10], method="gauss-legendre"
    )


def _divergence(parts: Any, signal: Any, level: Any, data: Any) -> Any:
    """KL of the received given the data from the received: a quadrature."""
    marginal = _law(parts, signal, level)
    given: Numeric = lambda w: -((w - signal * data) ** 2) / (2 * level**2) - _mp.log(2 * _mp.pi * level**2) / 2  # noqa: E731
    return _average(signal, level, data, lambda w: given(w) - _mp.log(marginal(w)))


def _error(parts: Any, signal: Any, level: Any, data: Any) -> Any:
    """The mean squared error of the best prediction, given the data: conditioning of each Gaussian, and a quadrature."""
    marginal = _law(parts, signal, level)

    def predicted(w: Any) -> Any:
        found = _mp.mpf(0)
        for part in parts:
            _, mean, variance = part
            gain = signal * variance / (signal**2 * variance + level**2)
            found += _law((part,), signal, level)(w) * (mean + gain * (w - signal * mean))
        return found / marginal(w)

    return _average(signal, level, data, lambda w: (data - predicted(w)) ** 2)


def _mixture() -> Any:
    return tuple(tuple(map(number, part)) for part in PRIOR)


def _gaussian() -> Any:
    return ((_mp.mpf(1), _mp.mpf(0), number(PRIOR_VARIANCE)),)


def _rate_at_x(c: Setting) -> Any:
    """The slope of the divergence in the log-SNR, Gaussian data."""
    return _mp.diff(lambda u: _divergence(_gaussian(), 1, _mp.exp(-u / 2), c[x]), c[log_snr_value])


def _rate_per_error(c: Setting) -> Any:
    """The slope of the divergence in the log-SNR over the error, mixed data."""
    ell, parts = c[log_snr_value], _mixture()
    slope = _mp.diff(lambda u: _divergence(parts, 1, _mp.exp(-u / 2), c[x]), ell)
    return slope / _error(parts, 1, _mp.exp(-ell / 2), c[x])


def _rate_in_power(c: Setting) -> Any:
    """The same for the channel sqrt(u) x + eps, in u."""
    u, parts = c[log_snr_value], _mixture()
    slope = _mp.diff(lambda power: _divergence(parts, _mp.sqrt(power), _mp.mpf(1), c[x]), u)
    return slope / _error(parts, _mp.sqrt(u), _mp.mpf(1), c[x])


def _best_guess(c: Setting) -> Any:
    """Where the mean squared error is least, of a posterior that is two atoms around its mean."""
    atoms = ((_mp.mpf(1) / 4, c[POSTERIOR_MEAN] - 3), (_mp.mpf(3) / 4, c[POSTERIOR_MEAN] + 1))
    error: Numeric = lambda guess: sum(weight * (atom - guess) ** 2 for weight, atom in atoms)  # noqa: E731
    return _mp.findroot(lambda guess: _mp.diff(error, guess), _mp.mpf(0))


ROUTES: Mapping[tuple[str, str], Callable[[Setting], Any]] = {
    ("snr-definition", "lambda"): lambda c: c.own["log_snr"],
    ("eq11-space", "mean"): lambda c: expectation(_in_space(c)),
    ("eq11-space", "noise"): lambda c: deviation(_in_space(c)),
    ("thm5-equivalence", "mean"): lambda c: expectation(_second(c)),
    ("thm5-equivalence", "noise"): lambda c: deviation(_second(c)),
    ("thm5-equivalence", "transition factor"): lambda c: _second_transition(c)[0],
    ("thm5-equivalence", "transition variance"): lambda c: _second_transition(c)[1],
    ("mmse-optimal", "argmin"): _best_guess,
    ("mmse-pointwise/a", "rate at x"): _rate_at_x,
    ("thm6-kl", "mmse"): _rate_per_error,
    ("thm6-kong/a", "sigma"): lambda c: _level(_mp.sqrt(c[log_snr_value]), c[log_snr_value]),
    ("thm6-kong/b", "rate"): _rate_in_power,
    ("summary-equivalence/a", "mean"): lambda c: expectation(_same_ratio(c, rescaled=False)),
    ("summary-equivalence/a", "noise"): lambda c: deviation(_same_ratio(c, rescaled=False)),
    ("summary-equivalence/b", "mean"): lambda c: expectation(_same_ratio(c, rescaled=True)),
    ("summary-equivalence/b", "noise"): lambda c: deviation(_same_ratio(c, rescaled=True)),
}
"""By claim and role."""
