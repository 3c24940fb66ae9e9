"""The accuracy benchmark: parts spread over processes, kept as they finish, and read again."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from numerics.bench import accuracy


@pytest.mark.slow  # two processes that import torch
def test_finished_parts_are_kept_and_not_done_again(tmp_path: Path) -> None:
    kept = tmp_path / "part"
    tasks = [(math.gcd, (12, 18)), (math.comb, (5, 2)), (math.isqrt, (17,))]
    assert list(accuracy._spread(tasks, kept)) == [6, 10, 4]
    lines = kept.read_text().splitlines()
    # What was finished is taken as it stands, what was cut off is done again.
    kept.write_text("\n".join(line.replace(", 6]", ", 7]") for line in lines)[:-3])
    again = list(accuracy._spread(tasks, kept))
    assert again[0] == 7
    assert again[1:] == [10, 4]
    assert len(kept.read_text().splitlines()) == 3


def test_the_worst_case_of_each_quantity_is_kept() -> None:
    def error(quantity: str, worst: float) -> accuracy.KernelError:
        return accuracy.KernelError(quantity, "float32", worst, (0.5,), 4.0, 1)

    found = accuracy._worst_of([error("f", 1.0), error("alpha", 3.0), error("f", 2.0)])
    assert {x.quantity: x.worst for x in found} == {"f": 2.0, "alpha": 3.0}
