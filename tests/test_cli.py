"""The command line: exit statuses, what goes to which stream, and no traceback for any input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from s2n_proofs.cli import main

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and pipes")
S2N = [sys.executable, "-m", "s2n_proofs"]

LEDGER = """
import sys
from s2n_proofs.ledger.claim import Claim
from s2n_proofs.symbols import alpha, t
from s2n_proofs.theory.forward import coefficients
def boom():
    print("a print of the user's own")
    raise RuntimeError("broken")
print("another")
def claim(name, formula, derive=coefficients):
    return Claim(name, "my notes", "identity", "the drift", {"f": formula}, derive)
right = claim("right", alpha(t).diff(t) / alpha(t))
wrong = claim("wrong", -alpha(t).diff(t) / alpha(t))
"""


@pytest.fixture
def run(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "S2N_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str):
        result = CliRunner().invoke(main, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return invoke


@pytest.fixture
def own(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(LEDGER)
    return str(file)


# --- help ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["verify", "-h"], ["derive", "-h"], ["check", "-h"]])
def test_help_loads_nothing_heavy(arguments) -> None:
    code = f"""
import sys
from s2n_proofs.cli import main
try:
    main({arguments!r})
except SystemExit as leaving:
    assert not leaving.code, leaving.code
heavy = {{"sympy", "rich", "flint", "torch", "numpy", "mpmath", "multiprocessing"}} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


# --- verify ----------------------------------------------------------------------------------------------


def test_verify_prints_a_table_and_an_erratum_is_no_failure(run) -> None:
    result = run("verify", "--claim", "thm1-mean", "--jobs", "1")
    assert result.exit_code == 0
    assert "thm1-mean" in result.stdout
    assert "\x1b" not in result.output


def test_verify_takes_all_readings_of_an_id(run) -> None:
    result = run("verify", "--claim", "marginal-z0", "--claim", "eq1-forward", "--json", "-")
    data = json.loads(result.stdout)
    assert data["schema"] == "s2n-ledger/1"
    assert [claim["id"] for claim in data["claims"]] == ["eq1-forward", "marginal-z0/a", "marginal-z0/b"]
    assert {"verdicts", "seconds", "seed", "versions", "engines"} <= data["summary"].keys()


def test_verify_writes_both_files(run, own, tmp_path) -> None:
    js, xml = tmp_path / "a.json", tmp_path / "a.xml"
    result = run("verify", "--ledger", own, "--json", str(js), "--junit", str(xml), "--seed", "7")
    assert result.exit_code == 0
    data = json.loads(js.read_text())
    assert {claim["id"]: claim["verdict"] for claim in data["claims"]} == {"right": "holds", "wrong": "fails"}
    assert data["summary"]["seed"] == 7
    assert len(list(ET.fromstring(xml.read_bytes()).iter("testcase"))) == 2
    assert "right" in result.stdout
    assert "wrong" in result.stdout


def test_what_a_users_file_prints_stays_out_of_the_report(own) -> None:
    with open(own, "a") as file:
        file.write("bad = claim('bad', alpha(t), boom)\n")
    command = [*S2N, "verify", "--ledger", own, "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    verdicts = {claim["id"]: claim["verdict"] for claim in json.loads(done.stdout)["claims"]}
    assert verdicts == {"right": "holds", "wrong": "fails", "bad": "undecided"}
    assert "Traceback" not in done.stderr


def test_one_claim_of_a_users_file(run, own) -> None:
    result = run("verify", "--ledger", own, "--claim", "wrong", "--junit", "-")
    assert [case.get("name") for case in ET.fromstring(result.stdout).iter("testcase")] == ["wrong"]


# --- check -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "verdict", "status"),
    [
        ("f(t) = diff(log(alpha(t)), t)", "holds", 0),
        ("f(t) = -diff(log(alpha(t)), t)", "fails", 1),
        ("-f(t) = -diff(alpha(t), t)/alpha(t)", "holds", 0),
    ],
)
def test_check_says_the_verdict_first(run, tmp_path, identity, verdict, status) -> None:
    file = tmp_path / "check.json"
    result = run("check", identity, "--json", str(file))
    assert result.stdout.splitlines()[0] == verdict
    assert result.exit_code == status
    assert json.loads(file.read_text())["verdict"] == verdict


def test_check_json_on_stdout_is_alone_there(run) -> None:
    assert json.loads(run("check", "--json", "-", "f(t) = f(t)").stdout)["verdict"] == "holds"


def test_check_for_one_schedule(run) -> None:
    assert run("check", "alpha(t) + sigma(t) = 1", "--schedule", "fm-ot").exit_code == 0
    assert run("check", "alpha(t) + sigma(t) = 1", "--alpha", "1 - t", "--sigma", "t").exit_code == 0
    assert run("check", "alpha(t) + sigma(t) = 1").exit_code == 1


# --- derive ----------------------------------------------------------------------------------------------


def test_derive_prints_and_writes_every_format(run, tmp_path) -> None:
    pytest.importorskip("s2n_proofs.report.formats")
    for style in ("text", "latex", "json", "python"):
        result = run("derive", "--alpha", "cos(pi*t/2)", "--sigma", "sin(pi*t/2)", "--format", style)
        assert result.exit_code == 0
        assert len(result.stdout) > 100
        file = tmp_path / f"out.{style}"
        silent = run(
            "derive",
            "--alpha",
            "cos(pi*t/2)",
            "--sigma",
            "sin(pi*t/2)",
            "--format",
            style,
            "--out",
            str(file),
        )
        assert silent.stdout == ""
        assert file.read_text().strip() == result.stdout.strip()


def test_derive_takes_parameters_and_a_domain(run) -> None:
    pytest.importorskip("s2n_proofs.report.formats")
    assert run("derive", "--schedule", "vp", "--param", "beta_min=1/5", "--domain", "0", "1/2").exit_code == 0
    given = ["--alpha", "exp(-rate*t)", "--sigma", "1", "--param", "rate=1/10"]
    assert run("derive", *given).exit_code == 0


# --- bad input -------------------------------------------------------------------------------------------

BAD = [
    ["nonsense"],
    ["verify", "--nonsense"],
    ["verify", "extra"],
    ["verify", "--claim", "nope"],
    ["verify", "--claim", ""],
    ["verify", "--jobs", "0"],
    ["verify", "--jobs", "many"],
    ["verify", "--seed", "1.5"],
    ["verify", "--time-limit", "nan"],
    ["verify", "--time-limit", "inf"],
    ["verify", "--time-limit", "0"],
    ["verify", "--json", ""],
    ["verify", "--json", "/"],
    ["verify", "--json", "/no/such/folder/a.json"],
    ["verify", "--junit", "/no/such/folder/a.xml"],
    ["verify", "--json", "-", "--junit", "-"],
    ["verify", "--ledger", "/no/such/file.py"],
    ["verify", "--ledger", "/"],
    ["derive"],
    ["derive", "--schedule", "ddpm"],
    ["derive", "--schedule", ""],
    ["derive", "--schedule", "vp", "--alpha", "1"],
    ["derive", "--schedule", "vp", "--alpha", "1", "--sigma", "t"],
    ["derive", "--alpha", "1"],
    ["derive", "--sigma", "t"],
    ["derive", "--alpha", "", "--sigma", "t"],
    ["derive", "--alpha", "x" * 100_000, "--sigma", "t"],
    ["derive", "--alpha", "9**9**9**9", "--sigma", "t"],
    ["derive", "--alpha", "1", "--sigma", "1 - 1.5*t**2"],
    ["derive", "--alpha", "1", "--sigma", "1 - t"],
    ["derive", "--alpha", "1", "--sigma", "t\udc80"],
    ["derive", "--schedule", "vp", "--domain", "0"],
    ["derive", "--schedule", "vp", "--domain", "1", "0"],
    ["derive", "--schedule", "vp", "--domain", "a", "b"],
    ["derive", "--schedule", "vp", "--param", "beta_min"],
    ["derive", "--schedule", "vp", "--param", "nope=1"],
    ["derive", "--schedule", "vp", "--param", "beta_min=1", "--param", "beta_min=2"],
    ["derive", "--schedule", "vp", "--format", "pdf"],
    ["derive", "--schedule", "vp", "--out", "/no/such/folder/a.py"],
    ["derive", "--domain", "0", "1"],
    ["check"],
    ["check", ""],
    ["check", "f(t)"],
    ["check", "f(t) ="],
    ["check", "f(t) = f(t) = f(t)"],
    ["check", "f(t) = __import__('os').system('true')"],
    ["check", "f(t) = f(t)", "f(t) = f(t)"],
    ["check", "f(t) = \udcff"],
    ["check", "f(t) = f(t)", "--schedule", "nope"],
    ["check", "f(t) = f(t)", "--json", "/no/such/folder/a.json"],
]


@pytest.mark.parametrize(
    "arguments", BAD, ids=lambda arguments: " ".join(arguments)[:50].encode("ascii", "replace").decode()
)
def test_bad_input_is_one_sentence_and_status_2(run, arguments) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("s2n")
    assert len(sentence) < 800


def test_an_escape_sequence_in_an_argument_does_not_reach_the_terminal(run) -> None:
    assert "\x1b" not in run("verify", "--claim", "\x1b[31mred").output


def test_the_nearest_schedule_is_named(run) -> None:
    assert "iddpm" in run("derive", "--schedule", "ddpm").stderr


def test_an_internal_error_is_one_sentence_and_status_3(run, monkeypatch) -> None:
    def broken(*_, **__):
        raise KeyError("a bug")

    monkeypatch.setattr("s2n_proofs.checking.check", broken)
    result = run("check", "f(t) = f(t)")
    assert result.exit_code == 3
    (sentence,) = result.stderr.splitlines()
    assert "S2N_DEBUG" in sentence
    monkeypatch.setenv("S2N_DEBUG", "1")
    assert isinstance(CliRunner().invoke(main, ["check", "f(t) = f(t)"]).exception, KeyError)


def test_a_warning_is_one_plain_line(run, monkeypatch) -> None:
    import warnings

    from s2n_proofs.schedule import Schedule, UncertifiedWarning

    def unsure(*_, **__):
        warnings.warn("not certified on (0, 1/8)", UncertifiedWarning, stacklevel=2)
        return Schedule("1 - t", "t")

    monkeypatch.setattr("s2n_proofs.schedule.Schedule", unsure)
    result = run("check", "alpha(t) + sigma(t) = 1", "--alpha", "1 - t", "--sigma", "t")
    assert result.exit_code == 0
    assert len(result.stderr.splitlines()) == 1
    assert ".py" not in result.stderr


# --- the shell -------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--claim", "eq1-forward"], ["check", "f(t) = f(t)"]])
def test_a_closed_pipe_is_quiet(arguments) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*S2N, *arguments], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 141


@posix
def test_an_interrupt_is_one_line_and_leaves_no_process(own) -> None:
    with open(own, "a") as file:
        file.write(
            "def wait():\n    import time\n    print('waiting', flush=True)\n    time.sleep(60)\n"
            "slow = claim('slow', alpha(t), wait)\nCLAIMS = [slow]\n"
        )
    process = subprocess.Popen(
        [*S2N, "verify", "--ledger", own], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        if "waiting" in line:
            break
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)  # the pipes close when the last process that holds them is gone
    assert process.returncode == 130
    assert out == ""
    assert len(err.splitlines()) <= 2
    assert "Traceback" not in err


@posix
@pytest.mark.parametrize(
    "command", ["s2n check t=t", "s2n verify --claim eq1-forward", "s2n --help", "s2n derive --schedule edm"]
)
def test_stdout_that_takes_nothing_is_one_sentence_and_status_2(command) -> None:
    words = " ".join(S2N + command.split()[1:])
    for target in (">&-", "> /dev/full"):
        done = subprocess.run(f"{words} {target}", shell=True, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stderr
        (sentence,) = done.stderr.splitlines()
        assert "cannot write to stdout" in sentence


EMPTY_LEDGER = """
from sympy import Integer
from s2n_proofs.derivation import Derivation, Obligation, Step
from s2n_proofs.ledger.claim import Claim
from s2n_proofs.symbols import alpha, s, sigma, t
SUM = sigma(t)**2 + sigma(s)**2
def claim(name, *steps):
    derive = lambda: Derivation("trust me", {"variance": SUM}, steps)
    return Claim(name, "my notes", "identity", "the variances add", {"variance": SUM}, derive)
CLAIMS = [
    claim("no-steps"),
    claim("one-is-one", Step("solve", "clear", None, (Obligation(Integer(1), Integer(1), "fine"),))),
    claim("unproved", Step("solve", "hm", None, (Obligation(alpha(t), sigma(t)),))),
]
"""


def test_a_derivation_that_says_nothing_decides_nothing(run, tmp_path) -> None:
    file = tmp_path / "empty.py"
    file.write_text(EMPTY_LEDGER)
    result = run("verify", "--ledger", str(file), "--json", str(tmp_path / "out.json"))
    assert result.exit_code == 1  # a derivation is refuted
    records = {record["id"]: record for record in json.loads((tmp_path / "out.json").read_text())["claims"]}
    assert {record["verdict"] for record in records.values()} == {"undecided"}
    assert "no steps" in records["no-steps"]["reason"]
    assert "numbers alone" in records["one-is-one"]["reason"]
    assert "alpha(t) = sigma(t)" in records["unproved"]["reason"]
    assert "error of this package" not in result.stdout
    assert ": :" not in result.stdout


def test_an_obligation_needs_expressions(run, tmp_path) -> None:
    file = tmp_path / "text.py"
    file.write_text(EMPTY_LEDGER.replace("Integer(1), Integer(1)", "'1', Integer(1)"))
    assert "a SymPy expression is needed" in run("verify", "--ledger", str(file)).output
