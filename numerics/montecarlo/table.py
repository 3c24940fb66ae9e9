"""The checks of a run as a table: what agrees in brief, what does not in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console

from .plan import NOT_SIMULABLE
from .results import CERTAIN, Check, Outcome
from .significance import FALSE_ALARM

__all__ = ["print_outcome"]


_HEADER = ("", "check", "claim", "form", "estimate", "± error", "expected", "z")
_TEXTS = 4  # columns that are aligned to the left; the rest are numbers


def print_outcome(outcome: Outcome, console: Console) -> None:
    """Print every check, the claims that can't be simulated, and the sum of it all."""
    for schedule in dict.fromkeys(c.row.schedule for c in outcome.checks):
        console.print(schedule, style="bold")
        checks = [c for c in outcome.checks if c.row.schedule == schedule]
        for line, fine in _lines(checks):
            # A narrow terminal breaks the lines; a table squeezed into it would lose the figures.
            console.print(line, style=None if fine else "bold red", soft_wrap=True)
    console.print("Not simulable:")
    for claim, reason in NOT_SIMULABLE.items():
        console.print(f"  {claim}: {reason}", soft_wrap=True)
    for line in _summary(outcome):
        console.print(line, soft_wrap=True)


def _lines(checks: Iterable[Check]) -> Iterator[tuple[str, bool]]:
    """Aligned lines, the header first, and whether each is as it should be."""
    rows, fine = [_HEADER], [True]
    for check in checks:
        row = check.row
        fine.append((check.verdict == "agrees") == (row.form == "derived"))
        rows.append((
            "✓" if fine[-1] else "✗", row.id, row.claim, row.form, f"{check.estimate:.6g}",
            f"{check.standard_error:.1e}", f"{row.expected:.6g}", f"{check.z:.1f}",
        ))  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells, good in zip(rows, fine, strict=True):
        aligned = [
            cell.ljust(width) if i < _TEXTS else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        yield "  ".join(aligned).rstrip(), good


def _summary(outcome: Outcome) -> list[str]:
    derived = [c for c in outcome.checks if c.row.form == "derived"]
    printed = [c for c in outcome.checks if c.row.form == "printed"]
    lines = [
        f"{len(outcome.checks)} checks, {outcome.samples} samples each, more or fewer where that suits:"
        f" {len(derived) - len(outcome.wrong)} of {len(derived)} derived formulas agree,"
        f" {len(printed) - len(outcome.missed)} of {len(printed)} wrong printed forms are rejected"
        f" ({len({c.row.claim for c in printed})} claims).",
        f"The chance that any right formula is rejected is below {FALSE_ALARM:.0e} (Holm).",
    ]
    if outcome.weak:
        weakest = min(min(c.powers.values(), default=0.0) for c in outcome.weak)
        lines.append(
            f"{len(outcome.weak)} checks find an error of 1 % with a probability below {CERTAIN}"
            f" (the weakest with {weakest:.2g}): take more --samples."
        )
    else:
        lines.append(f"Every check of a derived formula finds an error of 1 % with a probability of {CERTAIN} or more.")
    lines += [f"✗ rejected: {c.row.schedule} {c.row.id} ({c.row.claim}): {_why(c)}" for c in outcome.wrong]
    lines += [f"✗ not caught: {c.row.schedule} {c.row.id} ({c.row.claim})" for c in outcome.missed]
    return lines


def _why(check: Check) -> str:
    if check.rejected:
        return f"estimate {check.estimate:.6g}, expected {check.row.expected:.6g}, adjusted p = {check.adjusted_p:.1e}"
    return f"tends to {check.row.limit}, and not to {check.row.exact}"
