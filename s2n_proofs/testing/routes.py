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

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath
from sympy import Rational, lambdify

from ..schedule import Schedule
from ..symbols import t as t_symbol
from .parameters import StepParameters
from .processes import ROUTE_DIGITS, Process, number

__all__ = ["ROUTE_DIGITS", "Routes"]

_mp: Any = mpmath.mp


class Routes(Process):
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
        certificate = schedule.certificate
        alpha, sigma = (lambdify([t_symbol], part, "mpmath") for part in (schedule.alpha, schedule.sigma))
        super().__init__(alpha, sigma, () if certificate is None else tuple(certificate.breaks))

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
            s, tau, t = map(number, times)
            return self._values(s, tau, t, parameters, number(beta_share), number(data_variance))

    def _values(self, s: Any, tau: Any, t: Any, parameters: StepParameters, share: Any, data: Any) -> dict[str, Any]:
        rho = number(parameters.rho)
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
        c = rho * _mp.sqrt(self.diffusion_squared(t))
        a, b = self.drift(t), self.reverse_score(t, c**2, data)
        return {
            "reverse_sde.drift_z": a, "reverse_sde.drift_score": b, "reverse_sde.drift_eps": -b / self.sigma(t),
            "reverse_sde.diffusion": c,
        }  # fmt: skip

    def _step(self, s: Any, t: Any, parameters: StepParameters, factor: Any, spread: Any) -> dict[str, Any]:
        gamma, delta, rho = map(number, parameters)
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
            posterior = self.posterior(s, factor, spread)
            found[f"{name}.a_noise"] = rho * _mp.sqrt(exact ** (1 - delta) * posterior**delta)
        return found

    def _ancestral(self, s: Any, t: Any, factor: Any, spread: Any) -> dict[str, Any]:
        before = self.sigma(s) ** 2
        gain = factor * before / (factor**2 * before + spread)
        # E[z_s | z_t, x] = alpha_s x + gain (z_t - alpha_t x), with x = (z_t - sigma_t eps)/alpha_t.
        of_data = self.alpha(s) - gain * self.alpha(t)
        return {
            "ancestral_step.a_z": gain + of_data / self.alpha(t),
            "ancestral_step.a_eps": -of_data * self.sigma(t) / self.alpha(t),
            "ancestral_step.a_noise": _mp.sqrt(self.posterior(s, factor, spread)),
        }

    def _nonmarkov(self, s: Any, t: Any, beta: Any) -> dict[str, Any]:
        # a_z keeps the data's coefficient; what it carries of eps, with a_eps, is the noise that beta leaves.
        a_z = self.alpha(s) / self.alpha(t)
        left = _mp.sqrt(self.sigma(s) ** 2 - beta**2)
        return {
            "nonmarkov_step.a_z": a_z, "nonmarkov_step.a_eps": left - a_z * self.sigma(t), "nonmarkov_step.a_noise": beta,
        }  # fmt: skip
