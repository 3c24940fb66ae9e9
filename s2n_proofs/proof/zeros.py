"""Points at which a given expression vanishes: a divisor's zeros are where an identity may lose its value.

A drawn point never meets them, so that ``(x**2 - 1)/(x - 1) = x + 1`` would pass.  Only rational zeros are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sympy import Expr, Poly, PolynomialError, Rational, Symbol, together

from ..symbols import Delta, beta, s, t, t_0, tau
from .jets import without_lambda
from .statement import Instance

__all__ = ["zeros"]

_TIMES = (s, tau, t)


def zeros(expr: Expr, point: Mapping[Symbol, Rational], instance: Instance) -> Iterator[dict[Symbol, Rational]]:
    """The point moved in one variable, or in time, to a rational zero of `expr` in `instance`.

    The times keep their order: s and tau stay at the same fractions of the way to t.
    """
    start, end = instance.domain
    if not (instance.timed and start.is_Rational and end.is_Rational):
        return
    present = without_lambda(expr)
    for name in ("alpha", "sigma"):
        arguments, body = instance.functions[name]
        present = present.replace(
            lambda node, name=name: getattr(node.func, "__name__", "") == name and len(node.args) == 1,
            lambda node, argument=arguments[0], body=body: body.subs(argument, node.args[0]),
        )
    present = present.doit()
    length = point[t] - start if t in point else end - start
    clock = {time: start + (point[time] - start) * (t - start) / length for time in _TIMES if time in point}
    for variable in sorted(point.keys() - {s, tau, t_0, Delta, beta}, key=str):
        others = {k: v for k, v in point.items() if k != variable and not (variable == t and k in _TIMES)}
        reduced = present.subs(clock if variable == t else {}, simultaneous=True).subs(others)
        for value in _rational_roots(reduced, variable):
            if variable != t:
                yield {**point, variable: value}
            elif start < value < end:
                yield {**point, **{time: along.subs(t, value) for time, along in clock.items()}}


def _rational_roots(expr: Expr, variable: Symbol) -> list[Rational]:
    if variable not in expr.free_symbols or not expr.is_rational_function(variable):
        return []
    try:
        polynomial = Poly(together(expr).as_numer_denom()[0], variable, domain="QQ")
    except PolynomialError:
        return []
    linear = [factor for factor, _ in polynomial.factor_list()[1] if factor.degree() == 1]
    return [-factor.nth(0) / factor.nth(1) for factor in linear]
