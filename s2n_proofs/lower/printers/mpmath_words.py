"""What generated mpmath source calls: real functions that answer NaN or infinity where floats do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

__all__ = ["WORDS", "Constants"]

_nan, _inf = mpf("nan"), mpf("inf")


class Constants:
    """The constants of one program, computed once at each precision; they go when the program goes."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, ...]] = {}

    def __call__(self, make: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
        """The constants at the precision that is set."""
        if mp.prec not in self._known:
            self._known[mp.prec] = make()
        return self._known[mp.prec]


def _real(function: Callable[[Any], Any], x: Any) -> Any:
    try:
        value = function(x)
    except ZeroDivisionError:
        return _nan
    return value if isinstance(value, mpf) else _nan


def _over(a: Any, b: Any) -> Any:
    if b != 0:
        return a / b
    return _inf if a > 0 else -_inf if a < 0 else _nan


def _integer_power(x: Any, n: int) -> Any:
    return x**n


def _rational_power(x: Any, p: int, q: int) -> Any:
    if q == 1:
        return x**p if p > 0 else _over(mpf(1), x**-p)
    if x < 0 or mp.isnan(x):
        return _nan
    root = mp.sqrt(x) if q == 2 else mp.root(x, q)
    return root**p if p > 0 else _over(mpf(1), root**-p)


def _real_power(x: Any, y: Any) -> Any:
    if x == 0 and y < 0:
        return _inf
    return x**y if x >= 0 or y == mp.floor(y) else _nan


def _largest(a: Any, b: Any) -> Any:
    return _nan if mp.isnan(a) or mp.isnan(b) else max(a, b)


def _smallest(a: Any, b: Any) -> Any:
    return _nan if mp.isnan(a) or mp.isnan(b) else min(a, b)


def _heaviside(x: Any, at_zero: Any) -> Any:
    return mpf(1) if x > 0 else mpf(0) if x < 0 else at_zero if x == 0 else _nan


def _dirac_delta(x: Any) -> Any:
    return mpf(0) if x > 0 or x < 0 else _nan


WORDS: dict[str, Any] = {
    "mp": mp, "mpf": mpf, "nan": _nan, "real": _real, "over": _over, "integer_power": _integer_power,
    "rational_power": _rational_power, "real_power": _real_power, "heaviside": _heaviside, "dirac_delta": _dirac_delta,
    "largest": _largest, "smallest": _smallest,
}  # fmt: skip
