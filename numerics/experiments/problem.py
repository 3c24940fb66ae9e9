"""What an experiment samples: data with a known score, or a user's network with reference data."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import update_wrapper
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from sympy import Expr
from torch import Tensor

from s2n_proofs.proof.ball import working_precision
from s2n_proofs.schedule import Schedule

from ..data import NAMES, Law, named
from ..data.field import GaussianField
from ..planning.reading import schedule_at
from ..sampler import Sampler
from ..sampling.grids import edm_times
from .errors import ExperimentError

__all__ = ["DATA", "Problem", "guarded", "known_denoiser", "load", "named_law", "of_law", "sigma_times"]

DATA = ("field", *NAMES)
Features = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Problem:
    r"""A network, where it starts, and what its samples are compared with.

    Parameters
    ----------
    name : str
        How results call it.
    denoiser : callable
        ``(z, t)``, or ``(x, sigma)`` for ``prediction="edm"``.
    prediction : str
        See :class:`numerics.sampler.Sampler`.
    shape : tuple of int
        Of one sample.
    reference : Tensor
        Data, shape (N, ...); `features` is applied to them, too.
    reference_features : Tensor, optional
        Instead of `reference`: rows of features, computed before.
    sigma_max, sigma_min : number or text
        EDM's grid goes from the one to the other, and then to 0.
    features : callable, optional
        From samples to rows of features; flattened samples unless given.
    law : Law, optional
        If the data are known: then `denoiser` is unused.
    known : bool
        If the name alone says what it is, as for :func:`of_law`; what anybody else makes is told apart by what it gives.
    """

    name: str
    denoiser: Callable[[Tensor, Tensor], Tensor] | None = None
    prediction: Any = "edm"
    shape: tuple[int, ...] = ()
    reference: Tensor | None = field(default=None, repr=False)
    reference_features: Tensor | None = field(default=None, repr=False)
    sigma_max: object = 80
    sigma_min: object = "1/500"
    features: Features | None = None
    law: Law | None = None
    known: bool = False


def named_law(name: str) -> Law:
    """``field``, or one of :data:`numerics.data.NAMES`."""
    return GaussianField() if name == "field" else named(name, also=("field",))


def of_law(name: str) -> Problem:
    """The problem of known data; where they are no finite set, 100 000 reference samples drawn with a seed of their own."""
    law = named_law(name)
    reference = None
    if not isinstance(law, GaussianField):
        points = getattr(law, "points", None)
        reference = (
            points
            if points is not None
            else law.sample(100_000, torch.Generator().manual_seed(2**31), dtype=torch.float64)
        )
    return Problem(name, shape=(law.dimension,), reference=reference, law=law, known=True)


def known_denoiser(law: Law, sampler: Sampler) -> Callable[[Tensor, Tensor], Tensor]:
    """The best prediction of x for a sampler made with ``prediction="x"``."""
    plan = sampler.plan
    with working_precision(64):
        at = schedule_at(plan.schedule, plan.exact_times)
        # The last time, too: Heun's step asks there, unless nothing is left to be predicted.
        places = range(len(plan) + (not at.vanishes(len(plan), 1)))
        alphas, sigmas = at.balls(places)
    levels = {float(plan.times[i]): (float(alphas[i]), float(sigmas[i])) for i in places}

    def denoiser(z: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = levels[float(t)]
        return law.posterior_mean(z, alpha, sigma)

    return denoiser


def sigma_times(problem: Problem, steps: int) -> tuple[Schedule, list[float | Expr | Any]]:
    r"""EDM's schedule and grid with `steps` evaluations: $\alpha=1$, $\sigma=t$, the last step to 0."""
    if steps < 2:
        raise ExperimentError(f"the number of evaluations must be at least 2; it is {steps}")
    schedule = Schedule("1", "t", domain=(0, problem.sigma_max))
    times: list[Any] = edm_times(schedule, steps - 1, problem.sigma_max, problem.sigma_min)
    return schedule, [*times, 0]


def load(target: str, what: str) -> Any:
    """Import ``package.module:name``, the folder in which the command runs included.

    Raises
    ------
    ExperimentError
        If there is no such thing.
    """
    module, colon, name = target.partition(":")
    if not (colon and module and name):
        raise ExperimentError(f"{what} is given as package.module:name; {target!r} is not")
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        loaded = import_module(module)
    except ImportError as error:
        raise ExperimentError(f"{what}: cannot import {module}: {error}") from error
    except Exception as error:  # whatever a stranger's module does when it is imported
        if os.environ.get("S2N_DEBUG"):
            raise
        raise ExperimentError(f"{what}: {module} raised {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(here)
    if not hasattr(loaded, name):
        raise ExperimentError(f"{what}: {module} has no {name}")
    return getattr(loaded, name)


def guarded(function: Callable[..., Any], who: str) -> Callable[..., Any]:
    """A stranger's function whose every exception becomes an ExperimentError, except where S2N_DEBUG asks for tracebacks.

    Examples
    --------
    >>> guarded(lambda: 1 / 0, "mine:make")()
    Traceback (most recent call last):
    ...
    numerics.experiments.errors.ExperimentError: mine:make raised ZeroDivisionError: division by zero (set S2N_DEBUG=1 ...
    """

    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except ExperimentError:  # a sentence already
            raise
        except Exception as error:  # any: it is not this package's code
            if os.environ.get("S2N_DEBUG"):
                raise
            kind = type(error).__name__
            raise ExperimentError(f"{who} raised {kind}: {error} (set S2N_DEBUG=1 for the traceback)") from error

    return update_wrapper(call, function if hasattr(function, "__qualname__") else type(function), updated=())
