"""Kernels for a schedule, backend, dtype and device, made once for equal arguments."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch

from s2n_proofs.lower.lowered import Lowered, lower
from s2n_proofs.schedule import Schedule
from s2n_proofs.table_schedule import TableSchedule

from .arguments import KernelError
from .kernels import Kernels
from .precise import PreciseKernels

__all__ = ["compile_kernels"]


def compile_kernels(
    schedule: Schedule,
    backend: str = "torch",
    dtype: Any = None,
    device: str | torch.device = "cpu",
    *,
    check: bool = True,
) -> Kernels | PreciseKernels:
    r"""The kernels of a schedule; the same object for equal arguments.

    Parameters
    ----------
    schedule : Schedule
        All its parameters have values.
    backend : {"torch", "numpy", "mpmath"}
        Of the times that go in and the values that come out.
    dtype : dtype or str, optional
        float32 (the default), float64, float16 or bfloat16 of the backend; of ``mpmath`` none.
    device : str or torch.device
        Of the times that go in; torch only.
    check : bool
        Whether times are looked at: s < t, inside the domain, not NaN.  Tracing (``torch.compile``, ``torch.func``, the meta device)
        never looks at values.

    Returns
    -------
    Kernels

    Raises
    ------
    KernelError
        If the backend, dtype or device is none of those, or a parameter has no value.

    Examples
    --------
    >>> import torch
    >>> from s2n_proofs import catalogue
    >>> k = compile_kernels(catalogue["vp"], dtype=torch.float32)
    >>> k.g_squared(torch.tensor([0.25, 0.5]))
    tensor([ 5.0750, 10.0500])
    >>> k.transition_variance(torch.tensor(0.5), torch.tensor(0.5000001))
    tensor(1.1981e-06)
    """
    if isinstance(schedule, TableSchedule):
        raise KernelError(
            "a table has no formulas to compile; plan_steps takes it, and its alpha_at gives exact values"
        )
    if not isinstance(schedule, Schedule):
        raise KernelError(f"kernels are made for a Schedule, such as catalogue['vp'], not for {schedule!r:.60}")
    if backend == "mpmath":
        if dtype is not None:
            raise KernelError("mpmath has no dtype: its precision is mpmath.mp.prec")
        return PreciseKernels(schedule)
    name = _dtype_name(backend, dtype)
    where = _device(device)
    if backend != "torch" and where.type != "cpu":
        raise KernelError(f"{backend} computes on the CPU, not on {where}")
    made: Kernels = _compiled(_lowered(schedule), backend, name, where, check)
    return made


def _lowered(schedule: Schedule) -> Lowered:
    try:
        return lower(schedule)
    except ValueError as error:
        raise KernelError(str(error)) from None


def _device(device: str | torch.device) -> torch.device:
    try:
        return torch.device(device)
    except (RuntimeError, TypeError):
        raise KernelError(f"there is no device {str(device)!r}: use 'cpu', 'cuda' or 'cuda:1'") from None


_DTYPES = {"torch": ("float32", "float64", "float16", "bfloat16"), "numpy": ("float32", "float64", "float16")}


def _dtype_name(backend: str, dtype: Any) -> str:
    if backend not in _DTYPES:
        raise KernelError(f"there is no backend {backend!r}: use torch, numpy or mpmath")
    name = "float32" if dtype is None else str(dtype).removeprefix("torch.")
    if isinstance(dtype, type):
        name = np.dtype(dtype).name
    if name not in _DTYPES[backend]:
        raise KernelError(f"kernels are made for {', '.join(_DTYPES[backend])} in {backend}, not for {name}")
    return name


@lru_cache(maxsize=256)
def _compiled(lowered: Lowered, backend: str, dtype: str, device: torch.device, check: bool) -> Kernels:
    return Kernels(lowered, backend, dtype, device, check)
