"""A site of one page: the user's own schedule."""

from __future__ import annotations

from ..schedule import Schedule
from .schedule_page import schedule_page
from .sources import SourceTree

__all__ = ["write_schedule"]


def write_schedule(tree: SourceTree, schedule: Schedule, name: str) -> None:
    """Write the page of a schedule as the first page of a site."""
    tree.write("index.md", schedule_page(schedule, name))
