"""Where the result of a search is kept: the package's own file for the catalogue, the user's cache for other schedules."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path
from sympy import srepr

from s2n_proofs.parsing import ParseError, parse_schedule_text
from s2n_proofs.text import to_text

from .textbook import Textbook
from .trial import Trial

if TYPE_CHECKING:
    from s2n_proofs.schedule import Schedule

__all__ = ["KEPT", "Kept", "as_data", "key", "load", "save"]

KEPT = "kept.json"
_FORMAT = 2  # one more whenever candidates, their names or what they are measured on change
_TEXTS = ("log_snr", "snr", "f", "g_squared")
_FACTS = ("variance_preserving", "variance_exploding")


@dataclass(frozen=True)
class Kept:
    """What a search has found.

    Attributes
    ----------
    textbook : Textbook
    choices : mapping
        From (quantity, dtype) to what was chosen.
    trusted : bool
        Whether it comes with the package, or from this very process.
    """

    textbook: Textbook
    choices: Mapping[tuple[str, str], Trial]
    trusted: bool


def key(schedule: Schedule) -> str:
    """A name for the functions and the domain, independent of what the schedule is called."""
    parts = (str(_FORMAT), *(srepr(x) for x in (schedule.alpha, schedule.sigma, *schedule.domain)))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def load(schedule: Schedule) -> Kept | None:
    """What is kept for a schedule, or None; a file that cannot be read counts as none."""
    name = key(schedule)
    if name in _packaged():
        return _from_data(_packaged()[name], trusted=True)
    with suppress(OSError, ValueError, KeyError, TypeError, ParseError):
        return _from_data(json.loads(_path(name).read_text(encoding="utf-8")), trusted=False)
    return None


def save(schedule: Schedule, kept: Kept) -> None:
    """Keep a result in the user's cache; where that cannot be written, the next process searches again."""
    data = as_data(kept)
    if data is None:
        return
    path = _path(key(schedule))
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            json.dump(data, file)
        os.replace(file.name, path)


def as_data(kept: Kept) -> dict[str, Any] | None:
    """The result as plain data; None if a formula cannot be written as text and read again."""
    texts = {}
    for name in _TEXTS:
        expr = getattr(kept.textbook, name)
        texts[name] = to_text(expr)
        with suppress(ParseError):
            if parse_schedule_text(texts[name]) == expr:
                continue
        return None
    facts = {name: getattr(kept.textbook, name) for name in _FACTS}
    choices: dict[str, dict[str, Any]] = {}
    for (quantity, dtype), trial in sorted(kept.choices.items()):
        choices.setdefault(dtype, {})[quantity] = asdict(trial)
    return {**texts, **facts, "choices": choices}


def _from_data(data: Mapping[str, Any], *, trusted: bool) -> Kept:
    formulas = {name: parse_schedule_text(data[name]) for name in _TEXTS}
    textbook = Textbook(**formulas, **{name: bool(data[name]) for name in _FACTS})
    choices = {
        (quantity, dtype): Trial(**{**fields, "at": tuple(fields["at"])})
        for dtype, table in data["choices"].items()
        for quantity, fields in table.items()
    }
    return Kept(textbook, choices, trusted)


def _path(name: str) -> Path:
    return user_cache_path("s2n-proofs") / "lowered" / f"{name}.json"


@lru_cache
def _packaged() -> Mapping[str, Any]:
    file = files("s2n_proofs.lower") / KEPT
    if not file.is_file():
        return {}
    data: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return data
