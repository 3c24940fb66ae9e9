"""A method is how the state is moved; the first-order one is a plan, as it stands."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from ..step_plan import StepPlan
from .conventions import Caller, Denoiser
from .update import Update

__all__ = ["Euler", "Method"]


class Method(Protocol):
    """What the sampler asks of a method.

    Attributes
    ----------
    noise : list of float
        The coefficient of the noise at each step.
    evaluations : int
        How often the denoiser was called since :meth:`forget`.
    """

    noise: list[float]
    evaluations: int

    def advance(self, index: int, z: Tensor, denoiser: Denoiser) -> None:
        """Do all of a step but its noise, in place."""

    def traced(self, index: int, z: Tensor, denoiser: Denoiser) -> None:
        """Do the same for ``torch.compile``: out of place until the last copy, the coefficients looked up in tensors."""

    def forget(self) -> None:
        """Begin a new run."""


class Euler:
    """One evaluation, one update with the plan's coefficients."""

    def __init__(self, plan: StepPlan, call: Caller) -> None:
        self._call = call
        # Host numbers: a coefficient then travels with the kernel's launch, and nothing waits for the device.
        self._steps = list(zip(plan.a_z.tolist(), plan.a_eps.tolist(), strict=True))
        self.noise: list[float] = plan.a_noise.tolist()
        self.evaluations = 0
        self._update: Update | None = None
        # For torch.compile: looked up in tensors, the coefficients of all steps share one graph.
        self._tables = plan.a_z, plan.a_eps

    def forget(self) -> None:
        """Begin a new run."""
        self.evaluations = 0
        self._update = None

    def advance(self, index: int, z: Tensor, denoiser: Denoiser) -> None:
        """Do all of a step but its noise, in place."""
        if self._update is None or self._update.z is not z:
            self._update = Update(z)
        by_z, by_output = self._steps[index]
        output = self._call(denoiser, index, z)
        self.evaluations += 1
        self._update(by_z, output, by_output)

    def traced(self, index: int, z: Tensor, denoiser: Denoiser) -> None:
        """Do the same for ``torch.compile``; Inductor makes one pass of it."""
        output = self._call.traced(denoiser, index, z)
        z.copy_(self._tables[0][index] * z + self._tables[1][index] * output)
