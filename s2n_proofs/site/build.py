"""``s2n docs``: the pages are printed from the objects, then Sphinx makes the site."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..ledger.runner import default_jobs
from ..report.files import FileError, write_atomically
from ..schedule import Schedule
from .browser import find_browser, print_to_pdf
from .generated import Generated, key_of, remembered
from .sources import SiteError, SourceTree, packages, written_texts

__all__ = ["build_schedule_site", "build_site"]

Say = Callable[[str], None]
_WORK = ".sphinx"  # sources and Sphinx's memory, in the site's own folder, as Sphinx itself does
_PRINTED = ("errata", "cheatsheet")


def build_site(out: Path, *, say: Say = lambda _: None) -> list[str]:
    """Build the site of the paper into a folder.

    Parameters
    ----------
    out : Path
        Made where it is missing.  A folder that holds something else is refused.
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

    def make() -> Generated:
        from .pages import generate

        return generate(say=say)

    made = remembered(out / _WORK / "generated.json", key_of((*packages(), texts)), make)
    tree = SourceTree(out / _WORK / "source")
    tree.copy(texts, pattern="**/*.md")
    tree.copy(texts, pattern="**/*.png")
    tree.copy(texts, pattern="*.py")
    for name, text in made.pages.items():
        tree.write(name, text)
    say("building the pages")
    warnings = _sphinx(tree, texts, out)
    _finish(out, texts, made, say)
    return warnings


def build_schedule_site(out: Path, schedule: Schedule, title: str, *, say: Say = lambda _: None) -> list[str]:
    """Build a site of one page, that of a schedule; as :func:`build_site`."""
    from .schedule_page import schedule_page

    _check_folder(out)
    tree = SourceTree(out / _WORK / "source")
    tree.write("index.md", schedule_page(schedule, title))
    tree.write("conf.py", (written_texts() / "conf.py").read_text(encoding="utf-8"))
    say("building the page")
    return _sphinx(tree, written_texts(), out)


def _check_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise FileError(f"cannot write {out}: it is not a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / _WORK).is_dir():
        raise FileError(f"cannot write {out}: it holds files that are not a site; name an empty or a new folder")
    try:
        (out / _WORK).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot write {out}: {error.strerror or error}") from error


def _sphinx(tree: SourceTree, texts: Path, out: Path) -> list[str]:
    try:
        import furo  # noqa: F401
        import myst_parser  # noqa: F401
        from sphinx.application import Sphinx
        from sphinx.util.docutils import docutils_namespace, patch_docutils
    except ImportError as error:
        raise SiteError(f'the site needs Sphinx ({error.name} is missing): pip install "s2n-proofs[docs]"') from error
    tree.prune()
    warnings = io.StringIO()
    source = str(tree.folder)
    with patch_docutils(source), docutils_namespace():
        app: Any = Sphinx(
            source, source, str(out), str(out / _WORK / "doctrees"), "html",
            # Sphinx copies no static files out of a folder inside the site's own.
            confoverrides={"html_static_path": [str(texts / "_static")]}, status=None, warning=warnings,
            parallel=default_jobs(),
        )  # fmt: skip
        app.build(force_all=tree.contents_changed)
    return [line for line in warnings.getvalue().splitlines() if line.strip()]


def _finish(out: Path, texts: Path, made: Generated, say: Say) -> None:
    """Add what is not Sphinx's: the explorer, the errata in LaTeX, and the pages for print."""
    explorer = out / "_static" / "explorer" / "explorer.html"
    explorer.unlink(missing_ok=True)  # it works from the first folder only
    write_atomically(out / "explorer.html", (texts / "_static/explorer/explorer.html").read_text(encoding="utf-8"))
    changed = {name for name, text in made.files.items() if not _has(out / name, text)}
    for name in changed:
        write_atomically(out / name, made.files[name])
    if find_browser() is None:
        say("no Chromium: errata.pdf and cheatsheet.pdf are left out; print errata-print.html yourself")
        return
    for name in _PRINTED:
        pdf = out / f"{name}.pdf"
        if f"{name}-print.html" in changed or not pdf.is_file():
            print_to_pdf(out / f"{name}-print.html", pdf)


def _has(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text
