"""What the numeric checks alone reject: every mutant against a value by definition, with no word of the judge.

The formulas are those of the ledger and those of ``derive()``.  A formula that itself disagrees with its route, or has
none, rejects nothing: its mutants are survivors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sympy import Expr

from ..ledger.runner import Limits, run_all
from ..text import to_text
from .formula_checks import agrees
from .mutating import mutants
from .trials import Trial, trials
from .worlds import World

__all__ = ["run_numeric_mutants", "try_mutants_of"]

Plain = dict[str, Any]
_SECONDS = 600.0


def try_mutants_of(trial: Trial) -> Plain:
    """Hold every mutant of one formula against its values by definition.

    Returns
    -------
    dict
        ``total``, ``equivalent``, ``rejected``, ``survivors``.
    """
    found = mutants(trial.expr)
    result: Plain = {"total": len(found), "equivalent": 0, "rejected": 0, "survivors": []}
    places = trial.at() if found else ()
    reason = "agrees with the value by definition at every point"
    if any(expected is None for _, expected in places):
        reason = "there is no independent route to this formula"
    elif not _agrees(trial, trial.expr, places):
        reason = "the derived formula itself disagrees with its route, which is then no authority"
    else:
        for mutant in found[:]:
            if not _agrees(trial, mutant.expr, places):
                result["rejected"] += 1
                found.remove(mutant)
    for mutant in found:
        if trial.equivalent(mutant.expr):
            result["equivalent"] += 1
        else:
            told = {"formula": trial.name, "edit": mutant.what, "kind": mutant.kind, "mutant": to_text(mutant.expr)}
            result["survivors"].append(told | {"reason": reason})
    return result


def _agrees(trial: Trial, expr: Expr, places: Sequence[tuple[Callable[[Expr], Any], Any]]) -> bool:
    for evaluate, expected in places:
        value = evaluate(expr)
        if value is None or (isinstance(value, World.complex) and value.imag):
            return False
        if not (agrees(value**2, expected**2) if trial.squared else agrees(value, expected)):
            return False
    return True


def run_numeric_mutants(
    ids: Sequence[str] | None = None,
    *,
    jobs: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int, Plain], None] | None = None,
) -> Plain:
    """Mutate every formula and count what the numeric checks alone reject.

    Parameters
    ----------
    ids : sequence of str, optional
        Only the formulas of these claims, and not those of ``derive()``.
    jobs : int, optional
        Worker processes; the result does not depend on it.
    seed : int
        For the points.
    progress : callable, optional
        Called with (formulas done, formulas in all, ``{"id": formula}``).

    Returns
    -------
    dict
        ``ledger`` and ``derive`` (None with `ids`), each with ``total``, ``equivalent`` (by 60-digit values) and
        ``rejected``; and ``survivors``, each with its reason.
    """
    populations = trials(ids, seed=seed)
    everything = [trial for population in populations.values() for trial in population]
    done = 0

    def on_done(index: int, _: Plain) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(everything), {"id": everything[index].name})

    results = run_all(everything, try_mutants_of, _stopped, jobs=jobs, limits=Limits(seconds=_SECONDS), on_done=on_done)
    answers = iter(results)
    found: Plain = {"ledger": None, "derive": None}
    for name, population in populations.items():
        total: Counter[str] = Counter()
        for result in (next(answers) for _ in population):
            total.update({key: result[key] for key in ("total", "equivalent", "rejected")})
        found[name] = {key: total[key] for key in ("total", "equivalent", "rejected")}
    return found | {"survivors": [survivor for result in results for survivor in result["survivors"]]}


def _stopped(trial: Trial, reason: str) -> Plain:
    found = mutants(trial.expr)
    told = [{"formula": trial.name, "edit": m.what, "kind": m.kind, "mutant": to_text(m.expr)} for m in found]
    survivors = [one | {"reason": reason} for one in told]
    return {"total": len(found), "equivalent": 0, "rejected": 0, "survivors": survivors}
