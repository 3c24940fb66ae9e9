r"""A small UNet on the 8×8 digits: a trained network, with errors of its own, beside the exact score of the same data.

It predicts $x$ in EDM's form, $D(x,\sigma)=c_{skip}x+c_{out}F(c_{in}x,\tfrac14\log\sigma)$ (Karras et al. 2022, Table 1), so that
its input and what it is trained to say have unit variance at every noise level.
"""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor, nn

from ..adapters.denoisers import from_karras
from ..data import named
from .errors import ExperimentError
from .problem import Problem

__all__ = ["UNREADABLE", "WEIGHTS", "DigitsNetwork", "digits", "load_weights"]

WEIGHTS = Path(__file__).with_name("digits.pt")
"""The weights that come with the package: what ``s2n experiment train-digits`` writes with its own settings."""

UNREADABLE = (OSError, RuntimeError, EOFError, UnpicklingError, LookupError, TypeError, ValueError, AttributeError)
"""What ``torch.load`` and the use of what it found raise on a file of something else."""

_SIDE = 8
_FREQUENCIES = 16


class _Block(nn.Module):
    """Two convolutions, the second's input scaled and shifted by the noise level, and a way around them."""

    def __init__(self, channels: int, out: int, level: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, out, 3, padding=1))
        self.by_level = nn.Linear(level, 2 * out)
        self.norm = nn.GroupNorm(8, out)
        self.second = nn.Conv2d(out, out, 3, padding=1)
        self.around = nn.Conv2d(channels, out, 1) if out != channels else nn.Identity()
        nn.init.zeros_(self.second.weight)  # a block begins as the identity

    def forward(self, h: Tensor, level: Tensor) -> Tensor:
        scale, shift = self.by_level(level)[:, :, None, None].chunk(2, 1)
        inner = self.norm(self.first(h)) * (1 + scale) + shift
        result: Tensor = self.around(h) + self.second(nn.functional.silu(inner))
        return result


class DigitsNetwork(nn.Module):
    """The network: 8×8 pixels at `width` channels, 4×4 at twice as many, and back; 0.22 million parameters.

    Parameters
    ----------
    spread : float
        The standard deviation of the data.
    width : int
        A multiple of 8.

    Examples
    --------
    >>> network = DigitsNetwork(0.75)
    >>> network(torch.zeros(2, 64), torch.tensor([80.0, 0.5])).shape
    torch.Size([2, 64])
    """

    frequencies: Tensor
    spread: Tensor

    def __init__(self, spread: float, width: int = 32) -> None:
        super().__init__()
        self.register_buffer("spread", torch.tensor(float(spread)))
        self.register_buffer("frequencies", torch.exp(torch.linspace(0, 3, _FREQUENCIES)))
        level = 2 * width
        self.level = nn.Sequential(nn.Linear(2 * _FREQUENCIES, level), nn.SiLU(), nn.Linear(level, level), nn.SiLU())
        self.enter = nn.Conv2d(1, width, 3, padding=1)
        self.above = _Block(width, width, level)
        self.below = nn.ModuleList([_Block(width, 2 * width, level), _Block(2 * width, 2 * width, level)])
        self.back = _Block(3 * width, width, level)
        self.leave = nn.Sequential(nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, 1, 3, padding=1))

    def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Predict x from x + sigma noise.

        Parameters
        ----------
        x : Tensor
            Shape (N, 64).
        sigma : Tensor
            Shape (N,), positive.
        """
        s = sigma[:, None, None, None]
        total = (s**2 + self.spread**2).sqrt()
        angle = torch.log(sigma)[:, None] / 4 * self.frequencies
        level = self.level(torch.cat([angle.sin(), angle.cos()], 1))
        picture = x.reshape(-1, 1, _SIDE, _SIDE)
        fine = self.above(self.enter(picture / total), level)
        coarse = nn.functional.avg_pool2d(fine, 2)
        for block in self.below:
            coarse = block(coarse, level)
        joined = torch.cat([fine, nn.functional.interpolate(coarse, scale_factor=2)], 1)
        inner = self.leave(self.back(joined, level))
        result: Tensor = (self.spread / total) ** 2 * picture + s * self.spread / total * inner
        return result.reshape(x.shape)


def load_weights(file: Path) -> DigitsNetwork:
    """The network that a file of weights holds, ready to be used.

    Raises
    ------
    ExperimentError
        If it holds none.
    """
    try:
        state = torch.load(file, weights_only=True)
        network = DigitsNetwork(1.0, width=len(state["enter.weight"]))
        network.load_state_dict(state)
    except UNREADABLE as error:
        raise ExperimentError(
            f"{file} holds no weights of the digits' network; make them by s2n experiment train-digits"
        ) from error
    return network.eval().requires_grad_(False)


def digits(file: Path = WEIGHTS) -> Problem:
    """The trained network on EDM's grid, for ``--denoiser numerics.experiments.digits_network:digits``."""
    network, data = load_weights(file), named("digits")
    return Problem("digits-network", from_karras(network), "edm", (_SIDE**2,), data.points)  # type: ignore[attr-defined]
