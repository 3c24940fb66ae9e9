"""A sweep: one sampler for each point, its distance to the data, kept in a JSON file that a later run goes on from."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from s2n_proofs.report.files import write_atomically

from ..data.field import GaussianField
from ..sampler import Sampler
from ..sampling.progress import bar_shown
from ..step_plan import plan_steps
from .distances import estimate, frechet_of_samples, mmd, resamples
from .errors import ExperimentError
from .exact import end_variances, frechet_of_variances
from .fingerprint import features_name, fingerprint, same_fingerprint
from .problem import DATA, Problem, known_denoiser, sigma_times

__all__ = ["SCHEMA", "Point", "Sweep", "measure", "samples_of"]

SCHEMA = "s2n-experiment/1"


@dataclass(frozen=True)
class Point:
    """One sampler: the knobs of Corollary 1 as exact numbers in text, and the number of evaluations."""

    gamma: str
    delta: str
    rho: str
    nfe: int


@dataclass(frozen=True)
class Sweep:
    """What is run.

    Attributes
    ----------
    name : str
    problem : Problem
    points : sequence of Point
    samples : int
        Not used where the law at the end is known exactly.
    seed : int
        Of the first states and of the noise: the same numbers at every point.
    batch : int
        Samples at a time; a sample's numbers do not depend on it.
    """

    name: str
    problem: Problem
    points: Sequence[Point]
    samples: int = 1000
    seed: int = 0
    batch: int = 256

    def settings(self) -> dict[str, Any]:
        """What results of two runs must have in common to stand in one file.

        The package's own data are known by their name; a user's problem by its features and its fingerprint, too.
        """
        plain = {"data": self.problem.name, "samples": self.samples, "seed": self.seed}
        if self.problem.known:
            return plain
        return plain | {"features": features_name(self.problem), "problem": self._fingerprint}

    @cached_property
    def _fingerprint(self) -> dict[str, Any]:
        probe = samples_of(self.problem, Point("0", "0", "0", 3), 2, 0)
        return fingerprint(self.problem, _features(self.problem, probe, self.batch))

    def run(self, file: Path | None, tell: Callable[[dict[str, Any]], None] = lambda row: None) -> dict[str, Any]:
        """Measure every point that `file` does not hold yet; write after each.

        Raises
        ------
        ExperimentError
            If `file` holds something else.
        """
        kept = self._kept(file)
        rows: list[dict[str, Any]] = []
        for point in self.points:
            row = next((row for row in kept if all(row[k] == v for k, v in asdict(point).items())), None)
            if row is None:
                row = asdict(point) | measure(self.problem, point, self.samples, self.seed, self.batch)
                kept.append(row)
                if file is not None:
                    write_atomically(file, _text(self._as_dict(kept)))
            rows.append(row)
            tell(row)
        return self._as_dict(rows)

    def _as_dict(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        return {"schema": SCHEMA, "experiment": self.name, "settings": self.settings(), "points": rows}

    def _kept(self, file: Path | None) -> list[dict[str, Any]]:
        if file is None or not file.exists():
            return []
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            rows = list(found["points"])
            same = found["schema"] == SCHEMA and found["experiment"] == self.name
            differ = self._differing(found["settings"])
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ExperimentError(f"{file} holds no results of an experiment; move it away") from error
        if differ or not same:
            here, there = self.settings(), found["settings"]
            what = f"other settings ({', '.join(differ)})" if differ else "another experiment"
            shown = [name for name in differ if name != "problem"]
            told = f": {_shown(there, shown)} there, {_shown(here, shown)} here" if shown else ""
            raise ExperimentError(f"{file} holds results of {what}{told}; give another folder")
        return rows

    def _differing(self, kept: dict[str, Any]) -> list[str]:
        """The names of settings that are others in a file; files of before have no features and no fingerprint."""
        here = self.settings()
        there = {"features": None, **kept} if "features" in here else dict(kept)
        found = [name for name in here.keys() | there.keys() if name != "problem" and here.get(name) != there.get(name)]
        prints = here.get("problem"), there.get("problem")
        # A user's problem in a file of before has no fingerprint, nor have the package's own data, known by their names.
        if prints[1] is None:
            other = prints[0] is not None and there.get("data") in DATA
        else:
            other = prints[0] is None or not same_fingerprint(prints[0], prints[1])
        return sorted([*found, *(["problem"] if other else [])])


def _shown(settings: dict[str, Any], names: Sequence[str]) -> str:
    return ", ".join(f"{name} = {settings.get(name)}" for name in names)


def _text(result: dict[str, Any]) -> str:
    """JSON with a line for each point."""
    points = ",\n  ".join(json.dumps(row, allow_nan=False) for row in result["points"])
    head = json.dumps({**result, "points": []}, indent=1)
    return head.removesuffix("[]\n}") + f"[\n  {points}\n ]\n}}\n"


def measure(problem: Problem, point: Point, samples: int, seed: int, batch: int = 256) -> dict[str, Any]:
    """One point's distances: exact for a Gaussian field, else from samples, with 95 % intervals.

    Returns
    -------
    dict
        ``frechet`` with its interval, ``mmd`` with its interval or None, ``variance_ratio`` (of all samples' variance to
        the data's, below 1 where the sampler blurs), ``exact``; where it is not, ``resamples`` of the two statistics, from
        which two points are told apart.
    """
    law = problem.law
    if isinstance(law, GaussianField):
        schedule, times = sigma_times(problem, point.nfe)
        plan = plan_steps(schedule, times, point.gamma, point.delta, point.rho, dtype=torch.float64)
        variances = law.modes.flatten()
        end = end_variances(plan, variances)
        value = law.channels * frechet_of_variances(end, variances)
        ratio = float(end.sum() / variances.sum())
        return {
            "frechet": [value, value, value], "mmd": None, "variance_ratio": ratio, "exact": True, "resamples": None,
        }  # fmt: skip
    data = (
        _features(problem, problem.reference, batch)
        if problem.reference_features is None
        else problem.reference_features
    )
    rows, data = _features(problem, samples_of(problem, point, samples, seed, batch), batch), data.double().cpu()
    whole = data.var(0).sum()
    if not whole > 0:
        raise ExperimentError(f"{problem.name} has no variance, with which that of samples could be compared")
    found = {
        "frechet": resamples(rows, frechet_of_samples(rows, data), seed),
        "variance_ratio": resamples(rows, lambda part: float(part.var(0).sum() / whole), seed),
    }
    return {
        "frechet": list(estimate(found["frechet"])), "mmd": list(mmd(rows, data)),
        "variance_ratio": found["variance_ratio"][0], "exact": False,
        "resamples": {name: [float(f"{value:.6g}") for value in values] for name, values in found.items()},
    }  # fmt: skip


def _features(problem: Problem, rows: Tensor | None, batch: int) -> Tensor:
    if rows is None:
        raise ExperimentError(f"{problem.name} has no reference data to compare with")
    features = problem.features or (lambda piece: piece.flatten(1))
    found = []
    for piece in torch.split(rows, batch):
        made = features(piece)
        if not (isinstance(made, Tensor) and made.ndim == 2 and len(made) == len(piece) and not made.is_complex()):
            what = (
                f"a tensor {made.dtype} of shape {tuple(made.shape)}" if isinstance(made, Tensor) else f"{made!r:.60}"
            )
            raise ExperimentError(
                f"features must make a row of real numbers for each sample, shape ({len(piece)}, K); they made {what}"
            )
        found.append(made)
    return torch.cat(found).double().cpu()


def samples_of(problem: Problem, point: Point, count: int, seed: int, batch: int = 256) -> Tensor:
    """Run the sampler; sample i depends on the seed and i alone.

    The first state is noise of the first time's strength, plus a sample of the data where they are known.
    """
    schedule, times = sigma_times(problem, point.nfe)
    law = problem.law
    dtype = torch.float64 if law is not None else torch.float32
    prediction: Any = "x" if law is not None else problem.prediction
    sampler = Sampler(
        schedule, times, gamma=point.gamma, delta=point.delta, rho=point.rho, prediction=prediction, dtype=dtype
    )
    denoiser = known_denoiser(law, sampler) if law is not None else problem.denoiser
    if denoiser is None:
        raise ExperimentError(f"{problem.name} has neither a denoiser nor a law")
    noise = torch.randn((count, *problem.shape), generator=torch.Generator().manual_seed(seed), dtype=dtype)
    z = noise * float(sampler.plan.times[0])
    if law is not None:
        z += law.sample(count, torch.Generator().manual_seed(seed + 1), dtype=dtype)
    ends = []
    with bar_shown(count, f"gamma {point.gamma}, NFE {point.nfe}") as tell:
        for first in range(0, count, batch):
            part = z[first : first + batch]
            ends.append(sampler.run(denoiser, part, seed=seed + 2, per_sample=True, first=first).z)
            tell(first + len(part))
    return torch.cat(ends)
