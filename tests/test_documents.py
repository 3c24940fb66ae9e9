"""Every command and output in the README and in ``docs/`` is real: the ``console`` blocks are run, the ``python`` blocks too."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(kind: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for match in re.finditer(rf"^```{kind}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S):
            yield page.name, match.group(1)


def commands() -> Iterator[tuple[str, str, str]]:
    """(page, command, expected output) of every ``$`` line in a ``console`` block."""
    for page, block in blocks("console"):
        for piece in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = piece.partition("\n")
            yield page, command, output


def pattern(expected: str) -> str:
    """A regular expression for an output in which ``...`` stands for anything."""
    return ".*".join(re.escape(part) for part in expected.rstrip("\n").split("..."))


@pytest.mark.parametrize(("page", "command", "expected"), list(commands()))
def test_the_printed_output_is_what_the_command_prints(page: str, command: str, expected: str, tmp_path: Path) -> None:
    words = shlex.split(command)
    assert words[0] == "s2n", f"{page} shows a command that is not ours"
    for package in ("azula", "diffusers"):
        if package in command:
            pytest.importorskip(package, reason="the audited package comes with the extra interop")
    words = [str(ROOT / w) if w.startswith("docs/") else w for w in words]
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "s2n_proofs", *words[1:]],
        capture_output=True, text=True, env=environment, cwd=tmp_path, check=False, timeout=300,
    )  # fmt: skip
    printed = "\n".join(line.rstrip() for line in (done.stdout + done.stderr).rstrip("\n").split("\n"))
    assert re.fullmatch(pattern(expected), printed, re.S), printed


# diffusers imports torchvision where it is installed; one built for another torch raises "operator torchvision::nms does not exist".
WITHOUT_TORCHVISION = """
try:
    import torchvision
except ImportError:
    pass
except RuntimeError:
    import diffusers.utils.import_utils
    diffusers.utils.import_utils._torchvision_available = False
"""


@pytest.mark.parametrize(("page", "code"), list(blocks("python")))
def test_the_python_examples_run(page: str, code: str, tmp_path: Path) -> None:
    before = ""
    if "from diffusers" in code:
        pytest.importorskip("diffusers", reason="the extra interop is not installed")
        before = WITHOUT_TORCHVISION
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", before + code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{page}: {done.stderr}"


def test_there_is_something_to_run() -> None:
    assert len(list(commands())) >= 4
    assert list(blocks("python"))


def test_a_wrong_output_would_be_noticed() -> None:
    assert not re.fullmatch(pattern("holds\n..."), "fails\nand more", re.S)
    assert re.fullmatch(pattern("holds\n..."), "holds\nand more", re.S)
