r"""``lower``: the accurate form of every formula of a schedule, searched once and kept.

The search's result is small: the textbook forms as text, and the name of the form and arithmetic chosen for each
quantity.  For the catalogue it is part of the package (``kept.json``, re-proved and re-measured by a test), for other
schedules it is kept in the user's cache directory.  What is read from there is confirmed against the schedule
before it is used, so a damaged or foreign file costs time, never a wrong number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sympy import Expr, Symbol

from s2n_proofs.symbols import s, t

from . import store
from .candidates import PAIR_INPUTS, SINGLE, STEPS, Candidates
from .confirm import MismatchError, confirm
from .forms import derived, single_formula
from .graph import Node
from .reference import Reference
from .search import ARITHMETICS, GOALS, QUANTITIES, Choice, Search
from .trial import Trial

if TYPE_CHECKING:
    from s2n_proofs.schedule import Schedule

__all__ = ["Lowered", "lower"]


class Lowered:
    """The chosen forms of one schedule.

    Parameters
    ----------
    schedule : Schedule
        Without free parameters.
    fresh : bool
        Search anew, whatever is kept.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> lowered = Lowered(catalogue["vp"])
    >>> lowered.choice("transition_variance", "float64").chosen.candidate
    '1 - factor**2, for alpha**2 + sigma**2 = 1'
    """

    def __init__(self, schedule: Schedule, *, fresh: bool = False) -> None:
        if schedule.free_parameters:
            names = ", ".join(schedule.free_parameters)
            raise ValueError(f"code needs numbers: give the parameters {names} their values with with_parameters()")
        self.schedule = schedule
        self._kept = None if fresh else store.load(schedule)
        self.candidates = Candidates(schedule, None if self._kept is None else self._kept.textbook)
        self._choices: dict[tuple[str, str], Choice] = {}
        self._searches: dict[str, Search] = {}

    def choice(self, quantity: str, dtype: str) -> Choice:
        """The form of a quantity (:data:`~s2n_proofs.lower.search.QUANTITIES`) for ``float32`` or ``float64``."""
        if quantity not in GOALS or dtype not in ARITHMETICS:
            raise ValueError(
                f"there is no {quantity!r} in {dtype!r}: ask for one of {', '.join(QUANTITIES)} in {' or '.join(ARITHMETICS)}"
            )
        key = (quantity, dtype)
        if key not in self._choices:
            self._choices[key] = self._from_store(quantity, dtype) or self._searched(quantity, dtype)
        return self._choices[key]

    def measured(self, quantity: str, dtype: str) -> tuple[Trial, ...]:
        """Every candidate of a quantity measured anew, whatever is kept, and what they are to be better than."""
        search = Search(self.schedule, dtype, self.candidates)
        tried = {(x.candidate, x.arithmetic): x for x in search.unwritten(quantity) + search.choose(quantity).tried}
        return tuple(tried.values())

    def inputs(self, quantity: str) -> tuple[Symbol, ...]:
        """The variables of a quantity's graph, in order."""
        return (t,) if quantity in SINGLE else PAIR_INPUTS if quantity in STEPS else (s, t)

    def formula(self, name: str) -> Expr:
        """The formula as derived, with this schedule's alpha and sigma put in: what a graph must compute."""
        reference = Reference(self.schedule.alpha, self.schedule.sigma)
        return reference.formula(single_formula(name) if name in SINGLE else derived()[name])

    def confirm(self, quantity: str, nodes: Mapping[str, Node]) -> int:
        """Compare a choice with its formulas in ball arithmetic; the number of points that told.

        Raises
        ------
        MismatchError
            If one computes something else.
        """
        told = 0
        for part, node in nodes.items():
            name = f"{quantity}.{part}" if quantity in STEPS else quantity
            formula = self.formula(name)
            bound = self.formula("sigma").subs(t, s) if quantity == "nonmarkov_step" else None
            told += confirm(node, formula, self.schedule.domain, sigma_at_s=bound)
        return told

    def all_choices(self) -> dict[tuple[str, str], Choice]:
        """Every quantity in both dtypes."""
        return {(q, d): self.choice(q, d) for d in ARITHMETICS for q in QUANTITIES}

    def _from_store(self, quantity: str, dtype: str) -> Choice | None:
        if self._kept is None or (quantity, dtype) not in self._kept.choices:
            return None
        trial = self._kept.choices[quantity, dtype]
        try:
            candidate = Search.find(self.candidates, quantity, trial.candidate)
            if candidate is not None:
                if not self._kept.trusted:
                    self.confirm(quantity, candidate.nodes)
                return Choice(quantity, dtype, trial, (trial,), candidate.nodes)
        except MismatchError:
            # Not a result for this schedule: forget all of it.
            self._kept, self.candidates = None, Candidates(self.schedule)
        return None

    def _searched(self, quantity: str, dtype: str) -> Choice:
        if dtype not in self._searches:
            self._searches[dtype] = Search(self.schedule, dtype, self.candidates)
        choice = self._searches[dtype].choose(quantity)
        self.confirm(quantity, choice.nodes)
        found = {} if self._kept is None else dict(self._kept.choices)
        found |= {key: each.chosen for key, each in self._choices.items()} | {(quantity, dtype): choice.chosen}
        self._kept = store.Kept(self.candidates.textbook, found, trusted=True)
        store.save(self.schedule, self._kept)
        return choice


_MADE: dict[tuple[Expr, ...], Lowered] = {}


def lower(schedule: Schedule) -> Lowered:
    """The accurate forms of a schedule; the same object for equal schedules.

    Parameters
    ----------
    schedule : Schedule

    Returns
    -------
    Lowered

    Raises
    ------
    ValueError
        If a parameter has no value.
    """
    key = (schedule.alpha, schedule.sigma, *schedule.domain)
    if key not in _MADE:
        _MADE[key] = Lowered(schedule)
    return _MADE[key]
