"""``s2n experiment`` and ``s2n sample``: results, resuming, a user's network, and what they refuse."""

import json
import sys

import numpy as np
import pytest

from s2n_proofs.cli import main

MINE = """
import torch
from numerics.data import named
from numerics.experiments.problem import Problem

LAW = named("mixture-2d")

def network(x, sigma):
    return LAW.posterior_mean(x, 1.0, sigma)

def make():
    reference = LAW.sample(200, torch.Generator().manual_seed(0))
    return Problem("mine", network, "edm", (2,), reference, sigma_max=20)

def features(rows):
    return torch.cat([rows, rows.square()], 1)

def squares(rows):
    return rows.square()

def make_wider():
    reference = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    return Problem("mine", lambda x, sigma: x / (1 + sigma**2), "edm", (3,), reference, sigma_max=20)

def make_namesake():
    return Problem("mixture-2d", network, "edm", (2,), make().reference, sigma_max=20)

def other_network():
    problem = make()
    return Problem("mine", lambda x, sigma: 1.1 * network(x, sigma), "edm", (2,), problem.reference, sigma_max=20)

def raises(*arguments):
    raise ValueError("out of paper")

def bad_network():
    return Problem("mine", raises, "edm", (2,), make().reference, sigma_max=20)

def scalar(rows):
    return rows.sum()

def wrong():
    return 3
"""


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as status:
        main(list(arguments))
    out = capsys.readouterr()
    return status.value.code, out.out, out.err


@pytest.fixture
def mine(tmp_path, monkeypatch):
    (tmp_path / "s2n_mine.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    yield "s2n_mine"
    sys.modules.pop("s2n_mine", None)


def test_a_small_positive_gamma_beats_zero_and_negative_ones_blur(capsys, tmp_path):
    arguments = ("experiment", "gamma-sweep", "--nfe", "35", "--out", str(tmp_path), "--no-plot")
    status, out, _ = call(capsys, *arguments, "--gamma", "0", "--gamma", "0.026")
    assert status == 0
    assert "best: gamma = 0.026" in out
    assert call(capsys, *arguments, "--gamma", "0", "--gamma", "-0.3")[0] == 0
    result = json.loads((tmp_path / "gamma-sweep.json").read_text())
    assert result["schema"] == "s2n-experiment/1"
    assert [row["gamma"] for row in result["points"]] == ["0", "0.026", "-0.3"]
    none, _, blurred = (row["variance_ratio"] for row in result["points"])
    assert blurred < none < 1


def test_results_are_kept_and_another_run_goes_on(capsys, tmp_path):
    arguments = (
        "experiment",
        "gamma-delta",
        "--nfe",
        "5",
        "--gamma",
        "1",
        "--delta",
        "1",
        "--no-plot",
        "--out",
        str(tmp_path),
    )
    assert call(capsys, *arguments)[0] == 0
    file = tmp_path / "gamma-delta.json"
    kept = json.loads(file.read_text())
    kept["points"][0]["frechet"] = [7.0, 7.0, 7.0]  # to see that it is read and not measured again
    file.write_text(json.dumps(kept))
    _, out, _ = call(capsys, *arguments)
    assert "NFE 5: 7" in out
    status, _, err = call(capsys, *arguments, "--seed", "1")
    assert status == 2
    assert "holds results of other settings" in err
    file.write_text("{}")
    status, _, err = call(capsys, *arguments)
    assert status == 2
    assert "holds no results" in err


def test_equal_points_are_not_called_the_best_one(capsys):
    status, out, _ = call(
        capsys, "experiment", "gamma-sweep", "--nfe", "4", "--gamma", "0", "--gamma", "0.0", "--no-plot"
    )
    assert status == 0
    assert "(and 1 other of the same)" in out


def test_pictures_are_drawn(capsys, tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    common = ("--nfe", "4", "--gamma", "0", "--gamma", "0.5", "--out", str(tmp_path))
    assert call(capsys, "experiment", "gamma-sweep", *common)[0] == 0
    assert call(capsys, "experiment", "gamma-delta", "--delta", "0", *common)[0] == 0
    assert call(capsys, "experiment", "blur", *common)[0] == 0
    for name in ("gamma-sweep", "gamma-delta", "blur"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_no_picture_is_refused_before_the_work(capsys, tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    status, out, err = call(capsys, "experiment", "blur", "--data", "mixture", "--out", str(tmp_path))
    assert (status, out) == (2, "")
    assert "a sample of mixture is no picture" in err
    assert not list(tmp_path.iterdir())


def test_statements_are_judged_by_what_was_measured(capsys, tmp_path):
    for data, samples in (("field", "4"), ("gaussian", "200")):
        call(
            capsys, "experiment", "gamma-sweep", "--data", data, "--samples", samples, "--nfe", "12", "--no-plot",
            *(word for gamma in ("-0.3", "0", "0.026", "0.15", "0.5") for word in ("--gamma", gamma)),
            "--out", str(tmp_path / data),
        )  # fmt: skip
    status, out, _ = call(capsys, "experiment", "statements", str(tmp_path / "field"), str(tmp_path / "gaussian"))
    assert status == 0
    said = {(line.split()[0], line[23:62].strip()): line[62:77].strip() for line in out.splitlines()}
    assert said["field", "γ = 0.026 beats γ = 0"] == "holds"
    assert said["field", "no γ of the sweep beats 0.026"] == "does not hold"
    assert said["gaussian", "γ = -0.3 blurs"] == "holds"
    file = tmp_path / "gaussian" / "gamma-sweep.json"
    kept = json.loads(file.read_text())
    rows = {row["gamma"]: row for row in kept["points"]}
    rows["0.026"]["resamples"] = rows["0"]["resamples"]  # no difference
    file.write_text(json.dumps(kept))
    _, out, _ = call(capsys, "experiment", "statements", str(tmp_path / "gaussian"))
    assert "not told apart" in next(line for line in out.splitlines() if "γ = 0.026 beats γ = 0" in line)
    kept["points"] = [rows["-0.3"]]
    file.write_text(json.dumps(kept))
    status, out, err = call(capsys, "experiment", "statements", str(tmp_path / "gaussian"))
    assert (status, out) == (2, "")
    assert "the points of no statement" in err
    status, _, err = call(capsys, "experiment", "statements", str(tmp_path))
    assert status == 2
    assert "holds neither gamma-sweep.json nor gamma-delta.json" in err


def test_a_network_of_ones_own(capsys, mine):
    status, out, err = call(
        capsys, "experiment", "gamma-sweep", "--denoiser", f"{mine}:make", "--features", f"{mine}:features", "--nfe", "6",
        "--gamma", "0", "--samples", "40",
    )  # fmt: skip
    assert (status, err) == (0, "")
    assert "best: gamma = 0" in out


def test_results_of_another_problem_are_not_gone_on_with(capsys, mine, tmp_path):
    def sweep(maker, *features):
        given = (
            "--denoiser",
            f"{mine}:{maker}",
            *(word for name in features for word in ("--features", f"{mine}:{name}")),
        )
        return call(capsys, "experiment", "gamma-sweep", *given, "--nfe", "3", "--gamma", "0", "--samples", "8",
                    "--no-plot", "--out", str(tmp_path / "out"))  # fmt: skip

    assert sweep("make", "squares")[0] == 0
    assert sweep("make", "squares")[0] == 0
    for other in (("make",), ("make", "features"), ("make_wider", "squares"), ("other_network", "squares")):
        status, _, err = sweep(*other)
        assert status == 2
        assert "holds results of other settings" in err
        assert ("features" in err) == (other[1:] != ("squares",))
    file = tmp_path / "out" / "gamma-sweep.json"
    kept = json.loads(file.read_text())
    del kept["settings"]["features"], kept["settings"]["problem"]  # a file of before: no features
    file.write_text(json.dumps(kept))
    assert sweep("make")[0] == 0
    assert "features = None there" in sweep("make", "squares")[2]
    del kept["settings"]["data"]
    kept["settings"] = {"data": "mixture-2d", **kept["settings"]}  # the package's own data
    file.write_text(json.dumps(kept))
    assert "(problem)" in sweep("make_namesake")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--denoiser", "nothing"), "package.module:name"),
        (("--denoiser", "s2n_absent:make"), "cannot import s2n_absent"),
        (("--denoiser", "s2n_mine:absent"), "has no absent"),
        (("--denoiser", "s2n_mine:wrong"), "must make a Problem; it made 3"),
        (("--features", "s2n_mine:features"), "--features belongs to --denoiser"),
        (("--data", "digitz"), "did you mean digits?"),
        (("--data", "nope"), "there are field, point"),
        (("--data", "field", "--denoiser", "s2n_mine:make"), "not both"),
        (("--gamma", "x"), "is no number"),
        (("--seed", "99999999999999999999999"), "'--seed'"),
        (("--denoiser", "s2n_mine:raises"), "s2n_mine:raises raised ValueError: out of paper"),
        (("--denoiser", "s2n_mine:bad_network"), "the network of s2n_mine:bad_network raised ValueError"),
        (("--denoiser", "s2n_mine:make", "--features", "s2n_mine:scalar"), "a row of real numbers for each sample"),
        (("--gamma", "-2"), "gamma must be greater than -1"),
        (("--data", "point", "--gamma", "0"), "point has no variance"),
    ],
    ids=str,
)
def test_bad_input_is_one_sentence(capsys, mine, arguments, message):
    status, _, err = call(capsys, "experiment", "gamma-sweep", "--nfe", "4", *arguments)
    assert status == 2
    assert message in err
    assert len(err.splitlines()) == 1


def test_samples_are_written_and_have_the_moments_of_the_data(capsys, tmp_path):
    file = tmp_path / "a.npy"
    status, out, _ = call(
        capsys, "sample", "--data", "gaussian", "--steps", "20", "--samples", "4000", "--out", str(file)
    )
    assert status == 0
    rows = np.load(file)
    assert rows.shape == (4000, 1)
    # N(1, 1/4): the mean within five standard errors, and 20 steps' own error, which is smaller.
    assert abs(rows.mean() - 1) < 5 * 0.5 / 4000**0.5
    assert "20 evaluations, fm-ot" in out


def test_the_same_seed_gives_the_same_bits(capsys, tmp_path):
    for name in ("a.npy", "b.npy"):
        call(capsys, "sample", "--data", "mixture-2d", "--steps", "5", "--rho", "1", "--delta", "1", "--gamma", "1",
             "--schedule", "vp", "--start", "9/10", "--end", "1/10", "--out", str(tmp_path / name))  # fmt: skip
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--method", "heun", "--end", "1/10"),
        ("--method", "heun", "--schedule", "ve"),
        ("--method", "heun", "--schedule", "edm", "--grid", "edm"),
        ("--start", "99/100", "--gamma", "0.05", "--delta", "1", "--rho", "sigma(t)"),
    ],
    ids=str,
)
def test_sample_where_noise_is_left_at_the_end_and_with_noise(capsys, arguments):
    status, out, err = call(capsys, "sample", "--steps", "4", "--samples", "20", *arguments)
    assert (status, err) == (0, "")
    assert "sampled" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--seed", "99999999999999999999999"), "'--seed'"),
        (("--data", "nothing"), "no data are called"),
        (("--method", "heun", "--rho", "1"), "the method 'heun' has no rho"),
        (("--rho", "nonsense("), "rho"),
        (("--kind", "nonmarkov"), "takes either beta or eta"),
        (("--out", "/nowhere/a.npy"), "there is no folder"),
    ],
    ids=str,
)
def test_sample_refuses(capsys, arguments, message):
    status, _, err = call(capsys, "sample", "--steps", "3", *arguments)
    assert status == 2
    assert message in err
