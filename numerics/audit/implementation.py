r"""What is audited: a step function behind one interface, with the noise levels that it itself works with.

An implementation is asked for one step at a time, $z_s=\mathrm{step}_k(z_t,\hat\epsilon,\xi)$, with the network's output
prescribed as a prediction of the noise; whatever it predicts itself is converted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational, Symbol

from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import t as t_symbol
from s2n_proofs.testing.worlds import World, mp

__all__ = ["Array", "AuditError", "Implementation", "Level", "StepFunction", "claimed_order"]

Array = NDArray[np.float64]


class AuditError(ValueError):
    """What is given cannot be audited; the sentence says why."""


class Level(NamedTuple):
    """Alpha and sigma at one time, as mpmath numbers."""

    alpha: Any
    sigma: Any


class Implementation(Protocol):
    """One step function with its levels."""

    @property
    def name(self) -> str:
        """As a report calls it."""

    @property
    def family(self) -> str | None:
        """What it claims to compute (see :mod:`numerics.audit.families`)."""

    @property
    def order(self) -> int | None:
        """The order of convergence that it claims."""

    @property
    def precision(self) -> str:
        """The floating-point format that its coefficients are computed in."""

    @property
    def multistep(self) -> bool:
        """Whether a step uses outputs of the network from steps before."""

    @property
    def levels(self) -> Sequence[Level]:
        """From noise to data, one more than there are steps."""

    @property
    def numbers(self) -> Mapping[Symbol, float] | None:
        """The gamma, delta, rho or eta that it claims; None: they are fitted."""

    @property
    def span(self) -> tuple[int, int] | None:
        """The levels between which it must be run; None: any."""

    def step(self, index: int, z: Array, eps: Array, seed: int) -> Array:
        """Take step `index` from the state `z` with the predicted noise `eps`."""

    def noises(self, seed: int, size: int) -> list[Array]:
        """What one draw with this seed may be, in each format that it may be drawn in."""

    def with_steps(self, steps: int) -> Implementation:
        """The same implementation with another number of steps."""

    def closed(self) -> Implementation:
        """The same implementation on a grid that reaches both ends of its schedule."""

    def solve(self, z: Array, network: Callable[[Array, Level], Array], start: int, end: int) -> Array:
        """Run from level `start`, where the state is `z`, to level `end`."""

    def script(self, index: int, coefficient: str) -> str:
        """A Python program that prints the coefficient of one step."""


def claimed_order(family: str | None, order: int | None) -> int | None:
    """What a plain function claims: with any beta at each step, as in ``nonmarkov``, the first order is not its to keep."""
    return None if family == "nonmarkov" and order == 1 else order


class _Explicit(World):
    """Values of expressions in the time alone."""

    def _point(self) -> dict[Symbol, Any]:
        return {}


@dataclass
class StepFunction:
    """A plain function ``step(z, eps, s, t, xi)`` for a schedule, on arrays of float64.

    Attributes
    ----------
    function : callable
    schedule : Schedule
    steps : int
        Evenly spaced in time, inside the domain.
    family, order
        What it claims.
    """

    function: Callable[..., Any]
    schedule: Schedule
    steps: int
    family: str | None = None
    order: int | None = 1
    name: str = "step function"
    precision: str = "float64"
    multistep: bool = False
    numbers: Mapping[Symbol, float] | None = None
    span: tuple[int, int] | None = None
    to_the_ends: bool = False

    def __post_init__(self) -> None:
        low, high = self.schedule.domain
        # Inside the domain: what happens at an end of it is asked for by `closed`.
        places = (20, 0) if self.to_the_ends else (19, 1)
        edge = [low + (high - low) * Rational(k, 20) for k in places]
        between = [edge[0] + (edge[1] - edge[0]) * Rational(k, self.steps) for k in range(self.steps + 1)]
        self._world = _Explicit(self.schedule, Random(0))
        # The function gets floats, so its levels are those at the exact values of these floats.
        self.times = [float(time) for time in between]
        self.levels = [Level(*(self._value(part, time) for part in ("alpha", "sigma"))) for time in self.times]

    def _value(self, part: str, time: float) -> Any:
        """Alpha or sigma at a time; at an end of the domain its limit, NaN where that is infinite or not known."""
        ends = [float(end) for end in self.schedule.domain]
        if time not in ends:
            return self._world.value(getattr(self.schedule, part), {t_symbol: Rational(*time.as_integer_ratio())})
        limit: Expr | None = getattr(self.schedule, f"{part}_at")(self.schedule.domain[ends.index(time)])
        return mp.mpf(str(limit.evalf(mp.dps + 5))) if limit is not None and limit.is_finite else mp.nan

    def step(self, index: int, z: Array, eps: Array, seed: int) -> Array:
        """Call the function."""
        (xi,) = self.noises(seed, z.size)
        # Copies: a function that works in place must not change what the next probe starts from.
        found = self.function(z.copy(), eps.copy(), self.times[index + 1], self.times[index], xi)
        moved = np.asarray(found, dtype=np.float64)
        if moved.shape != z.shape:
            raise AuditError(f"{self.name} gives an array of shape {moved.shape} for one of shape {z.shape}")
        return moved

    def noises(self, seed: int, size: int) -> list[Array]:
        """Standard normal numbers."""
        return [np.random.default_rng(seed).standard_normal(size)]

    def with_steps(self, steps: int) -> StepFunction:
        """The same function on another grid."""
        return replace(self, steps=steps)

    def closed(self) -> StepFunction:
        """From the last time of the domain to the first."""
        return replace(self, to_the_ends=True)

    def solve(self, z: Array, network: Callable[[Array, Level], Array], start: int, end: int) -> Array:
        """Run some steps."""
        for index in range(start, end):
            z = self.step(index, z, network(z, self.levels[index]), seed=index)
        return z

    def script(self, index: int, coefficient: str) -> str:
        """Print the coefficient at its worst step."""
        probe = {"a_z": "1.0, 0.0", "a_eps": "0.0, 1.0", "a_noise": "0.0, 0.0"}[coefficient]
        xi = "1.0" if coefficient == "a_noise" else "0.0"
        name = getattr(self.function, "__name__", "step")
        module = getattr(self.function, "__module__", "yourmodule")
        times = f"{self.times[index + 1]!r}, {self.times[index]!r}"
        return f"from {module} import {name}\n\nprint({name}({probe}, {times}, {xi}))  # {coefficient}\n"
