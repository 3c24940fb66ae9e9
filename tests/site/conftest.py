"""One site for all tests, also where several processes run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run_docs(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``s2n docs`` in a process of its own: Sphinx leaves its marks on the one it runs in."""
    command = [sys.executable, "-m", "s2n_proofs", "docs", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built once; a later process finds it built."""
    for name in ("sphinx", "furo", "myst_parser", "matplotlib"):
        pytest.importorskip(name, reason=f'{name} is not installed: pip install "s2n-proofs[docs]"')
    fcntl = pytest.importorskip("fcntl", reason="no file locks on this system")
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = base / "site"
    with (base / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run_docs("--out", str(folder))
        assert done.returncode == 0, done.stderr
        with (base / "site.said").open("a", encoding="utf-8") as said:
            said.write(done.stderr)
    return folder
