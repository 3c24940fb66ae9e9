r"""How a denoiser is called, and what it returns is read as: ``(z, t)`` with a prediction, or EDM's ``(x, sigma)``.

EDM's networks see $z/\alpha$ and the noise level $\sigma/\alpha$ and predict $x$.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from s2n_proofs.schedule import Schedule

from ..planning.exact import Exact
from ..planning.forms import Prediction
from ..planning.levels import format_of, round_when_decided
from ..planning.reading import schedule_at
from .errors import SamplerError

__all__ = ["Caller", "Convention", "network_prediction"]

Convention = Literal["eps", "x", "score", "v", "edm"]
Denoiser = Callable[[Tensor, Tensor], Tensor]


def network_prediction(convention: Convention) -> Prediction:
    """What the coefficients are to be planned for.

    Examples
    --------
    >>> network_prediction("edm"), network_prediction("v")
    ('x', 'v')
    """
    if convention not in get_args(Convention):
        raise SamplerError(f"prediction must be one of {', '.join(get_args(Convention))}; it is {convention!r}")
    return "x" if convention == "edm" else convention


class Caller:
    """Calls a denoiser at the times of a grid.

    Parameters
    ----------
    schedule : Schedule
    times : sequence of Exact
        The grid.
    rounded : Tensor
        The same, as the denoiser gets them.
    convention : str
    dtype, device
        Of the state.
    """

    def __init__(
        self, schedule: Schedule, times: Sequence[Exact], rounded: Tensor, convention: Convention, dtype: torch.dtype
    ) -> None:
        self._edm = convention == "edm"
        self._scales: list[float] = []
        if self._edm:
            at = schedule_at(schedule, times)
            places = [i for i in range(len(times)) if not at.vanishes(i, 0)]
            if len(places) < len(times):
                raise SamplerError(
                    'prediction="edm" has no input where alpha = 0: sigma/alpha is infinite; start later'
                )

            def ratios() -> list[Any]:
                alphas, sigmas = at.balls(places)
                return [sigmas[i] / alphas[i] for i in places] + [1 / alphas[i] for i in places]

            values = round_when_decided(ratios, format_of(dtype))
            self._scales = values[len(places) :]
            rounded = torch.tensor(values[: len(places)], dtype=dtype, device=rounded.device)
        self._table, self._second = rounded, rounded.unbind()
        self._scale_table = torch.tensor(self._scales, dtype=dtype, device=rounded.device)
        self._scaled: Tensor | None = None

    def __call__(self, denoiser: Denoiser, place: int, z: Tensor) -> Tensor:
        """Evaluate the denoiser; what comes back has the shape of `z` and shares no memory with it."""
        if self._edm and self._scales[place] != 1:
            if self._scaled is None or self._scaled.shape != z.shape:
                self._scaled = torch.empty_like(z)
            output = denoiser(torch.mul(z, self._scales[place], out=self._scaled), self._second[place])
        else:
            output = denoiser(z, self._second[place])
        _check(output, z)
        # The update is in place: an output that is a view of the state, which fills its storage, would change under
        # its own hands.
        begin = z.data_ptr()
        if begin <= output.data_ptr() < begin + z.nbytes:
            return output.clone()
        return output

    def traced(self, denoiser: Denoiser, place: int, z: Tensor) -> Tensor:
        """Evaluate the denoiser in a function that is compiled: any place by one graph; what comes back may be a view of `z`."""
        output = denoiser(z * self._scale_table[place] if self._edm else z, self._table[place])
        _check(output, z)
        return output


def _check(output: Tensor, z: Tensor) -> None:
    if not isinstance(output, Tensor):
        raise SamplerError(f"the denoiser must return a tensor; it returned {_article(output)}")
    if output.is_complex():
        raise SamplerError(f"the denoiser must return real numbers; it returned {output.dtype}")
    if output.shape != z.shape:
        raise SamplerError(
            f"the denoiser must return the state's shape, {tuple(z.shape)}; it returned {tuple(output.shape)}"
        )


def _article(value: object) -> str:
    name = type(value).__name__
    hint = "; take its .sample" if hasattr(value, "sample") else ""
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}{hint}"
