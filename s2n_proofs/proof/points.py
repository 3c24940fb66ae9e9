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
from .jets import Jet
from .statement import Instance

__all__ = ["jet_values", "points"]

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


def points(instance: Instance, symbols: frozenset[Symbol], how_many: int, seed: int = 0) -> Iterator[Point]:
    """Rational values for `symbols`, inside the domain of `instance` and with ``s < tau < t``.

    The first three are simple numbers; the rest are drawn from `seed`.  ``beta`` is drawn below sigma(s).
    """
    start, end = (Rational(v) if v.is_Rational else Rational(str(v.evalf(12))) for v in instance.domain)
    random = Random(seed)
    ordered = sorted(symbols, key=str)
    for k in count():
        if k >= how_many:
            return
        fractions = _TIMES[k] if k < len(_TIMES) else _random_times(random)
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


def jet_values(
    jets: Mapping[Symbol, Jet], point: Mapping[Symbol, Rational], instance: Instance
) -> dict[Symbol, arb]:
    """Enclose every jet symbol at `point` in `instance`; plain symbols become exact balls."""
    values = {symbol: arb(fmpq(int(v.p), int(v.q))) for symbol, v in point.items()}
    pending = dict(jets)
    while pending:
        # The argument of a function may hold another jet, e.g. alpha(lambda(t)): innermost first.
        ready = [j for j, jet in pending.items() if all(a.free_symbols <= values.keys() for a in jet.arguments)]
        if not ready:
            raise KeyError(f"no value for the arguments of {sorted(map(str, pending))}")
        for symbol in ready:
            jet = pending.pop(symbol)
            arguments, expr = _derivative(instance, jet.function, jet.orders)
            inner = {a: enclose(e, values) for a, e in zip(arguments, jet.arguments, strict=True)}
            inner.update(
                {k: arb(fmpq(int(v.p), int(v.q))) for k, v in instance.values.items() if k not in inner}
            )
            values[symbol] = enclose(expr, inner)
    return values


_derivatives: dict[tuple[int, str, tuple[int, ...]], tuple[Instance, tuple[Symbol, ...], Expr]] = {}


def _derivative(
    instance: Instance, function: str, orders: tuple[int, ...]
) -> tuple[tuple[Symbol, ...], Expr]:
    key = (id(instance), function, orders)
    if key not in _derivatives:
        arguments, expr = instance.functions[function]
        for argument, order in zip(arguments, orders, strict=True):
            if order:
                expr = expr.diff(argument, order)
        _derivatives[key] = (instance, arguments, expr)  # keeps the instance alive, so its id stays its own
    return _derivatives[key][1:]


def _random_times(random: Random) -> tuple[Fraction, ...]:
    a, b, c, d = sorted(random.sample(range(1, 1000), 4))
    return Fraction(a, 1000), Fraction(b, 1000), Fraction(c, 1000), Fraction(d - c, 2000)


def _draw(symbol: Symbol, random: Random, k: int, i: int) -> Fraction:
    if symbol.is_integer:
        return Fraction(random.randint(1, 5))
    if k == 0:
        # Simple and pairwise different: 1/2, 2/3, 3/4, ...; sqrt and log of them are all fine.
        return Fraction(i % 9 + 1, i % 9 + 2)
    value = Fraction(random.randint(1, 40), random.randint(1, 20))
    return value if symbol.is_nonnegative or random.random() < 0.5 else -value


@lru_cache(maxsize=256)
def _sigma_at(instance_id: int, time: Rational) -> Fraction:
    arguments, expr = _instances[instance_id].functions["sigma"]
    with working_precision(64):
        ball = enclose(expr, {arguments[0]: arb(fmpq(int(time.p), int(time.q)))})
    return Fraction(float(ball.mid()))


_instances: dict[int, Instance] = {}


def _beta_below_sigma(instance: Instance, time: Rational) -> Fraction:
    if "sigma" not in instance.functions:
        return Fraction(1, 3)
    _instances[id(instance)] = instance
    bound = _sigma_at(id(instance), time)
    for bits in range(2, 60):
        nice = Fraction(int(bound / 2 * 2**bits), 2**bits)
        if nice > 0:
            return nice
    return Fraction(0)


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)
