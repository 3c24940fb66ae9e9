"""What a kernel needs of an array library, for NumPy and torch: functions by one set of names, and a few that differ."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
import torch

__all__ = ["Library", "NumpyLibrary", "TorchLibrary"]


class Library:
    """The functions of an array library, with a `where` that also takes two numbers.

    Parameters
    ----------
    module : module
        ``numpy`` or ``torch``.
    dtype : dtype
        What is computed in.
    """

    def __init__(self, module: ModuleType, dtype: Any) -> None:
        self.dtype = dtype
        for name in _FUNCTIONS:
            if not hasattr(type(self), name):
                setattr(self, name, getattr(module, name))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"kernels don't use the function {name!r}")


_FUNCTIONS = (
    "abs", "arccos", "arcsin", "arctan", "cos", "cosh", "exp", "expm1", "isfinite", "log", "log1p", "ones_like", "round", "sin",
    "sinh", "sqrt", "tan", "tanh", "zeros_like",
)  # fmt: skip


class NumpyLibrary(Library):
    """NumPy."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        super().__init__(np, dtype)

    def where(self, condition: Any, then: Any, otherwise: Any) -> Any:
        """One of two, element by element, in this dtype."""
        return np.where(condition, np.asarray(then, self.dtype), np.asarray(otherwise, self.dtype))

    def affine(self, x: Any, slope: float, offset: float) -> Any:
        """Offset + slope * x."""
        return x * slope + offset


class TorchLibrary(Library):
    """torch."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__(torch, dtype)

    def where(self, condition: torch.Tensor | bool, then: Any, otherwise: Any) -> torch.Tensor:
        """One of two, element by element, in this dtype."""
        if isinstance(condition, bool):  # of constants, such as the two sides of a corner
            return torch.as_tensor(then if condition else otherwise, dtype=self.dtype)
        if not isinstance(then, torch.Tensor) and not isinstance(otherwise, torch.Tensor):
            then = torch.full_like(condition, then, dtype=self.dtype)
        return torch.where(condition, then, otherwise)

    def isfinite(self, x: Any) -> Any:
        """Element by element; of a number, such as the error of a constant, one answer."""
        return torch.isfinite(x) if isinstance(x, torch.Tensor) else math.isfinite(x)

    def affine(self, x: torch.Tensor, slope: float, offset: float) -> torch.Tensor:
        """Offset + slope * x, in one pass."""
        return torch.rsub(x, offset, alpha=-slope)
