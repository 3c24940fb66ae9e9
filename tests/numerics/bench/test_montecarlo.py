"""The benchmark's bookkeeping; its figures are for the command, not for the tests."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from numerics.bench import montecarlo
from s2n_proofs.cli import main


def test_the_best_of_several_rounds_counts_and_the_first_does_not():
    calls = []
    best = montecarlo.best_of({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=3)
    assert calls == ["a", "b"] * 4
    assert set(best) == {"a", "b"}
    assert all(0 <= seconds < 1 for seconds in best.values())


@pytest.mark.parametrize("to_file", [True, False])
def test_figures_and_notes_are_written(monkeypatch, tmp_path, to_file):
    names = ("mixture", "reverse", "torchsde_loop", "two_cores", "two_ranks", "graphics", "everything")
    for name in names:
        monkeypatch.setattr(montecarlo, name, lambda name=name: montecarlo.Figure(name, 1.5, "<= 2", (3.0, 2.0)))
    monkeypatch.setattr(montecarlo, "graphics", lambda: "there is no GPU")
    file = tmp_path / "bench.json"
    result = CliRunner().invoke(main, ["bench", "montecarlo", "--json", str(file) if to_file else "-"])
    assert result.exit_code == 0, result.output
    data = json.loads(file.read_text() if to_file else result.stdout)
    assert data["schema"] == "s2n-bench/1"
    assert [figure["name"] for figure in data["figures"]] == [name for name in names if name != "graphics"]
    assert data["notes"] == ["there is no GPU"]


def test_an_unknown_benchmark_is_refused():
    assert CliRunner().invoke(main, ["bench", "nothing"]).exit_code == 2
