r"""What decides whether a form may replace a derived one: balls at points of the domain, then both engines.

The engines speak of the points where all parts of an identity are real, so a form that is real nowhere would
pass; the balls rule that out.  The signs that a root or a logarithm needs come from a substitution:
$t=(t_0+Tu)/(1+u)$ runs through $(t_0,T)$ as $u$ runs through the positive numbers, and $s=(t_0+tv)/(1+v)$
through $(t_0,t)$.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

from flint import arb, fmpq
from sympy import Abs, E, Expr, Function, Integer, Pow, Rational, Symbol, default_sort_key, exp, log
from sympy.core.function import AppliedUndef

from ..proof.ball import BallError, UndefinedValueError, enclose, working_precision
from ..proof.prove import EngineDisagreementError, prove
from ..symbols import alpha, beta, s, sigma, t

__all__ = ["UNIT", "Domain", "Points", "points_in", "proved_equal"]

Domain = tuple[Expr, Expr]
UNIT: Domain = (Integer(0), Integer(1))

_BITS = 160
# How far into (t_0, T) the time t lies, and how far into (t_0, t) the time s.
_PLACES = (
    (Rational(1, 2), Rational(2, 5)),
    (Rational(1, 7), Rational(3, 4)),
    (Rational(8, 9), Rational(1, 9)),
)
_U, _V = Symbol("u", positive=True), Symbol("v", positive=True)
_T, _S = Symbol("t", positive=True), Symbol("s", positive=True)


def proved_equal(left: Expr, right: Expr, domain: Domain = UNIT) -> bool:
    """Whether both engines prove the identity for all $t_0<s<t<T$.

    Examples
    --------
    >>> from sympy import sqrt
    >>> proved_equal(sqrt((1 - t) ** 2), 1 - t), proved_equal(sqrt((1 - t) ** 2), t - 1)
    (True, False)
    """
    if left == right:
        return True
    left, right = _constants_named(left, right)
    settings = _settings(domain)
    for values in settings if _needs_signs(left - right) else settings[:1]:
        # A disagreement of the engines is an error where claims are judged; here it only means "not proved".
        with suppress(EngineDisagreementError):
            if prove(left.xreplace(values), right.xreplace(values)).proof is not None:
                return True
    return False


def _constants_named(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """Letters for positive constants such as cos(pi/252), whose sign the engines do not see.

    What is proved for every positive value of a letter is so for the constant.
    """
    constants = [node for node in left.atoms(Function) | right.atoms(Function) if not node.free_symbols]
    names = {
        node: Symbol(f"c_{i}", positive=True)
        for i, node in enumerate(sorted(constants, key=default_sort_key))
        if Points([{}]).sign(node) > 0 and not node.has(exp, log)
    }
    return left.xreplace(names), right.xreplace(names)


def _needs_signs(expr: Expr) -> bool:
    """Whether there is a root, a logarithm or an absolute value: all else is the same for both signs."""
    return expr.has(log, Abs) or any(not power.exp.is_Integer and power.base is not E for power in expr.atoms(Pow))


@lru_cache
def _settings(domain: Domain) -> tuple[dict[Expr, Expr], ...]:
    """Times without signs, then positive, then confined to the domain: more signs, but longer expressions."""
    start, end = domain
    settings: list[dict[Expr, Expr]] = [{}]
    if start.is_nonnegative:
        settings.append({t: _T, s: _S})
    time = (start + end * _U) / (1 + _U)
    settings.append({t: time, s: (start + time * _V) / (1 + _V)})
    return tuple(settings)


class Points:
    """Points of the domain with values for the parameters, and what is seen there."""

    def __init__(self, values: Sequence[Mapping[Symbol, arb]]) -> None:
        self.values = values
        self._seen: dict[Expr, tuple[arb | None, ...]] = {}

    def sign(self, expr: Expr) -> int:
        """-1 or 1 if the value has this sign at every point where it can be told, else 0."""
        known = [value for value in self._at(expr) if value is not None]
        if known and all(value > 0 for value in known):
            return 1
        return -1 if known and all(value < 0 for value in known) else 0

    def nonzero(self, expr: Expr) -> bool:
        """Whether the value is provably not 0 at some point."""
        return any(value is not None and not value.contains(0) for value in self._at(expr))

    def agree(self, candidate: Expr, forms: Sequence[Expr]) -> bool:
        """Whether the candidate is a finite real number, enclosing the value, where a given form is one."""
        informative = 0
        for found, *known in zip(self._at(candidate), *map(self._at, forms), strict=True):
            value = next((v for v in known if v is not None), None)
            if value is None:
                continue
            if found is None or not found.overlaps(value):
                return False
            informative += 1
        return informative > 0

    def _at(self, expr: Expr) -> tuple[arb | None, ...]:
        if expr not in self._seen:
            self._seen[expr] = tuple(_value(expr, point) for point in self.values)
        return self._seen[expr]


@lru_cache(maxsize=64)
def points_in(domain: Domain, names: frozenset[Symbol]) -> Points:
    """Points of the domain, the parameters in ascending and in descending order of their names."""
    parameters = sorted(names - {t, s}, key=str)
    start, end = domain
    points: list[Mapping[Symbol, arb]] = []
    with working_precision(_BITS):
        for along, back in _PLACES:
            time = start + along * (end - start)
            times = {t: enclose(time, {}), s: enclose(start + back * (time - start), {})}
            for order in (parameters, parameters[::-1]) if parameters else ([],):
                values = {name: arb(fmpq(3 * i + 2, 7)) for i, name in enumerate(order)}
                if beta in values:
                    values[beta] = arb(fmpq(1, 10**5))  # at most sigma(s)
                points.append({**times, **values})
    return Points(points)


def _value(expr: Expr, point: Mapping[Symbol, arb]) -> arb | None:
    if expr.has(AppliedUndef):
        # A valid schedule stands for the generic one: it can expose a wrong form; proof is the engines' part.
        expr = expr.replace(alpha, lambda time: exp(-time)).replace(sigma, lambda time: 1 + time).doit()
    with working_precision(_BITS), suppress(BallError, UndefinedValueError):
        value = enclose(expr, point)
        return value if value.is_finite() else None
    return None
