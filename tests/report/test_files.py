"""Files are whole or absent."""

from __future__ import annotations

import os
import stat
import sys
import threading

import pytest

from s2n_proofs.report.files import FileError, check_writable, write_atomically

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")


def test_writes_utf8_and_replaces(tmp_path) -> None:
    file = tmp_path / "a.json"
    write_atomically(file, "old")
    write_atomically(str(file), "α\n")
    assert file.read_bytes() == "α\n".encode()
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch) -> None:
    file = tmp_path / "a.json"
    file.write_text("old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(FileError):
        write_atomically(file, "new")
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_refused_before_writing(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "no" / "folder.json"):
        with pytest.raises(FileError):
            check_writable(path)
        with pytest.raises(FileError):
            write_atomically(path, "x")


@posix
def test_permissions_are_kept_and_links_followed(tmp_path) -> None:
    file, link = tmp_path / "a.json", tmp_path / "link.json"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@posix
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_atomically(pipe, "through")
    reader.join(timeout=10)
    assert read == ["through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
