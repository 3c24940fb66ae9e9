"""Claims about the forward SDE: Theorem 1 and the paragraphs around it."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Function, Integer, exp, log, sqrt

from ..derivation import Derivation, Step
from ..symbols import Delta, alpha, lam, s, snr, t, tau, transition_factor, z_0, z_s
from ..theory import transition
from ..theory.forward import coefficients, marginal
from .claim import Claim

__all__ = ["CLAIMS", "EQ3_DIFFUSION", "EQ3_DRIFT"]

F = Function("F", real=True)  # an antiderivative of the generic f
g2 = Function("g2", positive=True)  # g^2 of the generic SDE


def _psi(start: Expr, end: Expr) -> Expr:
    return exp(-(F(end) - F(start)))


EQ3_DRIFT = alpha(t).diff(t) / alpha(t)
EQ3_DIFFUSION = sqrt(-exp(-lam(t)) * lam(t).diff(t)) * alpha(t)
_STEP = {
    "z": alpha(t + Delta) / alpha(t),
    "noise": alpha(t) * sqrt(1 / snr(t + Delta) - 1 / snr(t)),
}


def _exact_step() -> Derivation:
    """The transition from t to t + Delta."""
    exact = transition.transition()
    move = {s: t, t: t + Delta}
    return Derivation(
        "the exact transition from t to t + Delta",
        {
            "z": exact.result["factor"].subs(move, simultaneous=True),
            "noise": exact.result["noise"].subs(move, simultaneous=True),
        },
        exact.steps,
    )


def _limit_of_printed_step() -> Derivation:
    return transition.small_step(_STEP["z"], _STEP["noise"] ** 2, direction=1, name="limit of the printed step")


def _law_given_x() -> Derivation:
    """The rates of mean and variance of z_t given x that Eq. (1) prescribes."""
    law = marginal()
    mean, variance = law.result["mean"], law.result["noise"] ** 2
    steps = (
        *law.steps,
        Step("assume", "the SDE starts from the law of Eq. (1) at the initial time"),
        Step("assume", transition.UNIQUE_LINEAR),
    )
    return Derivation(
        "rates of mean and variance", {"mean rate": mean.diff(t), "variance rate": variance.diff(t)}, steps
    )


def _rates_of_sde(printed: Mapping[str, Expr]) -> dict[str, Expr]:
    """Rates of mean and variance under dz = drift z dt + diffusion dw, at the law of Eq. (1)."""
    law = marginal().result
    return {
        "mean rate": printed["drift"] * law["mean"],
        "variance rate": 2 * printed["drift"] * law["noise"] ** 2 + printed["diffusion"] ** 2,
    }


CLAIMS = (
    Claim(
        id="psi-odes",
        where="before Theorem 1",
        kind="identity",
        statement="Psi(tau, t) = exp(-int_tau^t f) satisfies d/dt Psi = -Psi f(t), d/dtau Psi = Psi f(tau), Psi(tau, tau) = 1",
        printed={
            "derivative in t": -_psi(tau, t) * F(t).diff(t),
            "derivative in tau": _psi(tau, t) * F(tau).diff(tau),
            "value at t = tau": Integer(1),
        },
        derive=transition.psi_general,
    ),
    Claim(
        id="psi-moments",
        where="before Theorem 1",
        kind="identity",
        statement="q(z_t | z_s) has mean Psi(t, s) z_s and variance int_s^t Psi(t, tau)^2 g(tau)^2 dtau (integrands compared)",
        printed={"mean": _psi(t, s) * z_s, "variance density": _psi(t, tau) ** 2 * g2(tau)},
        derive=transition.transition_general,
    ),
    Claim(
        id="thm1-f",
        where="Theorem 1",
        kind="identity",
        statement="f = d log alpha / dt = alpha'/alpha",
        printed={"f": log(alpha(t)).diff(t)},
        derive=coefficients,
    ),
    Claim(
        id="thm1-g",
        where="Theorem 1",
        kind="identity",
        statement="g = sqrt(-exp(-lambda) lambda') alpha",
        printed={"g": EQ3_DIFFUSION},
        derive=coefficients,
    ),
    Claim(
        id="thm1-psi",
        where="Theorem 1",
        kind="identity",
        statement="Psi(tau, t) = alpha(tau)/alpha(t)",
        printed={"psi": alpha(tau) / alpha(t)},
        derive=transition.psi,
    ),
    Claim(
        id="thm1-mean",
        where="Theorem 1",
        kind="identity",
        statement="the mean of q(z_t | z_s) is alpha(t)/alpha(s) z_0 = alpha_{t|s} z_s",
        printed={
            "mean": alpha(t) / alpha(s) * z_0,
            "mean, second form": transition_factor(s, t) * z_s,
        },
        derive=transition.transition,
    ),
    Claim(
        id="thm1-var",
        where="Theorem 1",
        kind="identity",
        statement="the variance of q(z_t | z_s) is alpha(t)^2 (exp(-lambda(t)) - exp(-lambda(s))), also in SNR",
        printed={
            "variance": alpha(t) ** 2 * (exp(-lam(t)) - exp(-lam(s))),
            "variance, second form": alpha(t) ** 2 * (1 / snr(t) - 1 / snr(s)),
        },
        derive=transition.transition,
    ),
    Claim(
        id="eq3-sde",
        where="Eq. (3)",
        kind="process",
        statement="dz = (alpha'/alpha) z dt + sqrt(-exp(-lambda) lambda') alpha dw has the one-time laws of Eq. (1) given x",
        printed={"drift": EQ3_DRIFT, "diffusion": EQ3_DIFFUSION},
        derive=_law_given_x,
        implied=_rates_of_sde,
    ),
    Claim(
        id="limit-forward-step",
        where="after Theorem 1",
        kind="law",
        statement="z_{t+D} = alpha(t+D)/alpha(t) z_t + alpha(t) sqrt(1/SNR(t+D) - 1/SNR(t)) eps is the exact transition",
        printed=_STEP,
        derive=_exact_step,
    ),
    Claim(
        id="limit-forward",
        where="after Theorem 1",
        kind="limit",
        statement="the limit of that step for small steps is Eq. (3)",
        printed={"drift": EQ3_DRIFT, "diffusion": EQ3_DIFFUSION},
        derive=_limit_of_printed_step,
    ),
)
