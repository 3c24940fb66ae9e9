"""The API reference: a page for the public names, and one a room with every module that has public names."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["api_pages", "public_names"]

_ROOMS = {
    "s2n_proofs": "The package",
    "s2n_proofs.theory": "Derivations",
    "s2n_proofs.proof": "The judge",
    "s2n_proofs.ledger": "Claims",
    "s2n_proofs.certification": "Certified schedules",
    "s2n_proofs.simplify": "Textbook forms",
    "s2n_proofs.grammar": "Reading text",
    "s2n_proofs.lower": "Accurate code",
    "s2n_proofs.testing": "Testing",
    "s2n_proofs.report": "Reports",
    "s2n_proofs.site": "The site",
    "numerics": "Kernels, plans, sampler",
    "numerics.planning": "Planning",
    "numerics.sampling": "Sampling",
    "numerics.data": "Data with exact answers",
    "numerics.adapters": "Adapters",
    "numerics.montecarlo": "Monte Carlo",
    "numerics.metrics": "Metrics",
    "numerics.experiments": "Experiments",
    "numerics.audit": "Audits",
    "numerics.bench": "Benchmarks",
}
# Commands are documented by their help; the extension is Sphinx's entry point.
_LEFT_OUT = ("s2n_proofs.__main__", "s2n_proofs.cli", "s2n_proofs.commandline", "s2n_proofs.site.sphinx_extension")

_SHORT = 60  # characters of a value that fit beside a name


@dataclass(frozen=True)
class _Module:
    name: str
    public: tuple[str, ...]
    homes: dict[str, str]  # of the names that a package takes from its modules
    data: dict[str, str]  # constants without a docstring, and what they are set to where that is short


def api_pages(*packages: Path) -> dict[str, str]:
    """MyST pages by name, for the folders of packages.

    A module is read, not imported.  It is shown if it has public names; a name that a package takes from one of its modules is
    described there, and the package's own entry is a list of links.
    """
    pages = {}
    rooms = _by_room(packages)
    homes = {module.name: module.homes for modules in rooms.values() for module in modules}
    for room, modules in rooms.items():
        body = "\n".join(f"## {module.name}\n\n{_entry(module, homes)}" for module in modules)
        pages[f"api/{room}.md"] = f"# {_ROOMS.get(room, room)}\n\n{body}"
    listed = "\n".join(name.removesuffix(".md").removeprefix("api/") for name in pages)
    first = " and ".join(f"`{package.name}`" for package in packages)
    pages["api/index.md"] = (
        f"# API reference\n\nFrom the docstrings. What most people need is in {first}.\n\n"
        f"```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
    )
    return pages


def public_names(*packages: Path) -> dict[str, tuple[str, ...]]:
    """The names that every module shown defines itself."""
    return {
        module.name: tuple(name for name in module.public if name not in module.homes)
        for modules in _by_room(packages).values()
        for module in modules
    }


def _by_room(packages: Sequence[Path]) -> dict[str, list[_Module]]:
    rooms: dict[str, list[_Module]] = {room: [] for room in _ROOMS}
    for package in packages:
        for file in sorted(package.rglob("*.py"), key=lambda file: file.with_suffix("").parts):
            parts = (package.name, *file.relative_to(package).with_suffix("").parts)
            inside = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if inside else parts)
            private = any(part.startswith("_") for part in parts) and not inside
            if private or any(name == out or name.startswith(f"{out}.") for out in _LEFT_OUT):
                continue
            module = _read(file, name, name if inside else ".".join(parts[:-1]))
            if module.public:
                folder = parts[:2] if len(parts) > 2 else parts[:1]
                rooms.setdefault(".".join(folder), []).append(module)
    return {room: modules for room, modules in rooms.items() if modules}


def _read(file: Path, name: str, package: str) -> _Module:
    public: tuple[str, ...] = ()
    homes, data = {}, {}
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            homes.update({alias.asname or alias.name: ".".join([*above, node.module or ""]) for alias in node.names})
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        names = [x.id for x in ast.walk(node) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store)]
        if "__all__" in names:
            public = tuple(ast.literal_eval(node.value))
        elif not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)):
            value = ast.unparse(node.value)
            data.update(dict.fromkeys(names, value if len(names) == 1 and len(value) <= _SHORT else ""))
    return _Module(name, public, *({key: of[key] for key in public if key in of} for of in (homes, data)))


def _entry(module: _Module, homes: Mapping[str, Mapping[str, str]]) -> str:
    own = [name for name in module.public if name not in module.homes and name not in module.data]
    members = f"   :members: {', '.join(own)}\n" if own else ""
    entry = f".. automodule:: {module.name}\n{members}   :show-inheritance:\n"
    for name, value in module.data.items():
        shown = f"   :value: {value}\n" if value else ""
        entry += f"\n.. py:data:: {name}\n   :module: {module.name}\n{shown}"
    entry = f"```{{eval-rst}}\n{entry}```\n"
    if module.homes:
        links = ", ".join(f"{{py:obj}}`{key} <{_home(key, module.name, homes)}.{key}>`" for key in sorted(module.homes))
        entry += f"\nTaken from its modules: {links}.\n"
    return entry


def _home(name: str, module: str, homes: Mapping[str, Mapping[str, str]]) -> str:
    """The module that defines a name which others hand on."""
    while name in homes.get(module, ()):
        module = homes[module][name]
    return module
