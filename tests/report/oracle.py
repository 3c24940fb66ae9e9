"""What the functions of a standalone module should return, at 40 digits and without the formulas that are tested."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

import mpmath
from mpmath import mpf
from sympy import Expr, Symbol, lambdify

from s2n_proofs.formulas import Formulas, derive
from s2n_proofs.named_schedules import catalogue
from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import t

SYMBOLIC = catalogue["vp"].with_parameters(beta_min=None, beta_d=None)
SCHEDULES: dict[str, Schedule] = {
    **dict(catalogue),
    "odd": Schedule("1/(1 + t**3)", "t**(3/2) + 1/20"),
    "cosine": Schedule("cos(pi*t/2)", "sin(pi*t/2)"),
    "clipped": Schedule("max(1 - t, 1/10)", "1/10 + t"),
    "symbolic": SYMBOLIC,
}
VALUES = {"beta_min": 0.125, "beta_d": 20.0}  # exact in binary


@lru_cache
def derived(name: str) -> Formulas:
    return derive(SCHEDULES[name])


class Oracle:
    """The definitions at 40 digits, from alpha and sigma alone: derivatives and integrals done numerically."""

    def __init__(self, schedule: Schedule) -> None:
        values = {Symbol(key, positive=True): mpf(VALUES[key]) for key in schedule.free_parameters}

        def function(expr: Expr) -> object:
            return lambdify([t], expr.subs(values), "mpmath")

        self.alpha, self.sigma = function(schedule.alpha), function(schedule.sigma)

    def log_snr(self, time: mpf) -> mpf:
        return 2 * mpmath.log(self.alpha(time) / self.sigma(time))

    def f(self, time: mpf) -> mpf:
        return mpmath.diff(self.alpha, time) / self.alpha(time)

    def g_squared(self, time: mpf) -> mpf:
        # V' = 2 f V + g^2
        return mpmath.diff(lambda x: self.sigma(x) ** 2, time) - 2 * self.f(time) * self.sigma(time) ** 2

    def variance(self, start: mpf, end: mpf) -> mpf:
        return self.sigma(end) ** 2 - (self.alpha(end) / self.alpha(start) * self.sigma(start)) ** 2

    def step(self, start: mpf, end: mpf, gamma: mpf, delta: mpf, rho: mpf) -> tuple[mpf, mpf, mpf]:
        """Corollary 1 by quadrature over lambda of the frozen integrand, not by its antiderivative."""
        low, high = self.log_snr(end), self.log_snr(start)
        integral = mpmath.quad(lambda x: mpmath.exp(-(1 + gamma) * x / 2), [low, (low + high) / 2, high])
        ratio = self.alpha(start) / self.alpha(end)
        eps = -(1 + rho**2) / 2 * self.alpha(start) * mpmath.exp(gamma * low / 2) * integral
        spread = mpmath.sqrt(self.variance(start, end))
        noise = rho * spread * ratio ** (1 - delta) * (self.sigma(start) / self.sigma(end)) ** delta
        return ratio, eps, noise

    def nonmarkov(self, start: mpf, end: mpf, beta: mpf) -> tuple[mpf, mpf, mpf]:
        """z_s = alpha_s x + sqrt(sigma_s^2 - beta^2) eps + beta xi with x = (z_t - sigma_t eps)/alpha_t."""
        ratio = self.alpha(start) / self.alpha(end)
        return ratio, mpmath.sqrt(self.sigma(start) ** 2 - beta**2) - ratio * self.sigma(end), beta

    def ancestral(self, start: mpf, end: mpf) -> tuple[mpf, mpf, mpf]:
        """z_s given z_t and x by Gaussian conditioning, with x = (z_t - sigma_t eps)/alpha_t."""
        ratio = self.alpha(start) / self.alpha(end)
        covariance, variance = self.sigma(start) ** 2 / ratio, self.sigma(end) ** 2
        eps = -ratio * self.sigma(end) + covariance / self.sigma(end)
        return ratio, eps, mpmath.sqrt(self.sigma(start) ** 2 - covariance**2 / variance)


# Times are kept a tenth of the domain apart: closer, 1 - cos^2/cos^2 and the like cancel in floats, which is the
# business of the accurate kernels and not of this module.  There the worst error met is 3e-12.
RELATIVE = 1e-9


@dataclass(frozen=True)
class Call:
    """A call of a module's function, and what it should return."""

    function: str
    arguments: tuple[float, ...]
    parameters: dict[str, float]
    expected: tuple[mpf, ...]


@lru_cache
def calls(name: str) -> list[Call]:
    """Calls of every function at random times and knobs."""
    schedule = SCHEDULES[name]
    passed = {key: VALUES[key] for key in schedule.free_parameters}
    draw = random.Random(20240804)
    low, high = (float(end) for end in schedule.domain)
    made: list[Call] = []

    def add(function: str, arguments: tuple[float, ...], *expected: mpf) -> None:
        made.append(Call(function, arguments, passed, tuple(+x for x in expected)))

    with mpmath.workdps(40):
        oracle = Oracle(schedule)
        for _ in range(12):
            start, end = sorted(low + (high - low) * draw.uniform(0.05, 0.85) for _ in range(2))
            end = min(end + (high - low) / 10, low + 0.95 * (high - low))
            if name == "clipped" and min(abs(end - 0.9), abs(start - 0.9)) < 0.01:
                continue  # the kink: no derivative
            s, t_ = mpf(start), mpf(end)
            add("alpha", (end,), oracle.alpha(t_))
            add("sigma", (end,), oracle.sigma(t_))
            if abs(oracle.log_snr(t_)) > 0.01:  # near its zero the log-SNR has an absolute error only
                add("log_snr", (end,), oracle.log_snr(t_))
            add("f", (end,), oracle.f(t_))
            add("g_squared", (end,), oracle.g_squared(t_))
            add("transition_factor", (start, end), oracle.alpha(t_) / oracle.alpha(s))
            add("transition_variance", (start, end), oracle.variance(s, t_))
            knobs = (
                draw.choice([-2.0, -1.0, -0.5, 0.0, 1.0]),
                draw.choice([0.0, 0.5, 1.0]),
                draw.choice([0.0, 0.5, 1.0]),
            )
            add("step", (start, end, *knobs), *oracle.step(s, t_, *map(mpf, knobs)))
            add("ancestral_step", (start, end), *oracle.ancestral(s, t_))
            beta = draw.choice([0.0, 0.5]) * float(oracle.sigma(s))
            add("nonmarkov_step", (start, end, beta), *oracle.nonmarkov(s, t_, mpf(beta)))
    return made
