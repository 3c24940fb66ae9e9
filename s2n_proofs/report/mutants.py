"""What ``s2n verify --mutants`` adds to the ledger: how many wrong formulas the judge and the numbers refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = ["mutant_lines", "mutant_status", "try_mutants"]

Plain = dict[str, Any]


def try_mutants(
    ids: Sequence[str] | None,
    *,
    jobs: int | None,
    seed: int,
    progress: Callable[[int, int, Plain], None] | None = None,
) -> Plain:
    """Run the judge on every mutant of the derived formulas, and the numeric checks on these and those of ``derive()``.

    With `ids` only the formulas of these claims are mutated, and those of ``derive()`` are left out.
    """
    from ..testing.ledger_mutants import run_ledger_mutants
    from ..testing.numeric_mutants import run_numeric_mutants

    found = run_ledger_mutants(ids, jobs=jobs, seed=seed, progress=progress)
    return found | {"numeric": run_numeric_mutants(ids, jobs=jobs, seed=seed, progress=progress)}


def mutant_lines(found: Plain) -> Iterator[str]:
    r"""The result for a person.

    Examples
    --------
    >>> print(*mutant_lines({"total": 3, "equivalent": 1, "refuted": 2, "formulas": 1, "survivors": [],
    ...     "wrongly_refuted": [], "numeric": None}), sep="\n")
    3 mutants of 1 derived formula: 1 says the same by 60-digit values; the judge refutes 2 of the other 2.
    """
    same, others = found["equivalent"], found["total"] - found["equivalent"]
    count = f"{found['formulas']} derived formula{'s' if found['formulas'] != 1 else ''}"
    yield (
        f"{found['total']} mutants of {count}: {same} {'says' if same == 1 else 'say'} the same by 60-digit values; "
        f"the judge refutes {found['refuted']} of the other {others}."
    )
    for survivor in found["survivors"]:
        yield f"  not refuted: {_named(survivor)}: {survivor['verdict']}, {survivor['reason']}"
    for wronged in found["wrongly_refuted"]:
        yield f"  refuted although it is right: {_named(wronged)}: {wronged['reason']}"
    numeric = found["numeric"]
    if numeric is not None:
        told = [
            f"{counts['rejected']} of {counts['total'] - counts['equivalent']} {of}"
            for of, counts in (("of these", numeric["ledger"]), ("of the formulas of `s2n derive`", numeric["derive"]))
            if counts is not None
        ]
        yield f"The numeric checks alone, which know no algebra, reject {', and '.join(told)}."
        for survivor in numeric["survivors"]:
            yield f"  not rejected: {survivor['formula']}, {survivor['edit']}: {survivor['reason']}"


def _named(mutant: Plain) -> str:
    return f"{mutant['claim']}, {mutant['role']}, {mutant['edit']}"


def mutant_status(found: Plain) -> int:
    """0 all refuted; 1 the judge contradicts the 60-digit values; 3 it leaves something undecided."""
    if found["wrongly_refuted"] or any(survivor["verdict"] == "holds" for survivor in found["survivors"]):
        return 1
    return 3 if found["survivors"] else 0
