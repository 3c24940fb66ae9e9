"""Where did a run stop being finite?  It is run again with the same noise, looking at every step."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..planning.exact import Exact, show
from .conventions import Denoiser
from .method import Method
from .noise import Noise

__all__ = ["not_finite"]


def not_finite(
    z: Tensor,
    method: Method,
    denoiser: Denoiser,
    source: Noise | None,
    times: Sequence[Exact],
    called_back: bool = False,
) -> str:
    """The sentence that says where: a step and a fraction.

    Parameters
    ----------
    z : Tensor
        The first state; overwritten.
    method, denoiser, source
        As in the run; the method has been told to forget.
    times : sequence
        For the message.
    called_back : bool
        Whether a callback was given the state in the run; here it is not called.
    """
    if source is not None:
        source.rewind()
    if _bad(z):
        return f"z_T is not finite in {_share(z)}"
    buffer = torch.empty_like(z)
    for index, strength in enumerate(method.noise):
        seen: list[tuple[Tensor, Tensor]] = []

        def watched(state: Tensor, time: Tensor, seen: list[tuple[Tensor, Tensor]] = seen) -> Tensor:
            output = denoiser(state, time)
            seen.append((time, output))
            return output

        method.advance(index, z, watched)
        for time, output in seen:
            if _bad(output):
                return (
                    f"the denoiser's output is not finite in {_share(output)} at step {index} of {len(method.noise)}, called with "
                    f"{float(time):.6g} in the step from t = {show(times[index])}; the state it got was finite"
                )
        if strength and source is not None:
            z.add_(source.fill(buffer), alpha=strength)
        if _bad(z):
            return (
                f"the state overflows {str(z.dtype).removeprefix('torch.')} in {_share(z)} in step {index}, from t = "
                f"{show(times[index])}; every output of the denoiser was finite until then"
            )
    if called_back:
        cause = "the callback changes the state, or the denoiser is not deterministic"
    else:
        cause = "the denoiser is not deterministic"
    return f"the result was not finite, but a second run with the same noise was: {cause}"


def _bad(value: Tensor) -> bool:
    return not bool(torch.isfinite(value).all())


def _share(value: Tensor) -> str:
    count = int((~torch.isfinite(value)).sum())
    return f"{count} of {value.numel()} numbers"
