"""The numeric checks: derived formulas against the routes of :mod:`s2n_proofs.testing.routes`, and what they reject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import mpmath
from sympy import Expr, Rational, Symbol

from ..formulas import derive
from ..ledger.runner import Limits, run_all
from ..schedule import Schedule
from ..symbols import beta, delta, gamma, rho, s, t, tau
from ..text import to_text
from .chooser import SeededChooser
from .drawing import Kinds, random_schedules
from .mutating import mutants
from .parameters import StepParameters, draw_step_parameters, draw_times
from .routes import Routes
from .worlds import World, same, worlds

__all__ = ["Case", "agrees", "cases", "run_numeric_mutants"]

_TOLERANCE = mpmath.mpf(10) ** -15  # half of the routes' 30 digits
_SHARES = (Rational(1, 2), Rational(1, 10), Rational(9, 10), Rational(2, 7))
_SECONDS = 600.0

Plain = dict[str, Any]


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


def run_numeric_mutants(
    *, jobs: int | None = None, seed: int = 0, progress: Callable[[int, int, Plain], None] | None = None
) -> Plain:
    """Mutate every formula of ``derive()`` and count what the numeric checks alone reject.

    Returns
    -------
    dict
        ``total``, ``equivalent`` (by 60-digit values), ``rejected`` and ``survivors``.
    """
    formulas = list(derive().items().items())
    shared = cases(4, seed)
    done = 0

    def on_done(index: int, _: Plain) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(formulas), {"id": formulas[index][0]})

    work = partial(_try, shared=shared, seed=seed)
    results = run_all(formulas, work, _stopped, jobs=jobs, limits=Limits(seconds=_SECONDS), on_done=on_done)
    total: Counter[str] = Counter()
    for result in results:
        total.update({key: result[key] for key in ("total", "equivalent", "rejected")})
    survivors = [survivor for result in results for survivor in result["survivors"]]
    return {**{key: total[key] for key in ("total", "equivalent", "rejected")}, "survivors": survivors}


def _try(formula: tuple[str, Expr], *, shared: list[Case], seed: int) -> Plain:
    name, expr = formula
    referees = worlds(4, seed)
    evaluators = [World(case.schedule, Random(0)) for case in shared]
    result: Plain = {"total": 0, "equivalent": 0, "rejected": 0, "survivors": []}
    for mutant in mutants(expr):
        result["total"] += 1
        values = [world.value(mutant.expr, case.point) for world, case in zip(evaluators, shared, strict=True)]
        if not all(agrees(value, case.expected[name]) for value, case in zip(values, shared, strict=True)):
            result["rejected"] += 1
        elif all(same(world.value(mutant.expr), world.value(expr)) for world in referees):
            result["equivalent"] += 1
        else:
            told = {"formula": name, "edit": mutant.what, "kind": mutant.kind, "mutant": to_text(mutant.expr)}
            result["survivors"].append(told | {"reason": "agrees with the independent route at every case"})
    return result


def _stopped(formula: tuple[str, Expr], reason: str) -> Plain:
    found = mutants(formula[1])
    told = [{"formula": formula[0], "edit": m.what, "kind": m.kind, "mutant": to_text(m.expr)} for m in found]
    survivors = [one | {"reason": reason} for one in told]
    return {"total": len(found), "equivalent": 0, "rejected": 0, "survivors": survivors}
