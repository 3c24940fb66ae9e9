"""What torch tensors and NumPy arrays answer alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

__all__ = [
    "broadcast",
    "common_shape",
    "described",
    "finite",
    "has_nan",
    "hidden",
    "infinite",
    "same_device",
    "size",
    "traced",
]


def has_nan(value: Any) -> bool:
    """Whether one of the numbers is NaN."""
    # The least of all is not a number if one of them is not: one pass, and nothing to store.
    least = value.detach().amin() if isinstance(value, torch.Tensor) else value.min()
    return bool(least != least)


def infinite(value: Any) -> Any:
    """Where numbers are infinite."""
    return value.isinf() if isinstance(value, torch.Tensor) else np.isinf(value)


def finite(value: Any) -> Any:
    """Whether all numbers are finite."""
    return value.isfinite().all() if isinstance(value, torch.Tensor) else np.isfinite(value).all()


def common_shape(*values: Any) -> tuple[int, ...]:
    """The shape to which arrays broadcast."""
    return np.broadcast_shapes(*(x.shape for x in values))


def broadcast(first: Any, *rest: Any) -> Any:
    """Arrays of one shape, as views."""
    shape = common_shape(first, *rest)
    if isinstance(first, torch.Tensor):
        return tuple(x.expand(shape) for x in (first, *rest))
    return tuple(np.broadcast_to(x, shape) for x in (first, *rest))


def size(value: Any) -> int:
    """How many numbers there are."""
    return int(value.numel() if isinstance(value, torch.Tensor) else value.size)


def traced(value: torch.Tensor) -> bool:
    """Whether there are no values to look at: compiling, a transform of torch.func, the meta device."""
    if torch.compiler.is_compiling():
        return True
    return value.device.type == "meta" or bool(torch._C._functorch.is_functorch_wrapped_tensor(value))


def hidden(value: Any) -> bool:
    """Whether a tensor has no values to look at."""
    return isinstance(value, torch.Tensor) and traced(value)


def same_device(one: torch.device, other: torch.device) -> bool:
    """Whether two devices are one; cuda is cuda:0."""
    return one.type == other.type and (one.index or 0) == (other.index or 0)


def described(value: Any) -> str:
    """A value and its type, for a sentence."""
    return f"{value!r:.40} ({type(value).__name__})"
