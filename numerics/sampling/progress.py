"""A bar over the steps on a terminal, and silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

__all__ = ["bar_shown", "steps_shown"]


def steps_shown(count: int, wanted: bool) -> Iterable[int]:
    """The numbers of the steps, with a bar on standard error if it is wanted and a terminal is there.

    Examples
    --------
    >>> list(steps_shown(3, wanted=False))
    [0, 1, 2]
    """
    if not (wanted and sys.stderr.isatty()):
        return range(count)
    from rich.console import Console
    from rich.progress import track

    return track(range(count), "sampling", console=Console(stderr=True), transient=True)


@contextmanager
def bar_shown(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """What is told how much of `total` is done: a bar on standard error if a terminal is there, else nothing.

    Examples
    --------
    >>> with bar_shown(2, "working") as tell:
    ...     tell(1)
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
