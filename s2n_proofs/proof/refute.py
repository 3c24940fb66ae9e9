"""Refutation by ball arithmetic: a narrow ball that excludes zero is a counterexample.

Nothing else refutes.  A point decides nothing, and is not counted, where a ball is too wide, where a time does not
lie in the open domain, or where the *derived* side is undefined.  If neither side is derived (`Equation.symmetric`),
a point where exactly one side has a real value refutes, and one where neither has decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flint import arb
from sympy import Expr, Rational, Symbol

from .ball import BallError, UndefinedValueError, enclose, working_precision
from .jets import Jet, JetError, to_jets
from .points import OutsideDomainError, jet_values, points
from .statement import Equation, Instance, Witness
from .zeros import zeros

__all__ = ["Search", "refute"]

# 128 bits settle most points; sides that still overlap at 512 bits are left to the proof.
_PRECISIONS = (128, 512)
_DIGITS = 20
_BITS_THAT_TEST = 40
# Further points that are drawn where a time does not lie in the domain: alpha(Delta - t) does at one in 27.
_MORE = 90


@dataclass(frozen=True)
class Search:
    """What a search for a counterexample found, and at how many points it could have found one."""

    witness: Witness | None
    tested: int


def refute(
    equation: Equation,
    instances: Iterable[Instance],
    *,
    fixed: Mapping[Symbol, Expr] | None = None,
    per_instance: int = 3,
    seed: int = 0,
) -> Search:
    """Look for a point of the domain at which the two sides of `equation` provably differ.

    Parameters
    ----------
    equation : Equation
        The statement.
    instances : iterable of Instance
        Where to look, in this order.
    fixed : mapping, optional
        Symbols held at exact values, e.g. ``{rho: 1}``, or given a sign, by a symbol that is not negative or minus one.
    per_instance : int
        Points for each instance; beyond the third, parameters take the values where formulas degenerate.
    seed : int
        For the points after those.
    """
    fixed = dict(fixed or {})
    sides = _Sides(equation)
    tested = 0
    for instance in instances:
        if any(jet.function not in instance.functions for jet in sides.jets.values()):
            continue
        inside = 0
        for point, reasons in _candidates(equation, sides, instance, per_instance, seed):
            point.update({k: _held(v, point[k]) for k, v in fixed.items() if k in point})
            try:
                outcome = _try(sides, point, instance, reasons)
            except OutsideDomainError:
                continue
            inside += 1
            if outcome is not None:
                tested += 1
                printed, derived, differ, why = outcome
                if differ:
                    at = {str(k): str(v) for k, v in sorted(point.items(), key=lambda kv: str(kv[0]))}
                    return Search(Witness(equation.name, instance.name, at, printed, derived, why), tested)
            if inside == per_instance + sum(map(len, equation.divisors)):
                break
    return Search(None, tested)


def _candidates(
    equation: Equation, sides: _Sides, instance: Instance, per_instance: int, seed: int
) -> Iterator[tuple[dict[Symbol, Rational], tuple[str, str]]]:
    """Points for one instance, and for each side why it has no value there, if that is known: a divisor is 0."""
    drawn = points(instance, sides.needed, per_instance + _MORE, seed)
    first = next(drawn)
    yield first, ("", "")
    for side, divisors in enumerate(equation.divisors):
        for divisor in divisors:
            for point in zeros(divisor, first, instance):
                yield point, ("", "division by zero") if side else ("division by zero", "")
    for point in drawn:
        yield point, ("", "")


def _held(value: Expr, drawn: Rational) -> Rational:
    if value.is_number:
        return Rational(value)
    return abs(drawn) if value.is_nonnegative else -abs(drawn)


class _Sides:
    """An equation in jets: what is compared, and what must have a value for each side to have one."""

    def __init__(self, equation: Equation) -> None:
        self.jets: dict[Symbol, Jet] = {}
        lhs, rhs = equation.sides
        # The sides as given are kept for the check of definedness: squaring must not hide an imaginary root.
        self.left = [self._flat(e) for e in (equation.printed, lhs, *equation.defined)]
        self.right = [self._flat(e) for e in (equation.derived, rhs, *equation.derived_defined)]
        self.given = [self._flat(old - new) for old, new in equation.given]
        self.symmetric = equation.symmetric
        symbols = {symbol for e in (*self.left, *self.right, *self.given) for symbol in e.free_symbols}
        symbols |= {v for jet in self.jets.values() for a in jet.arguments for v in a.free_symbols}
        self.needed = frozenset(symbol for symbol in symbols if symbol not in self.jets)

    def _flat(self, expr: Expr) -> Expr:
        flat, table = to_jets(expr)
        for symbol, jet in table.items():
            if self.jets.setdefault(symbol, jet) != jet:
                raise JetError(f"two different values are both called {symbol}")
        return flat


def _try(
    sides: _Sides, point: Mapping[Symbol, Rational], instance: Instance, reasons: tuple[str, str]
) -> tuple[str | None, str | None, bool, str] | None:
    """(printed, derived, do they differ, why), or None where the point decides nothing.

    Raises OutsideDomainError where a time does not lie in the domain.
    """
    verdict = None
    for bits in _PRECISIONS:
        with working_precision(bits):
            try:
                values = jet_values(sides.jets, point, instance)
                if any(not enclose(gap, values).contains(0) for gap in sides.given):
                    return None
            except (UndefinedValueError, BallError):
                return None
            left = reasons[0] or _values(sides.left, values)
            right = reasons[1] or _values(sides.right, values)
            if isinstance(right, str):
                if not sides.symmetric or isinstance(left, str) or not left[0].is_finite():
                    return None
                return show(left[0]), None, True, right
            if not all(v.is_finite() for v in right):
                continue
            if isinstance(left, str):
                return None, show(right[0]), True, left
            if not all(v.is_finite() for v in left):
                continue
            if not (left[1] - right[1]).contains(0):
                return *_told_apart(left[0], right[0]), True, ""
            if all(_is_narrow(v) for v in (left[1], right[1])):
                verdict = (show(left[0]), show(right[0]), False, "")
    return verdict


def _is_narrow(ball: arb) -> bool:
    """Whether two such balls would be told apart if the values differed: at a joint of branches a ball is wide."""
    return bool(ball.rad() < 2**-_BITS_THAT_TEST * max(1, abs(ball.mid())))


def _values(expressions: Sequence[Expr], values: Mapping[Symbol, arb]) -> list[arb] | str:
    """The balls of all expressions, or the reason why one provably has no value."""
    try:
        return [enclose(e, values) for e in expressions]
    except UndefinedValueError as undefined:
        return str(undefined)
    except BallError:
        return [arb.nan()]


def _told_apart(printed: arb, derived: arb) -> tuple[str, str]:
    """Both enclosures, with as many digits as it takes to see the difference."""
    for digits in (_DIGITS, 3 * _DIGITS, 8 * _DIGITS):
        texts = printed.str(digits), derived.str(digits)
        if texts[0].split()[0] != texts[1].split()[0]:
            break
    return texts


def show(ball: arb) -> str:
    """An enclosure that a person reads: exact when it is, else digits with the radius."""
    text: str = ball.str(_DIGITS)
    return text
