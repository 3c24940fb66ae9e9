"""The digits' network: training is seeded and goes on where it was, and what it gives runs as any user's network does."""

from dataclasses import replace

import pytest
import torch

from numerics.data import named
from numerics.experiments.digits_network import WEIGHTS, DigitsNetwork, digits, load_weights
from numerics.experiments.errors import ExperimentError
from numerics.experiments.sweep import Point, samples_of
from numerics.experiments.training import Training, distance_to_exact, train
from s2n_proofs.cli import main

pytest.importorskip("sklearn", reason="the digits come with scikit-learn")

TINY = Training(steps=4, batch=8, width=8)


def test_two_steps_are_trained_and_sampled(tmp_path, capsys):
    file = tmp_path / "tiny.pt"
    with pytest.raises(SystemExit) as status:
        main(["experiment", "train-digits", "--steps", "2", "--out", str(file)])
    assert status.value.code == 0
    assert "2 steps, written to" in capsys.readouterr().out
    found = samples_of(digits(file), Point("1/50", "0", "0", 3), 4, seed=0)
    assert found.shape == (4, 64)
    assert found.isfinite().all()
    assert not list(tmp_path.glob("*.unfinished"))


def test_an_interrupted_training_goes_on_to_the_same_bits(tmp_path):
    whole = train(TINY, tmp_path / "whole.pt").state_dict()

    def stop(done):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(TINY, tmp_path / "parts.pt", stop)
    assert not (tmp_path / "parts.pt").exists()
    with pytest.raises(ExperimentError, match="unfinished training of other settings"):
        train(replace(TINY, seed=1), tmp_path / "parts.pt")
    seen = []
    parts = train(TINY, tmp_path / "parts.pt", seen.append).state_dict()
    assert seen == [4]
    assert all(torch.equal(parts[name], value) for name, value in whole.items())
    other = train(replace(TINY, seed=1), tmp_path / "other.pt").state_dict()
    assert not torch.equal(other["enter.weight"], whole["enter.weight"])


def test_a_file_of_something_else_is_refused(tmp_path):
    file = tmp_path / "a.pt"
    file.write_text("no weights")
    with pytest.raises(ExperimentError, match="holds no weights of the digits' network"):
        load_weights(file)
    file.with_suffix(".unfinished").write_text("nor a training")
    with pytest.raises(ExperimentError, match="holds no unfinished training"):
        train(TINY, file)


def test_the_network_that_comes_along_is_small_and_has_learned():
    network = load_weights(WEIGHTS)
    assert sum(parameter.numel() for parameter in network.parameters()) < 1e6
    assert WEIGHTS.stat().st_size < 2e6
    spread = float(named("digits").points.std())
    for sigma in (1.0, 10.0):
        found, _ = distance_to_exact(network, sigma, 128)
        untrained, _ = distance_to_exact(DigitsNetwork(spread), sigma, 128)
        assert found < untrained / 2
