"""What the paper's Section 4 says of gamma and delta, judged by the results of sweeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from .distances import estimate_of_difference
from .errors import ExperimentError
from .sweep import SCHEMA

__all__ = ["Judged", "judge", "judge_folders", "read"]

Row = dict[str, Any]
SAYS = "0.026"  # Section 4.2: the best gamma of the ODE
PAIR = ("1.25", "0.95")  # Section 4.2: the best pair of the SDE


class Judged(NamedTuple):
    """A statement, what the results say of it, and their figures."""

    statement: str
    data: str
    nfe: int
    verdict: str
    figures: str


def read(file: Path) -> dict[str, Any]:
    """The results in a file.

    Raises
    ------
    ExperimentError
        If it holds none.
    """
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if found["schema"] != SCHEMA or not found["points"]:
            raise KeyError("schema")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExperimentError(f"{file} holds no results of an experiment") from error
    return found


def judge_folders(folders: Iterable[str]) -> list[Judged]:
    """Judge what ``s2n experiment ... --out`` has written into folders.

    Raises
    ------
    ExperimentError
        If a folder holds no sweep, or the points of no statement.
    """
    found: list[Judged] = []
    for folder in folders:
        files = [file for name in ("gamma-sweep", "gamma-delta") if (file := Path(folder) / f"{name}.json").exists()]
        if not files:
            raise ExperimentError(f"{folder} holds neither gamma-sweep.json nor gamma-delta.json")
        here = [judged for file in files for judged in judge(read(file))]
        if not here:
            raise ExperimentError(
                f"{folder} holds the points of no statement: those are about gamma = 0 beside {SAYS}, -0.3, -0.1, 0.15 or 0.5, "
                f"and about the pair ({', '.join(PAIR)}), at one number of evaluations"
            )
        found += here
    return found


def judge(result: dict[str, Any]) -> list[Judged]:
    """Judge every statement of which a result holds the points, at each number of evaluations."""
    data, points = result["settings"]["data"], result["points"]
    found = []
    for nfe in dict.fromkeys(row["nfe"] for row in points):
        rows = [row for row in points if row["nfe"] == nfe]
        told = _of_pairs(rows) if result["experiment"] == "gamma-delta" else _of_gamma(rows)
        found += [Judged(statement, data, nfe, verdict, figures) for statement, verdict, figures in told]
    return found


def _of_gamma(rows: Sequence[Row]) -> Iterator[tuple[str, str, str]]:
    at = {Fraction(row["gamma"]): row for row in rows}
    zero, small = at.get(Fraction(0)), at.get(Fraction(SAYS))
    if zero is None:
        return
    if small is not None:
        yield f"γ = {SAYS} beats γ = 0", *_less(small, zero, "frechet")
        yield f"no γ of the sweep beats {SAYS}", *_best(small, rows, "gamma")
    for gamma in sorted(at):
        if gamma in (Fraction("-0.1"), Fraction("-0.3")):
            yield f"γ = {at[gamma]['gamma']} blurs", *_less(at[gamma], zero, "variance_ratio")
        if gamma in (Fraction("0.15"), Fraction("0.5")):
            yield f"γ = {at[gamma]['gamma']} sharpens", *_less(zero, at[gamma], "variance_ratio")
    if Fraction("0.5") in at:
        yield "γ = 0.5 distorts: farther than γ = 0", *_less(zero, at[Fraction("0.5")], "frechet")


def _of_pairs(rows: Sequence[Row]) -> Iterator[tuple[str, str, str]]:
    at = {(Fraction(row["gamma"]), Fraction(row["delta"])): row for row in rows}
    best, plain = at.get((Fraction(PAIR[0]), Fraction(PAIR[1]))), at.get((Fraction(1), Fraction(1)))
    if best is None:
        return
    if plain is not None:
        yield f"(γ, δ) = ({', '.join(PAIR)}) beats (1, 1)", *_less(best, plain, "frechet")
    yield f"no pair of the grid beats ({', '.join(PAIR)})", *_best(best, rows, "gamma", "delta")


def _best(row: Row, rows: Sequence[Row], *knobs: str) -> tuple[str, str]:
    """Refuted by the least of all rows, if it is told apart from `row`."""
    least = min(rows, key=_distance)
    if least is row:
        return "holds" if row["exact"] else "not told apart", f"{row['frechet'][0]:.4g}, the least of {len(rows)}"
    verdict, figures = _less(row, least, "frechet", chosen_of=len(rows) - 1)
    where = ", ".join(least[knob] for knob in knobs)
    return verdict, f"{figures} at ({where})"


def _distance(row: Row) -> float:
    """The distance, its bias taken off; it may be below 0, and so tells apart what is 0 in the table."""
    if row["exact"]:
        return float(row["frechet"][0])
    values = _resamples(row)["frechet"]
    return 2 * values[0] - sum(values[1:]) / len(values[1:])


def _less(row: Row, other: Row, key: str, chosen_of: int = 1) -> tuple[str, str]:
    """Whether the first has the smaller value, by the interval of the difference where there are samples."""
    first, second = (each[key][0] if key == "frechet" else each[key] for each in (row, other))
    figures = f"{first:.4g} against {second:.4g}"
    if row["exact"] and other["exact"]:
        return ("holds" if first < second else "does not hold"), figures
    gap = estimate_of_difference(_resamples(row)[key], _resamples(other)[key], chosen_of)
    figures += f", difference {gap.low:.2g} to {gap.high:.2g}"
    if gap.high < 0:
        return "holds", figures
    return ("does not hold" if gap.low > 0 else "not told apart"), figures


def _resamples(row: Row) -> dict[str, list[float]]:
    if not row.get("resamples"):
        raise ExperimentError("these results have no resamples, from which two points are told apart; run them anew")
    found: dict[str, list[float]] = row["resamples"]
    return found
