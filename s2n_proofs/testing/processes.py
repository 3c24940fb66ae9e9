r"""A linear process by its numbers: from $\alpha(t)$ and $\sigma(t)$ alone, without a formula of the ledger.

Derivatives are differences, integrals are quadrature, and a transition is what the linear equation does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

__all__ = ["ROUTE_DIGITS", "Process", "number"]

ROUTE_DIGITS = 30
# Half of the digits: quadrature and differences keep some 25 where the integrand is smooth.
_mp: Any = mpmath.mp

Numeric = Callable[[Any], Any]


class Process:
    """What dz = f z dt + g dw does, f and g being those that give mean alpha(t) x and variance sigma(t)^2.

    Parameters
    ----------
    alpha, sigma : callable
        Of one mpmath number.
    breaks : tuple
        Corners of either; quadrature is cut there.

    Examples
    --------
    >>> process = Process(lambda u: 1 - u, lambda u: u)
    >>> with mpmath.workdps(30):
    ...     print(mpmath.nstr(process.transition(mpmath.mpf(1) / 4, mpmath.mpf(1) / 2)[1], 20))
    0.22222222222222222222
    """

    def __init__(self, alpha: Numeric, sigma: Numeric, breaks: tuple[Any, ...] = ()) -> None:
        self.alpha = alpha
        self.sigma = sigma
        self.breaks = breaks

    # --- rates ----------------------------------------------------------------------------------------------------

    def drift(self, time: Any) -> Any:
        """Return f from the mean."""
        return _mp.diff(self.alpha, time) / self.alpha(time)

    def diffusion_squared(self, time: Any) -> Any:
        """Return g squared from the variance, given the data."""
        variance: Callable[[Any], Any] = lambda u: self.sigma(u) ** 2  # noqa: E731
        return _mp.diff(variance, time) - 2 * self.drift(time) * variance(time)

    def log_snr(self, time: Any) -> Any:
        """Return the log-SNR."""
        return 2 * _mp.log(self.alpha(time) / self.sigma(time))

    # --- integrals ------------------------------------------------------------------------------------------------

    def integral(self, integrand: Callable[[Any], Any], start: Any, end: Any) -> Any:
        """Integrate from `start` to `end`, cut at the corners."""
        low, high = min(start, end), max(start, end)
        cuts = [number(cut) for cut in self.breaks if low < number(cut) < high]
        value = _mp.quad(integrand, [low, *cuts, high])
        return value if start <= end else -value

    def propagator(self, start: Any, end: Any) -> Any:
        """Return what the drift alone makes of 1 from `start` to `end`, before or after it."""
        return _mp.exp(self.integral(self.drift, start, end))

    def transition(self, start: Any, end: Any) -> tuple[Any, Any]:
        """Return factor and variance of the linear equation's solution from `start` to `end`."""
        start, end = number(start), number(end)
        factor = self.propagator(start, end)
        # z_t = factor z_s + integral of the propagator from u to t, which is alpha_t/alpha_u: checked by the factor.
        spread = self.integral(lambda u: (self.alpha(end) / self.alpha(u)) ** 2 * self.diffusion_squared(u), start, end)
        return factor, spread

    # --- Gaussians ------------------------------------------------------------------------------------------------

    def posterior(self, s: Any, factor: Any, spread: Any) -> Any:
        """Return the variance of the earlier state, given the later one and the data."""
        # Precisions add, 1/before + factor**2/spread, here without a pole at spread = 0.
        before = self.sigma(s) ** 2
        return before * spread / (factor**2 * before + spread)

    def reverse_score(self, time: Any, noise_squared: Any, data_variance: Any) -> Any:
        """Return b for which Gaussian data keep their variance under the reverse drift f z + b score with that noise.

        With data of that variance the score is -z/v, and dv/dt = 2 f v - 2 b - noise_squared.
        """
        v: Numeric = lambda u: self.alpha(u) ** 2 * data_variance + self.sigma(u) ** 2  # noqa: E731
        return self.drift(time) * v(time) - noise_squared / 2 - _mp.diff(v, time) / 2


def number(value: Any) -> Any:
    """Return an exact number to the digits of the routes, and some more."""
    if hasattr(value, "is_Rational") and value.is_Rational:
        return _mp.mpf(int(value.p)) / int(value.q)
    return value if isinstance(value, _mp.mpf) else _mp.mpf(str(value.evalf(ROUTE_DIGITS + 10)))
