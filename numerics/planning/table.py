r"""A schedule that is a table, at the times of a plan: exact at the entries, in balls everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, fmpq
from sympy import Expr, sqrt

from s2n_proofs.table_schedule import TableSchedule

from .at_times import ScheduleAtTimes
from .exact import Exact, as_expr
from .rationals import InexactError, rational_value

__all__ = ["TableAtTimes"]

_LONGEST = 2**12  # bits of an entry that SymPy may see: products of a thousand betas have tens of thousands


class TableAtTimes(ScheduleAtTimes):
    """A table on a grid, with the same answers as a formula.

    Parameters
    ----------
    schedule : TableSchedule
    times : sequence of Exact
        In [-1, N-1], strictly decreasing.
    """

    schedule: TableSchedule

    def __init__(self, schedule: TableSchedule, times: Sequence[Exact]) -> None:
        self.schedule, self.times = schedule, times
        self._exact = [as_expr(time) for time in times]
        self.formulas = []

    def vanishes(self, place: int, which: int) -> bool:
        """Whether alpha (0) or sigma (1) is 0 at a time."""
        time = self._exact[place]
        return bool(time == -1 if which else time.is_Integer and self.schedule.entry(int(time)) == 0)

    def balls(self, places: Sequence[int]) -> tuple[dict[int, arb], dict[int, arb]]:
        """Enclose alpha and sigma at some of the times, at the precision in force."""
        squares = {place: self.schedule.square_balls(self._exact[place]) for place in places}
        return {k: a.sqrt() for k, (a, _) in squares.items()}, {k: c.sqrt() for k, (_, c) in squares.items()}

    def rationals(self, place: int) -> tuple[fmpq, fmpq]:
        """Compute alpha and sigma at one time exactly; InexactError if one is irrational."""
        alpha, sigma = (rational_value(value, {}) for value in self.expressions(place))
        return alpha, sigma

    def expressions(self, place: int) -> tuple[Expr, Expr]:
        """Return alpha and sigma at one time as SymPy numbers; InexactError if SymPy might take long."""
        time = self._exact[place]
        if not time.is_Integer or int(self.schedule.entry(int(time)).q).bit_length() > _LONGEST:
            raise InexactError("between two entries, or a product of many")
        alpha, sigma = (sqrt(value) for value in self.schedule.squares(time))
        return alpha, sigma

    def check_positive(self, place: int) -> None:
        """Nothing to do: the entries were compared when the schedule was made."""
