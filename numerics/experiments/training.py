r"""Training of the digits' network by EDM's loss, with the noise level from $\log\sigma\sim N(-1.2,1.2^2)$.

With $s$ the spread of the data it is $\frac{\sigma^2+s^2}{(\sigma s)^2}|D(x+\sigma\xi,\sigma)-x|^2$ (Karras et al. 2022).
What happens in a step depends on the seed and the step's number alone, so that an interrupted training goes on to the same bits.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass
from math import cos, pi
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from s2n_proofs.report.files import check_writable, write_bytes_atomically

from ..data import named
from ..montecarlo.work import one_thread
from .digits_network import UNREADABLE, DigitsNetwork
from .errors import ExperimentError

__all__ = ["LEVELS", "Training", "distance_to_exact", "train"]

LEVELS = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Noise levels at which a network is compared with the exact score."""

_KEPT_EVERY = 100
_MEMORY = 0.995  # of the average over steps that is sampled with


@dataclass(frozen=True)
class Training:
    """What is trained.

    Attributes
    ----------
    steps, batch, width, seed : int
    rate : float
        Of Adam, falling to 0 by a cosine.
    """

    steps: int = 2500
    batch: int = 128
    width: int = 32
    seed: int = 0
    rate: float = 2e-3


def train(settings: Training, file: Path, tell: Callable[[int], None] = lambda step: None) -> DigitsNetwork:
    """Train, and write the weights; what an interrupted training has done is kept beside `file`, and gone on from.

    Parameters
    ----------
    settings : Training
    file : Path
        Of the weights.
    tell : callable, optional
        Gets the number of steps done, after each.

    Raises
    ------
    ExperimentError
        If an unfinished training of other settings is beside `file`.
    """
    check_writable(file)
    unfinished = file.with_suffix(".unfinished")
    data = named("digits")
    points: Tensor = data.points.float()  # type: ignore[attr-defined]
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = DigitsNetwork(float(points.std()), settings.width)
        average = deepcopy(network)
        optimizer = torch.optim.Adam(network.parameters(), settings.rate)
        done = _go_on(unfinished, settings, network, average, optimizer)
        try:
            while done < settings.steps:
                for group in optimizer.param_groups:
                    group["lr"] = settings.rate * (1 + cos(pi * done / settings.steps)) / 2
                _step(network, optimizer, points, settings, done)
                _follow(average, network, done)
                done += 1
                tell(done)
                if done % _KEPT_EVERY == 0:
                    _keep(unfinished, settings, done, network, average, optimizer)
        except KeyboardInterrupt:
            if done % _KEPT_EVERY:
                _keep(unfinished, settings, done, network, average, optimizer)
            raise
    _write(file, average.state_dict())
    unfinished.unlink(missing_ok=True)
    return average.eval().requires_grad_(False)


def distance_to_exact(
    network: Callable[[Tensor, Tensor], Tensor], sigma: float, count: int = 512
) -> tuple[float, float]:
    """How far a network is from the best prediction for the digits, and that one from the data: both per pixel, as roots of means.

    Examples
    --------
    >>> law = named("digits")
    >>> distance_to_exact(lambda z, sigma: law.posterior_mean(z, 1.0, sigma[:, None]), 1.0, 8)[0]
    0.0
    """
    law = named("digits")
    generator = torch.Generator().manual_seed(0)
    x = law.sample(count, generator)
    z = x + sigma * torch.randn(x.shape, generator=generator)
    exact = law.posterior_mean(z, 1.0, sigma)
    with torch.no_grad():
        found = network(z, torch.full((count,), sigma))
    return float((found - exact).square().mean().sqrt()), float((exact - x).square().mean().sqrt())


def _step(
    network: DigitsNetwork, optimizer: torch.optim.Optimizer, points: Tensor, settings: Training, number: int
) -> None:
    seed = int(np.random.SeedSequence((settings.seed, number)).generate_state(1, np.uint64)[0] >> 1)
    generator = torch.Generator().manual_seed(seed)
    x = points[torch.randint(len(points), (settings.batch,), generator=generator)]
    sigma = torch.exp(1.2 * torch.randn(settings.batch, generator=generator) - 1.2)
    noisy = x + sigma[:, None] * torch.randn(x.shape, generator=generator)
    weight = (sigma**2 + network.spread**2) / (sigma * network.spread) ** 2
    loss = (weight * (network(noisy, sigma) - x).square().mean(1)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


@torch.no_grad()
def _follow(average: DigitsNetwork, network: DigitsNetwork, number: int) -> None:
    share = 1 - min(_MEMORY, (1 + number) / (10 + number))  # a short memory first, so that the beginning is forgotten
    for mean, value in zip(average.parameters(), network.parameters(), strict=True):
        mean.lerp_(value, share)


def _write(file: Path, content: dict[str, Any]) -> None:
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_bytes_atomically(file, buffer.getvalue())


def _keep(file: Path, settings: Training, done: int, *parts: Any) -> None:
    _write(file, {"settings": asdict(settings), "done": done, "parts": [part.state_dict() for part in parts]})


def _go_on(file: Path, settings: Training, *parts: Any) -> int:
    if not file.exists():
        return 0
    try:
        found = torch.load(file, weights_only=True)
        same = found["settings"] == asdict(settings)
        if same:
            for part, state in zip(parts, found["parts"], strict=True):
                part.load_state_dict(state)
        done = int(found["done"])
    except UNREADABLE as error:
        raise ExperimentError(f"{file} holds no unfinished training; move it away") from error
    if not same:
        raise ExperimentError(
            f"{file} holds an unfinished training of other settings, {found['settings']}; move it away"
        )
    return done
