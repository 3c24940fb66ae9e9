r"""The transition $q(z_t\mid z_s)$ of the forward process, for any $s<t$.

Two routes: the integral of $\Psi(t,\tau)^2g(\tau)^2$, and conditioning of the Gaussian; they meet in an obligation.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Derivative, Expr, Function, Integer, Subs, Symbol, exp, expand_log, linsolve, sqrt

from ..derivation import Derivation, Obligation, Step
from ..symbols import Delta, alpha, lam, s, sigma, t, tau, z_s
from .exact_form import antiderivative
from .forward import coefficients

__all__ = [
    "UNIQUE_LINEAR", "chapman_kolmogorov", "forward_limit", "psi", "psi_general", "small_step", "transition",
    "transition_by_conditioning", "transition_general",
]  # fmt: skip

UNIQUE_LINEAR = "a linear SDE with continuous coefficients has one solution; it is Gaussian given its start"


@lru_cache
def psi_general() -> Derivation:
    r"""$\Psi(\tau,t)=\exp\{-\int_\tau^t f\}$ for a generic f with antiderivative F."""
    big_f = Function("F", real=True)
    value = exp(big_f(tau) - big_f(t))
    result = {
        "derivative in t": value.diff(t),
        "derivative in tau": value.diff(tau),
        "value at t = tau": value.subs(t, tau),
    }
    step = Step(
        "antiderivative",
        "F is an antiderivative of f, so the integral of f is F(t) - F(tau)",
        value,
        (
            Obligation(value.diff(t), -big_f(t).diff(t) * value, "d/dt Psi = -f(t) Psi"),
            Obligation(value.diff(tau), big_f(tau).diff(tau) * value, "d/dtau Psi = f(tau) Psi"),
        ),
    )
    return Derivation("the transition function of a linear SDE", result, (step,))


@lru_cache
def transition_general() -> Derivation:
    r"""Mean factor and variance density of $dz=fz\,dt+g\,dw$ for generic f and g (variation of constants)."""
    big_f, big_g = Function("F", real=True), Function("G", real=True)
    factor = exp(big_f(t) - big_f(s))
    g2 = Function("g2", positive=True)
    density = exp(2 * big_f(t) - 2 * big_f(tau)) * g2(tau)
    # With G' = exp(-2F) g^2 the variance is exp(2F(t)) (G(t) - G(s)); it must solve V' = 2 f V + g^2, V(s) = 0.
    variance = exp(2 * big_f(t)) * (big_g(t) - big_g(s))
    rate = variance.diff(t).subs(big_g(t).diff(t), exp(-2 * big_f(t)) * g2(t))
    step = Step(
        "ode",
        "solve m' = f m, m(s) = z_s and V' = 2 f V + g^2, V(s) = 0 by variation of constants",
        variance,
        (
            Obligation(factor.diff(t), big_f(t).diff(t) * factor, "the factor solves m' = f m"),
            Obligation(factor.subs(t, s), Integer(1), "the factor is 1 at t = s"),
            Obligation(rate, 2 * big_f(t).diff(t) * variance + g2(t), "V solves V' = 2 f V + g^2"),
            Obligation(variance.subs(t, s), Integer(0), "V vanishes at t = s"),
            Obligation(density.subs(tau, t), g2(t), "the integrand at the upper end is g^2"),
            Obligation(
                density.diff(t), 2 * big_f(t).diff(t) * density, "the integrand grows at the rate 2f: its integral is V"
            ),
        ),
    )
    return Derivation(
        "transition of a linear SDE",
        {"mean": factor * z_s, "variance density": density},
        (step, Step("assume", UNIQUE_LINEAR)),
    )


@lru_cache
def psi() -> Derivation:
    r"""$\Psi(\tau,t)=\alpha(\tau)/\alpha(t)$, by integrating f."""
    f_ = coefficients().result["f"].subs(t, tau)
    integral = antiderivative(f_, [alpha(tau)], tau)
    value = exp(expand_log(integral)) / exp(expand_log(integral.subs(tau, t)))
    steps = (
        Step(
            "antiderivative",
            "log alpha is an antiderivative of f",
            integral,
            (Obligation(integral.diff(tau), f_, "(log alpha)' = f"),),
        ),
        Step(
            "ode",
            "Psi solves its two ODEs and is 1 on the diagonal",
            value,
            (
                Obligation(value.diff(t), -value * f_.subs(tau, t), "d/dt Psi = -Psi f(t)"),
                Obligation(value.diff(tau), value * f_, "d/dtau Psi = Psi f(tau)"),
                Obligation(value.subs(tau, t), Integer(1), "Psi(t, t) = 1"),
            ),
        ),
    )
    return Derivation("the transition function", {"psi": value}, (*coefficients().steps, *steps))


@lru_cache
def transition_by_conditioning() -> Derivation:
    """Factor and variance of q(z_t|z_s) by matching z_t = a z_s + noise to the law given x."""
    a, v = Symbol("a_"), Symbol("v_")
    ((a_found,),) = linsolve([a * alpha(s) - alpha(t)], [a])
    ((v_found,),) = linsolve([a_found**2 * sigma(s) ** 2 + v - sigma(t) ** 2], [v])
    step = Step(
        "solve",
        "z_t = a z_s + noise independent of x and z_s: match the coefficient of x and the variance given x",
        v_found,
        (
            Obligation(a_found * alpha(s), alpha(t), "the mean given x is alpha(t) x"),
            Obligation(a_found**2 * sigma(s) ** 2 + v_found, sigma(t) ** 2, "the variance given x is sigma(t)^2"),
        ),
    )
    return Derivation("transition by conditioning", {"factor": a_found, "variance": v_found}, (step,))


@lru_cache
def transition() -> Derivation:
    r"""$q(z_t|z_s)=\mathcal N(\text{factor}\,z_s,\text{variance})$: the integral of $\Psi^2g^2$, checked by conditioning."""
    general, psi_, cond = transition_general(), psi(), transition_by_conditioning()
    factor = psi_.result["psi"].subs({tau: t, t: s}, simultaneous=True)
    weight = psi_.result["psi"].subs({tau: t, t: tau}, simultaneous=True) ** 2
    integrand = weight * coefficients().result["g_squared"].subs(t, tau)
    # alpha(t)^2 is a constant of the integration; the rest is an exact 1-form in alpha(tau), sigma(tau).
    primitive = alpha(t) ** 2 * antiderivative((integrand / alpha(t) ** 2).expand(), [alpha(tau), sigma(tau)], tau)
    variance = primitive.subs(tau, t) - primitive.subs(tau, s)
    in_lambda = alpha(t) ** 2 * (exp(-lam(t)) - exp(-lam(s)))
    steps = (
        Step(
            "antiderivative",
            "integrate Psi(t, tau)^2 g(tau)^2 over tau from s to t",
            variance,
            (Obligation(primitive.diff(tau), integrand, "the antiderivative differentiates back"),),
        ),
        Step(
            "substitute",
            "conditioning the Gaussian gives the same transition",
            in_lambda,
            (
                Obligation(factor, cond.result["factor"], "both routes give the factor"),
                Obligation(variance, cond.result["variance"], "both routes give the variance"),
                Obligation(in_lambda, variance, "the variance in lambda"),
            ),
        ),
    )
    return Derivation(
        "transition q(z_t|z_s)",
        {"mean": factor * z_s, "factor": factor, "variance": in_lambda, "noise": sqrt(in_lambda)},
        (*general.steps, *psi_.steps, *cond.steps, *steps),
    )


@lru_cache
def chapman_kolmogorov() -> Derivation:
    """The transition from s to t through an intermediate time tau."""
    step_to = transition().result
    factor, variance = step_to["factor"], step_to["variance"]
    first = {"factor": factor.subs(t, tau), "variance": variance.subs(t, tau)}
    second = {"factor": factor.subs(s, tau), "variance": variance.subs(s, tau)}
    composed = {
        "factor": second["factor"] * first["factor"],
        "variance": second["factor"] ** 2 * first["variance"] + second["variance"],
    }
    step = Step(
        "substitute",
        "compose s -> tau -> t",
        composed["variance"],
        (
            Obligation(composed["factor"], factor, "factors compose"),
            Obligation(composed["variance"], variance, "variances compose"),
        ),
    )
    return Derivation("Chapman-Kolmogorov", composed, (*transition().steps, step))


@lru_cache
def forward_limit() -> Derivation:
    """Drift and squared diffusion of the exact transition t -> t + Delta as Delta -> 0."""
    move = {s: t, t: t + Delta}
    exact = transition().result
    return small_step(
        exact["factor"].subs(move, simultaneous=True),
        exact["variance"].subs(move, simultaneous=True),
        direction=1,
        name="small-step limit of the transition",
    )


def small_step(factor: Expr, variance: Expr, *, direction: int, name: str) -> Derivation:
    """Drift and squared diffusion of a step z -> factor z + sqrt(variance) xi of length Delta.

    `direction` is +1 for a step forward in time and -1 for a step from t to t - Delta.
    """
    drift = (direction * factor.diff(Delta)).subs(Delta, 0).doit()
    diffusion = variance.diff(Delta).subs(Delta, 0).doit()
    step = Step(
        "small_step",
        "at Delta = 0 the step is the identity; the derivative at 0 is drift and squared diffusion",
        drift,
        (
            Obligation(factor.subs(Delta, 0), Integer(1), "the factor is 1 at Delta = 0"),
            Obligation(variance.subs(Delta, 0), Integer(0), "the variance is 0 at Delta = 0"),
            Obligation(direction * Subs(Derivative(factor, Delta), Delta, 0), drift, "the derivative is the drift"),
            Obligation(Subs(Derivative(variance, Delta), Delta, 0), diffusion, "the derivative is g^2 of the limit"),
        ),
    )
    return Derivation(name, {"drift": drift, "diffusion": sqrt(diffusion)}, (step,))
