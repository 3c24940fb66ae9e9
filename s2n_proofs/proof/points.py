"""Exact rational points inside the domain of a statement, and the balls of all jets there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import count
from random import Random

from flint import arb, fmpq
from sympy import Expr, Rational, Symbol

from ..symbols import D, Delta, beta, delta, gamma, kappa, log_snr_value, rho, s, t, t_0, tau
from .ball import enclose, working_precision
from .jets import Jet, to_jets
from .statement import Instance

__all__ = ["OutsideDomainError", "jet_values", "points"]

Point = dict[Symbol, Rational]

# Fractions of the domain for (s, tau, t, Delta): s < tau < t and t + Delta inside.  The first is what a
# reader sees in a counterexample, hence simple numbers.
_TIMES = (
    (Fraction(1, 4), Fraction(3, 8), Fraction(1, 2), Fraction(1, 4)),
    (Fraction(1, 5), Fraction(1, 2), Fraction(4, 5), Fraction(1, 10)),
    (Fraction(1, 10), Fraction(1, 7), Fraction(1, 3), Fraction(1, 5)),
)
# gamma = -1 is a removable singularity, treated by its limit; the values avoid it and 0, 1, where forms coincide.
_CHOICES: dict[Symbol, tuple[Fraction, ...]] = {
    rho: (Fraction(1, 2), Fraction(3, 2), Fraction(-2)),
    gamma: (Fraction(1, 2), Fraction(-3), Fraction(2)),
    delta: (Fraction(1, 2), Fraction(2), Fraction(3)),
    kappa: (Fraction(3, 4), Fraction(-1), Fraction(2)),
    D: (Fraction(2), Fraction(3), Fraction(1)),
    log_snr_value: (Fraction(1), Fraction(-1, 2), Fraction(2)),
}
# Where formulas of this field degenerate.  Only an identity that nobody derived is tried there; see `refute`.
_DEGENERATE: dict[Symbol, tuple[Fraction, ...]] = {
    rho: (Fraction(-1), Fraction(0), Fraction(1)),
    gamma: (Fraction(-1), Fraction(0), Fraction(1)),
    delta: (Fraction(0), Fraction(1), Fraction(0)),
    beta: (Fraction(0),),
}
# After the degenerate values: close to the ends, where sqrt(t - 1/1000) has no value.
_NEAR_ENDS = tuple(
    (shift + first * scale, shift + 2 * direction * scale, shift + last * scale, scale / 2)
    for scale in (Fraction(1, 10**4), Fraction(1, 10**12))
    for shift, direction, first, last in ((0, 1, 1, 3), (1, -1, -3, -1))
)
_FAR = 12  # from here on every second point is looked for near an end of the domain


class OutsideDomainError(ValueError):
    """A function is asked for its value at a time that does not provably lie in its open domain."""


def points(instance: Instance, symbols: frozenset[Symbol], how_many: int, seed: int = 0) -> Iterator[Point]:
    """Rational values for `symbols`, inside the domain of `instance` and with ``s < tau < t``.

    The first three are simple numbers, the next three have the parameters at :data:`_DEGENERATE`, four are close
    to the ends; the rest are drawn from `seed`.  ``beta`` is drawn below sigma(s).
    """
    start, end = (Rational(v) if v.is_Rational else Rational(str(v.evalf(12))) for v in instance.domain)
    random = Random(seed)
    ordered = sorted(symbols, key=str)
    for k in count():
        if k >= how_many:
            return
        if k < len(_TIMES):
            fractions = _TIMES[k]
        elif 0 <= k - 6 < len(_NEAR_ENDS):
            fractions = _NEAR_ENDS[k - 6]
        else:
            fractions = _random_times(random, zoom=k >= _FAR and k % 2 > 0)
        clock = dict(zip((s, tau, t, Delta), fractions, strict=True))
        point: Point = {}
        for i, symbol in enumerate(ordered):
            if symbol in instance.values:
                point[symbol] = Rational(instance.values[symbol])
            elif symbol == Delta:
                point[symbol] = (end - start) * _rational(clock[Delta])
            elif symbol == t_0:
                point[symbol] = start
            elif symbol in clock:
                point[symbol] = start + (end - start) * _rational(clock[symbol])
            elif 0 <= k - 3 < len(_DEGENERATE.get(symbol, ())):
                point[symbol] = _rational(_DEGENERATE[symbol][k - 3])
            elif symbol == beta:
                point[symbol] = _rational(_beta_below_sigma(instance, point_of(clock[s], start, end)))
            elif symbol in _CHOICES and k < 3:
                point[symbol] = _rational(_CHOICES[symbol][k])
            else:
                point[symbol] = _rational(_draw(symbol, random, k, i))
        yield point


def point_of(fraction: Fraction, start: Rational, end: Rational) -> Rational:
    """The time at a fraction of the domain."""
    return start + (end - start) * _rational(fraction)


def jet_values(jets: Mapping[Symbol, Jet], point: Mapping[Symbol, Rational], instance: Instance) -> dict[Symbol, arb]:
    """Enclose every jet symbol at `point` in `instance`; plain symbols become exact balls."""
    values = {symbol: _exact(v) for symbol, v in point.items()}
    return _fill(jets, values, instance)


def _fill(
    jets: Mapping[Symbol, Jet], values: dict[Symbol, arb], instance: Instance, closed: bool = False
) -> dict[Symbol, arb]:
    pending = dict(jets)
    while pending:
        # The argument of a function may hold another jet, e.g. alpha(lambda(t)): innermost first.
        ready = [j for j, jet in pending.items() if all(a.free_symbols <= values.keys() for a in jet.arguments)]
        if not ready:
            raise KeyError(f"no value for the arguments of {sorted(map(str, pending))}")
        for symbol in ready:
            jet = pending.pop(symbol)
            at = tuple(enclose(a, values) for a in jet.arguments)
            values[symbol] = _value(jet.function, jet.orders, at, instance, closed or jet.arguments[-1] == t_0)
    return values


def _value(
    function: str, orders: tuple[int, ...], at: tuple[arb, ...], instance: Instance, closed: bool = False
) -> arb:
    """A derivative of one of the instance's functions, at balls; its body may name others of its functions.

    The domain is open, except where a claim speaks of its start, t_0.
    """
    arguments, body = instance.functions[function]
    if instance.timed:
        start, end = (enclose(v, {}) for v in instance.domain)
        if not (closed or (at[-1] > start and at[-1] < end)):
            raise OutsideDomainError(f"{function} at a time outside the domain")
    flat, inner_jets = _differentiated(arguments, body, orders)
    inner = {symbol: _exact(Rational(v)) for symbol, v in instance.values.items()}
    inner.update(zip(arguments, at, strict=True))
    return enclose(flat, _fill(inner_jets, inner, instance, closed))


@lru_cache(maxsize=1024)
def _differentiated(
    arguments: tuple[Symbol, ...], body: Expr, orders: tuple[int, ...]
) -> tuple[Expr, dict[Symbol, Jet]]:
    for argument, order in zip(arguments, orders, strict=True):
        if order:
            body = body.diff(argument, order)
    return to_jets(body)


def _exact(value: Rational) -> arb:
    return arb(fmpq(int(value.p), int(value.q)))


def _random_times(random: Random, zoom: bool) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    a, b, c, d = (Fraction(n, 1000) for n in sorted(random.sample(range(1, 1000), 4)))
    if zoom:  # alpha(20*t) is defined near the start alone
        scale, shift = random.choice(((1, 0), (8, 0), (64, 0), (8, 7)))
        a, b, c, d = ((n + shift) / scale for n in (a, b, c, d))
    return a, b, c, (d - c) / 2


def _draw(symbol: Symbol, random: Random, k: int, i: int) -> Fraction:
    if symbol.is_integer:
        return Fraction(random.randint(1, 5))
    if k == 0:
        # Simple and pairwise different: 1/2, 2/3, 3/4, ...; sqrt and log of them are all fine.
        return Fraction(i % 9 + 1, i % 9 + 2)
    value = Fraction(random.randint(1, 40), random.randint(1, 20))
    return value if symbol.is_nonnegative or random.random() < 0.5 else -value


def _beta_below_sigma(instance: Instance, time: Rational) -> Fraction:
    """A simple number between 0 and about half of sigma at the earlier time."""
    if "sigma" not in instance.functions:
        return Fraction(1, 3)
    with working_precision(64):
        bound = Fraction(float(_value("sigma", (0,), (_exact(time),), instance).mid()))
    for bits in range(2, 60):
        nice = Fraction(int(bound / 2 * 2**bits), 2**bits)
        if nice > 0:
            return nice
    return Fraction(0)


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)
