"""What generated Arb source calls: functions that raise where the value is provably undefined, and truths of three values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flint
from flint import arb, fmpq

from s2n_proofs.proof.ball_functions import (
    UNARY,
    UndefinedValueError,
    integer_power,
    quotient,
    rational_power,
    real_power,
)

__all__ = ["WORDS", "Constants"]

Truth = bool | None


class Constants:
    """The constants of one program, computed once at each precision; they go when the program goes."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[arb, ...]] = {}

    def __call__(self, make: Callable[[], tuple[arb, ...]]) -> tuple[arb, ...]:
        """The constants at the precision that is set."""
        found = self._known.get(flint.ctx.prec)
        if found is None:
            found = self._known[flint.ctx.prec] = make()
        return found


class _Later:
    """A value that is computed when it is first asked for."""

    __slots__ = ("_make", "_value")

    def __init__(self, make: Callable[[], arb]) -> None:
        self._make = make
        self._value: arb | None = None

    def __call__(self) -> arb:
        if self._value is None:
            self._value = self._make()
        return self._value


def _log1p(b: arb) -> arb:
    if b <= -1:
        raise UndefinedValueError("the logarithm of a number that is not positive")
    return b.log1p()


def _acosh(b: arb) -> arb:
    if b < 1:
        raise UndefinedValueError("acosh of a number below 1")
    return b.acosh()


def _atanh(b: arb) -> arb:
    if b.abs_lower() >= 1:
        raise UndefinedValueError("atanh of a number outside (-1, 1)")
    return b.atanh()


def _hypot(a: arb, b: arb) -> arb:
    return rational_power(integer_power(a, 2) + integer_power(b, 2), 1, 2)


def _piecewise(*branches: tuple[Callable[[], Truth], Callable[[], arb]]) -> arb:
    hull: arb | None = None
    for condition, branch in branches:
        truth = condition()
        if truth is False:
            continue
        try:
            value = branch()
        except UndefinedValueError:
            if truth is True and hull is None:
                raise
            value = arb.nan()  # undefined on a branch that may not be the one taken: decides nothing
        hull = value if hull is None else hull.union(value)
        if truth is True:
            return hull
    if hull is None:
        raise UndefinedValueError("no branch of the piecewise function applies")
    return arb.nan()


def _less(a: arb, b: arb) -> Truth:
    return _negated(_greater_or_equal(a, b))


def _less_or_equal(a: arb, b: arb) -> Truth:
    return _negated(_greater(a, b))


def _greater(a: arb, b: arb) -> Truth:
    difference = a - b
    return True if difference > 0 else False if difference <= 0 else None


def _greater_or_equal(a: arb, b: arb) -> Truth:
    difference = a - b
    return True if difference >= 0 else False if difference < 0 else None


def _equal(a: arb, b: arb) -> Truth:
    difference = a - b
    return True if difference.is_zero() else None if difference.contains(0) else False


def _unequal(a: arb, b: arb) -> Truth:
    return _negated(_equal(a, b))


def _negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _both(*truths: Truth) -> Truth:
    return False if False in truths else None if None in truths else True


def _either(*truths: Truth) -> Truth:
    return True if True in truths else None if None in truths else False


WORDS: dict[str, Any] = {
    **UNARY, "log1p": _log1p, "acosh": _acosh, "atanh": _atanh, "hypot": _hypot,
    "arb": arb, "fmpq": fmpq, "over": quotient, "integer_power": integer_power, "rational_power": rational_power,
    "real_power": real_power, "piecewise": _piecewise, "later": _Later, "less": _less, "less_or_equal": _less_or_equal,
    "greater": _greater, "greater_or_equal": _greater_or_equal, "equal": _equal, "unequal": _unequal, "both": _both,
    "either": _either, "negated": _negated,
}  # fmt: skip
