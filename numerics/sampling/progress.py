"""A bar over the steps on a terminal, and silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable

__all__ = ["steps_shown"]


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
