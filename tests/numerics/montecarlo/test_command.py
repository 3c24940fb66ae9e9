"""``s2n montecarlo`` as a user meets it: JSON, table, parts, interrupts, torchrun, one-line errors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from s2n_proofs.cli import main

ROOT = Path(__file__).parents[3]
SMALL = ("--schedule", "fm-ot", "--samples", "65536")
FEW = ("--schedule", "fm-ot", "--samples", "16384")  # too few to catch every printed form: status 3


def s2n(*arguments):
    return CliRunner().invoke(main, ["montecarlo", *map(str, arguments)])


def environment():
    return os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """One run in this process."""
    file = tmp_path_factory.mktemp("run") / "checks.json"
    result = s2n(*SMALL, "--workers", 1, "--json", file)
    assert result.exit_code == 0, result.output
    return file.read_bytes(), result.output


def test_json_has_the_promised_shape(report):
    data = json.loads(report[0])
    assert set(data) == {"schema", "checks", "summary"}
    assert data["schema"] == "s2n-montecarlo/1"
    for check in data["checks"]:
        assert {
            "id", "claim", "form", "schedule", "estimate", "standard_error", "expected", "z", "p_value", "verdict", "samples",
        } <= set(check)  # fmt: skip
        assert check["verdict"] == {"derived": "agrees", "printed": "rejected"}[check["form"]]
        assert 0 <= check["p_value"] <= check["adjusted_p_value"] <= 1
    summary = data["summary"]
    assert summary["checks"] == len(data["checks"])
    assert summary["derived"]["agrees"] + summary["printed"]["rejected"] == summary["checks"]
    assert summary["seed"] == 0
    assert summary["device"] == "cpu"


def test_table_has_every_check_in_full(report):
    data, lines = json.loads(report[0]), report[1].splitlines()
    rows = [line for line in lines if line.startswith("✓")]
    assert len(rows) == len(data["checks"])
    assert not any("…" in line for line in lines)
    assert "thm3-noise/b" in report[1]  # with the reason why it can't be simulated


def test_two_processes_under_torchrun_give_the_same_bits(tmp_path):
    file, alone = tmp_path / "ranks.json", tmp_path / "alone.json"
    s2n(*FEW, "--workers", 1, "--json", alone)
    command = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "0", "--standalone"]
    done = subprocess.run(
        [sys.executable, *command, "-m", "s2n_proofs", "montecarlo", *FEW, "--json", file],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert file.exists(), done.stderr
    assert file.read_bytes() == alone.read_bytes()
    assert done.stdout.count("Not simulable") == 1  # one of the two reports


def test_an_interrupt_keeps_what_is_finished(tmp_path):
    folder, file = tmp_path / "kept", tmp_path / "resumed.json"
    # Philox, which is slow, so that there is something to interrupt.
    arguments = [*FEW, "--rng", "philox", "--workers", "2", "--resume", str(folder)]
    process = subprocess.Popen(
        [sys.executable, "-m", "s2n_proofs", "montecarlo", *arguments],
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not list(folder.glob("*-*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert str(folder) in said
    assert "Traceback" not in said
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("*-*.json")}
    assert kept
    resumed = s2n(*arguments[:-4], "--workers", 1, "--resume", folder, "--json", file)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    whole = tmp_path / "whole.json"
    assert s2n("merge", folder, "--json", whole).exit_code == resumed.exit_code in (0, 3)
    assert whole.read_bytes() == file.read_bytes()


def test_parts_are_merged_to_the_same_bits(report, tmp_path):
    folder, file = tmp_path / "parts", tmp_path / "merged.json"
    assert s2n(*SMALL, "--workers", 1, "--resume", folder, "--part", "2/2").exit_code == 0
    early = s2n("merge", folder)
    assert early.exit_code == 2
    assert "missing" in early.output
    assert s2n(*SMALL, "--workers", 1, "--resume", folder, "--part", "1/2").exit_code == 0
    assert s2n("merge", folder, "--json", file).exit_code == 0
    assert file.read_bytes() == report[0]


def test_too_few_samples_are_undecided_and_not_all_well():
    few = s2n("--schedule", "fm-ot", "--samples", "64", "--workers", 1)
    assert few.exit_code == 3
    assert "not caught" in few.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--schedule", "nothing"),
        ("--samples", "0"),
        ("--samples", "many"),
        ("--seed", "-1"),
        ("--device", "abacus"),
        ("--workers", "0"),
        ("--part", "3/2", "--resume", "x"),
        ("--part", "1/2"),
        ("--part", "a/b", "--resume", "x"),
        ("--resume", "/dev/null/x"),
        ("--json", "/nowhere/x.json"),
        ("merge", "/nowhere"),
        ("merge",),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(arguments):
    result = s2n(*arguments)
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.output


def test_a_gpu_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    result = s2n("--device", "cuda")
    assert result.exit_code == 2
    assert "CUDA" in result.stderr


def test_help_imports_neither_torch_nor_sympy():
    code = "import sys; from s2n_proofs import cli; assert not {'torch', 'sympy', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True)
