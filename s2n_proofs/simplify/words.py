r"""The generic formulas in words that make them short: f, g, the transition's variance, one ratio.

Each is the result of a derivation, rewritten by substitution, and used only if both engines prove the
rewriting; if they did not, the derivation's own form would stand.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Dummy, Expr, cancel, exp, linsolve, log

from ..symbols import alpha, lam, s, sigma, t, transition_variance
from ..theory import ancestral, backward, nonmarkov, solution
from ..theory.transition import transition, transition_by_conditioning
from ..theory.vocabulary import spell_out
from .evidence import proved_equal
from .rewrites import logs_combined, powers_merged

__all__ = [
    "ancestral_step",
    "corollary_step",
    "corollary_step_limit",
    "in_alpha_sigma",
    "nonmarkov_step",
    "reverse_sde",
]

Triple = tuple[Expr, Expr, Expr]


def in_alpha_sigma(expr: Expr) -> Expr:
    """The log-SNR written out, derivatives carried out."""
    return expr.replace(lam, lambda time: 2 * log(alpha(time)) - 2 * log(sigma(time))).doit()


def _if_proved(derived: Expr, rewritten: Expr) -> Expr:
    return rewritten if proved_equal(spell_out(derived), spell_out(rewritten)) else derived


@lru_cache
def reverse_sde() -> tuple[Expr, Expr, Expr, Expr]:
    """Theorem 2: coefficients of z, of the score, of the network in its place, and of the noise."""
    family, network = backward.reverse_family().result, backward.score_of_network().result
    by_score = family["drift score"].factor()
    return family["drift z"], by_score, by_score * network["eps"], family["diffusion"]


def _solved(equation: Expr, unknown: Expr) -> Expr:
    """The value of a part that enters an equation linearly."""
    letter = Dummy()
    ((value,),) = linsolve([equation.subs(unknown, letter)], [letter])
    return value


@lru_cache
def corollary_step() -> Triple:
    """Corollary 1 for symbolic gamma, delta, rho."""
    found = solution.step().result
    eps = next(powers_merged(in_alpha_sigma(found["eps"])))
    root = _solved(transition().result["variance"] - transition_variance(s, t), exp(-lam(t)))
    noise = next(powers_merged(found["noise"].subs(exp(-lam(t)), root)))
    return found["z"], _if_proved(found["eps"], eps), _if_proved(found["noise"], noise)


@lru_cache
def corollary_step_limit() -> Triple:
    """Corollary 1 as gamma tends to -1."""
    found = solution.step_limit().result
    gap, letter = next(logs_combined(lam(t) - lam(s))), Dummy()
    # With lambda(s) = lambda(t) - gap the gap is a factor.
    eps = in_alpha_sigma(found["eps"].subs(lam(s), lam(t) - letter)).factor().subs(letter, gap)
    return found["z"], _if_proved(found["eps"], eps), corollary_step()[2]


@lru_cache
def ancestral_step() -> Triple:
    """The posterior q(z_s | z_t, x) with the network's prediction in place of x."""
    found = ancestral.step_with_network().result
    spread, word = transition_by_conditioning().result["variance"], transition_variance(s, t)
    eps = cancel(found["eps"].subs(sigma(s) ** 2, _solved(spread - word, sigma(s) ** 2)))
    noise = found["noise"].subs(spread, word)
    return found["z"], _if_proved(found["eps"], eps), _if_proved(found["noise"], noise)


@lru_cache
def nonmarkov_step() -> Triple:
    """The non-Markovian step for symbolic beta."""
    found = nonmarkov.step().result
    return found["z"], found["eps"], found["noise"]
