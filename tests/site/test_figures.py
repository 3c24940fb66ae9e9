"""The page of figures shows what the benchmarks wrote, and says what they did not."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from s2n_proofs.site.figures import BENCHMARKS, figures_page
from s2n_proofs.site.sources import SiteError


def accuracy() -> dict[str, Any]:
    """As ``s2n bench accuracy --json`` writes it, from its own records."""
    from numerics.bench.kernel_errors import KernelError
    from numerics.bench.plan_errors import PlanErrors

    def row(schedule: str, dtype: str, worst: float) -> dict[str, Any]:
        return {
            "schedule": schedule,
            **asdict(KernelError("alpha", dtype, worst, (0.5,), 4.0, 1234)),
            "met": worst <= 4,
        }

    kernels = [row("vp", "float32", 0.111), row("ve", "float32", 2.718), row("vp", "float64", 1.414)]
    return {
        "schema": "s2n-accuracy/1",
        "kernels": kernels,
        "plans": [{"schedule": "vp", "dtype": "float32", "steps": 10, **asdict(PlanErrors(4321, 7, 0, 256))}],
        "random": [{**row("a schedule & more", "float32", 5.5), "goal": 32.0}],
        "javascript": [{"schedule": "vp", "error": 3.5e-15, "goal": 1e-13}],
        "times": {"variance": 0.8},
        "inside": {"vp alpha": 2.25},
        "peers": [
            {"name": "their DDIM", "coefficient": "a_eps", "worst": 389.0, "family": "ddim", "precision": "float32"}
        ],
    }


def ratios(name: str) -> dict[str, Any]:
    from numerics.bench.montecarlo import Figure

    figures = [Figure("one <thing>", 1.0456, "<= 1.1", (0.0321, 2.5e-6)).as_dict()]
    about = {"torch": "2.13.0", "cores": 2, "load": [0.25, 0.1, 0.1]}
    return {"schema": "s2n-bench/1", "name": name, "figures": figures, "notes": ["there is no GPU"], **about}


def write(folder: Path, name: str, document: object) -> None:
    (folder / f"bench-{name}.json").write_text(json.dumps(document), encoding="utf-8")


def test_what_was_not_measured_is_said(tmp_path: Path) -> None:
    assert figures_page(tmp_path).count("Not measured for this edition") == len(BENCHMARKS)


def test_every_benchmark_that_can_be_run_has_its_place() -> None:
    from s2n_proofs.commandline.bench import _BENCHMARKS

    assert set(_BENCHMARKS) <= set(BENCHMARKS)


def test_accuracy_is_shown(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    write(tmp_path, "accuracy", accuracy())
    page = figures_page(tmp_path)
    for shown in (
        "2.72 (ve)",
        "1.41 (vp)",
        "1,234",
        "4,321",
        "7 not correctly",
        "3.5e-15",
        "2.25",
        "389",
        "their DDIM",
    ):
        assert shown in page
    assert "0.11 (vp)" not in page  # not the worst


def test_speed_is_shown_and_escaped(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    write(tmp_path, "sampler", ratios("sampler"))
    page = figures_page(tmp_path)
    for shown in ("one &lt;thing&gt;", "1.05", "&lt;= 1.1", "32.1 ms", "2.5 µs", "there is no GPU", "on 2 cores"):
        assert shown in page


@pytest.mark.parametrize("document", [{}, [], {"schema": "s2n-bench/1", "name": "other"}, {"schema": "s2n-bench/1"}])
def test_another_file_is_refused(tmp_path: Path, document: object) -> None:
    write(tmp_path, "sampler", document)
    with pytest.raises(SiteError, match="not a file of s2n-bench/1"):
        figures_page(tmp_path)
