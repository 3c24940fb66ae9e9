"""Everything that is printed from the objects, and its memory: the same package prints the same pages."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path

from .browser import find_browser

__all__ = ["Generated", "key_of", "remembered"]

_PACKAGES = ("sympy", "matplotlib", "python-flint", "mpmath", "numpy")


@dataclass(frozen=True)
class Generated:
    """Texts by name.

    Attributes
    ----------
    pages : dict
        Sphinx's sources.
    files : dict
        Files of the site that are not Sphinx's.
    """

    pages: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def key_of(folders: Iterable[Path]) -> str:
    """A digest of all that the generated texts depend on: code and data in the folders, versions, whether there is a browser."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in [*sorted(folder.rglob("*.py")), *sorted(folder.rglob("*.json"))]:
            digest.update(f"{folder.name}/{file.relative_to(folder)}".encode())
            digest.update(file.read_bytes())
    versions = [platform.python_version(), *(metadata.version(name) for name in _PACKAGES)]
    digest.update(json.dumps([versions, find_browser() is not None]).encode())
    return digest.hexdigest()


def remembered(memory: Path, key: str, make: Callable[[], Generated]) -> Generated:
    """What was made under this key before, or what is made now."""
    if memory.is_file():
        found = json.loads(memory.read_text(encoding="utf-8"))
        if found["key"] == key:
            return Generated(found["pages"], found["files"])
    made = make()
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps({"key": key, **asdict(made)}), encoding="utf-8")
    return made
