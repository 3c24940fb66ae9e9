"""The errors of the torch kernels, against ball arithmetic, in machine epsilons: what the benchmark and a test report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from sympy import Symbol

from s2n_proofs.lower.candidates import SINGLE, STEPS
from s2n_proofs.lower.corners import corners
from s2n_proofs.lower.forms import single_formula
from s2n_proofs.lower.points import pairs, without
from s2n_proofs.lower.reference import Exactly, Reference, errors
from s2n_proofs.lower.search import GOALS
from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import beta, delta, gamma, rho, s, sigma, t

from ..compiling import compile_kernels
from ..kernels import Kernels

__all__ = ["GRID", "KernelError", "kernel_errors"]

GRID = ((-1.0, 0.0, 1.0), (0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (0.5, 0.5, 0.5), (1.25, 0.95, 1.0))
"""Values of gamma, delta and rho, among them the paper's."""


@dataclass(frozen=True)
class KernelError:
    """The worst error of one quantity.

    Attributes
    ----------
    quantity : str
        A step's part as ``step.a_eps``.
    dtype : str
    worst : float
        In machine epsilons of the value (of max(1, value) for the log-SNR; with `roots`, of max(f, t f') for f).
    at : tuple of float
    goal : float
    points : int
    """

    quantity: str
    dtype: str
    worst: float
    at: tuple[float, ...]
    goal: float
    points: int


def kernel_errors(
    schedule: Schedule, dtype: torch.dtype, count: int, seed: int, *, roots: bool = False
) -> list[KernelError]:
    """Measure every kernel of a schedule at random exact times, close to each other and to both ends.

    Parameters
    ----------
    schedule : Schedule
    dtype : torch.dtype
        float32 or float64.
    count : int
        Pairs of times.
    seed : int
    roots : bool
        Whether f may have roots inside the domain: its unit is then the larger of f and t f'.

    Returns
    -------
    list of KernelError

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> found = kernel_errors(catalogue["fm-ot"], torch.float32, 50, 0)
    >>> all(each.worst <= each.goal for each in found)
    True
    """
    name = str(dtype).removeprefix("torch.")
    measure = _Measure(schedule, dtype, name, count, seed, roots)
    return [*measure.of_time(), *measure.of_pairs(), *measure.of_steps()]


class _Measure:
    def __init__(self, schedule: Schedule, dtype: torch.dtype, name: str, count: int, seed: int, roots: bool) -> None:
        kernels = compile_kernels(schedule, dtype=dtype)
        assert isinstance(kernels, Kernels)
        self.kernels, self.dtype, self.name, self.roots = kernels, dtype, name, roots
        self.reference = Reference(schedule.alpha, schedule.sigma)
        anywhere = pairs(schedule.domain, count, seed, name)
        meeting = corners((schedule.alpha, schedule.sigma), schedule.domain)
        self.points = self.reference.representable(without(anywhere, meeting))
        self.s, self.t = torch.from_numpy(self.points.s), torch.from_numpy(self.points.t)

    def of_time(self) -> Iterator[KernelError]:
        # Each pair gives one time, the earlier or the later in turn.
        times = np.where(np.arange(self.points.s.size) % 2 == 0, self.points.s, self.points.t)
        for quantity in SINGLE:
            found = getattr(self.kernels, quantity)(torch.from_numpy(times)).numpy()
            formula = self.reference.formula(single_formula(quantity))
            true = self.reference.values(formula, {t: times})
            unit = np.abs(true.high)
            if quantity == "log_snr":
                unit = np.maximum(unit, 1.0)
            elif quantity == "f" and self.roots:
                slope = self.reference.values(formula.diff(t), {t: times})
                unit = np.maximum(unit, np.abs(times * slope.high))
            yield self._worst(quantity, found, true, (times,), unit)

    def of_pairs(self) -> Iterator[KernelError]:
        for quantity in ("transition_factor", "transition_variance"):
            found = getattr(self.kernels, quantity)(self.s, self.t).numpy()
            yield self._worst(quantity, found, self._true(quantity), (self.points.s, self.points.t))

    def of_steps(self) -> Iterator[KernelError]:
        for g, d, r in GRID:
            found = self.kernels.step(self.s, self.t, g, d, r)
            fixed = {gamma: g, delta: d, rho: r}
            yield from self._parts("step", "step_limit" if g == -1.0 else "step", found, fixed)
        yield from self._parts("ancestral_step", "ancestral_step", self.kernels.ancestral_step(self.s, self.t), {})
        half = (self.reference.values(self.reference.formula(sigma(s)), {s: self.points.s}).high / 2).astype(self.name)
        for noise in (np.zeros_like(half), half):
            found = self.kernels.nonmarkov_step(self.s, self.t, torch.from_numpy(noise))
            yield from self._parts("nonmarkov_step", "nonmarkov_step", found, {beta: noise})

    def _parts(
        self, step: str, derived: str, found: tuple[torch.Tensor, ...], fixed: Mapping[Symbol, np.ndarray | float]
    ) -> Iterator[KernelError]:
        for part, values in zip(("a_z", "a_eps", "a_noise"), found, strict=True):
            if step == "nonmarkov_step" and part == "a_noise":
                continue  # beta itself
            true = self._true(f"{derived}.{part}", fixed)
            yield self._worst(f"{step}.{part}", values.numpy(), true, (self.points.s, self.points.t))

    def _true(self, name: str, fixed: Mapping[Symbol, np.ndarray | float] | None = None) -> Exactly:
        return self.reference.step(name, {s: self.points.s, t: self.points.t, **(fixed or {})})

    def _worst(
        self,
        quantity: str,
        found: np.ndarray,
        true: Exactly,
        times: tuple[np.ndarray, ...],
        unit: np.ndarray | None = None,
    ) -> KernelError:
        error = errors(found, true, unit)
        i = int(np.argmax(error))
        goal = GOALS[quantity.partition(".")[0]] if quantity.partition(".")[0] in STEPS else GOALS[quantity]
        eps = torch.finfo(self.dtype).eps
        return KernelError(
            quantity, self.name, float(error[i] / eps), tuple(float(x[i]) for x in times), goal, len(error)
        )
