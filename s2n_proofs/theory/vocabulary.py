"""What the derived words of the vocabulary stand for: f, g, transition_factor, transition_variance."""

from __future__ import annotations

from sympy import Expr

from ..symbols import f, g, s, t, transition_factor, transition_variance
from .forward import coefficients
from .transition import transition

__all__ = ["spell_out"]


def spell_out(expr: Expr) -> Expr:
    """Replace every derived word in `expr` by its derived formula in alpha, sigma and lambda.

    Examples
    --------
    >>> from s2n_proofs.symbols import f, t
    >>> spell_out(f(t))
    Derivative(alpha(t), t)/alpha(t)
    """
    words = expr
    if words.has(f, g):
        forward = coefficients().result
        words = words.replace(f, lambda time: forward["f"].subs(t, time))
        words = words.replace(g, lambda time: forward["g"].subs(t, time))
    if words.has(transition_factor, transition_variance):
        exact = transition().result

        def at(role: str, start: Expr, end: Expr) -> Expr:
            return exact[role].subs({s: start, t: end}, simultaneous=True)

        words = words.replace(transition_factor, lambda start, end: at("factor", start, end))
        words = words.replace(transition_variance, lambda start, end: at("variance", start, end))
    return words
