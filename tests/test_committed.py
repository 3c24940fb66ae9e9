"""Files that were generated and then committed are what would be generated today.

``s2n_proofs/lower/kept.json`` has tests of its own, ``tests/lower/test_search.py`` and ``tests/lower/test_keep.py``.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed")

from numerics.experiments.plots import mark
from numerics.experiments.problem import of_law
from numerics.experiments.sweep import SCHEMA, Point, measure
from numerics.montecarlo.plan import plan_for
from s2n_proofs import catalogue
from s2n_proofs.ledger.registry import CLAIMS
from s2n_proofs.site.figures import figures_page
from s2n_proofs.site.montecarlo_evidence import read_checks

DOCS = Path(__file__).resolve().parent.parent / "docs"
EXPERIMENTS = sorted((DOCS / "experiments").rglob("*.json"))
PICTURES = sorted((DOCS / "experiments").rglob("*.png"))
MONTE_CARLO = DOCS / "data" / "montecarlo.json"
KNOBS = ("gamma", "delta", "rho", "nfe")


def named(file: Path) -> str:
    return f"{file.parent.name}-{file.stem}"


def test_there_are_experiments() -> None:
    assert len(EXPERIMENTS) >= 3
    assert {file.parent for file in EXPERIMENTS} >= {file.parent for file in PICTURES}


@pytest.mark.parametrize("file", EXPERIMENTS, ids=named)
def test_an_experiment_that_needs_no_samples_gives_the_same_numbers_again(file: Path) -> None:
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["schema"] == SCHEMA
    exact = [row for row in found["points"] if row["exact"]]
    assert bool(exact) == (found["settings"]["data"] == "field")
    for row in exact[:1] + exact[-1:]:
        point = Point(**{knob: row[knob] for knob in KNOBS})
        again = measure(
            of_law(found["settings"]["data"]), point, found["settings"]["samples"], found["settings"]["seed"]
        )
        # Sums of 3072 positive numbers and their roots, in another order on another processor at most.
        assert again["frechet"] == pytest.approx(row["frechet"], rel=1e-10)
        assert again["variance_ratio"] == pytest.approx(row["variance_ratio"], rel=1e-12)
        assert asdict(point) == {knob: row[knob] for knob in KNOBS}


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        place += size + 12


def said(file: Path) -> str:
    texts = [body for kind, body in chunks(file.read_bytes()) if kind == b"tEXt"]
    return dict(text.decode("latin-1").split("\0", 1) for text in texts)["Description"]


@pytest.mark.parametrize("picture", PICTURES, ids=named)
def test_a_picture_was_drawn_from_the_numbers_beside_it(picture: Path) -> None:
    rows = json.loads(picture.with_suffix(".json").read_text(encoding="utf-8"))["points"]
    if picture.stem == "blur":  # pictures of samples: of the points, not of the distances
        rows = [{knob: row[knob] for knob in KNOBS} for row in rows]
    assert said(picture) == mark(rows)


def test_the_simulations_are_of_claims_that_exist() -> None:
    assert set(read_checks(MONTE_CARLO)) <= {claim.id for claim in CLAIMS}


@pytest.mark.slow  # planning derives everything anew: some seconds a schedule
def test_the_simulations_are_those_of_today() -> None:
    """Every check of the committed run is planned with the same expectation, and none is missing; no file is no evidence."""
    checks = read_checks(MONTE_CARLO)
    found = {
        (check["schedule"], check["id"], check["claim"], check["form"]): check["expected"]
        for of_claim in checks.values()
        for check in of_claim
    }
    planned = {
        (name, row.id, row.claim, row.form): row.expected
        for name in {schedule for schedule, *_ in found}
        for experiment in plan_for(name, catalogue[name])
        for row in experiment.rows
    }
    assert found.keys() == planned.keys()
    for key, expected in planned.items():
        assert found[key] == pytest.approx(expected, rel=1e-9, abs=1e-12), key


def test_the_benchmarks_files_are_shown() -> None:
    assert figures_page(DOCS / "data").startswith("# How accurate")


def test_the_accuracy_is_that_of_every_schedule_and_kernel() -> None:
    file = DOCS / "data" / "bench-accuracy.json"
    if not file.is_file():
        return  # the page says that it was not measured
    from s2n_proofs.lower.candidates import SINGLE
    from s2n_proofs.lower.search import GOALS

    found = json.loads(file.read_text(encoding="utf-8"))["kernels"]
    assert {row["schedule"] for row in found} == set(catalogue.names())
    assert {row["quantity"] for row in found} >= set(SINGLE)
    assert all(row["goal"] == GOALS[row["quantity"]] for row in found if row["quantity"] in GOALS)
