r"""Antiderivatives of expressions in jets, found as potentials of exact 1-forms.

An integrand that is linear in first derivatives, $\sum_k M_k(F_1, F_2, \dots)\,F_k'(\tau)$, is a total derivative
exactly
when the 1-form $\sum_k M_k\,dF_k$ is closed.  Its potential is found by integrating in one variable after the other,
where ``integrate`` sees rational functions of one symbol and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Dummy, Expr, Integer, Symbol, cancel, integrate

__all__ = ["NotExactError", "antiderivative"]


class NotExactError(ValueError):
    """The integrand is not the derivative of a function of the given functions."""


def antiderivative(integrand: Expr, functions: Sequence[Expr], variable: Symbol) -> Expr:
    r"""A function $H$ of `functions` with $dH/d\tau$ = `integrand`.

    Parameters
    ----------
    integrand : sympy.Expr
        Linear in the first derivatives of `functions`, with no derivative-free part.
    functions : sequence of sympy.Expr
        Applied functions, e.g. ``[alpha(tau), sigma(tau)]``.
    variable : sympy.Symbol
        The variable of integration.

    Raises
    ------
    NotExactError
        If there is none.

    Examples
    --------
    >>> from s2n_proofs.symbols import alpha, sigma, tau
    >>> a, c = alpha(tau), sigma(tau)
    >>> antiderivative(c.diff(tau) / a - c * a.diff(tau) / a**2, [a, c], tau)
    sigma(tau)/alpha(tau)
    """
    values = [Dummy(f"F{i}", positive=True) for i in range(len(functions))]
    rates = [Dummy(f"dF{i}", real=True) for i in range(len(functions))]
    flat = integrand.doit()
    for function, rate in zip(functions, rates, strict=True):
        flat = flat.subs(function.diff(variable), rate)
    flat = flat.subs(dict(zip(functions, values, strict=True))).expand()
    components = [flat.coeff(rate, 1) for rate in rates]
    rest = flat - sum(c * r for c, r in zip(components, rates, strict=True))
    if cancel(rest) != 0 or any(component.has(*rates) for component in components):
        raise NotExactError(f"not linear in the derivatives: {integrand}")
    potential: Expr = Integer(0)
    for value, component in zip(values, components, strict=True):
        # What the earlier variables have not yet produced must depend on the later ones alone.
        missing = cancel(component - potential.diff(value))
        potential += integrate(missing.expand(), value)
    if any(cancel(c - potential.diff(v)) != 0 for v, c in zip(values, components, strict=True)):
        raise NotExactError(f"the 1-form of {integrand} is not closed")
    return potential.subs(dict(zip(values, functions, strict=True)))
