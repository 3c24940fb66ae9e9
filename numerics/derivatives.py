"""The derivative of a kernel at an end of the domain, where its formula has a value by a limit alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

__all__ = ["with_derivatives"]


class _Carried(torch.autograd.Function):
    """The first tensor, with the derivatives of the second."""

    @staticmethod
    def forward(ctx: Any, value: torch.Tensor, smooth: torch.Tensor) -> torch.Tensor:
        return value.clone()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[None, torch.Tensor]:
        return None, gradient


def with_derivatives(values: Sequence[Any], smooth: Sequence[Any]) -> list[Any]:
    """Each value with the derivatives of what was computed just inside the domain.

    Parameters
    ----------
    values, smooth : sequence of Tensor or float
        A number has no derivatives.

    Examples
    --------
    >>> x = torch.tensor(0.0, requires_grad=True)
    >>> value, = with_derivatives([torch.sqrt(x)], [torch.sqrt(x + 0.25)])
    >>> value.item(), torch.autograd.grad(value, x)[0].item()
    (0.0, 1.0)
    """
    return [
        _Carried.apply(value.detach(), inside)  # type: ignore[no-untyped-call]
        if isinstance(value, torch.Tensor) and isinstance(inside, torch.Tensor) and inside.requires_grad
        else value
        for value, inside in zip(values, smooth, strict=True)
    ]
