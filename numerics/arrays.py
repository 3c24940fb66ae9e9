"""What a kernel needs of an array library, for NumPy and torch: functions by one set of names, and a few that differ."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
import torch

__all__ = ["Library", "NumpyLibrary", "TorchLibrary", "expm1_by_quotient"]


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

    def expm1(self, x: torch.Tensor) -> torch.Tensor:
        r"""$e^x-1$; while compiling by Kahan's quotient, since inductor's C++ (torch 2.13) writes exp(x) - 1 for it."""
        return expm1_by_quotient(x) if torch.compiler.is_compiling() else torch.expm1(x)

    def affine(self, x: torch.Tensor, slope: float, offset: float) -> torch.Tensor:
        """Offset + slope * x, in one pass."""
        return torch.rsub(x, offset, alpha=-slope)


def expm1_by_quotient(x: torch.Tensor) -> torch.Tensor:
    r"""$e^x-1=(u-1)\,x/\log u$ with $u=e^x$ as rounded (Kahan): the rounding of u leaves numerator and divisor alike.

    Examples
    --------
    >>> x = torch.tensor([-50.0, -1e-20, 0.0, 1e-9, 3.0], dtype=torch.float64)
    >>> bool((expm1_by_quotient(x) - torch.expm1(x)).abs().max() < 1e-14)
    True
    """
    u = torch.exp(x)
    less = u - 1.0
    plain = (less == 0) | (less == -1.0) | torch.isinf(u)
    # Where the quotient is not taken it gets numbers at which it has a derivative.
    safe, at = torch.where(plain, 2.0, u), torch.where(plain, 1.0, x)
    return torch.where(plain, torch.where(less == 0, x, less), (safe - 1.0) * at / torch.log(safe))
