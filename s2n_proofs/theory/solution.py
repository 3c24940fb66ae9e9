r"""The exact solution of the reverse SDE (Theorem 3) and the step of Corollary 1.

Corollary 1 writes the integrand as $e^{-\kappa\lambda}\lambda'\cdot[e^{\gamma\lambda/2}\epsilon]$ with
$\kappa=(1+\gamma)/2$ and freezes the bracket at
$t$.  For $\gamma=-1$ the formula has a removable singularity; :func:`step_limit` gives its value.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Derivative, Dummy, Expr, Function, Integer, Subs, Symbol, exp, integrate, linsolve, log, sqrt

from ..derivation import Derivation, Obligation, Step
from ..symbols import alpha, delta, eps_net, gamma, kappa, lam, rho, s, sigma, t, tau, z_t
from .backward import epsilon_form
from .exact_form import antiderivative
from .transition import UNIQUE_LINEAR

__all__ = ["FREEZE", "exact_solution", "frozen_network", "local_error", "step", "step_limit", "step_noise_variance"]

z_tau = Symbol("z_tau", real=True)
FREEZE = "exp(gamma lambda/2) times the network's output is frozen at its value at t over the step"
ITO = "the noise integral is an Ito integral of a deterministic integrand: Gaussian, variance by the Ito isometry"


@lru_cache
def exact_solution() -> Derivation:
    r"""Kernels of $z_s=\frac{\alpha_s}{\alpha_t}z_t+\int_t^sk\,\epsilon_\theta d\tau+\int_t^sn\,dw$, by variation of constants."""
    sde = epsilon_form()
    drift, noise = sde.result["drift eps"].subs(t, tau), sde.result["diffusion"].subs(t, tau)
    factor = alpha(s) / alpha(t)
    propagate = alpha(s) / alpha(tau)
    kernel, noise_kernel = propagate * drift, propagate * noise
    f_s = sde.result["drift z"].subs(t, s)
    # d/ds of the solution is f(s) z_s + kernel(s, s) eps ds + noise(s, s) dw exactly if every propagator solves
    # y' = f y and the kernels reduce to the SDE's coefficients on the diagonal.
    obligations = (
        Obligation(factor.diff(s), f_s * factor, "the homogeneous part solves y' = f y"),
        Obligation(factor.subs(s, t), Integer(1), "it is 1 at s = t"),
        Obligation(kernel.diff(s), f_s * kernel, "the kernel solves y' = f y in s"),
        Obligation(kernel.subs(s, tau), drift, "on the diagonal the kernel is the drift"),
        Obligation(noise_kernel.diff(s), f_s * noise_kernel, "the noise kernel solves y' = f y in s"),
        Obligation(noise_kernel.subs(s, tau), noise, "on the diagonal the noise kernel is rho g"),
    )
    steps = (
        *sde.steps,
        Step("ode", "variation of constants: integrate d(z/alpha) from t to s", kernel, obligations),
        Step("assume", UNIQUE_LINEAR),
        Step("assume", ITO),
    )
    return Derivation(
        "the exact solution of the backward SDE",
        {"z": factor, "kernel eps": kernel, "noise kernel": noise_kernel},
        steps,
    )


@lru_cache
def step_noise_variance() -> Derivation:
    r"""Variance of the noise of the exact solution: the Ito isometry, integrated from s to t."""
    solution = exact_solution()
    density = (solution.result["noise kernel"] ** 2).doit()
    outside = rho**2 * alpha(s) ** 2
    inner = -exp(-lam(tau)) * lam(tau).diff(tau)
    primitive = exp(-lam(tau))
    variance = outside * (primitive.subs(tau, t) - primitive.subs(tau, s))
    in_sigma = _lam_out(inner)
    found = outside * antiderivative(in_sigma, [alpha(tau), sigma(tau)], tau)
    step_ = Step(
        "antiderivative",
        "integrate the squared noise kernel over tau from s to t",
        variance,
        (
            Obligation(found.diff(tau), density, "the antiderivative differentiates back"),
            Obligation(found.subs(tau, t) - found.subs(tau, s), variance, "the variance in lambda"),
        ),
    )
    return Derivation(
        "variance of the exact noise",
        {"variance": variance, "noise": rho * alpha(s) * sqrt(exp(-lam(t)) - exp(-lam(s)))},
        (*solution.steps, step_),
    )


def _lam_out(expr: Expr) -> Expr:
    """An expression in lambda written in alpha and sigma, for the potential."""
    return expr.replace(lam, lambda point: 2 * log(alpha(point)) - 2 * log(sigma(point))).doit().expand()


@lru_cache
def step() -> Derivation:
    r"""Corollary 1, derived: coefficients of $z_s=a_zz_t+a_\epsilon\epsilon_\theta(z_t,t)+a_n\xi$."""
    solution = exact_solution()
    big_l = lam(tau)
    # The integrand in lambda with the frozen factor split off; kappa stands for (1 + gamma)/2 and is not 0.
    integrand = exp(-kappa * big_l) * big_l.diff(tau)
    primitive = _power_primitive()
    frozen = exp(gamma * lam(t) / 2)
    outer = -(1 + rho**2) / 2 * alpha(s)
    integral = (primitive.subs(tau, s) - primitive.subs(tau, t)).subs(kappa, (1 + gamma) / 2)
    eps = outer * integral * frozen
    noise, variance = noise_of_step()
    obligations = (
        Obligation(
            outer * exp(-big_l / 2) * big_l.diff(tau),
            solution.result["kernel eps"],
            "the kernel of Theorem 3 in lambda",
        ),
        Obligation(
            exp(-(1 + gamma) / 2 * big_l) * exp(gamma * big_l / 2), exp(-big_l / 2), "the split of the integrand"
        ),
        Obligation(primitive.diff(tau), integrand, "the antiderivative differentiates back"),
    )
    exact = step_noise_variance()
    steps = (
        *solution.steps,
        Step("assume", FREEZE),
        Step(
            "antiderivative", "integrate exp(-kappa lambda) lambda' from t to s, kappa = (1+gamma)/2", eps, obligations
        ),
        *exact.steps,
        Step(
            "substitute",
            "the family in delta: the exact noise at delta = 0, the posterior's at delta = 1 and rho^2 = 1",
            noise,
            (
                Obligation(
                    variance.subs(delta, 0), exact.result["variance"], "delta = 0 is the variance of the exact noise"
                ),
            ),
        ),
    )
    return Derivation(
        "the step of Corollary 1",
        {"z": alpha(s) / alpha(t), "eps": eps, "noise": noise},
        steps,
    )


def _power_primitive() -> Expr:
    r"""Antiderivative of $e^{-\kappa\lambda}\lambda'$ in tau, found as a potential in the single function lambda."""
    ell = Dummy("l", real=True)
    return integrate(exp(-kappa * ell), ell).subs(ell, lam(tau))


def noise_of_step() -> tuple[Expr, Expr]:
    """Coefficient and variance of the noise for symbolic rho and delta."""
    spread = exp(-lam(t)) - exp(-lam(s))
    ratio = (alpha(s) / alpha(t)) ** (1 - delta) * (sigma(s) / sigma(t)) ** delta
    coefficient = rho * alpha(t) * sqrt(spread) * ratio
    return coefficient, rho**2 * alpha(t) ** 2 * spread * ratio**2


@lru_cache
def step_limit() -> Derivation:
    r"""The $\epsilon$ coefficient at $\gamma=-1$, the limit $\kappa\to0$.

    $(e^{-\kappa\lambda_s}-e^{-\kappa\lambda_t})/\kappa\to\lambda_t-\lambda_s$.
    """
    numerator = exp(-kappa * lam(s)) - exp(-kappa * lam(t))
    slope = numerator.diff(kappa).subs(kappa, 0)
    eps = (1 + rho**2) / 2 * alpha(s) * exp(-lam(t) / 2) * slope
    step_ = Step(
        "small_step",
        "numerator and denominator vanish at kappa = 0; the quotient tends to the derivative of the numerator",
        eps,
        (
            Obligation(numerator.subs(kappa, 0), Integer(0), "the numerator vanishes at kappa = 0"),
            Obligation(Subs(Derivative(numerator, kappa), kappa, 0), slope, "its derivative there"),
        ),
    )
    return Derivation("the step at gamma = -1", {"z": alpha(s) / alpha(t), "eps": eps}, (*step().steps, step_))


# The exact trajectory at rho = 0 seen through a generic network: d/dtau of the frozen bracket.
_output = Function("e", real=True)


@lru_cache
def local_error() -> Derivation:
    r"""Error of the step at $\rho=0$ against the exact solution, to second order in $\Delta=t-s$.

    With $e(\tau)=\epsilon_\theta(z_\tau,\tau)$ along the exact trajectory, the error is
    $E(s)=\alpha_s\int_t^s
    e^{-\kappa\lambda}\lambda'\,[e^{\gamma\lambda_t/2}e(t)-e^{\gamma\lambda/2}e(\tau)]\,d\tau$ up to the factor
    $-\tfrac12$, so $E(t)=E'(t)=0$.
    """
    at_tau = exp(gamma * lam(tau) / 2) * _output(tau)
    bracket = at_tau.subs(tau, t) - at_tau
    weight = exp(-(1 + gamma) / 2 * lam(tau)) * lam(tau).diff(tau)
    integrand = -weight * bracket / 2
    # E = alpha(s) I(s) with I(t) = 0 and I' = integrand(s): E'(t) = alpha(t) integrand(t), E''(t) = alpha(t)
    # integrand'(t)
    # + 2 alpha'(t) integrand(t); both from the product rule.
    at_t = integrand.subs(tau, t)
    first = (alpha(t) * at_t).doit()
    second = (alpha(t) * integrand.diff(tau).subs(tau, t) + 2 * alpha(t).diff(t) * at_t).doit()
    vanishing = -(lam(t).diff(t) ** 2) * gamma / 2 * _output(t) - lam(t).diff(t) * _output(t).diff(t)
    expected = -alpha(t) * exp(-lam(t) / 2) * vanishing / 2
    step_ = Step(
        "small_step",
        "expand exact minus approximate solution in the step length; the integrand vanishes at tau = t",
        second,
        (
            Obligation(first, Integer(0), "the error has no first-order term"),
            Obligation(second, expected, "the second-order term"),
        ),
    )
    ((best,),) = linsolve([vanishing], [gamma])
    better = Step(
        "solve",
        "the second-order term vanishes only at this gamma; it depends on the network and on t, so no number makes the error "
        "smaller for every network; gamma = 0 does exactly where the output is constant along the trajectory (a point mass)",
        best,
        (Obligation(vanishing.subs(gamma, best), Integer(0), "at this gamma the second-order term vanishes"),),
    )
    return Derivation(
        "local error of the step",
        {"order 0": Integer(0), "order 1": first, "order 2": second},
        (
            *step().steps,
            better,
            step_,
            Step("assume", "alpha, sigma and the network along the exact trajectory are twice differentiable"),
        ),
    )


@lru_cache
def frozen_network() -> Derivation:
    """Where the network is evaluated under the Corollary's own approximation: at the start of the step."""
    frozen = eps_net(z_tau, tau).subs({z_tau: z_t, tau: t}, simultaneous=True)
    step_ = Step("substitute", "freeze eps(z_tau, tau) at tau = t: state and time are those of the start", frozen)
    return Derivation("arguments of the network in the step", {"network": frozen}, (step_,))
