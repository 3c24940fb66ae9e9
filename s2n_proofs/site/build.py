"""``s2n docs``: the pages are printed from the objects, then Sphinx makes the site."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..report.files import FileError
from .sources import SiteError, SourceTree, written_texts

__all__ = ["build_site"]

Say = Callable[[str], None]
_WORK = ".sphinx"  # sources and Sphinx's memory, in the site's own folder, as Sphinx itself does


def build_site(out: Path, write_pages: Callable[[SourceTree], None], *, say: Say = lambda _: None) -> list[str]:
    """Build a site into a folder.

    Parameters
    ----------
    out : Path
        Made where it is missing.  A folder that holds something else is refused.
    write_pages : callable
        Writes the pages, ``index.md`` among them.
    say : callable
        Told what is being done.

    Returns
    -------
    list of str
        Sphinx's warnings.

    Raises
    ------
    SiteError, FileError
        If Sphinx is not installed, or the folder can't be used.
    """
    _check_folder(out)
    texts = written_texts()
    tree = SourceTree(out / _WORK / "source")
    tree.write("conf.py", (texts / "conf.py").read_text(encoding="utf-8"))
    write_pages(tree)
    tree.prune()
    say("building the pages")
    return _sphinx(tree.folder, texts / "_static", out)


def _check_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise FileError(f"cannot write {out}: it is not a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / _WORK).is_dir():
        raise FileError(f"cannot write {out}: it holds files that are not a site; name an empty or a new folder")
    try:
        (out / _WORK).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot write {out}: {error.strerror or error}") from error


def _sphinx(source: Path, static: Path, out: Path) -> list[str]:
    try:
        import furo  # noqa: F401
        import myst_parser  # noqa: F401
        from sphinx.application import Sphinx
        from sphinx.util.docutils import docutils_namespace, patch_docutils
    except ImportError as error:
        raise SiteError(f'the site needs Sphinx ({error.name} is missing): pip install "s2n-proofs[docs]"') from error
    warnings = io.StringIO()
    with patch_docutils(str(source)), docutils_namespace():
        app: Any = Sphinx(
            str(source), str(source), str(out), str(out / _WORK / "doctrees"), "html",
            # Sphinx copies no static files out of a folder inside the site's own.
            confoverrides={"html_static_path": [str(static)]}, status=None, warning=warnings,
        )  # fmt: skip
        app.build()
    # Sphinx copies its own record of the build; the site needs none.
    (out / ".buildinfo.bak").unlink(missing_ok=True)
    return [line for line in warnings.getvalue().splitlines() if line.strip()]


def without_workings(out: Path) -> None:
    """Remove the sources and Sphinx's memory from a site; the next build is then a whole one."""
    shutil.rmtree(out / _WORK, ignore_errors=True)
