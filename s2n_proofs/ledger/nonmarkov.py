"""Claims about the non-Markovian model: Eq. (9) and Theorem 4."""

from __future__ import annotations

from sympy import Expr, exp, sqrt

from ..symbols import alpha, b, beta, lam, s, sigma, t, x, z_t
from ..theory import nonmarkov
from .claim import Claim

__all__ = ["CLAIMS"]

_ROOT = sqrt(sigma(s) ** 2 - beta**2)
_SHRINK = sqrt(1 - beta**2 / sigma(s) ** 2)


def _substituted(d: Expr) -> dict[str, Expr]:
    """Coefficients of Eq. (9), line 1, with the denominator d."""
    return {"xhat": alpha(s) - _ROOT * alpha(t) / d, "z": _ROOT / d, "noise": beta}


CLAIMS = (
    Claim(
        id="nonmarkov-marginal",
        where="Sec. 3.2",
        kind="process",
        statement="q(z_s | z_t, x) = N(alpha_s x + sqrt(sigma_s^2 - beta^2) (z_t - alpha_t x)/sigma_t, beta^2) keeps q(z_s | x)",
        printed={"mean": alpha(s) * x + _ROOT * (z_t - alpha(t) * x) / sigma(t), "noise": beta},
        derive=nonmarkov.marginal_at_s,
        implied=nonmarkov.induced_marginal,
    ),
    Claim(
        id="tweedie",
        where="before Eq. (9)",
        kind="identity",
        statement="(sigma^2 s_theta + z)/alpha = (z - sigma eps_theta)/alpha predicts x (coefficients)",
        printed={
            "z": 1 / alpha(t),
            "score": sigma(t) ** 2 / alpha(t),
            "z, second form": 1 / alpha(t),
            "eps": -sigma(t) / alpha(t),
        },
        derive=nonmarkov.prediction,
    ),
    Claim(
        id="eq9-substitution/a",
        where="Eq. (9), line 1",
        kind="law",
        statement="z_s = alpha_s xhat + sqrt(sigma_s^2 - beta^2) (z_t - alpha_t xhat)/sigma(t) + beta eps",
        printed=_substituted(sigma(t)),
        derive=nonmarkov.substitution,
    ),
    Claim(
        id="eq9-substitution/b",
        where="Eq. (9), line 1",
        kind="law",
        statement="z_s = alpha_s xhat + sqrt(sigma_s^2 - beta^2) (z_t - alpha_t xhat)/sigma(s)^2 + beta eps",
        printed=_substituted(sigma(s) ** 2),
        derive=nonmarkov.substitution,
    ),
    Claim(
        id="eq9-step",
        where="Eq. (9), line 2",
        kind="law",
        statement="the non-Markovian step after inserting the prediction of x (coefficients)",
        printed={
            "z": alpha(s) / alpha(t) * (1 + exp((lam(t) - lam(s)) / 2) * _SHRINK),
            "eps": -(exp(lam(s) / 2) - exp(lam(t) / 2) * _SHRINK) * exp((-lam(t) - lam(s)) / 2) * alpha(s),
            "noise": beta,
        },
        derive=nonmarkov.step,
    ),
    Claim(
        id="thm4-sde",
        where="Eq. (10)",
        kind="limit",
        statement="the SDE of the non-Markovian model with beta^2 = b(s) - b(t), b decreasing",
        printed={
            "drift z": alpha(t).diff(t) / alpha(t) + lam(t).diff(t) / 2 * exp(lam(t) / 2),
            "drift eps": -lam(t).diff(t) / 2 * exp(-lam(t) / 2) * alpha(t)
            + b(t).diff(t) / 2 * exp(lam(t) / 2) / alpha(t),
            "diffusion": sqrt(-b(t).diff(t)),
        },
        derive=nonmarkov.sde,
    ),
)
