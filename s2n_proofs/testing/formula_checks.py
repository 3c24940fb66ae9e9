"""The numeric checks of ``derive()``: its formulas against the routes of :mod:`s2n_proofs.testing.routes`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import mpmath
from sympy import Expr, Rational, Symbol

from ..schedule import Schedule
from ..symbols import beta, delta, gamma, rho, s, t, tau
from .chooser import SeededChooser
from .drawing import Kinds, random_schedules
from .parameters import StepParameters, draw_step_parameters, draw_times
from .routes import Routes
from .worlds import World

__all__ = ["Case", "agrees", "cases"]

_TOLERANCE = mpmath.mpf(10) ** -15  # half of the routes' 30 digits
_SHARES = (Rational(1, 2), Rational(1, 10), Rational(9, 10), Rational(2, 7))


@dataclass(frozen=True)
class Case:
    """A schedule and a point, with every formula's value by a route of its own.

    Attributes
    ----------
    schedule : Schedule
    point : mapping
        Exact values of s, tau, t, gamma, delta, rho and beta.
    expected : mapping
        By the names of ``derive().items()``.
    """

    schedule: Schedule
    point: Mapping[Symbol, Expr]
    expected: Mapping[str, Any]

    @staticmethod
    def of(schedule: Schedule, times: tuple[Expr, ...], parameters: StepParameters, share: Rational) -> Case:
        """The case at times s, tau, t and step parameters; `share` is beta over sigma(s)."""
        point = {s: times[0], tau: times[1], t: times[2], beta: share * schedule.sigma_at(times[0])}
        point |= dict(zip((gamma, delta, rho), parameters, strict=True))
        return Case(schedule, point, Routes(schedule).values(times, parameters, share, Rational(3, 7)))

    def value(self, expr: Expr) -> Any:
        """The value of a formula in generic functions at this point; None where it has none."""
        return World(self.schedule, Random(0)).value(expr, self.point)


def agrees(value: Any, expected: Any) -> bool:
    """Whether a formula's value is that of the independent route, to half of the route's digits."""
    if value is None or not mpmath.isfinite(value):
        return False
    return bool(abs(value - expected) <= _TOLERANCE * (1 + abs(expected)))


def cases(count: int, seed: int = 0) -> list[Case]:
    """Cases over smooth random schedules, at generic parameters.

    Examples
    --------
    >>> from s2n_proofs import derive
    >>> case = cases(1)[0]
    >>> agrees(case.value(derive().f), case.expected["f"])
    True
    """
    found = []
    for index, schedule in enumerate(random_schedules(count, seed, Kinds(shapes=("smooth",), unit_domain=True))):
        choose = SeededChooser(f"case {seed}/{index}")
        while True:
            parameters = draw_step_parameters(choose)
            if parameters.gamma != -1 and parameters.rho != 0:
                break
        times = draw_times(choose, schedule, 3, closed=False)
        found.append(Case.of(schedule, times, parameters, choose.pick(_SHARES)))
    return found
