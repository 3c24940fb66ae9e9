"""``s2n audit`` from the outside."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from s2n_proofs.cli import main

STEPS = """
def right(z, eps, s, t, xi):
    print("noise on stdout")
    return (1 - s) * (z - t * eps) / (1 - t) + s * eps

def wrong(z, eps, s, t, xi):
    return (1 - s) * (z - t * eps) / (1 - t) - s * eps
"""


@pytest.fixture
def here(tmp_path, monkeypatch, request):
    name = f"steps_of_{request.node.name}"  # a module is imported once in a process
    (tmp_path / f"{name}.py").write_text(STEPS)
    monkeypatch.chdir(tmp_path)
    return name


def run(*words):
    return CliRunner().invoke(main, ["audit", *words])


def test_a_right_function_exits_0_and_json_is_all_that_stdout_has(here):
    done = run(f"{here}:right", "--schedule", "fm-ot", "--family", "ddim", "--json", "-")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["schema"] == "s2n-audit/1"
    assert (found["verdict"], found["computes"]["family"]) == ("right", "ddim")
    assert set(found["against"]["misses"]) == {"a_z", "a_eps", "a_noise"}


def test_a_wrong_function_exits_1_and_files_say_why(here, tmp_path):
    files = ["--json", "a.json", "--junit", "a.xml", "--script", "a.py"]
    done = run(f"{here}:wrong", "--schedule", "fm-ot", "--family", "ddim", *files)
    assert done.exit_code == 1, done.output
    assert done.stdout.startswith("wrong: wrong")
    assert "change the sign of the term sigma(s)" in done.stdout
    found = json.loads((tmp_path / "a.json").read_text())
    assert found["findings"][0]["kind"] == "sign"
    suite = ET.parse(tmp_path / "a.xml").getroot()
    assert suite.get("failures") == "1"
    # In a process of its own, as a user runs it: this one has imported nothing that the script needs.
    shown = subprocess.run([sys.executable, "a.py"], capture_output=True, text=True, timeout=60, check=True)
    assert float(shown.stdout) == pytest.approx(found["findings"][0]["measured"])


@pytest.mark.parametrize(
    "words",
    [
        ["steps"],
        ["no_such_module:step"],
        ["os:getcwd"],
        ["os:getcwd", "--schedule", "nonesuch"],
        ["os:getcwd", "--schedule", "vp", "--number", "zeta=1"],
        ["os:getcwd", "--schedule", "vp", "--number", "rho=x"],
        ["os:getcwd", "--schedule", "vp", "--option", "eta"],
        ["os:getcwd", "--family", "heun"],
    ],
)
def test_bad_input_exits_2_with_one_sentence(words):
    done = run(*words)
    assert done.exit_code == 2
    assert done.stderr.startswith("s2n")
    assert len(done.stderr.strip().splitlines()) == 1
