"""The benchmark runs and says what it measured; no time is judged here."""

import json
from importlib.util import find_spec

import pytest

from numerics.adapters.k_diffusion import PeerError, load_sampling
from numerics.bench import sampler


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(sampler, "SHAPES", {"small": (1, 1, 4, 4), "large": (2, 1, 8, 8)})
    monkeypatch.setattr(sampler, "_STEPS", {"small": 2, "large": 2})
    monkeypatch.setattr(sampler, "_ROUNDS", {"small": 1, "large": 1})


def test_it_writes_its_figures_and_those_of_the_peers(quick, tmp_path, capsys):
    file = tmp_path / "bench.json"
    sampler.run(str(file))
    result = json.loads(file.read_text())
    names = [figure["name"] for figure in result["figures"]]
    for kind in ("deterministic", "stochastic"):
        for size in ("small", "large"):
            assert f"{kind}, {size}, one core: ours" in names
    for peer in ("diffusers", "azula"):
        assert any(f": {peer}" in name for name in names) == (find_spec(peer) is not None)
    try:
        load_sampling()
        loaded = True
    except PeerError:
        loaded = False
    assert any(": k-diffusion euler" in name for name in names) == loaded
    assert all(figure["ratio"] == figure["seconds"][0] / figure["seconds"][1] for figure in result["figures"])
    assert "goal: <= 1.1" in capsys.readouterr().out
