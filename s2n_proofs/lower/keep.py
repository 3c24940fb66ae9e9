"""Search the catalogue's forms anew and write them into the package: ``python -m s2n_proofs.lower.keep``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .lowered import Lowered
from .store import KEPT, Kept, as_data, key

__all__ = ["catalogue_forms", "main"]


def catalogue_forms() -> dict[str, Any]:
    """What the search finds for each schedule of the catalogue, by :func:`~s2n_proofs.lower.store.key`."""
    from s2n_proofs.named_schedules import catalogue

    found = {}
    for schedule in catalogue.values():
        lowered = Lowered(schedule, fresh=True)
        choices = {name: choice.chosen for name, choice in lowered.all_choices().items()}
        data = as_data(Kept(lowered.candidates.textbook, choices, trusted=True))
        if data is None:
            raise ValueError(f"the forms of {schedule.name} cannot be written as text")
        found[key(schedule)] = {"schedule": schedule.name, **data}
    return found


def main() -> None:
    """Write the file beside this module."""
    path = Path(__file__).with_name(KEPT)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(catalogue_forms(), indent=1) + "\n", encoding="utf-8")
    os.replace(part, path)


if __name__ == "__main__":
    main()
