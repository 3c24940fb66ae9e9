"""By what two problems are told apart: their shapes, their noise levels, and a few numbers that they give."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from .problem import Problem

__all__ = ["features_name", "fingerprint", "same_fingerprint"]

# Another machine or another number of threads rounds otherwise; another network or other data change far more.
_CLOSE = 1e-3


def features_name(problem: Problem) -> str | None:
    """``module:name`` of the problem's features; None for flattened samples.

    Examples
    --------
    >>> features_name(Problem("mine", features=math.dist)), features_name(Problem("mine"))
    ('math:dist', None)
    """
    found = problem.features
    if found is None:
        return None
    named = found if hasattr(found, "__qualname__") else type(found)
    return f"{named.__module__}:{named.__qualname__}"


def fingerprint(problem: Problem, probe: Tensor) -> dict[str, Any]:
    """What is compared before results are put in one file.

    Parameters
    ----------
    problem : Problem
    probe : Tensor
        Rows of features of a few samples that the problem's sampler gives from fixed noise.
    """
    data = problem.reference if problem.reference_features is None else problem.reference_features
    numbers = {"probe": probe} if data is None else {"reference": data, "probe": probe}
    shapes = {name: list(rows.shape) for name, rows in numbers.items()}
    return {
        "shape": list(problem.shape), "sigma": [str(problem.sigma_min), str(problem.sigma_max)],
        "prediction": str(problem.prediction), "shapes": shapes,
        "numbers": {name: _numbers(rows) for name, rows in numbers.items()},
    }  # fmt: skip


def _numbers(rows: Tensor) -> list[float]:
    """Mean, root mean square, and a mean with unequal weights, which sees the order of components too."""
    flat = rows.double().cpu().flatten(1)
    weights = (flat.new_ones(flat.shape[1]).cumsum(0) * math.sqrt(2)).cos()
    values = flat.mean(), flat.square().mean().sqrt(), (flat * weights).mean()
    return [float(f"{float(value):.6g}") for value in values]


def same_fingerprint(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Compare numbers up to rounding, all else exactly."""
    if {**one, "numbers": None} != {**other, "numbers": None} or one["numbers"].keys() != other["numbers"].keys():
        return False
    return all(
        abs(a - b) <= _CLOSE * max(abs(values[1]), abs(others[1]))
        for values, others in ((values, other["numbers"][name]) for name, values in one["numbers"].items())
        for a, b in zip(values, others, strict=True)
    )
