"""The sign of one expression on an open interval: bisection with balls inside, expansions at its ends.

Nothing is sampled.  A sign is certified on a closed sub-interval where the ball of the whole sub-interval
excludes zero, and beside an end (or beside an exact zero inside) where :func:`sign_beside` says so.  A point
counts as a witness only when the ball at that *exact rational* point excludes the sign that is asked for.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb
from sympy import Expr, Rational, Symbol

from ..proof.ball import BallError, UndefinedValueError, enclose, working_precision
from .endpoint import sign_beside
from .points import Gap, Meter, as_expr, ball_of, bits_between, merged, near, simplest_between
from .zero import exactly_zero

__all__ = ["Scan", "scan"]


_DEPTH = 44  # halvings: a feature narrower than 1e-13 of the domain is left to the exact zeros
_SERIES_DEPTHS = frozenset({1, 3, 6, 10, 15, 21, 28, 36, 44})  # an expansion costs as much as 50 balls
_CLUSTERS = 6  # gaps in which an exact zero is looked for


@dataclass
class Scan:
    """What a scan found out.

    Attributes
    ----------
    sign : int
        The sign looked for: +1, -1, or 0 for an expression that is zero throughout.
    gaps : list of pairs
        Sub-intervals where the sign is not certified.
    zeros : list
        Exact times inside where the expression is zero and has `sign` on both sides.
    against : Rational or None
        A time where the value is provably not of `sign`: of the other sign, or zero where that is asked.
    undefined : Rational or None
        A time at which the expression provably has no real value.
    """

    sign: int
    gaps: list[Gap] = field(default_factory=list)
    zeros: list[Expr] = field(default_factory=list)
    against: Rational | None = None
    undefined: Rational | None = None

    @property
    def clean(self) -> bool:
        """Certified throughout, isolated zeros allowed."""
        return not self.gaps and self.against is None and self.undefined is None


def scan(
    expr: Expr,
    variable: Symbol,
    low: Expr,
    high: Expr,
    meter: Meter,
    *,
    want: int | None = None,
    zeros_allowed: bool = False,
) -> Scan:
    """Certify the sign of `expr` on (low, high), or find a point against it.

    Parameters
    ----------
    expr : sympy.Expr
        An expression of `variable` alone, without branches (Piecewise, Min, Max).
    low, high : sympy.Expr
        Exact constants, low < high.
    meter : Meter
        The work allowed; when it is spent what remains is a gap.
    want : {+1, -1, None}
        The sign looked for; None: the one found at the first point that has one.
    zeros_allowed : bool
        Whether an isolated zero with the wanted sign on both sides is accepted, and listed.
    """
    with working_precision(bits_between(low, high)):
        return _Scanner(expr, variable, low, high, meter, want, zeros_allowed).result()


@dataclass
class _Piece:
    """The interval between two points, closed at an ordinary point (a Fraction) and open at an exact end or
    zero (an Expr), where nothing is ever evaluated.
    """

    low: Any
    high: Any
    depth: int

    def split_at(self) -> Fraction:
        low, high = near(self.low, +1), near(self.high, -1)
        margin = (high - low) * Fraction(2, 5)
        return simplest_between(low + margin, high - margin)


class _Scanner:
    def __init__(
        self, expr: Expr, variable: Symbol, low: Expr, high: Expr, meter: Meter, want: int | None, zeros: bool
    ) -> None:
        self.expr, self.variable, self.meter = expr, variable, meter
        self.slope = expr.diff(variable)
        self.cost = 3 + int(expr.count_ops())
        self.slope_cost = 3 + int(self.slope.count_ops())
        self.zeros_allowed = zeros
        self.scan = Scan(want or 0)
        self.unknown = False
        self.whole = _Piece(low, high, 0)
        self.queue = deque([self.whole])
        self.left_over: list[_Piece] = []

    def result(self) -> Scan:
        """Breadth first, so that the widest violation is met first and its witness is a simple number."""
        if not self.expr.has(self.variable):
            return self._constant()
        if not self.scan.sign:
            self._choose_sign()
        while self.queue and not self._stopped():
            piece = self.queue.popleft()
            if not self.meter.spend(self.cost):
                self.left_over.append(piece)
                continue
            self._examine(piece)
        if self.unknown:
            self.left_over = [self.whole]
        elif not self._stopped():
            self._look_for_zeros()
        if self.unknown or not self._stopped():
            self.scan.gaps = merged((as_expr(p.low), as_expr(p.high)) for p in self.left_over)
        return self.scan

    def _stopped(self) -> bool:
        return self.scan.against is not None or self.scan.undefined is not None or self.unknown

    def _constant(self) -> Scan:
        piece = self.queue[0]
        middle = as_expr(piece.split_at())
        try:
            value = enclose(self.expr, {})
        except UndefinedValueError:
            return Scan(self.scan.sign, undefined=middle)
        except BallError:
            return Scan(self.scan.sign, gaps=[(as_expr(piece.low), as_expr(piece.high))])
        if value > 0 or value < 0:
            sign = 1 if value > 0 else -1
            against = middle if self.scan.sign == -sign else None
            return Scan(self.scan.sign or sign, against=against)
        if exactly_zero(self.expr):
            against = middle if self.scan.sign and not self.zeros_allowed else None
            return Scan(0 if against is None else self.scan.sign, against=against)
        return Scan(self.scan.sign, gaps=[(as_expr(piece.low), as_expr(piece.high))])

    def _choose_sign(self) -> None:
        """Take the sign at the first of a few points where there is one."""
        piece = self.queue[0]
        low, high = near(piece.low, +1), near(piece.high, -1)
        for part in (Fraction(1, 2), Fraction(1, 3), Fraction(3, 4), Fraction(1, 16), Fraction(31, 32)):
            sign = self._sign_at(low + (high - low) * part)
            if sign or self._stopped():
                self.scan.sign = sign or 1
                return
        self.scan.sign = 1

    def _sign_at(self, time: Fraction) -> int:
        """Return the sign at a point; 0: not known.  Notes an undefined value."""
        self.meter.spend(self.cost)
        try:
            value = enclose(self.expr, {self.variable: ball_of(time)})
        except UndefinedValueError:
            self.scan.undefined = as_expr(time)
            return 0
        except BallError:
            self.unknown = True
            return 0
        return 1 if value > 0 else -1 if value < 0 else 0

    def _is_zero_at(self, time: Fraction) -> bool:
        try:
            value = enclose(self.expr, {self.variable: ball_of(time)})
        except (UndefinedValueError, BallError):
            return False
        return value.contains(0) and exactly_zero(self.expr.xreplace({self.variable: as_expr(time)}))

    def _examine(self, piece: _Piece) -> None:
        sign = self._sign_on(piece)
        if sign == self.scan.sign or self._stopped():
            return
        middle = piece.split_at()
        if sign or self._sign_at(middle) == -self.scan.sign:
            self._oppose(piece, middle)
            return
        if self._stopped():
            return
        if self._is_zero_at(middle):
            self._divide_at_zero(piece, middle)
        elif piece.depth >= _DEPTH:
            self.left_over.append(piece)
        else:
            self.queue.append(_Piece(piece.low, middle, piece.depth + 1))
            self.queue.append(_Piece(middle, piece.high, piece.depth + 1))

    def _oppose(self, piece: _Piece, time: Fraction) -> None:
        # The ball of the sub-interval may be decisive where the bits at one point are not; a witness that cannot be
        # evaluated by itself is no witness, and the piece stays open.
        if self._sign_at(time) == -self.scan.sign:
            self.scan.against = as_expr(time)
        else:
            self.left_over.append(piece)

    def _divide_at_zero(self, piece: _Piece, zero: Fraction) -> None:
        if not self.zeros_allowed:
            self.scan.against = as_expr(zero)
            return
        self.scan.zeros.append(as_expr(zero))
        self.queue.append(_Piece(piece.low, as_expr(zero), piece.depth + 1))
        self.queue.append(_Piece(as_expr(zero), piece.high, piece.depth + 1))

    def _sign_on(self, piece: _Piece) -> int:
        """Return the certified sign on the whole piece, 0 if there is none; notes an undefined value."""
        low, high = ball_of(piece.low), ball_of(piece.high)
        span = low.union(high)
        try:
            value = enclose(self.expr, {self.variable: span})
        except UndefinedValueError:
            self.scan.undefined = as_expr(piece.split_at())
            return 0
        except BallError:
            self.unknown = True
            return 0
        if not (value > 0 or value < 0):
            value = self._mean_value(piece, span)
        if value > 0 or value < 0:
            return 1 if value > 0 else -1
        return self._sign_at_ends(piece)

    def _mean_value(self, piece: _Piece, span: arb) -> arb:
        if not self.meter.spend(self.slope_cost):
            return arb.nan()
        try:
            slope = enclose(self.slope, {self.variable: span})
            if not slope.is_finite():
                return arb.nan()
            middle = ball_of(piece.split_at())
            return enclose(self.expr, {self.variable: middle}) + slope * (span - middle)
        except (UndefinedValueError, BallError):
            return arb.nan()

    def _sign_at_ends(self, piece: _Piece) -> int:
        if piece.depth not in _SERIES_DEPTHS:
            return 0
        width = Fraction(near(piece.high, +1) - near(piece.low, -1))
        for point, side in ((piece.low, +1), (piece.high, -1)):
            if not isinstance(point, Fraction) and self.meter.spend(50 * self.cost):
                sign = sign_beside(self.expr, self.variable, point, side, width)
                if sign:
                    return sign
        return 0

    def _look_for_zeros(self) -> None:
        """Try the simplest rational of every cluster of undecided pieces as an exact zero, or pole."""
        clusters = merged((as_expr(p.low), as_expr(p.high)) for p in self.left_over)
        for low, high in clusters[:_CLUSTERS]:
            first, last = near(low, +1), near(high, -1)
            zero = simplest_between(first, last)
            self._sign_at(zero)
            if self._stopped():
                return
            if not self._is_zero_at(zero):
                continue
            if not self.zeros_allowed:
                self.scan.against = as_expr(zero)
                return
            signs = [
                sign_beside(self.expr, self.variable, as_expr(zero), side, abs(end - zero))
                for side, end in ((-1, first), (+1, last))
            ]
            if signs == [self.scan.sign] * 2:
                self.scan.zeros.append(as_expr(zero))
                self.left_over = [
                    p for p in self.left_over if not (first <= near(p.low, +1) and near(p.high, -1) <= last)
                ]
