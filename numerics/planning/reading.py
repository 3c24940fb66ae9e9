"""The schedule on a grid, whichever kind of schedule it is."""

from __future__ import annotations

from collections.abc import Sequence

from s2n_proofs.schedule import Schedule
from s2n_proofs.table_schedule import TableSchedule

from .at_times import ScheduleAtTimes
from .exact import Exact
from .table import TableAtTimes

__all__ = ["schedule_at"]


def schedule_at(schedule: Schedule, times: Sequence[Exact]) -> ScheduleAtTimes:
    """Alpha and sigma of a schedule at some times, in whatever arithmetic is asked for."""
    return TableAtTimes(schedule, times) if isinstance(schedule, TableSchedule) else ScheduleAtTimes(schedule, times)
