r"""Euler steps of the probability-flow ODE, in two pairs of variables, and the special cases of Corollary 1."""

from __future__ import annotations

from functools import lru_cache

from sympy import Integer

from ..derivation import Derivation, Obligation, Step
from ..symbols import alpha, beta, delta, gamma, rho, s, sigma, t
from . import ancestral, nonmarkov, solution
from .backward import epsilon_form

__all__ = ["coincidences", "euler_in_noise_ratio", "euler_in_time"]


@lru_cache
def euler_in_time() -> Derivation:
    """One Euler step of the probability-flow ODE for z in t, from t to s."""
    ode = {role: value.subs(rho, 0) for role, value in epsilon_form().result.items()}
    result = {"z": 1 + (s - t) * ode["drift z"], "eps": (s - t) * ode["drift eps"]}
    step = Step("substitute", "z_s = z_t + (s - t) dz/dt at rho = 0", result["eps"])
    # Where this is the exponential step (z_s/alpha_s - z_t/alpha_t = (sigma_s/alpha_s - sigma_t/alpha_t) eps)
    # for all s, the
    # second derivative in s of the difference, times alpha(t), vanishes.
    gap_z = alpha(t) * (alpha(s) / alpha(t) - result["z"])
    gap_eps = alpha(t) * (sigma(s) - alpha(s) * sigma(t) / alpha(t) - result["eps"])
    only = Step(
        "solve",
        "this equals the step of Corollary 1 at gamma = 0 for all s only if alpha'' = 0 and then sigma'' = 0: exactly for alpha and "
        "sigma affine in time",
        None,
        (
            Obligation(gap_z.diff(s, 2), alpha(s).diff(s, 2), "the gap in z is governed by alpha''"),
            Obligation(
                gap_eps.diff(s, 2),
                alpha(t) * sigma(s).diff(s, 2) - sigma(t) * alpha(s).diff(s, 2),
                "the gap in eps by sigma'' and alpha''",
            ),
        ),
    )
    return Derivation("Euler's step for z in t", result, (*epsilon_form().steps, step, only))


@lru_cache
def euler_in_noise_ratio() -> Derivation:
    """One Euler step for z/alpha in sigma/alpha: the ODE there reads d(z/alpha)/d(sigma/alpha) = eps."""
    ode = {role: value.subs(rho, 0) for role, value in epsilon_form().result.items()}
    ratio = sigma(t) / alpha(t)
    # d(z/alpha)/dt = (drift_eps/alpha) eps because the z part cancels; divide by d(sigma/alpha)/dt.
    slope = ode["drift eps"] / alpha(t)
    result = {
        "z": alpha(s) / alpha(t),
        "eps": alpha(s) * (sigma(s) / alpha(s) - sigma(t) / alpha(t)),
    }
    step = Step(
        "substitute",
        "change variables to z/alpha and sigma/alpha: the right-hand side is eps alone; one Euler step, times alpha(s)",
        result["eps"],
        (
            Obligation(ode["drift z"] / alpha(t), alpha(t).diff(t) / alpha(t) ** 2, "the z part cancels"),
            Obligation(slope, ratio.diff(t), "d(z/alpha)/d(sigma/alpha) = eps"),
        ),
    )
    return Derivation("Euler's step for z/alpha in sigma/alpha", result, (*epsilon_form().steps, step))


@lru_cache
def coincidences() -> Derivation:
    r"""For which $(\gamma,\delta,\rho)$ the step of Corollary 1 is a known one."""
    step = solution.step().result
    ddim = {role: value.subs(beta, 0) for role, value in nonmarkov.step().result.items()}
    exact = solution.step_noise_variance().result["variance"]
    posterior = ancestral.step_with_network().result
    at_ddim = {gamma: Integer(0), rho: Integer(0)}
    at_posterior = {gamma: Integer(1), delta: Integer(1), rho: Integer(1)}
    checks = (
        Obligation(step["eps"].subs(at_ddim), ddim["eps"], "gamma = 0, rho = 0 is DDIM's step (beta = 0)"),
        Obligation((step["noise"] ** 2).subs(delta, 0), exact, "delta = 0 has the exact noise"),
        Obligation(step["eps"].subs(at_posterior), posterior["eps"], "gamma = 1, rho^2 = 1 is the ancestral mean"),
        Obligation(
            (step["noise"] ** 2).subs(at_posterior), posterior["noise"] ** 2, "delta = 1, rho^2 = 1 is its variance"
        ),
    )
    last = Step("substitute", "insert the parameters", None, checks)
    steps = (*solution.step().steps, *nonmarkov.step().steps, *ancestral.step_with_network().steps, last)
    return Derivation("special cases of Corollary 1", {"z": step["z"], "eps": step["eps"]}, steps)
