r"""The ancestral step: $q(z_s\mid z_t,x)$ by completing the square, then the network's prediction in place of $x$.

Second route: precisions add and precision-weighted means add, which is Bayes' rule for Gaussians.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sympy import Derivative, Expr, Integer, Subs, cancel, log, sqrt

from ..derivation import Derivation, Obligation, Step
from ..symbols import Delta, alpha, density, eps_net, s, sigma, t, x, z, z_s, z_t
from .backward import score_of_network
from .information import tweedie
from .transition import transition

__all__ = ["conditional_mean", "posterior", "small_step_of", "step_with_network", "step_with_score"]


@lru_cache
def posterior() -> Derivation:
    """Mean (coefficients of z_t and x) and variance of q(z_s | z_t, x)."""
    forward = transition().result
    factor, spread = alpha(t) / alpha(s), sigma(t) ** 2 - alpha(t) ** 2 * sigma(s) ** 2 / alpha(s) ** 2
    # -2 log of q(z_t|z_s) q(z_s|x), a parabola in z_s: c2 z_s^2 + c1 z_s + c0.
    exponent = (z_t - factor * z_s) ** 2 / spread + (z_s - alpha(s) * x) ** 2 / sigma(s) ** 2
    parabola = exponent.expand().as_poly(z_s)
    c2, c1 = parabola.coeff_monomial(z_s**2), parabola.coeff_monomial(z_s)
    variance = cancel(1 / c2)
    centre = cancel(-c1 / (2 * c2))
    by_z, by_x = (cancel(centre.expand().coeff(v, 1)) for v in (z_t, x))
    square = (z_s - by_z * z_t - by_x * x) ** 2 / variance
    # Second route: the precisions of the two Gaussian factors in z_s.
    precisions = (factor**2 / spread, 1 / sigma(s) ** 2)
    means = (z_t / factor, alpha(s) * x)
    pooled = sum(p * m for p, m in zip(precisions, means, strict=True)) / sum(precisions)
    step = Step(
        "complete_square",
        "the product of the transition and the law of z_s given x is exp of a parabola in z_s",
        variance,
        (
            Obligation(forward["factor"], factor, "the factor of the transition"),
            Obligation(forward["variance"], spread, "the variance of the transition"),
            Obligation((exponent - square).diff(z_s), Integer(0), "the rest does not depend on z_s"),
            Obligation(1 / sum(precisions), variance, "second route: the precisions add"),
            Obligation(pooled, by_z * z_t + by_x * x, "second route: the precision-weighted means"),
            Obligation(spread * sigma(s) ** 2 / sigma(t) ** 2, variance, "variance = spread sigma_s^2/sigma_t^2"),
        ),
    )
    return Derivation(
        "the posterior q(z_s|z_t, x)",
        {"z": by_z, "x": by_x, "variance": variance, "noise": sqrt(spread) * sigma(s) / sigma(t)},
        (*transition().steps, step),
    )


@lru_cache
def step_with_score() -> Derivation:
    """The posterior with x replaced by its best prediction (z_t + sigma^2 score)/alpha."""
    post = posterior()
    score = log(density(z, t)).diff(z)
    estimate = tweedie().result["posterior mean"]
    centre = post.result["z"] * z + post.result["x"] * estimate
    by_score = cancel(post.result["x"] * sigma(t) ** 2 / alpha(t))
    by_z = cancel(post.result["z"] + post.result["x"] / alpha(t))
    step = Step(
        "substitute",
        "insert the posterior mean of x given z_t; the network is evaluated at (z_t, t), the only state known",
        by_score,
        (Obligation(centre, by_z * z + by_score * score, "coefficients of z_t and of the score"),),
    )
    return Derivation(
        "the ancestral step with the score",
        {"z": by_z, "score": by_score, "variance": post.result["variance"], "noise": post.result["noise"]},
        (*post.steps, *tweedie().steps, step),
    )


@lru_cache
def step_with_network() -> Derivation:
    """The same with the noise prediction: score = -eps/sigma."""
    scored, network = step_with_score(), score_of_network()
    eps = cancel(scored.result["score"] * network.result["eps"])
    step = Step("substitute", "insert score = -eps/sigma", eps)
    return Derivation(
        "the ancestral step with the network",
        {"z": scored.result["z"], "eps": eps, "noise": scored.result["noise"]},
        (*scored.steps, *network.steps, step),
    )


@lru_cache
def conditional_mean() -> Derivation:
    r"""Where the network is evaluated: $E[z_s\mid z_t]$ is a function of $z_t$, through $E[x\mid z_t]$."""
    found = step_with_network()
    step = Step(
        "substitute",
        "the tower rule: E[z_s|z_t] = a z_t + b E[x|z_t], and E[x|z_t] = (z_t - sigma eps(z_t, t))/alpha",
    )
    return Derivation(
        "arguments of the network in the conditional mean",
        {"network": eps_net(z_t, t)},
        (*found.steps, step),
    )


def small_step_of(step: Mapping[str, Expr], name: str) -> Derivation:
    r"""The SDE that a step $t\to t-\Delta$ tends to: coefficient by coefficient, the derivative at $\Delta=0$.

    Parameters
    ----------
    step : mapping
        Coefficients in s and t by role; ``z`` tends to 1, ``noise`` to 0 with its square of first order,
        the others to 0.
    name : str
        Of the derivation.
    """
    backward = {s: t - Delta}
    result: dict[str, Expr] = {}
    obligations = []
    for role, coefficient in step.items():
        moved = coefficient.subs(backward)
        target = Integer(1) if role == "z" else Integer(0)
        if role == "noise":
            moved = moved**2
            rate = moved.diff(Delta).subs(Delta, 0).doit()
            result["diffusion"] = sqrt(rate)
            sign = 1
        else:
            # z_s - z_t = -Delta * drift for a step backward in time
            rate = -moved.diff(Delta).subs(Delta, 0).doit()
            result[f"drift {role}"] = rate
            sign = -1
        obligations += [
            Obligation(moved.subs(Delta, 0), target, f"{role}: value at Delta = 0"),
            Obligation(sign * Subs(Derivative(moved, Delta), Delta, 0), rate, f"{role}: derivative at Delta = 0"),
        ]
    last = Step(
        "small_step",
        "set s = t - Delta; the step is the identity at Delta = 0 and its derivative there gives the SDE",
        None,
        tuple(obligations),
    )
    return Derivation(
        name,
        result,
        (
            last,
            Step("assume", "the network is continuous, so its argument at s tends to that at t"),
            Step("assume", "a scheme whose drift and squared noise converge tends to the SDE in law"),
        ),
    )
