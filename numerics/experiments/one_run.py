"""One run of the sampler on data with a known score, started from the true law."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from s2n_proofs.proof.ball import working_precision
from s2n_proofs.schedule import Schedule

from ..planning.reading import schedule_at
from ..sampler import Sampler
from ..sampling.grids import GRIDS
from .problem import known_denoiser, named_law

__all__ = ["OneRun", "one_run", "save"]


class OneRun(NamedTuple):
    """Samples beside data.

    Attributes
    ----------
    samples, data : Tensor
        Shape (N, D), float64.
    evaluations : int
    standard_error : float
        Of the mean of all components of the samples.
    """

    samples: Tensor
    data: Tensor
    evaluations: int
    standard_error: float


def one_run(
    schedule: Schedule, data: str, steps: int, grid: str, start: str | None, end: str | None, samples: int, seed: int,
    **options: Any,
) -> OneRun:  # fmt: skip
    """Plan, start from the true law at the first time, run.

    Parameters
    ----------
    schedule : Schedule
    data : str
        ``field`` or one of :data:`numerics.data.NAMES`.
    steps, grid, start, end
        See :mod:`numerics.sampling.grids`.
    samples, seed : int
    **options
        Of :class:`numerics.sampler.Sampler`.
    """
    law = named_law(data)
    times = GRIDS[grid](schedule, steps, start, end)
    sampler = Sampler(schedule, times, prediction="x", dtype=torch.float64, **options)
    with working_precision(64):
        alphas, sigmas = schedule_at(schedule, sampler.plan.exact_times).balls([0])
    generator = torch.Generator().manual_seed(seed)
    x = law.sample(samples, generator, dtype=torch.float64)
    z = float(alphas[0]) * x + float(sigmas[0]) * torch.randn(x.shape, generator=generator, dtype=torch.float64)
    run = sampler.run(known_denoiser(law, sampler), z, generator=generator, progress=True)
    error = float(run.z.mean(1).std()) / samples**0.5
    return OneRun(run.z, law.sample(samples, generator, dtype=torch.float64), run.evaluations, error)


def save(file: str, rows: Tensor) -> None:
    """Write a NumPy file, whole or not at all; to stdout if `file` is ``-``."""
    import numpy as np

    from s2n_proofs.report.files import write_bytes_atomically

    buffer = io.BytesIO()
    np.save(buffer, rows.numpy())
    if file == "-":
        sys.stdout.buffer.write(buffer.getvalue())
        return
    write_bytes_atomically(Path(file), buffer.getvalue())
