"""Claims in signal-to-noise space and about information: Eq. (11), Theorems 5 and 6, and the summary's Mechanism 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, exp, log, sqrt

from ..derivation import Derivation, Step
from ..symbols import (
    D,
    alpha,
    alpha_tilde,
    lam,
    mmse,
    mmse_point,
    sigma,
    sigma_tilde,
    t,
    x,
)  # fmt: skip
from ..symbols import (
    log_snr_value as ell,
)
from ..theory import information, snr_space
from ..theory.snr_space import alpha_1, alpha_2, ell_s, ell_t
from .claim import Claim

__all__ = ["CLAIMS"]

# sigma_tilde = alpha_tilde exp(-lambda/2), as Theorem 6 states.
_RELATION = ((sigma_tilde, lambda point: alpha_tilde(point) * exp(-point / 2)),)


def _theorem6(a: Expr, c: Expr) -> dict[str, Expr]:
    """The two coefficients that Theorem 6 prints, for signal a and noise c as functions of ell."""
    return {
        "D term": -D * c.diff(ell) / (2 * c),
        "mmse": (a.diff(ell) * c - a * c.diff(ell)) * a / c**3,
    }


_PRINTED6 = _theorem6(alpha_tilde(ell), sigma_tilde(ell))
_KONG = {role: value.doit() for role, value in _theorem6(sqrt(ell), Integer(1)).items()}


def _kong_under_definition() -> Derivation:
    """With alpha_tilde = sqrt(lambda) and lambda the log-SNR: the noise that goes with it, and the rate."""
    noise, rate = snr_space.noise_from_signal(sqrt(ell), ell), information.kl_rate()
    return Derivation(
        "the channel with alpha = sqrt(lambda), lambda its log-SNR",
        {"sigma": noise.result["sigma"], "mmse": rate.result["mmse"]},
        (*noise.steps, *rate.steps),
    )


def _kong_free() -> Derivation:
    found = information.free_channel()
    result = {
        "rate": found.result["mmse"],
        "D term in Theorem 6's print": found.result["D term"],
        "mmse in Theorem 6's print": found.result["mmse"],
    }
    return Derivation(found.name, result, found.steps)


def _second_law() -> Derivation:
    """z_t under the second schedule with the same lambda."""
    noise = snr_space.noise_from_signal(alpha_2(t), lam(t))
    step = Step("substitute", "sigma_2 = alpha_2 exp(-lambda/2) for the second schedule")
    return Derivation(
        "law of z_t under the second schedule",
        {"mean": alpha_2(t) * x, "noise": alpha_2(t) * exp(-lam(t) / 2)},
        (*noise.steps, step),
    )


def _second_law_rescaled() -> Derivation:
    found = _second_law()
    return Derivation(
        "law of z_t/alpha(t) under the second schedule",
        {role: value / alpha_2(t) for role, value in found.result.items()},
        found.steps,
    )


def _composed(in_time: Any, in_space: Any) -> Callable[[Expr], Expr]:
    """alpha_tilde(lambda(t)) is alpha(t) by definition; anything else stays."""
    return lambda point: in_time(*point.args) if point.func == lam else in_space(point)


_POSTERIOR_MEAN = Symbol("m_1", real=True)  # E[x | z]

CLAIMS = (
    Claim(
        id="snr-definition",
        where="Sec. 3.3",
        kind="identity",
        statement="lambda = log(alpha/sigma) = log(alpha_tilde(lambda)^2/sigma_tilde(lambda)^2)",
        printed={
            "lambda": log(alpha(t) / sigma(t)),
            "lambda, second form": log(alpha_tilde(lam(t)) ** 2 / sigma_tilde(lam(t)) ** 2),
        },
        derive=snr_space.log_snr,
        given=((alpha_tilde, _composed(alpha, alpha_tilde)), (sigma_tilde, _composed(sigma, sigma_tilde))),
    ),
    Claim(
        id="eq11-space",
        where="Eq. (11)",
        kind="law",
        statement="z_lambda = alpha_tilde x + alpha_tilde exp(-lambda/2) eps",
        printed={"mean": alpha_tilde(ell) * x, "noise": alpha_tilde(ell) / exp(ell / 2)},
        derive=snr_space.channel,
    ),
    Claim(
        id="thm5-equivalence",
        where="Theorem 5",
        kind="process",
        statement="equal alpha o lambda^-1, sigma o lambda^-1 and end values of lambda give the same process in signal-to-noise space",
        printed={
            "mean": alpha_1(ell_t) * x,
            "noise": alpha_1(ell_t) * exp(-ell_t / 2),
            "transition factor": alpha_1(ell_t) / alpha_1(ell_s),
            "transition variance": alpha_1(ell_t) ** 2 * (exp(-ell_t) - exp(-ell_s)),
        },
        derive=snr_space.second_process,
        given=((alpha_1, alpha_2),),
        assumptions=("the hypotheses of the theorem (they are what makes alpha_1 and alpha_2 the same function)",),
    ),
    Claim(
        id="mmse-optimal",
        where="Sec. 3.3",
        kind="identity",
        statement="the minimiser of the mean squared error is E[x | z]",
        printed={"argmin": _POSTERIOR_MEAN},
        derive=information.mmse_optimal,
    ),
    Claim(
        id="mmse-pointwise/a",
        where="Sec. 3.3",
        kind="identity",
        statement="Theorem 6 (i), derived, holds at every x with mmse(x, lambda) averaged over p(z, x)",
        printed={"rate at x": exp(ell) / 2 * mmse(ell)},
        derive=information.pointwise_functional,
    ),
    Claim(
        id="mmse-pointwise/b",
        where="Sec. 3.3",
        kind="identity",
        statement="Theorem 6 (i), derived, holds at every x with mmse(x, lambda) averaged over p(z | x)",
        printed={"rate at x": exp(ell) / 2 * mmse_point(x, ell)},
        derive=information.pointwise_functional,
    ),
    Claim(
        id="thm6-kl",
        where="Theorem 6 (i)",
        kind="identity",
        statement="d/dlambda KL(p(z|x) || p(z)) = -D sigma'/(2 sigma) + [alpha' sigma - alpha sigma'] alpha/sigma^3 mmse(x, lambda)",
        printed=_PRINTED6,
        derive=information.kl_rate,
        given=_RELATION,
    ),
    Claim(
        id="thm6-mi",
        where="Theorem 6 (ii)",
        kind="identity",
        statement="d/dlambda I(x, z) = -D sigma'/(2 sigma) + [alpha' sigma - alpha sigma'] alpha/sigma^3 mmse(lambda)",
        printed=_PRINTED6,
        derive=information.mutual_information_rate,
        given=_RELATION,
    ),
    Claim(
        id="thm6-kong/a",
        where="after Theorem 6",
        kind="identity",
        statement="alpha = sqrt(lambda), sigma = 1 is a channel of Theorem 6 with rate mmse/2, lambda being its log-SNR",
        printed={"sigma": Integer(1), "mmse": Rational(1, 2)},
        derive=_kong_under_definition,
    ),
    Claim(
        id="thm6-kong/b",
        where="after Theorem 6",
        kind="identity",
        statement="alpha = sqrt(lambda), sigma = 1 in Theorem 6 gives the rate mmse/2, lambda being a free name for the SNR",
        printed={
            "rate": Rational(1, 2),
            "D term in Theorem 6's print": _KONG["D term"],
            "mmse in Theorem 6's print": _KONG["mmse"],
        },
        derive=_kong_free,
    ),
    Claim(
        id="summary-equivalence/a",
        where="summary, Mechanism 2",
        kind="law",
        statement="pairs (alpha, sigma) with the same lambda(t) give the same law of z_t",
        printed={"mean": alpha_1(t) * x, "noise": alpha_1(t) * exp(-lam(t) / 2)},
        derive=_second_law,
    ),
    Claim(
        id="summary-equivalence/b",
        where="summary, Mechanism 2",
        kind="law",
        statement="pairs (alpha, sigma) with the same lambda(t) give the same law of z_t/alpha(t)",
        printed={"mean": alpha_1(t) * x / alpha_1(t), "noise": alpha_1(t) * exp(-lam(t) / 2) / alpha_1(t)},
        derive=_second_law_rescaled,
    ),
)
