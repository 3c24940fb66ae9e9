"""Files that are whole or absent: written beside their place, then moved there in one step."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["FileError", "check_writable", "write_atomically", "write_bytes_atomically"]


class FileError(ValueError):
    """A file cannot be written or read.  One sentence: which, and why."""


def check_writable(path: str | os.PathLike[str]) -> None:
    """Refuse, before any work is done, a path that will not be writable after it.

    Raises
    ------
    FileError
        If `path` is a folder, or its folder does not exist or may not be written to.
    """
    place = Path(os.path.realpath(path))
    if place.is_dir():
        raise FileError(f"cannot write {path}: it is a folder")
    if not place.parent.is_dir():
        raise FileError(f"cannot write {path}: there is no folder {place.parent}")
    if not os.access(place if _is_special(place) else place.parent, os.W_OK):
        raise FileError(f"cannot write {path}: permission denied")


def write_atomically(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8 so that a reader sees the old file or the new one, never a part.

    Parameters
    ----------
    path : path
        A symbolic link is followed; a device or a pipe is written to directly.
    text : str
        The whole content.

    Raises
    ------
    FileError
        If it cannot be written; an existing file is then as it was.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> write_atomically(folder / "a.txt", "whole")
    >>> (folder / "a.txt").read_text()
    'whole'
    """
    write_bytes_atomically(path, text.encode("utf-8"))


def write_bytes_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """As :func:`write_atomically`, for what is not text."""
    check_writable(path)
    place = Path(os.path.realpath(path))
    try:
        if _is_special(place):
            # /dev/null must not be replaced by a file, and a pipe has a reader at its other end.
            place.write_bytes(content)
        else:
            _replace(place, content)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror or error}") from error


def _is_special(place: Path) -> bool:
    return place.exists() and not place.is_file()


def _replace(place: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".s2n-", suffix=".tmp", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode(place))
        os.replace(name, place)
    except BaseException:
        os.unlink(name)
        raise


def _mode(place: Path) -> int:
    """The permissions of the file that is replaced, or those of a new file; mkstemp's are 0600."""
    if place.exists():
        return place.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
