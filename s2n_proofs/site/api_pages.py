"""The API reference: a page for the public names, and one a room with every module that has public names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

__all__ = ["api_pages"]

_ROOMS = {
    "": "The package",
    "theory": "Derivations",
    "proof": "The judge",
    "ledger": "Claims",
    "certification": "Certified schedules",
    "simplify": "Textbook forms",
    "grammar": "Reading text",
    "lower": "Accurate code",
    "testing": "Testing",
    "report": "Reports",
    "site": "The site",
}
_LEFT_OUT = frozenset({"__main__", "cli", "commandline", "site.sphinx_extension"})


def api_pages(package: Path) -> dict[str, str]:
    """MyST pages by name, for a package's folder.

    Only modules with an ``__all__`` that is not empty are shown; a module is read, not imported.
    """
    pages = {}
    for room, modules in _by_room(package).items():
        title = _ROOMS.get(room, room)
        body = "\n".join(f"## {name}\n\n{_automodule(name)}" for name in modules)
        pages[f"api/{room or package.name}.md"] = f"# {title}\n\n{body}"
    listed = "\n".join(name.removesuffix(".md").removeprefix("api/") for name in pages)
    pages["api/index.md"] = (
        f"# API reference\n\nFrom the docstrings. What most people need is in `{package.name}` itself.\n\n"
        f"```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
    )
    return pages


def _by_room(package: Path) -> dict[str, list[str]]:
    rooms: dict[str, list[str]] = {room: [] for room in _ROOMS}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        room = parts[0] if len(parts) > 1 else ""
        if (
            name in _LEFT_OUT
            or parts[0] in _LEFT_OUT
            or (name and parts[-1].startswith("_") and parts[-1] != "__init__")
        ):
            continue
        if any(_public_names(file)) and name:
            rooms.setdefault(room, []).append(f"{package.name}.{name}")
    return {room: names for room, names in rooms.items() if names}


def _public_names(file: Path) -> Iterator[str]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(x, ast.Name) and x.id == "__all__" for x in node.targets):
            yield from ast.literal_eval(node.value)


def _automodule(name: str) -> str:
    return f"```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n   :show-inheritance:\n```\n"
