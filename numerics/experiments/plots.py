"""Results as pictures, by matplotlib, which is imported when the first is drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from ..data.field import GaussianField
from .errors import ExperimentError
from .problem import Problem
from .sweep import Point, samples_of

__all__ = ["check", "mark", "picture_shape", "plot_grid", "plot_pictures", "plot_sweep"]


def _pyplot() -> Any:
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise ExperimentError("plots need matplotlib: pip install matplotlib, or use --no-plot") from error
    mpl.use("agg")
    import matplotlib.pyplot as plt

    return plt


def check() -> None:
    """Raise an ExperimentError where nothing can be drawn."""
    _pyplot()


def mark(rows: Sequence[Mapping[str, Any]]) -> str:
    """What a picture says of the numbers that it was drawn from, in the text chunk ``Description`` of the PNG file.

    Examples
    --------
    >>> mark([{"gamma": "0"}]) == mark([{"gamma": "1"}])
    False
    """
    return f"sha256 of the points: {sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()}"


def _save(figure: Any, file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    figure.savefig(file, dpi=120, metadata={"Software": None, "Description": mark(rows)})


def plot_sweep(result: dict[str, Any], file: Path) -> None:
    """Fréchet distance and variance ratio over gamma, a line for each number of evaluations."""
    plt = _pyplot()
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for nfe in dict.fromkeys(row["nfe"] for row in result["points"]):
        rows = sorted((row for row in result["points"] if row["nfe"] == nfe), key=_gamma)
        gammas = [_gamma(row) for row in rows]
        left.plot(gammas, [row["frechet"][0] for row in rows], ".-", label=f"NFE {nfe}")
        left.fill_between(gammas, *([row["frechet"][k] for row in rows] for k in (1, 2)), alpha=0.2)
        right.plot(gammas, [row["variance_ratio"] for row in rows], ".-", label=f"NFE {nfe}")
    right.axhline(1, color="grey", lw=0.8)
    left.set(xlabel="γ", ylabel="squared Fréchet distance", yscale="log", title=result["settings"]["data"])
    right.set(xlabel="γ", ylabel="variance, over that of the data")
    left.legend()
    _save(figure, file, result["points"])
    plt.close(figure)


def plot_grid(result: dict[str, Any], file: Path) -> None:
    """Fréchet distance over gamma and delta, the best pair marked."""
    plt = _pyplot()
    rows = result["points"]
    gammas, deltas = (sorted({row[knob] for row in rows}, key=_number) for knob in ("gamma", "delta"))
    table = torch.full((len(deltas), len(gammas)), float("nan"))
    for row in rows:
        table[deltas.index(row["delta"]), gammas.index(row["gamma"])] = row["frechet"][0]
    figure, axes = plt.subplots(figsize=(5.5, 4), layout="constrained")
    image = axes.imshow(table.log10().numpy(), origin="lower", aspect="auto")
    figure.colorbar(image, label="log10 of the squared Fréchet distance")
    best = min(rows, key=lambda row: row["frechet"][0])
    axes.plot(gammas.index(best["gamma"]), deltas.index(best["delta"]), "r*", ms=12)
    axes.set_xticks(range(len(gammas)), gammas)
    axes.set_yticks(range(len(deltas)), deltas)
    axes.set(xlabel="γ", ylabel="δ", title=f"{result['settings']['data']}, ρ = {best['rho']}, NFE {best['nfe']}")
    _save(figure, file, rows)
    plt.close(figure)


def picture_shape(problem: Problem) -> tuple[int, int, int]:
    """Channels, height and width of a sample.

    Raises
    ------
    ExperimentError
        If a sample is no picture.
    """
    law = problem.law
    if isinstance(law, GaussianField):
        return law.channels, law.size, law.size
    if len(problem.shape) == 3 and problem.shape[0] in (1, 3):
        return problem.shape
    side = round(problem.shape[0] ** 0.5) if problem.shape else 0
    if len(problem.shape) != 1 or side**2 != problem.shape[0] or side < 2:
        raise ExperimentError(
            f"a sample of {problem.name} is no picture; it must have 1 or 3 channels, or be a square number of grey pixels"
        )
    return 1, side, side


def plot_pictures(problem: Problem, points: list[Point], seed: int, file: Path) -> None:
    """One picture for each point, from the same noise."""
    shape = picture_shape(problem)
    plt = _pyplot()
    figure, axes = plt.subplots(1, len(points), figsize=(2 * len(points), 2.3), layout="constrained", squeeze=False)
    for place, point in zip(axes[0], points, strict=True):
        picture = samples_of(problem, point, 1, seed)[0].reshape(shape).movedim(0, -1)
        place.imshow((picture / 2 + 0.5).clamp(0, 1).numpy(), cmap="grey")
        place.set_title(f"γ = {point.gamma}")
        place.axis("off")
    _save(figure, file, [asdict(point) for point in points])
    plt.close(figure)


def _number(text: str) -> float:
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


def _gamma(row: dict[str, Any]) -> float:
    return _number(row["gamma"])
