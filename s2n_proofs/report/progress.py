"""A progress bar for a terminal, and silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(what: str = "judging") -> Iterator[Callable[[int, int, dict[str, Any]], None] | None]:
    """Yield what :func:`s2n_proofs.report.ledger.verify` takes as its `progress`: a bar, or None."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    # No refreshing thread: worker processes are forked, and a lock that a thread holds at that moment would
    # stay locked in the child for ever.
    bar = Progress(
        TextColumn(what),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[claim]}", style="dim"),
        console=Console(stderr=True, highlight=False),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    task = bar.add_task("", total=None, claim="")

    def advance(done: int, total: int, record: dict[str, Any]) -> None:
        bar.update(task, completed=done, total=total, claim=record["id"], refresh=True)

    with bar:
        bar.refresh()
        yield advance
