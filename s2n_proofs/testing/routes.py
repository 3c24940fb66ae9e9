r"""Every formula's value by a route of its own: from the numbers $\alpha(t)$, $\sigma(t)$ and definitions, no algebra.

Derivatives are taken numerically, integrals by quadrature, the transition by solving its linear equation, posteriors
by conditioning a Gaussian, the reverse family by the moments of a Gaussian example.  None of the derived formulas is used.

=================== ==================================================================================
f, g_squared        $\frac d{dt}E z_t=fE z_t$ and $\frac d{dt}\operatorname{Var}z_t=2f\operatorname{Var}z_t+g^2$
psi, transition     $e^{\int f}$ and $\int\Psi^2g^2$ by quadrature
reverse SDE         that Gaussian data keep their moments, with a diffusion $\rho g$
step                $\int_t^s$ of the frozen integrand by quadrature; its noise between the exact one and the posterior's
ancestral           conditioning of $(z_s,z_t)$ given the data
non-Markovian       the data's coefficient and the noise's variance at the earlier time
=================== ==================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import mpmath
from sympy import Rational, lambdify

from ..schedule import Schedule
from ..symbols import t as t_symbol
from .parameters import StepParameters

__all__ = ["ROUTE_DIGITS", "Routes"]

ROUTE_DIGITS = 30
# Half of the digits: quadrature and differences keep some 25 where the integrand is smooth.
_mp: Any = mpmath.mp


class Routes:
    """Values by definition for one schedule.

    Parameters
    ----------
    schedule : Schedule
        Corners are allowed; quadrature is cut there.

    Examples
    --------
    >>> from s2n_proofs.named_schedules import catalogue
    >>> routes = Routes(catalogue["fm-ot"])
    >>> with mpmath.workdps(30):
    ...     print(mpmath.nstr(routes.transition(Rational(1, 4), Rational(1, 2))[1], 20))
    0.22222222222222222222
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.alpha: Callable[[Any], Any] = lambdify([t_symbol], schedule.alpha, "mpmath")
        self.sigma: Callable[[Any], Any] = lambdify([t_symbol], schedule.sigma, "mpmath")

    @cached_property
    def breaks(self) -> tuple[Rational, ...]:
        """Where alpha or sigma has a corner."""
        certificate = self.schedule.certificate
        return () if certificate is None else tuple(certificate.breaks)

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
        cuts = [_number(cut) for cut in self.breaks if low < _number(cut) < high]
        value = _mp.quad(integrand, [low, *cuts, high])
        return value if start <= end else -value

    def transition(self, s: Rational, t: Rational) -> tuple[Any, Any]:
        """Return factor and variance of the linear equation's solution from s to t."""
        start, end = _number(s), _number(t)
        factor = _mp.exp(self.integral(self.drift, start, end))
        # z_t = factor z_s + integral of the propagator from u to t, which is alpha_t/alpha_u: checked by the factor.
        spread = self.integral(lambda u: (self.alpha(end) / self.alpha(u)) ** 2 * self.diffusion_squared(u), start, end)
        return factor, spread

    # --- all formulas ---------------------------------------------------------------------------------------------

    def values(
        self, times: Sequence[Rational], parameters: StepParameters, beta_share: Rational, data_variance: Rational
    ) -> Mapping[str, Any]:
        """The value of every formula of ``derive()`` by its name there.

        Parameters
        ----------
        times : (s, tau, t)
            Ascending, inside the domain.
        parameters : StepParameters
            Of the step.
        beta_share : Rational
            beta over sigma(s).
        data_variance : Rational
            Of the Gaussian example that the reverse family is tried on.
        """
        with mpmath.workdps(ROUTE_DIGITS):
            s, tau, t = map(_number, times)
            return self._values(s, tau, t, parameters, _number(beta_share), _number(data_variance))

    def _values(self, s: Any, tau: Any, t: Any, parameters: StepParameters, share: Any, data: Any) -> dict[str, Any]:
        rho = _number(parameters.rho)
        f, g2 = self.drift(t), self.diffusion_squared(t)
        factor, spread = self.transition(s, t)
        return {
            "alpha": self.alpha(t), "sigma": self.sigma(t), "f": f, "g_squared": g2, "g": _mp.sqrt(g2),
            "log_snr": self.log_snr(t), "snr": (self.alpha(t) / self.sigma(t)) ** 2,
            "psi": _mp.exp(-self.integral(self.drift, tau, t)),
            "transition_factor": factor, "transition_variance": spread,
            **self._reverse(t, rho, data),
            **self._step(s, t, parameters, factor, spread),
            **self._ancestral(s, t, factor, spread),
            **self._nonmarkov(s, t, share * self.sigma(s)),
        }  # fmt: skip

    def _reverse(self, t: Any, rho: Any, data: Any) -> dict[str, Any]:
        """With data N(0, data) the score is -z/v, and dv/dt = 2 a v - 2 b - c**2 for the drift a z + b score."""
        v: Callable[[Any], Any] = lambda u: self.alpha(u) ** 2 * data + self.sigma(u) ** 2  # noqa: E731
        c = rho * _mp.sqrt(self.diffusion_squared(t))
        a = self.drift(t)
        b = a * v(t) - c**2 / 2 - _mp.diff(v, t) / 2
        return {
            "reverse_sde.drift_z": a, "reverse_sde.drift_score": b, "reverse_sde.drift_eps": -b / self.sigma(t),
            "reverse_sde.diffusion": c,
        }  # fmt: skip

    def _step(self, s: Any, t: Any, parameters: StepParameters, factor: Any, spread: Any) -> dict[str, Any]:
        gamma, delta, rho = map(_number, parameters)
        found: dict[str, Any] = {}
        # z/alpha has the drift (1 + rho^2)/2 g^2/(sigma alpha) eps; over the step exp(gamma lambda/2) eps is constant.
        for name, power in (("step", gamma), ("step_limit", _mp.mpf(-1))):
            frozen = lambda u, p=power: (  # noqa: E731
                self.diffusion_squared(u) / (self.sigma(u) * self.alpha(u)) * _mp.exp(-p * self.log_snr(u) / 2)
            )
            held = _mp.exp(power * self.log_snr(t) / 2)
            found[f"{name}.a_z"] = 1 / factor
            found[f"{name}.a_eps"] = (1 + rho**2) / 2 * self.alpha(s) * held * self.integral(frozen, t, s)
            exact = spread / factor**2
            posterior = self._posterior(s, t, factor, spread)
            found[f"{name}.a_noise"] = rho * _mp.sqrt(exact ** (1 - delta) * posterior**delta)
        return found

    def _posterior(self, s: Any, t: Any, factor: Any, spread: Any) -> Any:
        before, after = self.sigma(s) ** 2, factor**2 * self.sigma(s) ** 2 + spread
        return before - (factor * before) ** 2 / after

    def _ancestral(self, s: Any, t: Any, factor: Any, spread: Any) -> dict[str, Any]:
        before = self.sigma(s) ** 2
        gain = factor * before / (factor**2 * before + spread)
        # E[z_s | z_t, x] = alpha_s x + gain (z_t - alpha_t x), with x = (z_t - sigma_t eps)/alpha_t.
        of_data = self.alpha(s) - gain * self.alpha(t)
        return {
            "ancestral_step.a_z": gain + of_data / self.alpha(t),
            "ancestral_step.a_eps": -of_data * self.sigma(t) / self.alpha(t),
            "ancestral_step.a_noise": _mp.sqrt(self._posterior(s, t, factor, spread)),
        }

    def _nonmarkov(self, s: Any, t: Any, beta: Any) -> dict[str, Any]:
        # a_z keeps the data's coefficient; what it carries of eps, with a_eps, is the noise that beta leaves.
        a_z = self.alpha(s) / self.alpha(t)
        left = _mp.sqrt(self.sigma(s) ** 2 - beta**2)
        return {
            "nonmarkov_step.a_z": a_z, "nonmarkov_step.a_eps": left - a_z * self.sigma(t), "nonmarkov_step.a_noise": beta,
        }  # fmt: skip


def _number(value: Any) -> Any:
    if hasattr(value, "is_Rational") and value.is_Rational:
        return _mp.mpf(int(value.p)) / int(value.q)
    return value if isinstance(value, _mp.mpf) else _mp.mpf(str(value.evalf(ROUTE_DIGITS + 10)))
