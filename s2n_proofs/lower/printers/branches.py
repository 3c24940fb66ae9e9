"""Where a branch that is not taken may be evaluated without harm: a point at which it has a derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache

import flint
from sympy import Abs, Add, Expr, Integer, Mul, Pow, Symbol, atan, cos, cosh, exp, sin, sinh, tanh
from sympy.codegen.cfunctions import expm1

from s2n_proofs.lower.program import Program

from .compiled import compile_program
from .errors import PrinterError

__all__ = ["safe_point", "smooth_everywhere"]

_SMOOTH = (Add, Mul, Abs, sin, cos, tanh, atan)
_GROWING = (exp, expm1, sinh, cosh)

# A derivative beyond this could overflow in float32 (largest 3.4e38) once other factors are multiplied to it.
_LARGE = 10**9


def smooth_everywhere(expr: Expr, *, may_overflow: bool = False) -> bool:
    """Whether value and derivative are finite for all real arguments; exp overflows, and counts only if it may.

    Examples
    --------
    >>> from sympy import sin, sqrt
    >>> from sympy.abc import x
    >>> smooth_everywhere(sin(x) ** 2 / 3), smooth_everywhere(sqrt(x))
    (True, False)
    """
    if not expr.free_symbols or isinstance(expr, Symbol):
        return True
    if isinstance(expr, Pow) and not (isinstance(expr.exp, Integer) and expr.exp > 0):
        return False
    known = _SMOOTH + (Pow,) + (_GROWING if may_overflow else ())
    return isinstance(expr, known) and all(smooth_everywhere(arg, may_overflow=may_overflow) for arg in expr.args)


@lru_cache(maxsize=1024)
def safe_point(branch: Program) -> dict[Symbol, Fraction] | None:
    """Find a point at which a program of one output has a derivative, none of whose factors is large.

    Returns
    -------
    dict or None
        A value for each input; None if no point that was tried will do.

    Examples
    --------
    >>> from sympy import log, sqrt
    >>> from sympy.abc import x
    >>> from s2n_proofs.lower.program import program
    >>> safe_point(program([x], {"value": sqrt(x - 2) / log(x)}))
    {x: Fraction(3, 1)}
    """
    # By the chain rule it is enough that the derivatives of each step are finite in what it is made of.  With the steps put
    # into each other, twelve of them took minutes.
    parts = [expr for _, expr in (*branch.steps, *branch.outputs)]
    parts += [part.diff(x) for part in parts for x in sorted(part.free_symbols, key=str)]
    try:
        made = Program(branch.inputs, branch.steps, tuple((str(i), part) for i, part in enumerate(parts)))
        values = compile_program(made, "arb").function
    except PrinterError:
        return None  # a derivative that is no function, e.g. of sign twice
    for point in _points(len(branch.inputs)):
        if _all_moderate(values, point):
            return dict(zip(branch.inputs, point, strict=True))
    return None


def _all_moderate(values: Callable[..., tuple[flint.arb, ...]], point: tuple[Fraction, ...]) -> bool:
    try:
        balls = values(*(flint.arb(flint.fmpq(x.numerator, x.denominator)) for x in point))
    except ArithmeticError:
        return False
    return all(ball.is_finite() and abs(ball) < _LARGE for ball in balls)


# Inside (0, 1), where times are; then elsewhere, apart from the round numbers at which formulas have their poles.
_LADDER = tuple(
    map(Fraction, ("1/2", "1/4", "3/4", "1/16", "15/16", "3", "1/1000", "999/1000", "10", "30", "70", "300"))
) + tuple(map(Fraction, ("0", "1", "-1/2", "-3", "-30")))


def _points(dimension: int) -> Iterator[tuple[Fraction, ...]]:
    """All arguments equal; then rising, then falling; then mixed."""
    yield from ((x,) * dimension for x in _LADDER)
    if dimension < 2:
        return
    for shift in range(1, len(_LADDER)):
        row = [_LADDER[(shift * (i + 1)) % len(_LADDER)] for i in range(dimension)]
        yield tuple(sorted(row))
        yield tuple(sorted(row, reverse=True))
        yield tuple(row)
