r"""The update $z\leftarrow az+b\,\hat o$ in place: in one pass over memory where that gives the same bits for every batch.

``mul_`` and ``add_`` read the state twice.  ``addr_`` with a vector of one 1 is the same sum in one pass, but it rounds
the last few elements of a piece (those that fill no vector register) in another order.  So it is used where no sample
ends inside a register, and pieces are cut so that no thread's share does either: then a sample's bits depend neither on
its place in the batch nor on the number of threads.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["Update"]

_LANES = 64  # four registers of 16 floats: what the vector loop of ATen takes at a time, with AVX-512
_GRAIN = 32768  # at::internal::GRAIN_SIZE: below it one thread does all


class Update:
    """The linear update of one state.

    Parameters
    ----------
    z : Tensor
        The state, contiguous, in a storage of its own.

    Examples
    --------
    >>> z = torch.ones(2, 64)
    >>> Update(z)(2.0, torch.ones(2, 64), -0.5)
    >>> z.unique()
    tensor([1.5000])
    """

    def __init__(self, z: Tensor) -> None:
        self.z = z
        self._whole, self._rest, self._one = z, z, z.new_ones(1)
        self._cut: int | None = None
        self._dtype: torch.dtype | None = None  # of the outputs that go through memory once
        sample = z[0].numel() if z.ndim and len(z) else 0
        # In half precision add_ computes in float32 and rounds once; addr_ rounds each product.
        if z.device.type == "cpu" and z.dtype in (torch.float32, torch.float64) and sample and sample % _LANES == 0:
            threads = min(torch.get_num_threads(), -(-z.numel() // _GRAIN))
            whole = z.numel() - z.numel() % (_LANES * threads)
            column = z.view(-1, 1)
            self._whole = column[:whole] if whole < z.numel() else column
            self._rest, self._cut = column[whole:], whole if whole < z.numel() else None
            self._dtype = z.dtype

    def __call__(self, by_z: float, output: Tensor, by_output: float) -> None:
        """Do it; `output` has the state's shape and shares no memory with it."""
        if output.dtype is not self._dtype or not output.is_contiguous():
            if by_z != 1:
                self.z.mul_(by_z)
            self.z.add_(output, alpha=by_output)
        elif self._cut is None:
            self._whole.addr_(output.view(-1), self._one, beta=by_z, alpha=by_output)
        else:
            flat = output.view(-1)
            self._whole.addr_(flat[: self._cut], self._one, beta=by_z, alpha=by_output)
            self._rest.addr_(flat[self._cut :], self._one, beta=by_z, alpha=by_output)
