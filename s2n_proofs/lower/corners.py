"""Where the branches of a schedule meet: pairs of times on both sides of such a corner are hard in their own way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from sympy import Expr

from s2n_proofs.proof.ball import BallError, UndefinedValueError, working_precision
from s2n_proofs.symbols import t

from .branches import BRANCHED, cases
from .points import Pairs, domain_ends, exact, moved_inside
from .printers.compiled import ball_of

__all__ = ["across", "corners"]

_GRID = 256
_HALVINGS = 60
_EACH = 12
_BITS = 96


def corners(functions: Sequence[Expr], domain: tuple[Expr, Expr]) -> tuple[float, ...]:
    """The times at which a comparison in one of the functions changes its outcome, to a few units in the last place.

    Examples
    --------
    >>> from sympy import Integer, Max, Rational
    >>> [round(time, 12) for time in corners([Max(t, Rational(1, 4))], (Integer(0), Integer(1)))]
    [0.25]
    """
    start, end = domain_ends(domain)
    grid = np.linspace(start, end, _GRID + 1)[1:-1].tolist()
    found: set[float] = set()
    for difference in _comparisons(functions):
        side = _side(difference)
        known = [(time, side(time)) for time in grid]
        for (low, before), (high, after) in pairwise(known):
            if before is not None and after is not None and before != after:
                found.add(_bisected(side, low, high, before))
    return tuple(sorted(found))


def _comparisons(functions: Sequence[Expr]) -> Iterator[Expr]:
    branched = {node for function in functions for node in function.atoms(*BRANCHED)}
    yield from {x.left - x.right for node in branched for case in cases(node) for x in case.when}


def _side(difference: Expr) -> Callable[[float], bool | None]:
    function = ball_of((t,), difference)

    def side(time: float) -> bool | None:
        with working_precision(_BITS):
            try:
                value = function(exact(time))
            except (BallError, UndefinedValueError):
                return None
            if value >= 0:
                return True
            return False if value < 0 else None

    return side


def _bisected(side: Callable[[float], bool | None], low: float, high: float, before: bool) -> float:
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if side(middle) == before:
            low = middle
        else:
            high = middle
    return high


def across(times: Sequence[float], domain: tuple[Expr, Expr], dtype: str, smallest: float, seed: int) -> Pairs:
    """Pairs of times on both sides of each corner, at distances log-uniform down to `smallest` (a decimal exponent)."""
    start, end = domain_ends(domain)
    rng = np.random.default_rng([seed, 1])
    corner = np.repeat(np.asarray(times, float), _EACH)
    before, after = (10.0 ** rng.uniform(smallest, 0, corner.size) for _ in range(2))
    s = moved_inside((corner - before * (corner - start)).astype(dtype), domain)
    t = moved_inside((corner + after * (end - corner)).astype(dtype), domain)
    apart = s < t
    return Pairs(s[apart], t[apart])
