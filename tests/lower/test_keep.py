"""The forms that are committed are those that a search finds today."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from s2n_proofs import catalogue
from s2n_proofs.lower.keep import catalogue_forms
from s2n_proofs.lower.store import KEPT, key


def committed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files("s2n_proofs.lower") / KEPT).read_text(encoding="utf-8"))
    return found


def test_every_schedule_of_the_catalogue_is_kept_and_no_other() -> None:
    assert {entry["schedule"]: name for name, entry in committed().items()} == {
        name: key(schedule) for name, schedule in catalogue.items()
    }


def without_measurements(forms: dict[str, Any]) -> dict[str, Any]:
    """The last digits of an error, and where it is largest, depend on the processor's exponential."""
    plain: dict[str, Any] = json.loads(json.dumps(forms))
    for entry in plain.values():
        for table in entry["choices"].values():
            for trial in table.values():
                del trial["error"], trial["at"]
    return plain


@pytest.mark.slow  # some seconds a schedule
def test_a_search_finds_the_same_forms() -> None:
    assert without_measurements(catalogue_forms()) == without_measurements(committed())
