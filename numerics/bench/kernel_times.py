"""The time of a kernel as a multiple of the naive formula typed by hand, both in one interleaved run."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import torch

from s2n_proofs import catalogue
from s2n_proofs.lower.candidates import SINGLE, STEPS
from s2n_proofs.lower.search import QUANTITIES

from ..compiling import compile_kernels
from ..kernels import Kernels
from ..montecarlo.work import one_thread
from .timing import best_of

__all__ = ["inside_times", "kernel_times"]

_ELEMENTS, _ROUNDS = 10**6, 100
_FEWER, _SHORTER = 10**5, 15


def kernel_times() -> dict[str, float]:
    """Time of our kernels of `vp`, float32, eager, over the time of what one would type."""
    kernels = compile_kernels(catalogue["vp"], dtype=torch.float32)
    generator = torch.Generator().manual_seed(0)
    s = torch.rand(_ELEMENTS, generator=generator) / 2
    t = s + torch.rand(_ELEMENTS, generator=generator) / 2 + 1e-3
    t.clamp_(max=1.0)
    cases: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "g_squared": (lambda: kernels.g_squared(t), lambda: _naive_g_squared(t)),
        "transition_variance": (lambda: kernels.transition_variance(s, t), lambda: _naive_variance(s, t)),
    }
    return {name: _ratio(*pair) for name, pair in cases.items()}


def inside_times() -> dict[str, float]:
    """What float64 inside costs: each float32 kernel of the catalogue that needs it, over the same form in float32."""
    generator = torch.Generator().manual_seed(0)
    fractions = torch.rand(2, _FEWER, generator=generator).sort(dim=0).values.clamp(0.001, 0.999)
    found = {}
    for name, schedule in catalogue.items():
        kernels = compile_kernels(schedule, dtype=torch.float32)
        assert isinstance(kernels, Kernels)
        start, end = (float(x) for x in schedule.domain)
        s, t = start + (end - start) * fractions
        for quantity in QUANTITIES:
            if kernels.arithmetic(quantity) != "float64":
                continue
            inputs = _arguments(quantity, s, t)
            mixed, plain = (kernels.function(quantity, arithmetic) for arithmetic in ("float64", "float32"))
            found[f"{name} {quantity}"] = _ratio(partial(mixed, *inputs), partial(plain, *inputs), rounds=_SHORTER)
    return found


def _arguments(quantity: str, s: torch.Tensor, t: torch.Tensor) -> list[torch.Tensor]:
    if quantity in SINGLE:
        return [t]
    return [s, t, *torch.tensor([1.0, 0.5, 1.0, 0.0])] if quantity in STEPS else [s, t]


# What people type: the one place where formulas are typed by hand, to have something to compare with.
def _naive_g_squared(t: torch.Tensor) -> torch.Tensor:
    return 0.1 + 19.9 * t


def _naive_variance(s: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    def squared_alpha(time: torch.Tensor) -> torch.Tensor:
        return torch.exp(-(0.1 * time + 9.95 * time**2))

    at, earlier = squared_alpha(t), squared_alpha(s)
    return (1 - at) - at / earlier * (1 - earlier)


def _ratio(ours: Callable[[], object], naive: Callable[[], object], rounds: int = _ROUNDS) -> float:
    """Shortest time over shortest time, by turns, on one core: what other processes take away does not count."""
    with one_thread():
        best = best_of({"ours": ours, "naive": naive}, rounds, time.thread_time)
    return best["ours"] / best["naive"]
