r"""Differences of a schedule's functions between two places, built from the differences of their parts.

$$\Delta(ab)=a_1\Delta b+b_0\Delta a,\quad \Delta e^a=e^{a_0}\,\mathrm{expm1}(\Delta a),\quad
\Delta\log a=\mathrm{log1p}(\Delta a/a_0),\quad \Delta\sin a=2\cos\tfrac{a_0+a_1}2\sin\tfrac{\Delta a}2,\ \dots$$

down to $\Delta t$, one exact subtraction.  Every rule is proved in :mod:`s2n_proofs.lower.lemmas`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy import Add, E, Expr, Integer, Mul, Poly, Pow, S
from sympy.polys.polyerrors import BasePolynomialError

from s2n_proofs.symbols import t

from .branches import BRANCHED, Case, cases, corner_of
from .graph import UNARY, LoweringError, Node, name_of

if TYPE_CHECKING:
    from .places import Place, Places

__all__ = ["END", "START", "by_sines", "difference"]

START, END = "start", "end"
_MOST_DEGREE = 12
_U = sp.Dummy("u")


def difference(places: Places, expr: Expr, a: Place, b: Place) -> Node:
    """The function at the later place b minus that at a."""
    build = places.build
    if not expr.has(t):
        return build.const(0)
    if expr == t:
        return build.sub(places.value(t, b), places.value(t, a))
    if isinstance(expr, Add | Mul):
        return _near_ends(places, expr, a, b)
    if isinstance(expr, sp.exp):
        return _of_exp(places, expr.args[0], a, b)
    if isinstance(expr, Pow):
        return _of_power(places, expr, a, b)
    if isinstance(expr, BRANCHED):
        return _of_branches(places, expr, cases(expr), a, b)
    if isinstance(expr, sp.log):
        return _of_log(places, expr.args[0], a, b)
    name = name_of(expr)
    if name is None:
        return places.gap(by_sines(expr), a, b)
    return _of_circular(places, name, expr.args[0], a, b)


def _plain(places: Places, expr: Expr, a: Place, b: Place) -> Node:
    return places.build.sub(places.value(expr, b), places.value(expr, a))


def _near_ends(places: Places, expr: Expr, a: Place, b: Place) -> Node:
    """A sum or a product; about an end where it is flat, by its powers there."""
    plain = _of_sum if isinstance(expr, Add) else _of_product
    known = [end for end in (START, END) if end in (a, b)]
    near: dict[str, Node] = {}
    for end in known or (START, END):
        terms = flat_terms(places, expr, end)
        if terms is None:
            near[end] = plain(places, expr, a, b)
        else:
            near[end] = places.build.add(*(places.build.mul(places.gap(x, a, b), places.constant(c)) for x, c in terms))
    if len(near) == 1 or near[START] is near[END]:
        return next(iter(near.values()))
    build = places.build
    late = build.compare("ge", places.value(t, b), build.const(sum(places.domain) / 2))
    return build.select(late, near[END], near[START])


def flat_terms(places: Places, expr: Expr, end: str) -> list[tuple[Expr, Expr]] | None:
    """A polynomial in one function u of t that is flat at an end: its powers of u less its value there, with coefficients.

    Of $1-3u^2+2u^3$ beside u = 1 the terms $3(u-1)^2+2(u-1)^3$ are left, whose differences do not cancel.
    """
    symbols = _generators(expr)
    if len(symbols) != 1:
        return None
    (u,) = symbols
    try:
        # By a letter: Poly multiplies out what stands inside the function, and no longer finds it.
        polynomial = Poly(expr.xreplace({u: _U}), _U)
    except BasePolynomialError:
        return None
    if not 2 <= polynomial.degree() <= _MOST_DEGREE:
        return None
    value = places.at_end(u, end)
    # A sum of powers of u is about u = 0 already; a product is not.
    if (value == 0 and isinstance(expr, Add)) or not value.is_finite or sp.expand(polynomial.diff(_U).eval(value)) != 0:
        return None
    shifted = polynomial.compose(Poly(_U + value, _U))
    return [((u - value) ** k, sp.expand(c)) for (k,), c in shifted.terms() if k and sp.expand(c) != 0]


def _generators(expr: Expr) -> set[Expr]:
    """What a polynomial expression is made of, of what depends on t."""
    if not expr.has(t):
        return set()
    if isinstance(expr, Add | Mul) or (isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp.is_positive):
        return set().union(*map(_generators, expr.args))
    return {expr}


def _of_sum(places: Places, expr: Expr, a: Place, b: Place) -> Node:
    if not expr.has(sp.Function, E) and expr.is_polynomial(t):
        return _of_polynomial(places, expr, a, b)
    return places.build.add(*(places.gap(term, a, b) for term in expr.args if term.has(t)))


def _of_polynomial(places: Places, expr: Expr, a: Place, b: Place) -> Node:
    """(b - a) times the divided difference, in which terms of one sign stay of one sign."""
    build = places.build
    first, last = places.value(t, a), places.value(t, b)
    divided = []
    for (power,), coefficient in sp.Poly(expr, t).terms():
        if power == 0:
            continue
        terms = [build.mul(build.power(first, Integer(i)), build.power(last, power - 1 - i)) for i in range(power)]
        divided.append(build.mul(build.add(*terms), places.constant(coefficient)))
    return build.mul(build.sub(last, first), build.add(*divided))


def _of_product(places: Places, expr: Expr, a: Place, b: Place) -> Node:
    build = places.build
    number, rest = expr.as_independent(t, as_Add=False)
    if number != 1:
        return build.mul(places.gap(rest, a, b), places.constant(number))
    head, *tail = expr.args
    other = Mul(*tail)
    return build.add(
        build.mul(places.value(head, b), places.gap(other, a, b)),
        build.mul(places.value(other, a), places.gap(head, a, b)),
    )


def _of_exp(places: Places, inner: Expr, a: Place, b: Place) -> Node:
    build, gap = places.build, places.gap(inner, a, b)
    # Both forms are equal; the one whose expm1 has a negative argument does not amplify the error of the gap.
    if places.rises(inner, a, b):
        return build.neg(build.mul(build.unary("exp", places.value(inner, b)), build.unary("expm1", build.neg(gap))))
    return build.mul(build.unary("exp", places.value(inner, a)), build.unary("expm1", gap))


def _of_log(places: Places, inner: Expr, a: Place, b: Place) -> Node:
    build, gap = places.build, places.gap(inner, a, b)
    if places.rises(inner, a, b):
        return build.unary("log1p", build.div(gap, places.value(inner, a)))
    return build.neg(build.unary("log1p", build.neg(build.div(gap, places.value(inner, b)))))


def _of_power(places: Places, expr: Expr, a: Place, b: Place) -> Node:
    build = places.build
    base, exponent = expr.args
    if exponent.has(t):
        return _of_exp(places, exponent * sp.log(base), a, b)
    if exponent.is_negative:
        below = build.mul(places.value(base**-exponent, a), places.value(base**-exponent, b))
        return build.neg(build.div(places.gap(base**-exponent, a, b), below))
    if exponent.is_Integer and exponent <= 8:
        return _of_integer_power(places, base, int(exponent), a, b)
    if exponent == S.Half:
        return build.div(places.gap(base, a, b), build.add(places.value(expr, a), places.value(expr, b)))
    if exponent.is_Rational and exponent.q == 2 and exponent.p <= 8:
        return _of_integer_power(places, sp.sqrt(base), int(exponent.p), a, b)
    # From an end where the base vanishes the difference is the whole power.
    if _vanishes(places, base, a):
        return places.value(expr, b)
    if _vanishes(places, base, b):
        return build.neg(places.value(expr, a))
    # larger**p - smaller**p = larger**p (1 - exp(-p log(larger/smaller)))
    rising = places.rises(base, a, b)
    gap = build.mul(_of_log(places, base, a, b), places.constant(exponent))
    part = build.unary("expm1", build.neg(gap) if rising else gap)
    product = build.mul(places.value(expr, b if rising else a), part)
    return build.neg(product) if rising else product


def _vanishes(places: Places, base: Expr, place: Place) -> bool:
    return isinstance(place, str) and bool(places.at_end(base, place) == 0)


def _of_integer_power(places: Places, base: Expr, n: int, a: Place, b: Place) -> Node:
    build = places.build
    first, last = places.value(base, a), places.value(base, b)
    terms = [build.mul(build.power(first, Integer(i)), build.power(last, Integer(n - 1 - i))) for i in range(n)]
    return build.mul(places.gap(base, a, b), build.add(*terms))


def _of_branches(places: Places, expr: Expr, left: tuple[Case, ...], a: Place, b: Place) -> Node:
    """Its own difference where both places are in one case; across cases by way of the corner, where there is one."""
    build = places.build
    case, *others = left
    rest = tuple(others)
    own = places.gap(case.branch, a, b)
    if not rest:
        return own
    other = _of_branches(places, expr, rest, a, b)
    leaving = entering = _plain(places, expr, a, b)
    time = corner_of(left)
    if time is not None:
        corner = places.at(time)
        if corner not in (a, b):
            leaving = build.add(places.gap(case.branch, a, corner), _of_branches(places, expr, rest, corner, b))
            entering = build.add(_of_branches(places, expr, rest, a, corner), places.gap(case.branch, corner, b))

    def in_case(place: Any, then: Node, otherwise: Node) -> Node:
        for comparison in reversed(case.when):
            then = build.select(places.condition(comparison, place), then, otherwise)
        return then

    return in_case(a, in_case(b, own, leaving), in_case(b, entering, other))


def _of_circular(places: Places, name: str, inner: Expr, a: Place, b: Place) -> Node:
    build = places.build
    if name in ("asin", "acos"):
        # asin(x) = 2 atan(x/(1 + sqrt(1 - x**2))), whose differences have a rule.
        twice = places.gap(2 * sp.atan(inner / (1 + sp.sqrt(1 - inner**2))), a, b)
        return twice if name == "asin" else build.neg(twice)
    gap = places.gap(inner, a, b)
    if name in ("sin", "cos", "sinh", "cosh"):
        turned = {"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"}[name]
        small = build.unary("sin" if name in ("sin", "cos") else "sinh", build.mul(gap, build.const(S.Half)))
        product = build.mul(_at_mean(places, turned, inner, a, b), small, build.const(2))
        return build.neg(product) if name == "cos" else product
    if name == "atan":
        product = build.mul(places.value(inner, a), places.value(inner, b))
        return build.unary("atan", build.div(gap, build.add(build.const(1), product)))
    top, below = ("sin", "cos") if name == "tan" else ("sinh", "cosh")
    under = [places.value(UNARY[below](inner), place) for place in (a, b)]
    return build.div(build.unary(top, gap), build.mul(*under))


def _at_mean(places: Places, name: str, inner: Expr, a: Place, b: Place) -> Node:
    """A circular function at the mean of both arguments, by the distance from an end where it vanishes there."""
    build = places.build
    half, function = build.const(S.Half), UNARY[name](inner)
    for end in (END, START):
        if name in ("sin", "cos") and places.at_end(function, end) == 0:
            distances = [places.distance(inner, end, place) for place in (a, b)]
            return places.circular_from_end(function, end, build.mul(build.add(*distances), half))
    return build.unary(name, build.mul(build.add(places.value(inner, a), places.value(inner, b)), half))


def by_sines(expr: Expr) -> Expr:
    """A circular or hyperbolic function without code of its own by those that have it."""
    inner = expr.args[0]
    table: dict[type[Expr], Callable[[], Expr]] = {
        sp.cot: lambda: sp.cos(inner) / sp.sin(inner), sp.coth: lambda: sp.cosh(inner) / sp.sinh(inner),
        sp.sec: lambda: 1 / sp.cos(inner), sp.csc: lambda: 1 / sp.sin(inner),
        sp.sech: lambda: 1 / sp.cosh(inner), sp.csch: lambda: 1 / sp.sinh(inner),
    }  # fmt: skip
    for kind, made in table.items():
        if isinstance(expr, kind):
            return made()
    raise LoweringError(f"{type(expr).__name__} has no code")
