r"""The non-Markovian model: the kernel that keeps the marginals, its step, and its SDE (Theorem 4).

The kernel is solved for: among $\mathcal N(a\,x+k\,z_t,\beta^2)$, marginal consistency fixes $a$ and $k^2$; the
positive root is the paper's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sympy import Derivative, Expr, Integer, Subs, Symbol, cancel, linsolve, sqrt

from ..derivation import Derivation, Obligation, Step
from ..symbols import Delta, alpha, b, beta, lam, s, sigma, t, x, z_t
from .backward import score_of_network
from .forward import coefficients
from .information import tweedie

__all__ = ["induced_marginal", "kernel", "marginal_at_s", "prediction", "sde", "step", "substitution"]


@lru_cache
def kernel() -> Derivation:
    """Coefficients of x and z_t in the mean of q(z_s|z_t, x), from the law of z_s given x."""
    a, k2 = Symbol("a_"), Symbol("k2_")
    ((k_squared,),) = linsolve([k2 * sigma(t) ** 2 + beta**2 - sigma(s) ** 2], [k2])
    k = sqrt(sigma(s) ** 2 - beta**2) / sigma(t)
    ((by_x,),) = linsolve([a + k * alpha(t) - alpha(s)], [a])
    step_ = Step(
        "solve",
        "z_s = a x + k z_t + beta xi has mean (a + k alpha_t) x and variance k^2 sigma_t^2 + beta^2; solve, with k >= 0",
        by_x,
        (
            Obligation(k**2, k_squared, "k is the root of k^2"),
            Obligation(by_x + k * alpha(t), alpha(s), "the mean of z_s given x"),
            Obligation(k**2 * sigma(t) ** 2 + beta**2, sigma(s) ** 2, "the variance of z_s given x"),
        ),
    )
    return Derivation("the non-Markovian kernel", {"x": by_x, "z": k, "noise": beta}, (step_,))


@lru_cache
def marginal_at_s() -> Derivation:
    """The law of z_s given x."""
    step_ = Step("substitute", "z_s = alpha(s) x + sigma(s) eps", alpha(s) * x)
    return Derivation("law of z_s given x", {"mean": alpha(s) * x, "noise": sigma(s)}, (*kernel().steps, step_))


def induced_marginal(printed: Mapping[str, Expr]) -> dict[str, Expr]:
    """Mean and noise of z_s given x that a kernel (``mean`` in x and z_t, ``noise``) induces from the law of z_t."""
    mean, noise = printed["mean"], printed["noise"]
    gain = mean.diff(z_t)
    return {
        "mean": mean.subs(z_t, alpha(t) * x),
        "noise": sqrt(gain**2 * sigma(t) ** 2 + noise**2),
    }


@lru_cache
def prediction() -> Derivation:
    """The prediction of x from the network, by score and by noise (coefficients of z and of the output)."""
    by_score, network = tweedie(), score_of_network()
    score = sigma(t) ** 2 / alpha(t)
    step_ = Step("substitute", "E[x|z] with score = -eps/sigma", score)
    return Derivation(
        "the prediction of x",
        {"z": 1 / alpha(t), "score": score, "eps": score * network.result["eps"]},
        (*by_score.steps, *network.steps, step_),
    )


@lru_cache
def substitution() -> Derivation:
    """The step with the prediction left as a symbol: coefficients of x-hat, z_t and the noise."""
    found = kernel()
    return Derivation(
        "the non-Markovian step with a prediction of x",
        {"xhat": found.result["x"], "z": found.result["z"], "noise": beta},
        found.steps,
    )


@lru_cache
def step() -> Derivation:
    """Coefficients of z_t, of the network and of the noise after inserting the prediction of x."""
    found, guess = kernel(), prediction()
    by_z = cancel(found.result["z"] + found.result["x"] * guess.result["z"])
    by_eps = (found.result["x"] * guess.result["eps"]).expand()
    step_ = Step(
        "substitute",
        "insert x-hat = (z_t - sigma eps)/alpha: the direction (z_t - alpha x-hat)/sigma is eps itself",
        by_eps,
        (
            Obligation(found.result["z"] + found.result["x"] * guess.result["z"], by_z, "the coefficient of z_t"),
            Obligation(
                -alpha(s) * sigma(t) / alpha(t) + sqrt(sigma(s) ** 2 - beta**2), by_eps, "the coefficient of eps"
            ),
        ),
    )
    return Derivation(
        "the non-Markovian step",
        {"z": by_z, "eps": by_eps, "noise": beta},
        (*found.steps, *guess.steps, step_),
    )


@lru_cache
def sde() -> Derivation:
    r"""Theorem 4: the limit of the step with $\beta^2=b(s)-b(t)$, and its place in Theorem 2's family."""
    found = step()
    spread = b(s) - b(t)
    moved = {role: found.result[role].subs(beta, sqrt(spread)).subs(s, t - Delta) for role in ("z", "eps")}
    drift = {role: -value.diff(Delta).subs(Delta, 0).doit() for role, value in moved.items()}
    rate = -b(t).diff(t)
    g2 = coefficients().result["g_squared"]
    # Theorem 2 with rho^2 g^2 = -b': the drift's score coefficient -(g^2 - b')/2 times -1/sigma.
    reverse = (g2 - b(t).diff(t)) / (2 * sigma(t))
    in_lambda = -lam(t).diff(t) * sigma(t) / 2 - b(t).diff(t) / (2 * sigma(t))
    obligations = [
        Obligation(moved["z"].subs(Delta, 0), Integer(1), "z: value at Delta = 0"),
        Obligation(moved["eps"].subs(Delta, 0), Integer(0), "eps: value at Delta = 0"),
    ]
    obligations += [
        Obligation(-Subs(Derivative(moved[r], Delta), Delta, 0), drift[r], f"{r}: derivative at Delta = 0")
        for r in moved
    ]
    obligations += [
        Obligation(drift["eps"], in_lambda, "the drift in lambda"),
        Obligation(drift["eps"], reverse, "second route: Theorem 2 with rho(t)^2 = -b'/g^2"),
        Obligation(drift["z"], coefficients().result["f"], "the drift's z coefficient is f"),
    ]
    step_ = Step(
        "small_step",
        "set beta^2 = b(s) - b(t), s = t - Delta, and differentiate at Delta = 0",
        in_lambda,
        tuple(obligations),
    )
    return Derivation(
        "the SDE of the non-Markovian model",
        {"drift z": drift["z"], "drift eps": in_lambda, "diffusion": sqrt(rate)},
        (*found.steps, *coefficients().steps, step_, Step("assume", "b is differentiable and decreasing")),
    )
