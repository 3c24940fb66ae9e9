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


@pytest.mark.parametrize(
    ("module", "words", "said"),
    [
        ("diffusers", ["DDIMScheduler", "--option", "beta_schedule=bent"], "bent is not implemented"),
        ("diffusers", ["DDIMScheduler", "--option", "beta_end=2"], "alpha is 0 at several noise levels"),
        ("diffusers", ["DDIMScheduler", "--step-option", "eta=some"], "eta='some'"),
        ("azula", ["sample:DDIMSampler", "--option", "eta=some"], "eta='some'"),
    ],
)
def test_an_option_that_the_implementation_refuses_is_bad_input(module, words, said):
    pytest.importorskip(module)
    join = "." if ":" in words[0] else ":"
    done = run(f"{module}{join}{words[0]}", *words[1:])
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_one_that_raises_with_and_without_its_options_is_stopped(tmp_path, monkeypatch):
    (tmp_path / "raises_always.py").write_text(
        "class Scheduler:\n"
        "    def __init__(self, mode=None): raise RuntimeError('never')\n"
        "    def set_timesteps(self, n): pass\n"
        "    def step(self): pass\n"
    )
    monkeypatch.chdir(tmp_path)
    done = run("raises_always:Scheduler", "--option", "mode=1")
    assert done.exit_code == 3, done.output
    assert "it raised RuntimeError: never" in done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_package.part", "needs the module 'no_such_package', which is not installed"),
        ("from os import no_such_name", "cannot be imported: cannot import name 'no_such_name'"),
    ],
)
def test_what_an_implementation_needs_and_lacks_is_named(text, said, tmp_path, monkeypatch):
    name = f"lacking_{len(text)}"
    (tmp_path / f"{name}.py").write_text(f"{text}\n\ndef step(z, eps, s, t, xi):\n    return z\n")
    monkeypatch.chdir(tmp_path)
    done = run(f"{name}:step", "--schedule", "vp")
    assert done.exit_code == 2
    assert f"{name} {said}" in done.stderr
