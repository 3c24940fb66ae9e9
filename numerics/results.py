"""What comes out of a kernel: in its dtype and shape, and a limit that does not exist is an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from s2n_proofs.schedule import Schedule

from .arguments import KernelError, Times
from .either import common_shape, finite, has_nan, hidden, infinite

__all__ = ["Results"]


class Results:
    """The results of the kernels of one schedule, backend and dtype.

    Parameters
    ----------
    schedule : Schedule
    backend, dtype : str
    """

    def __init__(self, schedule: Schedule, backend: str, dtype: str) -> None:
        self.schedule, self.backend, self.dtype = schedule, backend, dtype
        self._own: Any = getattr(torch, dtype) if backend == "torch" else np.dtype(dtype)

    def result(self, quantity: str, value: Any, times: Times, vanishes: Callable[[Times], bool]) -> Any:
        """In the kernels' dtype and the times' shape; a limit that does not exist, or an overflow, is an error."""
        shape = common_shape(*times.given) if isinstance(times.given, tuple) else times.given.shape
        if self.backend == "torch":
            value = self._tensor(value, times.start, shape)
        else:
            value = np.broadcast_to(np.asarray(value, self._own), np.broadcast_shapes(np.shape(value), shape))
        if not times.looked_at or hidden(value):
            return value
        step = quantity.endswith("step")
        undefined = (step or times.at_end) and has_nan(value)
        if undefined or (times.at_end and step and not bool(finite(value))):
            self._refuse(quantity, times, vanishes)
        return value

    def _refuse(self, quantity: str, times: Times, vanishes: Callable[[Times], bool]) -> None:
        start, end = self.schedule.domain
        if times.at_end and vanishes(times):
            raise KernelError(
                f"{quantity} has no finite limit at an end of [{start}, {end}], where alpha or sigma is 0: "
                "use times inside, or plan_steps(..., prediction='x')"
            )
        raise KernelError(f"{quantity} overflows {self.dtype} on the way: use a dtype of more range")

    def not_overflown(self, quantity: str, first: Any, others: Sequence[Any], times: Times) -> None:
        """Refuse a step whose parameters are too large: the coefficient of the state, which has none, is finite."""
        if times.looked_at:
            for value in others:
                if not (hidden(first) or hidden(value)) and bool((infinite(value) & ~infinite(first)).any()):
                    raise KernelError(f"{quantity} overflows {self.dtype}: gamma, delta, rho or beta is too large")

    def _tensor(self, value: Any, like: torch.Tensor, shape: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return torch.full(tuple(shape), value, dtype=self._own, device=like.device)
        value = value.to(self._own)
        if value.shape == shape:
            return value
        return value.expand(np.broadcast_shapes(value.shape, shape))
