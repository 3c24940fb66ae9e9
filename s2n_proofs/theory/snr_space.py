r"""Signal-to-noise space (Eq. 11, Theorem 5): $\lambda$ is the clock.

There $\tilde\alpha=\alpha\circ\lambda^{-1}$ and $\tilde\sigma=\sigma\circ\lambda^{-1}$.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Function, Symbol, exp, linsolve, log, sqrt

from ..derivation import Derivation, Obligation, Step
from ..symbols import alpha, alpha_tilde, lam, log_snr_value, sigma, t, x
from .transition import transition

__all__ = [
    "alpha_1",
    "alpha_2",
    "channel",
    "ell_s",
    "ell_t",
    "log_snr",
    "noise_from_signal",
    "second_process",
    "transition_in_space",
]

INVERTIBLE = "lambda' < 0, so that lambda has an inverse on its range"

alpha_1 = Function("alpha_1", positive=True)
alpha_2 = Function("alpha_2", positive=True)
# The log-SNR at the earlier and at the later time.
ell_s, ell_t = Symbol("ell_s", real=True), Symbol("ell_t", real=True)


@lru_cache
def log_snr() -> Derivation:
    """The definition: lambda is the logarithm of the ratio of signal power to noise power."""
    value = log(alpha(t) ** 2 / sigma(t) ** 2)
    step = Step("substitute", "the definition of lambda", value, (Obligation(exp(lam(t)), exp(value), "lambda"),))
    return Derivation("the log-SNR", {"lambda": value}, (step,))


def noise_from_signal(signal: Expr, log_ratio: Expr) -> Derivation:
    r"""Solve $\log(\alpha^2/\sigma^2)=\lambda$ for $\sigma>0$."""
    power = Symbol("P_", positive=True)  # sigma^2
    ((found,),) = linsolve([power * exp(log_ratio) - signal**2], [power])
    value = sqrt(found)
    step = Step(
        "solve",
        "alpha^2/sigma^2 = exp(lambda) has one positive solution sigma",
        value,
        (Obligation(signal**2 / value**2, exp(log_ratio), "the ratio of powers is exp(lambda)"),),
    )
    return Derivation("sigma from alpha and lambda", {"sigma": value}, (step,))


@lru_cache
def channel() -> Derivation:
    """The channel in signal-to-noise space: coefficients of x and of the noise."""
    ell = log_snr_value
    noise = noise_from_signal(alpha_tilde(ell), ell)
    return Derivation(
        "the channel in signal-to-noise space",
        {"mean": alpha_tilde(ell) * x, "noise": noise.result["sigma"]},
        (*noise.steps, Step("assume", INVERTIBLE)),
    )


def transition_in_space(signal: Function) -> dict[str, Expr]:
    """The path law in signal-to-noise space of a process with the given alpha(lambda): one-time law and transition."""
    sigma_of = {"s": signal(ell_s) * exp(-ell_s / 2), "t": signal(ell_t) * exp(-ell_t / 2)}
    factor = signal(ell_t) / signal(ell_s)
    variance = sigma_of["t"] ** 2 - factor**2 * sigma_of["s"] ** 2
    return {
        "mean": signal(ell_t) * x,
        "noise": sigma_of["t"],
        "transition factor": factor,
        "transition variance": variance,
    }


@lru_cache
def second_process() -> Derivation:
    r"""The path law of the second process; under the hypothesis its $\tilde\alpha$ is the first one's."""
    law = transition_in_space(alpha_2)
    noise = noise_from_signal(alpha_2(ell_t), ell_t)
    steps = (
        *transition().steps,
        Step("assume", INVERTIBLE),
        Step("assume", "both processes run over the same interval of lambda (equal values at both ends)"),
        Step("assume", "the process is Markov and Gaussian given x, so one-time laws and transitions give its law"),
        Step(
            "substitute",
            "the hypothesis on sigma o lambda^-1 follows from the one on alpha o lambda^-1, for every schedule",
            noise.result["sigma"],
            noise.steps[0].obligations,
        ),
        Step(
            "solve",
            "the converse: equal laws have equal means alpha(lambda) x for every x, hence equal alpha o lambda^-1",
            law["mean"].diff(x),
            (Obligation(law["mean"].diff(x), alpha_2(ell_t), "the mean determines alpha o lambda^-1"),),
        ),
    )
    return Derivation("the second process in signal-to-noise space", law, steps)
