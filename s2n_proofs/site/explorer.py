"""The explorer: a static page whose kernels are printed from the proved formulas."""

from __future__ import annotations

from pathlib import Path

from ..report.files import write_atomically
from .kernels import kernels_script
from .sources import written_texts

__all__ = ["write_explorer"]


def write_explorer(out: Path) -> None:
    """Add ``explorer.html`` and its kernels to a built site; the other scripts are among its static files."""
    page = written_texts() / "_static" / "explorer" / "explorer.html"
    write_atomically(out / "explorer.html", page.read_text(encoding="utf-8"))
    write_atomically(out / "_static" / "explorer" / "kernels.js", kernels_script())
    (out / "_static" / "explorer" / "explorer.html").unlink(missing_ok=True)  # it works from the first folder only
