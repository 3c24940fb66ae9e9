"""Put a schedule into generic formulas, each part that depends on the schedule alone in textbook form."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from sympy import Abs, Add, E, Expr, Heaviside, Max, Min, Mul, Piecewise, log
from sympy.core.function import AppliedUndef

from ..symbols import alpha, beta, delta, gamma, rho, sigma, t
from .evidence import UNIT, Domain, proved_equal
from .textbook import textbook
from .words import in_alpha_sigma

if TYPE_CHECKING:
    from ..schedule import Schedule

__all__ = ["Insertion"]

_PARAMETERS = (rho, gamma, delta, beta)
_SECONDS = 6.0  # of processor time for all rewriting; the catalogue takes 0.1 to 1.5
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
        values = {alpha: self.schedule.alpha, sigma: self.schedule.sigma}
        if self._branched:
            # SymPy differentiates max(a, b) to a step function, a piecewise function piece by piece.
            values = {name: value.rewrite(Piecewise) for name, value in values.items()}
        for name, value in values.items():
            expr = expr.replace(name, lambda time, value=value: value.subs(t, time))
        return expr.doit()

    def __call__(self, expr: Expr, *equal: Expr) -> Expr:
        """The formula for the schedule in textbook form; `equal` are forms known to be the same function."""
        key = expr
        if key not in self._parts:
            forms = [self.raw(form) for form in (expr, *equal)]
            if self._branched:
                self._parts[key] = forms[0]  # SymPy's polynomials know no branches
            else:
                left = max(self._deadline - time.thread_time(), 0.0)
                self._parts[key] = textbook(*forms, domain=self._domain, seconds=min(left, 3.0))
        return self._parts[key]

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
