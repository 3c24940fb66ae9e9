"""Every formula with its values by definition: those of the ledger and those of ``derive()``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from sympy import Expr, Symbol

from ..formulas import derive
from .formula_checks import Case, cases
from .ledger_mutants import DerivedFormula, derived_formulas, is_equivalent
from .ledger_routes import by_definition
from .settings import Setting, settings
from .worlds import World, same, worlds

__all__ = ["Trial", "trials"]

_SETTINGS = 2  # with two the rare mutant that agrees by chance in one is seen in the other
_CASES = 4


@dataclass(frozen=True)
class Trial:
    """A formula with its values by definition.

    Attributes
    ----------
    name : str
        The formula's.
    expr : sympy.Expr
        As derived.
    squared : bool
        Whether only the square counts, as of a noise coefficient.
    at : callable
        The places: an evaluator of expressions and the value by definition there (None without a route) of each.
    equivalent : callable
        Whether a mutant says the same, by 60-digit values elsewhere.
    """

    name: str
    expr: Expr
    squared: bool
    at: Callable[[], Sequence[tuple[Callable[[Expr], Any], Any]]]
    equivalent: Callable[[Expr], bool]


def _ledger_trials(ids: Sequence[str] | None, seed: int) -> list[Trial]:
    # A route is known by the first claim that derives its formula, whichever claims are asked for.
    owners = {_key(formula): formula for formula in derived_formulas()}
    shared, referees = settings(_SETTINGS, seed), worlds(4, seed)
    return [
        Trial(
            name=f"{formula.claim}, {formula.equation.name}",
            expr=formula.equation.derived,
            squared=formula.equation.squared,
            at=partial(_in_settings, formula, shared),
            equivalent=partial(is_equivalent, formula, referees=referees),
        )
        for formula in (owners[_key(each)] for each in derived_formulas(ids))
    ]


def _key(formula: DerivedFormula) -> Any:
    equation = formula.equation
    return equation.derived, equation.squared, equation.given, tuple(formula.values.items())


def _in_settings(formula: DerivedFormula, shared: Sequence[Setting]) -> list[tuple[Callable[[Expr], Any], Any]]:
    name = formula.equation.name
    return [
        (partial(_value, setting, formula.values), by_definition(formula.claim, name, setting)) for setting in shared
    ]


def _value(setting: Setting, values: Mapping[Symbol, Expr], expr: Expr) -> Any:
    return setting.value(expr, values)


def _derive_trials(seed: int) -> list[Trial]:
    shared, referees = cases(_CASES, seed), worlds(4, seed)
    return [
        Trial(name, expr, False, partial(_in_cases, name, shared), partial(_same_in, referees, expr))
        for name, expr in derive().items().items()
    ]


def _in_cases(name: str, shared: Sequence[Case]) -> list[tuple[Callable[[Expr], Any], Any]]:
    evaluators = [World(case.schedule, Random(0)) for case in shared]
    return [
        (partial(world.value, values=case.point), case.expected[name])
        for world, case in zip(evaluators, shared, strict=True)
    ]


def _same_in(referees: Sequence[World], expr: Expr, mutant: Expr) -> bool:
    return all(same(world.value(mutant), world.value(expr)) for world in referees)


def trials(ids: Sequence[str] | None = None, *, seed: int = 0) -> dict[str, list[Trial]]:
    """The formulas of the ledger, and without `ids` those of ``derive()``, each to be held against its values.

    Examples
    --------
    >>> [trial.name for trial in trials(["thm1-f", "thm1-psi"])["ledger"]]
    ['thm1-f, f', 'thm1-psi, psi']
    """
    ledger = {"ledger": _ledger_trials(ids, seed)}
    return ledger if ids is not None else {**ledger, "derive": _derive_trials(seed)}
