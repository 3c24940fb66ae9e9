"""The system's Chromium: where it is, and a page printed to a PDF."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .sources import SiteError

__all__ = ["find_browser", "print_to_pdf"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_SECONDS = 60


def find_browser() -> str | None:
    """The path of a Chromium, or None; the environment's ``CHROME`` comes first."""
    for name in (os.environ.get("CHROME", ""), *_NAMES):
        if name and (path := shutil.which(name)):
            return path
    return None


def print_to_pdf(page: Path, pdf: Path) -> None:
    """Print a local page as Chromium prints it.

    Raises
    ------
    SiteError
        If there is no Chromium, or it prints nothing.
    """
    browser = find_browser()
    if browser is None:
        raise SiteError("a PDF needs Chromium, which is not installed (on Debian: apt-get install chromium)")
    with tempfile.TemporaryDirectory(prefix="s2n-") as profile:
        command = [
            browser, "--headless", "--disable-gpu", f"--user-data-dir={profile}", "--no-pdf-header-footer",
            "--virtual-time-budget=20000", f"--print-to-pdf={pdf.resolve()}", page.resolve().as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses to run as root otherwise, e.g. in a container
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise SiteError(f"Chromium did not print {page.name} in {_SECONDS} s") from None
    if not pdf.is_file():
        raise SiteError(f"Chromium did not print {page.name}: {done.stderr.strip().splitlines()[-1:]}")
