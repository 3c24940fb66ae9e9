"""Programs as functions of tensors, from the printed torch source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from s2n_proofs.lower.printers.compiled import compile_source, printer_for
from s2n_proofs.lower.printers.constants import BITS
from s2n_proofs.lower.printers.errors import PrinterError
from s2n_proofs.lower.program import Program

__all__ = ["TorchProgram", "compile_torch"]


@dataclass(frozen=True, eq=False)
class TorchProgram:
    """A program that runs on tensors.

    It can be differentiated, vmapped, compiled with ``fullgraph=True``, and run on the meta device.

    Attributes
    ----------
    program : Program
        What was compiled.
    dtype : torch.dtype
        Of inputs and outputs; constants are rounded once, to it.
    source : str
        The generated code.
    function : callable
        From tensors, one per input, to a tuple of tensors; an output has the shape of the inputs that it depends on.
    """

    program: Program
    dtype: torch.dtype
    source: str
    function: Callable[..., tuple[Tensor, ...]]

    def __call__(self, *inputs: Tensor | float) -> tuple[Tensor, ...]:
        """Compute the outputs.

        Parameters
        ----------
        *inputs : Tensor or float
            One for each input, of shapes that broadcast; a number goes to the device of the first tensor.

        Returns
        -------
        tuple of Tensor
            All of the broadcast shape, constants too.

        Raises
        ------
        TypeError
            If the number of inputs or the dtype of a tensor is another.
        """
        tensors = self._tensors(inputs)
        values = self.function(*tensors)
        # Not broadcast_shapes, which imports SymPy on its first call.
        shape = torch.broadcast_tensors(*tensors)[0].shape  # type: ignore[no-untyped-call]
        # A copy: in an expanded view all elements are one, and writing to it would fail.
        return tuple(
            value if value.shape == shape else value.expand(shape).clone(memory_format=torch.contiguous_format)
            for value in values
        )

    def _tensors(self, inputs: tuple[Any, ...]) -> list[Tensor]:
        if len(inputs) != len(self.program.inputs):
            raise TypeError(f"{len(self.program.inputs)} inputs are needed, not {len(inputs)}")
        device = next((x.device for x in inputs if isinstance(x, Tensor)), None)
        tensors = []
        for x in inputs:
            if not isinstance(x, Tensor):
                x = torch.full((), x, dtype=self.dtype, device=device)
            elif x.dtype != self.dtype:
                raise TypeError(f"the inputs must be of dtype {self.dtype}, not {x.dtype}")
            tensors.append(x)
        return tensors


@lru_cache(maxsize=1024)
def compile_torch(program: Program, dtype: torch.dtype = torch.float32) -> TorchProgram:
    """Compile a program for tensors of one dtype; the same program gives the same object.

    Parameters
    ----------
    program : Program
        What to compute; it has at least one input.
    dtype : torch.dtype
        ``torch.float32`` or ``torch.float64``.

    Returns
    -------
    TorchProgram

    Raises
    ------
    s2n_proofs.lower.printers.errors.PrinterError
        If the dtype is another, or an expression has no torch code.

    Examples
    --------
    >>> from sympy import Integer
    >>> from sympy.abc import x, y
    >>> from s2n_proofs.lower.program import program
    >>> total, two = compile_torch(program([x, y], {"sum": x + y, "two": Integer(2)}))(torch.ones(3), 0.5)
    >>> total, two
    (tensor([1.5000, 1.5000, 1.5000]), tensor([2., 2., 2.]))
    """
    bits = BITS.get(str(dtype).removeprefix("torch."))
    if bits is None:
        raise PrinterError(f"the dtype must be torch.float32 or torch.float64, not {dtype}")
    if not program.inputs:
        raise PrinterError("a program without inputs has no dtype and no device")
    source = printer_for("torch")(program, bits=bits).function("function")
    function = compile_source(source, "torch", {"torch": torch})
    return TorchProgram(program, dtype, source, function)
