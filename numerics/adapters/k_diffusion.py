"""``k_diffusion.sampling`` without what only the rest of k-diffusion needs.

``import k_diffusion`` wants wandb, clip, kornia, torchvision and more, none of which its samplers use.  Here the package's
own ``__init__`` is not run, and modules that cannot be imported but are named at the top of ``sampling`` and ``utils`` are
replaced, for the time of the import, by stand-ins that fail when used.  The samplers themselves are k-diffusion's, unchanged.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

__all__ = ["STAND_INS", "PeerError", "load_sampling"]

STAND_INS = ("torchvision", "torchvision.transforms", "torchvision.transforms.functional", "torchdiffeq", "torchsde")
"""What may be replaced: torchvision always (its builds go with one torch each), the others where they are absent."""


class PeerError(ImportError):
    """k-diffusion is not here, or its samplers need more than what can be replaced."""


class _StandIn(ModuleType):
    """A module of which any name can be imported and none be used."""

    __path__: list[str] = []  # noqa: RUF012  # a package, so that its submodules can be named

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        module = self.__name__

        def absent(*_: object, **__: object) -> None:
            raise PeerError(f"{module}.{name} is a stand-in; install {module.partition('.')[0]}")

        return absent


@cache
def load_sampling() -> ModuleType:
    """The module ``k_diffusion.sampling``, with the names of what was replaced in ``s2n_stand_ins``.

    Nothing of it stays in ``sys.modules``: a later ``import k_diffusion`` of somebody else's is the whole package's own.

    Raises
    ------
    PeerError
        If k-diffusion is not installed (``pip install --no-deps k-diffusion`` is enough), or cannot be imported.
    """
    spec = find_spec("k_diffusion")
    if spec is None or spec.submodule_search_locations is None:
        raise PeerError("k-diffusion is not installed: pip install --no-deps k-diffusion")
    package = ModuleType("k_diffusion")
    package.__path__ = list(spec.submodule_search_locations)
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "k_diffusion"}
    with _replaced() as names:
        sys.modules["k_diffusion"] = package
        try:
            sampling = import_module("k_diffusion.sampling")
        except ImportError as error:
            raise PeerError(f"k-diffusion's samplers cannot be imported: {error}") from error
        finally:
            for name in [name for name in sys.modules if name.partition(".")[0] == "k_diffusion"]:
                del sys.modules[name]
            sys.modules.update(before)
    sampling.s2n_stand_ins = names  # type: ignore[attr-defined]
    return sampling


@contextmanager
def _replaced() -> Iterator[tuple[str, ...]]:
    names = tuple(
        name
        for name in STAND_INS
        if name not in sys.modules and (name.startswith("torchvision") or find_spec(name) is None)
    )
    for name in names:
        sys.modules[name] = _StandIn(name)
    try:
        yield names
    finally:
        for name in names:
            del sys.modules[name]
