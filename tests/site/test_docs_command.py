"""``s2n docs`` from the shell: what it refuses, and the page of one schedule."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from s2n_proofs.cli import main
from s2n_proofs.site.generated import key_of
from s2n_proofs.site.sources import SourceTree

from .conftest import run_docs


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["docs", *arguments])
    return done.exit_code, done.output


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    status, said = run("--out", str(tmp_path))
    assert status == 2
    assert len(said.strip().splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("", encoding="utf-8")
    assert run("--out", str(tmp_path / "site"))[0] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--out", ""),
        ("--name", "mine"),
        ("--alpha", "1 - t"),
        ("--alpha", "1", "--sigma", "1 - 2*t"),
        ("--alpha", "__import__('os')", "--sigma", "t"),
        ("--schedule", "vp", "--alpha", "1", "--sigma", "t"),
    ],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], tmp_path: Path) -> None:
    out = () if "--out" in arguments else ("--out", str(tmp_path / "site"))
    status, said = run(*arguments, *out)
    assert status == 2
    assert len(said.strip().splitlines()) == 1
    assert not (tmp_path / "site").exists()


def test_the_page_of_a_users_schedule(tmp_path: Path) -> None:
    for name in ("sphinx", "furo", "myst_parser", "matplotlib"):
        pytest.importorskip(name, reason=f'{name} is not installed: pip install "s2n-proofs[docs]"')
    out = tmp_path / "site"
    done = run_docs("--alpha", "1 - t**2", "--sigma", "t", "--name", "mine <b>&$x_1$ *y* `z`", "--out", str(out))
    assert done.returncode == 0, done.stderr
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "<h1>mine &lt;b&gt;&amp;$x_1$ *y* `z`<a" in page
    assert r"\sigma(t) = t" in page
    assert "import torch" in page


def test_a_source_is_written_only_if_it_is_new(tmp_path: Path) -> None:
    tree = SourceTree(tmp_path)
    tree.write("a.md", "one")
    tree.write("b/c.md", "two")
    stamp = (tmp_path / "a.md").stat().st_mtime_ns
    again = SourceTree(tmp_path)
    again.write("a.md", "one")
    again.prune()
    assert (tmp_path / "a.md").stat().st_mtime_ns == stamp
    assert not (tmp_path / "b").exists()


def test_the_memory_of_the_pages_knows_every_change_of_code_or_data(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason='matplotlib is not installed: pip install "s2n-proofs[docs]"')
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    folders = (tmp_path / "one", tmp_path / "two")
    keys = {key_of(folders)}
    for name, text in (
        ("one/a.py", "x"),
        ("two/a.py", "x"),
        ("two/a.py", "y"),
        ("two/b.json", "{}"),
        ("two/c.md", "no"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        keys.add(key_of(folders))
    assert len(keys) == 1 + 4  # a text is copied, not generated
