"""The time of a kernel as a multiple of the naive formula typed by hand, both in one interleaved run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch

from s2n_proofs import catalogue

from ..kernels import compile_kernels

__all__ = ["kernel_times"]

_ELEMENTS = 10**6
_ROUNDS = 200


def kernel_times() -> dict[str, float]:
    """Median time of our kernels of `vp`, float32, eager, over the median time of what one would type."""
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


# What people type: the one place where formulas are typed by hand, to have something to compare with.
def _naive_g_squared(t: torch.Tensor) -> torch.Tensor:
    return 0.1 + 19.9 * t


def _naive_variance(s: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    def squared_alpha(time: torch.Tensor) -> torch.Tensor:
        return torch.exp(-(0.1 * time + 9.95 * time**2))

    at, earlier = squared_alpha(t), squared_alpha(s)
    return (1 - at) - at / earlier * (1 - earlier)


def _ratio(ours: Callable[[], object], naive: Callable[[], object]) -> float:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS):
        for run, taken in zip((ours, naive), times, strict=True):
            began = time.perf_counter()
            run()
            taken.append(time.perf_counter() - began)
    return statistics.median(times[0]) / statistics.median(times[1])
