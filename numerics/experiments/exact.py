r"""Gaussian data: what a first-order plan makes of them, exactly, without a sample.

With the best network the step multiplies each mode by a number and adds noise: of mode with variance $v$,
$\epsilon^*=\sigma z/(\alpha^2v+\sigma^2)$.  So the law at the end is Gaussian with the same modes, and its Fréchet distance to
the data is $\sum(\sqrt{v'}-\sqrt v)^2$.
"""

from __future__ import annotations

import torch
from torch import Tensor

from s2n_proofs.proof.ball import working_precision

from ..planning.reading import schedule_at
from ..step_plan import StepPlan
from .errors import ExperimentError

__all__ = ["end_variances", "frechet_of_variances"]


def end_variances(plan: StepPlan, variances: Tensor) -> Tensor:
    r"""The variance of every mode after all steps, started from the true law at the first time.

    Parameters
    ----------
    plan : StepPlan
        In float64, for ``prediction="eps"``.
    variances : Tensor
        Of the modes of the data, all positive.

    Raises
    ------
    ExperimentError
        If the plan is for another prediction or dtype.

    Examples
    --------
    >>> from numerics import plan_steps
    >>> from s2n_proofs import catalogue
    >>> plan = plan_steps(catalogue["fm-ot"], ["1/2", 0], dtype=torch.float64)
    >>> end_variances(plan, torch.ones(1, dtype=torch.float64)).item()
    0.5
    """
    if plan.prediction != "eps" or plan.a_z.dtype != torch.float64:
        raise ExperimentError('the exact law needs a plan with prediction="eps" in float64')
    with working_precision(64):
        at = schedule_at(plan.schedule, plan.exact_times)
        alphas, sigmas = at.balls(range(len(plan)))
    v = float(alphas[0]) ** 2 * variances + float(sigmas[0]) ** 2
    for i, (a_z, a_eps, a_noise) in enumerate(zip(plan.a_z, plan.a_eps, plan.a_noise, strict=True)):
        alpha, sigma = float(alphas[i]), float(sigmas[i])
        v = (a_z + a_eps * sigma / (alpha**2 * variances + sigma**2)) ** 2 * v + a_noise**2
    return v


def frechet_of_variances(found: Tensor, wanted: Tensor) -> float:
    """The squared Fréchet distance of two centred Gaussians with common modes."""
    return float(((found.sqrt() - wanted.sqrt()) ** 2).sum())
