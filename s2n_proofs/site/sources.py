"""Where the written texts lie, and a folder of pages that changes only where its pages do."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["SiteError", "SourceTree", "packages", "written_texts"]


class SiteError(ValueError):
    """The site can't be built.  One sentence: why, and what would help."""


def written_texts() -> Path:
    """The folder ``docs`` of the source tree, or its copy in an installed package.

    Raises
    ------
    SiteError
        If neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package.parent / "docs", package / "site" / "docs"):
        if (folder / "conf.py").is_file():
            return folder
    raise SiteError("the texts of the site (the folder docs) are not installed; run from a clone of the repository")


def packages() -> tuple[Path, ...]:
    """The folders of the code that the pages are printed from."""
    own = Path(__file__).resolve().parent.parent
    return (own, *(path for path in [own.with_name("numerics")] if path.is_dir()))


class SourceTree:
    """Sphinx's source folder.  A file is written only if it is new, so that Sphinx reads it again only then.

    Parameters
    ----------
    folder : Path
        Made where it is missing.  What nobody writes into it in this run is removed by :meth:`prune`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: set[Path] = set()
        self._fresh: set[Path] = set()
        self._before = set(folder.rglob("*.md")) if folder.is_dir() else set()
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, text: str) -> None:
        """Write a page or another text file."""
        self._put(name, text.encode("utf-8"))

    def copy(self, folder: Path, *, pattern: str = "**/*", into: str = "") -> None:
        """Copy the files of a folder."""
        for path in sorted(folder.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                self._put(str(Path(into) / path.relative_to(folder)), path.read_bytes())

    def _put(self, name: str, content: bytes) -> None:
        place = self.folder / name
        self._written.add(place)
        if place.is_file() and place.read_bytes() == content:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        self._fresh.add(place)

    @property
    def contents_changed(self) -> bool:
        """Whether pages came or went, or the first page changed: every page shows the table of contents."""
        pages = {path for path in self._written if path.suffix == ".md"}
        return pages != self._before or self.folder / "index.md" in self._fresh

    def prune(self) -> None:
        """Remove what was not written in this run."""
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if path.is_file() and path not in self._written:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                shutil.rmtree(path)
