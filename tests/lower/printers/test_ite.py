"""A condition that depends on a condition: SymPy makes one of a maximum under a derivative."""

import pytest
import torch

from s2n_proofs import Schedule, derive
from s2n_proofs.report.formats import render


@pytest.mark.parametrize("style", ["python", "torch", "javascript"])
@pytest.mark.parametrize("sigma", ["max(t, 1/4 + t/2)", "piecewise((1/4 + t/2, t < 1/2), (t, True))"])
def test_modules_of_schedules_with_corners_are_printed(sigma: str, style: str) -> None:
    assert "sigma" in render(derive(Schedule("1", sigma)), style)


def test_their_values_are_those_of_the_branches() -> None:
    module: dict[str, object] = {}
    exec(render(derive(Schedule("1", "max(t, 1/4 + t/2)")), "torch"), module)
    t = torch.tensor([0.25, 0.75], dtype=torch.float64)
    squared = module["g_squared"](t)  # type: ignore[operator]
    torch.testing.assert_close(squared, torch.stack([0.25 + t[0] / 2, 2 * t[1]]))
