r"""Networks of other packages as denoisers of :func:`numerics.sampler.sample`.

Each function returns a callable and says which ``prediction=`` goes with it.  None imports the package it is for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

__all__ = ["PREDICTION_TYPES", "from_azula", "from_diffusers", "from_flow", "from_karras"]

PREDICTION_TYPES = {"epsilon": "eps", "sample": "x", "v_prediction": "v"}
"""What diffusers' ``prediction_type`` is called here."""

Denoiser = Callable[[Tensor, Tensor], Tensor]


def from_diffusers(model: Callable[..., Any], **conditions: Any) -> Denoiser:
    """A UNet or transformer of diffusers; times are those of :meth:`Schedule.from_table`, the entries' numbers.

    Parameters
    ----------
    model : callable
        ``(sample, timestep, return_dict=False, **conditions)``, a tuple whose first member is the output.
    **conditions
        Passed on: ``encoder_hidden_states``, ``class_labels``, ...

    Examples
    --------
    >>> import torch
    >>> from_diffusers(lambda z, t, return_dict: (z * t,))(torch.ones(2), torch.tensor(3.0))
    tensor([3., 3.])
    """

    def denoiser(z: Tensor, t: Tensor) -> Tensor:
        output: Tensor = model(z, t, return_dict=False, **conditions)[0]
        return output

    return denoiser


def from_flow(velocity: Denoiser) -> Denoiser:
    r"""A velocity network $u=\epsilon-x$ of the schedule ``fm-ot``, as a prediction of x: $\hat x=z-t\,u$.

    Use ``prediction="x"``: unlike $\epsilon$ it has a limit at $t=1$.

    Examples
    --------
    >>> import torch
    >>> from_flow(lambda z, t: z)(torch.ones(2), torch.tensor(0.25))
    tensor([0.7500, 0.7500])
    """

    def denoiser(z: Tensor, t: Tensor) -> Tensor:
        return z - t * velocity(z, t)

    return denoiser


def from_karras(model: Callable[..., Tensor], **conditions: Any) -> Denoiser:
    """A denoiser ``(x, sigma)`` of EDM or k-diffusion, which want one sigma for each sample; ``prediction="edm"``.

    Examples
    --------
    >>> import torch
    >>> from_karras(lambda x, sigma: x / sigma[:, None])(torch.ones(2, 1), torch.tensor(4.0)).T
    tensor([[0.2500, 0.2500]])
    """

    def denoiser(x: Tensor, sigma: Tensor) -> Tensor:
        return model(x, sigma.expand(len(x)), **conditions)

    return denoiser


def from_azula(model: Callable[..., Any], **conditions: Any) -> Denoiser:
    """A ``Denoiser`` of azula: the mean of the posterior it returns; ``prediction="x"``.

    Its schedule is that of :func:`numerics.adapters.azula_schedules.from_azula_schedule`.
    """

    def denoiser(z: Tensor, t: Tensor) -> Tensor:
        mean: Tensor = model(z, t, **conditions).mean
        return mean

    return denoiser
