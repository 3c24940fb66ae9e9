"""Put a schedule into generic formulas, each part that depends on the schedule alone in textbook form."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from sympy import Abs, Add, E, Expr, Heaviside, Max, Min, Mul, Piecewise, log
from sympy.core.function import AppliedUndef

from ..certification.pieces import Piece, middle_of, split_pieces
from ..certification.points import Meter
from ..symbols import alpha, beta, delta, gamma, rho, s, sigma, t, tau
from .evidence import UNIT, Domain, proved_equal
from .textbook import textbook
from .words import in_alpha_sigma

if TYPE_CHECKING:
    from ..schedule import Schedule

__all__ = ["Insertion"]

_PARAMETERS = (rho, gamma, delta, beta)
_SECONDS = 6.0  # of processor time for all rewriting; the catalogue takes 0.1 to 1.5
_SECONDS_OF_A_PIECE = 0.5
_SPLITTING = 100_000  # of the meter that bounds the search for corners
_BRANCHES = (Piecewise, Min, Max, Heaviside)


class Insertion:
    """The way from generic functions to one schedule (or, without one, to alpha and sigma themselves).

    Parameters
    ----------
    schedule : Schedule or None
        None leaves alpha and sigma generic.
    seconds : float
        Of processor time for all rewriting.
    """

    def __init__(self, schedule: Schedule | None, seconds: float = _SECONDS) -> None:
        self.schedule = schedule
        self._deadline = time.thread_time() + seconds
        self._parts: dict[Expr, Expr] = {}
        self._words: dict[Expr, Expr] = {}

    @cached_property
    def _branched(self) -> bool:
        return self.schedule is not None and (self.schedule.alpha + self.schedule.sigma).has(*_BRANCHES, Abs)

    def define(self, words: Mapping[Expr, Expr]) -> None:
        """Say what words such as g(t) stand for in the formulas to come."""
        self._words = dict(words)

    def raw(self, expr: Expr) -> Expr:
        """The formula with alpha and sigma put in and derivatives carried out, else as the theory has it."""
        expr = in_alpha_sigma(expr.subs(self._words))
        if self.schedule is None:
            return expr
        values = self.schedule.alpha, self.schedule.sigma
        if self._branched:
            # SymPy differentiates max(a, b) to a step function, a piecewise function piece by piece.
            values = self._by_pieces() or tuple(value.rewrite(Piecewise) for value in values)
        return _put(expr, *values)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The parts of the domain between the corners, if these are known exactly; else none."""
        if self.schedule is None or not self._branched:
            return ()
        whole = Piece(*self.schedule.domain, self.schedule.alpha, self.schedule.sigma)
        found, gaps = split_pieces(whole, t, Meter(_SPLITTING))
        return () if gaps or not all(piece.sure for piece in found) else tuple(found)

    def _by_pieces(self) -> tuple[Expr, Expr] | None:
        if not self.pieces:
            return None
        return self._joined([piece.alpha for piece in self.pieces]), self._joined([p.sigma for p in self.pieces])

    def _joined(self, values: Sequence[Expr]) -> Expr:
        """One function of t from its values on the pieces; at a corner, that of the later piece."""
        *before, last = zip(values, self.pieces, strict=True)
        return Piecewise(*((value, t < piece.high) for value, piece in before), (last[0], True))

    def __call__(self, expr: Expr, *equal: Expr) -> Expr:
        """The formula for the schedule in textbook form; `equal` are forms known to be the same function."""
        key = expr
        if key not in self._parts:
            forms = [self.raw(form) for form in (expr, *equal)]
            if self._branched:
                self._parts[key] = self._branches(key) or forms[0]  # SymPy's polynomials know no branches
            else:
                left = max(self._deadline - time.thread_time(), 0.0)
                self._parts[key] = textbook(*forms, domain=self._domain, seconds=min(left, 3.0))
        return self._parts[key]

    def _branches(self, key: Expr) -> Expr | None:
        """A formula in one time, piece by piece; None for another."""
        expr = in_alpha_sigma(key.subs(self._words))
        times = expr.free_symbols & {s, t, tau}
        if not self.pieces or len(times) != 1:
            return None
        (own,) = times
        found = []
        for piece in self.pieces:
            middle = middle_of(piece.low, piece.high)
            # Words that were put in have branches already, with the same corners.
            resolved = expr.subs(own, t).replace(Piecewise, partial(_branch_at, middle))
            form = _put(resolved, piece.alpha, piece.sigma)
            found.append(textbook(form, domain=(piece.low, piece.high), seconds=_SECONDS_OF_A_PIECE))
        return self._joined(found).subs(t, own)

    def same(self, left: Expr, right: Expr) -> bool:
        """Whether both engines prove two formulas of this schedule to be equal on its domain."""
        return proved_equal(left, right, self._domain)

    @property
    def _domain(self) -> Domain:
        return UNIT if self.schedule is None else self.schedule.domain

    def by_parts(self, expr: Expr) -> Expr:
        """The same for a formula with parameters: every largest part without them is replaced.

        Equals are put for equals inside a formula that is proved for all alpha and sigma, so the result is
        proved, although no engine could decide the whole (a symbolic power of a difference, say).
        """
        if not expr.has(*_PARAMETERS, log):
            return self(expr) if expr.has(AppliedUndef) else expr
        if isinstance(expr, Add | Mul):
            own = [part for part in expr.args if part.has(AppliedUndef) and not part.has(*_PARAMETERS, log)]
            rest = [self.by_parts(part) for part in expr.args if part not in own]
            return expr.func(self.by_parts(expr.func(*own)), *rest)
        if isinstance(expr, log):
            base, exponent = self.by_parts(expr.args[0]).as_base_exp()
            return log(base**exponent) if exponent.is_Rational or base is E else exponent * log(base)
        return expr.func(*map(self.by_parts, expr.args)) if expr.args else expr


def _put(expr: Expr, signal: Expr, noise: Expr) -> Expr:
    for name, value in ((alpha, signal), (sigma, noise)):
        expr = expr.replace(name, lambda time, value=value: value.subs(t, time))
    return expr.doit()


def _branch_at(time: Expr, *branches: tuple[Expr, Any]) -> Expr:
    return next(value for value, condition in branches if condition.subs(t, time) == True)  # noqa: E712  (SymPy's own)
