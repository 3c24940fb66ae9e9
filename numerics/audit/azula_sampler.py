r"""Samplers with the protocol of azula: ``step(x_t, t, s)`` around a denoiser that returns the mean of the data.

The denoiser is a stand-in whose prediction of the noise is prescribed; noise levels are those of the sampler's schedule.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from math import sqrt
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from sympy import Symbol

from s2n_proofs.symbols import delta, gamma, rho
from s2n_proofs.testing.worlds import mp

from .families import ETA
from .implementation import Array, AuditError, Level

__all__ = ["AzulaSampler"]

_CLAIMS = {"DDPMSampler": "ancestral", "DDIMSampler": "ddim", "EulerSampler": "ddim", "ItoSampler": "eq7"}
_ORDERS = {"HeunSampler": 2}
# Away from the ends, where the default schedules have a log-SNR of 14 and less than one digit of signal.
_START, _STOP = 0.9, 0.1


class _Denoiser:
    """Predicts the noise that it is told to."""

    def __init__(self, schedule: Any) -> None:
        self.schedule = schedule
        self.network: Callable[[Any, Any, Any], Any] = lambda z, alpha, sigma: torch.zeros_like(z)

    def __call__(self, x: Any, t: Any, **_: Any) -> SimpleNamespace:
        alpha, sigma = self.schedule(t)
        return SimpleNamespace(mean=(x - sigma * self.network(x, alpha, sigma)) / alpha)


class AzulaSampler:
    """One sampler class with its options.

    Parameters
    ----------
    made : type
        The sampler's class.
    steps : int
        Evenly spaced in time.
    family : str, optional
        What it claims; known for the samplers of azula.
    options : mapping, optional
        Keyword arguments of the sampler, and ``schedule``: an object that gives alpha and sigma at a time.
    order : int, optional
        The order of convergence that it claims; known for the samplers of azula.
    """

    def __init__(
        self,
        made: type,
        steps: int = 10,
        family: str | None = None,
        options: Mapping[str, Any] | None = None,
        order: int | None = None,
    ) -> None:
        self.made, self.options = made, dict(options or {})
        arguments = dict(self.options)
        schedule = arguments.pop("schedule", None) or _default_schedule()
        self.denoiser = _Denoiser(schedule)
        given = {"start": _START, "stop": _STOP, "silent": True, "dtype": torch.float64} | arguments
        try:
            self.sampler = made(self.denoiser, steps=steps, **given)
        except TypeError as error:
            raise AuditError(f"{made.__name__} cannot be made: {error}") from error
        self.steps = steps
        self.name = made.__name__
        self.multistep = "__call__" in vars(made) or any(
            "__call__" in vars(base) for base in inspect.getmro(made)[:-1] if base.__name__ != "Sampler"
        )
        base = next((c.__name__ for c in inspect.getmro(made) if c.__name__ in {**_CLAIMS, **_ORDERS}), None)
        known = _CLAIMS.get(base or "")
        if base == "DDIMSampler" and getattr(self.sampler, "eta", None):
            known = "eta"
        self.family = family or known
        claimed: int | None = getattr(self.sampler, "order", None)
        # Nothing is claimed of a sampler that is not known here: its order is measured and not judged.
        self.order: int | None = order or claimed or _ORDERS.get(base or "", 1 if self.family else None)
        self._given_order = order
        self.precision = "float64"
        times = self.sampler.timesteps
        alphas, sigmas = schedule(times)
        pairs = zip(alphas.double().tolist(), sigmas.double().tolist(), strict=True)
        self.levels = [Level(mp.mpf(a), mp.mpf(b)) for a, b in pairs]
        self.numbers = self._numbers()
        self.span: tuple[int, int] | None = (0, steps)

    def _numbers(self) -> dict[Symbol, float] | None:
        """The claimed numbers in our letters: the eta of its DDIM is the square of ours, that of its SDE our rho."""
        given = getattr(self.sampler, "eta", None)
        if given is None:
            return None
        if self.family == "eta":
            return {ETA: sqrt(given)}
        return {gamma: 0.0, delta: 0.0, rho: float(given)} if self.family == "eq7" else None

    def step(self, index: int, z: Array, eps: Array, seed: int) -> Array:
        """Take one step."""
        if self.multistep:
            raise AuditError(f"{self.name} is a multistep method: it takes no single step")
        prescribed = torch.tensor(eps)
        self.denoiser.network = lambda *_: prescribed
        times = self.sampler.timesteps
        torch.manual_seed(seed)
        with torch.no_grad():
            moved = self.sampler.step(torch.tensor(z), times[index], times[index + 1])
        return np.asarray(moved.double().numpy(), dtype=np.float64)

    def noises(self, seed: int, size: int) -> list[Array]:
        """What the global generator draws first."""
        torch.manual_seed(seed)
        return [np.asarray(torch.randn(size, dtype=torch.float64).numpy(), dtype=np.float64)]

    def with_steps(self, steps: int) -> AzulaSampler:
        """The same sampler with another number of steps."""
        return AzulaSampler(self.made, steps, self.family, self.options, self._given_order)

    def closed(self) -> AzulaSampler:
        """From time 1 to time 0."""
        ends = {"start": 1.0, "stop": 0.0}
        return AzulaSampler(self.made, self.steps, self.family, self.options | ends, self._given_order)

    def solve(self, z: Array, network: Callable[[Array, Level], Array], start: int, end: int) -> Array:
        """Run the whole sampler, which knows no other way."""
        if (start, end) != self.span:
            raise AuditError(f"{self.name} runs all its steps or none")

        def as_tensor(x: Any, alpha: Any, sigma: Any) -> Any:
            level = Level(mp.mpf(float(alpha)), mp.mpf(float(sigma)))
            return torch.from_numpy(network(x.double().numpy(), level))

        self.denoiser.network = as_tensor
        return np.asarray(self.sampler(torch.from_numpy(z)).double().numpy(), dtype=np.float64)

    def script(self, index: int, coefficient: str) -> str:
        """Print the coefficient of one step."""
        z, eps = ("1.0", "0.0") if coefficient == "a_z" else ("0.0", "1.0" if coefficient == "a_eps" else "0.0")
        options = "".join(f", {key}={value!r}" for key, value in self.options.items() if key != "schedule")
        schedule = type(self.denoiser.schedule)
        noise = " / torch.randn(1, dtype=torch.float64).item()" if coefficient == "a_noise" else ""
        lines = [
            "from types import SimpleNamespace",
            "",
            "import torch",
            f"from {schedule.__module__} import {schedule.__name__}",
            f"from {self.made.__module__} import {self.name}",
            "",
            f"schedule = {schedule.__name__}()",
            "",
            "",
            "class Denoiser:",
            "    schedule = staticmethod(schedule)",
            "",
            "    def __call__(self, x, t):",
            "        alpha, sigma = schedule(t)",
            f"        return SimpleNamespace(mean=(x - sigma * {eps}) / alpha)",
            "",
            "",
            f"sampler = {self.name}(Denoiser(), start={_START}, stop={_STOP}, steps={self.steps}, dtype=torch.float64{options})",
            f"t, s = sampler.timesteps[{index}], sampler.timesteps[{index + 1}]",
            f"moved = sampler.step(torch.tensor([{z}], dtype=torch.float64), t, s).item()" if not noise else
            f"torch.manual_seed(0)\nmoved = sampler.step(torch.tensor([{z}], dtype=torch.float64), t, s).item()\n"
            "torch.manual_seed(0)",
            f"print(moved{noise})  # {coefficient}",
            "",
        ]  # fmt: skip
        return "\n".join(lines)


def _default_schedule() -> Any:
    try:
        from azula.noise import VPSchedule
    except ImportError as error:
        raise AuditError("give the option schedule, or install azula: pip install 's2n-proofs[interop]'") from error
    return VPSchedule()
