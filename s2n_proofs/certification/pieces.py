"""Piecewise, Min, Max and Abs resolved: the domain cut where a branch changes, one smooth pair on each part.

Where a branch changes is found exactly when the comparison is a polynomial with roots in closed form (clips
at a number, ``t < 1/2``), else enclosed in a bracket of relative width 2**-30.  On a bracket Min, Max and Abs
may take either branch, so each is listed and each must be certified; a Piecewise there is left unresolved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from sympy import Abs, Add, Expr, Max, Min, Poly, Rational, S, Symbol, real_roots, sign
from sympy.core.relational import Relational
from sympy.polys.polyerrors import PolynomialError
from sympy.polys.rootoftools import ComplexRootOf

from ..proof.ball import BallError, UndefinedValueError, working_precision
from .points import Gap, Meter, ascending, at_point, bits_between, near, simplest_between
from .scan import scan
from .zero import exactly_zero

__all__ = ["Piece", "crossing", "exact_roots", "inside", "jumps", "middle_of", "split_pieces"]

_HALVINGS = 30
_PIECES = 64  # more parts than this are not cut further
_DEGREE = 40


@dataclass(frozen=True)
class Piece:
    """A part of the domain with branch-free alpha and sigma on it.

    Attributes
    ----------
    low, high : sympy.Expr
        The ends of the part.
    alpha, sigma : sympy.Expr
        The schedule there.
    sure : bool
        False on a bracket, where this pair is one of several that may apply.
    """

    low: Expr
    high: Expr
    alpha: Expr
    sigma: Expr
    sure: bool = True


def split_pieces(piece: Piece, variable: Symbol, meter: Meter) -> tuple[list[Piece], list[Gap]]:
    """Resolve every branch of `piece`; also return the sub-intervals where that could not be done."""
    done: list[Piece] = []
    gaps: list[Gap] = []
    waiting = [piece]
    while waiting:
        part = waiting.pop()
        choice = _innermost(part)
        if choice is None:
            done.append(part)
            continue
        if len(waiting) + len(done) > _PIECES or not meter.spend(100):
            gaps.append((part.low, part.high))
            continue
        difference, replace, continuous = choice
        regions = _signs(difference, variable, part.low, part.high, meter)
        if not (continuous or part.sure or (len(regions) == 1 and regions[0][2] in (1, -1))):
            # A jump inside a bracket would lie between branches of which it is not known which one applies.
            gaps.append((part.low, part.high))
            continue
        for low, high, found in regions:
            if found is not None:
                waiting.append(_chosen(part, low, high, replace(found), part.sure))
            elif continuous:
                waiting += [_chosen(part, low, high, replace(side), False) for side in (1, -1)]
            else:
                gaps.append((low, high))
    if len(done) > 2 * _PIECES:
        return [], [(piece.low, piece.high)]
    order = {time: i for i, time in enumerate(ascending({end for p in done for end in (p.low, p.high)}))}
    done.sort(key=lambda p: (order[p.low], order[p.high]))
    return done, gaps


def jumps(expr: Expr) -> Iterator[Expr]:
    """Yield what decides every branch of `expr` that may jump where the decision changes."""
    for node in _deepest_first(expr):
        if isinstance(node, Relational | sign):
            yield _choice(node)[0]


def middle_of(low: Expr, high: Expr) -> Rational:
    """Return a simple rational well inside (low, high).

    Examples
    --------
    >>> from sympy import Integer, pi
    >>> middle_of(Integer(0), Integer(1)), middle_of(Integer(0), pi)
    (1/2, 3/2)
    """
    with working_precision(bits_between(low, high)):
        a, b = near(low, +1), near(high, -1)
    margin = (b - a) * Fraction(2, 5)
    return _rational(simplest_between(a + margin, b - margin))


def inside(time: Expr, low: Expr, high: Expr) -> bool:
    """Whether low < time < high, proven by balls."""
    return ascending([low, time, high]) == [low, time, high] and time not in (low, high)


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def exact_roots(expr: Expr, variable: Symbol) -> list[Expr]:
    """Return the real roots known in closed form: of a linear `expr`, or of a polynomial over the rationals.

    Examples
    --------
    >>> from sympy import Symbol, pi
    >>> t = Symbol("t")
    >>> exact_roots(2 * t**2 - 1, t), exact_roots(pi * t - 1, t)
    ([-sqrt(2)/2, sqrt(2)/2], [1/pi])
    """
    try:
        polynomial = Poly(expr, variable)
    except PolynomialError:
        return []
    if polynomial.degree() == 1:
        slope, offset = polynomial.all_coeffs()
        return [-offset / slope]
    if not polynomial.domain.is_QQ and not polynomial.domain.is_ZZ:
        return []
    if not 1 < polynomial.degree() <= _DEGREE:
        return []
    roots = real_roots(polynomial, multiple=False)
    return [root for root, _ in roots if not isinstance(root, ComplexRootOf) and not root.has(ComplexRootOf)]


def crossing(expr: Expr, variable: Symbol, low: Rational, high: Rational) -> tuple[Rational, Gap]:
    """Enclose a sign change of `expr` between two rational times of opposite sign.

    Returns
    -------
    time : sympy.Expr
        An exact zero where one is found, else the middle of the bracket.
    bracket : pair
        Equal to ``(time, time)`` for an exact zero.
    """
    for root in exact_roots(expr, variable):
        if inside(root, low, high):
            return root, (root, root)
    a, b = near(low, +1), near(high, -1)
    first = at_point(expr, variable, a)
    for _ in range(_HALVINGS):
        middle = (a + b) / 2
        value = at_point(expr, variable, middle)
        if value > 0 or value < 0:
            same = bool(value > 0) == bool(first > 0)
            a, b = (middle, b) if same else (a, middle)
        else:
            break
    margin = (b - a) / 1000
    simple = simplest_between(a - margin, b + margin)
    time = _rational(simple)
    if exactly_zero(expr.xreplace({variable: time})):
        return time, (time, time)
    return time, (_rational(a), _rational(b))


def _chosen(part: Piece, low: Expr, high: Expr, rule: dict[Expr, Expr], sure: bool) -> Piece:
    return Piece(low, high, part.alpha.xreplace(rule), part.sigma.xreplace(rule), sure)


_Choice = tuple[Expr, Callable[[int], dict[Expr, Expr]], bool]


def _innermost(part: Piece) -> _Choice | None:
    """Return a node to resolve that holds no other: the difference that decides, the replacement by its sign,
    and whether the two branches agree where the difference is 0.
    """
    nodes = [node for expr in (part.alpha, part.sigma) for node in _deepest_first(expr)]
    branching = [node for node in nodes if isinstance(node, Relational | Max | Min | Abs | sign)]
    # Conditions first: a branch need not make sense where its condition is false.
    for node in sorted(branching, key=lambda node: not isinstance(node, Relational)):
        if not any(argument.has(Relational, Max, Min, Abs, sign) for argument in node.args):
            return _choice(node)
    return None


def _choice(node: Expr) -> _Choice:
    if isinstance(node, Relational):
        return node.lhs - node.rhs, lambda found: {node: S(bool(node.func(found, 0)))}, False
    if isinstance(node, Abs):
        return node.args[0], lambda found: {node: found * node.args[0]}, True
    if isinstance(node, sign):
        return node.args[0], lambda found: {node: S(found)}, False
    first, second, *rest = node.args
    winner = 1 if isinstance(node, Max) else -1
    return first - second, lambda found: {node: node.func(first if found == winner else second, *rest)}, True


def _deepest_first(expr: Expr) -> Iterator[Expr]:
    for argument in expr.args:
        yield from _deepest_first(argument)
    yield expr


def _signs(expr: Expr, variable: Symbol, low: Expr, high: Expr, meter: Meter) -> list[tuple[Expr, Expr, int | None]]:
    """Cut (low, high) where `expr` changes sign: parts with a sign, and brackets (None)."""
    if expr == 0 or (not expr.has(variable) and exactly_zero(expr)) or _vanishes(expr):
        return [(low, high, 0)]
    cuts = [root for root in exact_roots(expr, variable) if inside(root, low, high)]
    cuts = [low, *ascending(cuts), high]
    parts: list[tuple[Expr, Expr, int | None]] = []
    for a, b in pairwise(cuts):
        parts += _isolate(expr, variable, a, b, meter, _HALVINGS)
    joined = parts[:1]
    for a, b, found in parts[1:]:
        before = joined[-1]
        if found is not None and found == before[2] and not _may_vanish(expr, variable, a):
            joined[-1] = (before[0], b, found)
        else:
            joined.append((a, b, found))
    return joined


def _vanishes(expr: Expr) -> bool:
    return isinstance(expr, Add) and expr.expand() == 0 if expr.count_ops() < 40 else False


def _may_vanish(expr: Expr, variable: Symbol, time: Expr) -> bool:
    try:
        return bool(at_point(expr, variable, time).contains(0))
    except (UndefinedValueError, BallError):
        return True


def _isolate(
    expr: Expr, variable: Symbol, low: Expr, high: Expr, meter: Meter, halvings: int
) -> list[tuple[Expr, Expr, int | None]]:
    found = scan(expr, variable, low, high, meter, zeros_allowed=True)
    if found.clean:
        # An isolated zero inside is a point where the other branch may be taken: cut there.
        cuts = [low, *ascending(found.zeros), high]
        return [(a, b, found.sign) for a, b in pairwise(cuts)]
    if halvings == 0 or found.undefined is not None or meter.left <= 0:
        return [(low, high, None)]
    if halvings == 1:  # the last cut tries the simplest number of the bracket, which may be the exact place
        with working_precision(bits_between(low, high)):
            middle = _rational(simplest_between(near(low, +1), near(high, -1)))
    else:
        middle = middle_of(low, high)
    return _isolate(expr, variable, low, middle, meter, halvings - 1) + _isolate(
        expr, variable, middle, high, meter, halvings - 1
    )
