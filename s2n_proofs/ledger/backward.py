"""Claims about the backward SDE: Theorems 2 and 3, Corollary 1, the ancestral step (Eq. 8)."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Integer, Mul, Pow, Rational, exp, sqrt

from ..derivation import Derivation, Obligation, Step
from ..symbols import (
    Delta,
    alpha,
    delta,
    eps_net,
    f,
    g,
    gamma,
    lam,
    rho,
    s,
    sigma,
    t,
    tau,
    transition_variance,
    z_s,
    z_t,
)  # fmt: skip
from ..theory import ancestral, backward, solution
from .claim import Claim

__all__ = ["CLAIMS", "EQ7", "EQ8"]

_SPREAD = exp(-lam(t)) - exp(-lam(s))

# Eq. (7), as printed.
EQ7 = {
    "z": alpha(s) / alpha(t),
    "eps": (1 + rho**2)
    / (1 + gamma)
    * alpha(s)
    * (exp((-1 - gamma) / 2 * lam(t)) - exp((-1 - gamma) / 2 * lam(s)))
    * exp(gamma * lam(t) / 2),
    "noise": rho
    * alpha(t)
    * sqrt(exp(-lam(t)) - exp(-lam(s)))
    * (alpha(s) / alpha(t)) ** (1 - delta)
    * (sigma(s) / sigma(t)) ** delta,
}

# Eq. (8), as printed, the root ending before sigma(s).
EQ8 = {
    "z": alpha(s) / alpha(t),
    "score": alpha(s) * alpha(t) * _SPREAD,
    "noise": alpha(t) * sqrt(_SPREAD) * sigma(s) / sigma(t),
}


def _in_score(step: Mapping[str, Expr]) -> dict[str, Expr]:
    """A step with the network written as a score: eps = -sigma score."""
    return {"z": step["z"], "score": -sigma(t) * step["eps"], "noise": step["noise"]}


def _at_one(step: Mapping[str, Expr]) -> dict[str, Expr]:
    return {role: value.subs({gamma: 1, delta: 1}) for role, value in _in_score(step).items()}


def _printed_corollary_at_one() -> Derivation:
    step = Step("substitute", "Eq. (7) as printed, at gamma = 1, delta = 1, with eps = -sigma score")
    return Derivation("Eq. (7) as printed", _at_one(EQ7), (step,))


def _derived_corollary_at_one() -> Derivation:
    found = solution.step()
    step = Step("substitute", "the derived step at gamma = 1, delta = 1, with eps = -sigma score")
    return Derivation("the derived step", _at_one(found.result), (*found.steps, step))


def _leading_noise() -> Derivation:
    """The variance of the exact noise to first order in t - s."""
    exact = solution.step_noise_variance()
    moved = exact.result["variance"].subs(s, t - Delta)
    rate = moved.diff(Delta).subs(Delta, 0).doit()
    step = Step(
        "small_step",
        "expand the variance at s = t",
        rate,
        (Obligation(moved.subs(Delta, 0), Integer(0), "the variance vanishes at s = t"),),
    )
    return Derivation("leading order of the exact noise", {"variance rate": rate}, (*exact.steps, step))


def _leading_of_printed(printed: Mapping[str, Expr]) -> dict[str, Expr]:
    moved = (printed["noise"] ** 2).subs(s, t - Delta)
    return {"variance rate": moved.diff(Delta).subs(Delta, 0).doit()}


def _limit_of_eq8() -> Derivation:
    return ancestral.small_step_of(EQ8, "limit of Eq. (8)")


_FAMILY = {
    "drift z": f(t),
    "drift score": -(1 + rho**2) / 2 * g(t) ** 2,
    "diffusion": rho * g(t),
}
_ITO_KERNEL = rho * alpha(s)
# Kept unevaluated: SymPy would turn the root of a negative number into i at once and lose the print.
_IMAGINARY_KERNEL = Mul(
    rho, alpha(s), Pow(-exp(-lam(tau)), Rational(1, 2), evaluate=False), lam(tau).diff(tau), evaluate=False
)

CLAIMS = (
    Claim(
        id="thm2-family/a",
        where="Eq. (4)",
        kind="process",
        statement="dz = (f z - (1+rho^2)/2 g^2 grad log p) dt + rho g dw, run backward, has the forward one-time marginals",
        printed=_FAMILY,
        derive=backward.forward_law,
        implied=backward.marginal_rate,
        parameters=(rho,),
    ),
    Claim(
        id="thm2-family/b",
        where="Eq. (4)",
        kind="process",
        statement="the same SDE, run backward, has the path law of the forward process for every rho",
        printed=_FAMILY,
        derive=backward.path_law,
        implied=backward.kernel_rate,
        parameters=(rho,),
    ),
    Claim(
        id="thm2-score",
        where="Theorem 2",
        kind="identity",
        statement="s_theta = -eps_theta/sigma = -exp(lambda/2)/alpha eps_theta",
        printed={"eps": -1 / sigma(t), "eps, second form": -exp(lam(t) / 2) / alpha(t)},
        derive=backward.score_of_network,
    ),
    Claim(
        id="thm2-eps",
        where="Eq. (5)",
        kind="identity",
        statement="dz = (alpha'/alpha z - (1+rho^2)/2 exp(-lambda/2) lambda' alpha eps_theta) dt + rho g dw",
        printed={
            "drift z": alpha(t).diff(t) / alpha(t),
            "drift eps": -(1 + rho**2) / 2 * exp(-lam(t) / 2) * lam(t).diff(t) * alpha(t),
            "diffusion": rho * g(t),
        },
        derive=backward.epsilon_form,
        parameters=(rho,),
    ),
    Claim(
        id="thm3-eps",
        where="Eq. (6)",
        kind="identity",
        statement="z_s = alpha_s/alpha_t z_t - (1+rho^2)/2 alpha_s int_t^s exp(-lambda/2) lambda' eps_theta dtau + noise",
        printed={
            "z": alpha(s) / alpha(t),
            "kernel eps": -(1 + rho**2) / 2 * alpha(s) * exp(-lam(tau) / 2) * lam(tau).diff(tau),
        },
        derive=solution.exact_solution,
        parameters=(rho,),
    ),
    Claim(
        id="thm3-noise/a",
        where="Eq. (6)",
        kind="law",
        statement="the noise is rho alpha_s int_t^s sqrt(-exp(-lambda) lambda') dw",
        printed={"noise kernel": _ITO_KERNEL * sqrt(-exp(-lam(tau)) * lam(tau).diff(tau))},
        derive=solution.exact_solution,
        parameters=(rho,),
    ),
    Claim(
        id="thm3-noise/b",
        where="Eq. (6)",
        kind="law",
        statement="the noise is rho alpha_s int_t^s sqrt(-exp(-lambda)) lambda' dw",
        printed={"noise kernel": _IMAGINARY_KERNEL},
        derive=solution.exact_solution,
        parameters=(rho,),
    ),
    Claim(
        id="cor1-eps",
        where="Eq. (7)",
        kind="identity",
        statement="the coefficient of eps_theta in the step of Corollary 1",
        printed={"eps": EQ7["eps"]},
        derive=solution.step,
        parameters=(rho, gamma),
    ),
    Claim(
        id="cor1-arguments",
        where="Eq. (7)",
        kind="argument",
        statement="with eps(z_tau, tau) frozen at t, the network is evaluated at (z_t, s)",
        printed={"network": eps_net(z_t, s)},
        derive=solution.frozen_network,
    ),
    Claim(
        id="cor1-noise/a",
        where="Eq. (7)",
        kind="law",
        statement="the noise of Corollary 1 has the law of Eq. (6)'s noise, for every delta",
        printed={"noise": EQ7["noise"]},
        derive=solution.step_noise_variance,
        parameters=(delta, rho),
    ),
    Claim(
        id="cor1-noise/b",
        where="Eq. (7)",
        kind="order",
        statement="the noise of Corollary 1 has that law to leading order as s -> t, for every delta",
        printed={"noise": EQ7["noise"]},
        derive=_leading_noise,
        implied=_leading_of_printed,
        parameters=(delta, rho),
    ),
    Claim(
        id="vdm-mean-1",
        where="mu_Q, line 1",
        kind="identity",
        statement="mu_Q = alpha_s/alpha_t z_t + alpha_s alpha_t (exp(-lambda_t) - exp(-lambda_s)) s_theta (coefficients)",
        printed={"z": alpha(s) / alpha(t), "score": alpha(s) * alpha(t) * _SPREAD},
        derive=ancestral.step_with_score,
    ),
    Claim(
        id="vdm-mean-2",
        where="mu_Q, line 2",
        kind="identity",
        statement="mu_Q = alpha_t/alpha_s z_t + alpha_t (exp(-lambda_t) - exp(-lambda_s)) exp(lambda_t/2) eps_theta (coefficients)",
        printed={"z": alpha(t) / alpha(s), "eps": alpha(t) * _SPREAD * exp(lam(t) / 2)},
        derive=ancestral.step_with_network,
    ),
    Claim(
        id="vdm-arguments",
        where="mu_Q, Eq. (8)",
        kind="argument",
        statement="the network is evaluated at (z_s, s) in the conditional mean of z_s given z_t",
        printed={"network": eps_net(z_s, s)},
        derive=ancestral.conditional_mean,
    ),
    Claim(
        id="vdm-var",
        where="sigma_Q^2",
        kind="identity",
        statement="the variance of q(z_s | z_t, x) is sigma_{t|s}^2 sigma_s^2/sigma_t^2, also in lambda",
        printed={
            "variance": transition_variance(s, t) * sigma(s) ** 2 / sigma(t) ** 2,
            "variance, second form": alpha(t) ** 2 * _SPREAD * sigma(s) ** 2 / sigma(t) ** 2,
        },
        derive=ancestral.posterior,
    ),
    Claim(
        id="eq8-step/a",
        where="Eq. (8)",
        kind="law",
        statement="the ancestral step (coefficients), the root ending before sigma(s)",
        printed=EQ8,
        derive=ancestral.step_with_score,
    ),
    Claim(
        id="eq8-step/b",
        where="Eq. (8)",
        kind="law",
        statement="the ancestral step (coefficients), the root ending after sigma(s)",
        # The root's bar runs on over sigma(s), which multiplies the last term alone.
        printed={**EQ8, "noise": alpha(t) * sqrt(exp(-lam(t)) - exp(-lam(s)) * sigma(s)) / sigma(t)},
        derive=ancestral.step_with_score,
    ),
    Claim(
        id="eq8-special-case/a",
        where="after Eq. (8)",
        kind="law",
        statement="Eq. (8) is Eq. (7) as printed at gamma = 1, delta = 1, for every rho",
        printed=EQ8,
        derive=_printed_corollary_at_one,
        parameters=(rho,),
    ),
    Claim(
        id="eq8-special-case/b",
        where="after Eq. (8)",
        kind="law",
        statement="Eq. (8) is the derived step of Corollary 1 at gamma = 1, delta = 1, for every rho",
        printed=EQ8,
        derive=_derived_corollary_at_one,
        parameters=(rho,),
    ),
    Claim(
        id="limit-backward",
        where="after Eq. (8)",
        kind="limit",
        statement="the limit of Eq. (8) is dz = (f z + alpha^2 exp(-lambda) lambda' s_theta) dt + alpha sqrt(-exp(-lambda) lambda') dw "
        "= (f z - g^2 s_theta) dt + g dw, Eq. (4) at rho = 1",
        printed={
            "drift z": f(t),
            "drift score": alpha(t) ** 2 * exp(-lam(t)) * lam(t).diff(t),
            "drift score, second form": -(g(t) ** 2),
            "drift score, Eq. (4) at rho = 1": -(1 + Integer(1)) / 2 * g(t) ** 2,
            "diffusion": alpha(t) * sqrt(-exp(-lam(t)) * lam(t).diff(t)),
            "diffusion, second form": g(t),
        },
        derive=_limit_of_eq8,
    ),
)
