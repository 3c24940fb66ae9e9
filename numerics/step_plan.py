r"""The coefficients of a whole sampling run, each correctly rounded.

$$z_s=a_z\,z_t+a_\epsilon\,\epsilon_\theta(z_t,t)+a_n\,\xi .$$

They are computed on the host in ball arithmetic until each rounds to one number of the dtype, and cast once: no
coefficient is off by more than half a unit in its last place, however close the times are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import torch
from sympy import Expr

from s2n_proofs.proof.ball import working_precision
from s2n_proofs.schedule import Schedule

from .planning.cases import FIRST_BITS, Values
from .planning.errors import PlanError
from .planning.exact import Exact
from .planning.forms import KINDS, PREDICTIONS, Kind, Prediction
from .planning.grid import read_times
from .planning.knobs import read_knobs
from .planning.parameters import read_parameter
from .planning.reading import schedule_at
from .planning.rounding import FORMATS
from .planning.settle import round_exact, settle
from .planning.steps import Steps

__all__ = ["PlanError", "StepPlan", "plan_steps"]

_FORMATS = {getattr(torch, name): form for name, form in FORMATS.items()}

Given: TypeAlias = float | Fraction | str | Expr | Sequence[object] | torch.Tensor


@dataclass(frozen=True, eq=False, repr=False)
class StepPlan:
    r"""Coefficients of N steps, $z_{t_{i+1}}=a_{z,i}z_{t_i}+a_{\epsilon,i}\,\hat o_i+a_{n,i}\xi_i$.

    Attributes
    ----------
    times : torch.Tensor
        Shape (N+1,), strictly decreasing where the dtype can tell them apart: the exact times, correctly rounded.
    a_z, a_eps, a_noise : torch.Tensor
        Shape (N,): of the state, of the network's output (whatever `prediction` it is), of the noise; infinite beyond
        the largest number of the dtype, as rounding to nearest has it (the sampler refuses such a plan).
    exact_times : tuple
        What the coefficients were computed for: floats (exact binary numbers), fractions, SymPy numbers.
    schedule : Schedule
        The schedule.
    kind, prediction : str
        As given to :func:`plan_steps`.
    parameters : dict
        As given to :func:`plan_steps`: gamma, delta and rho, or beta, or eta.
    precision_bits : int
        The highest precision that a coefficient needed.
    hit_cap : tuple of int
        The steps that have a coefficient not decided with 4096 bits; empty in all that we have met.
    """

    times: torch.Tensor
    a_z: torch.Tensor
    a_eps: torch.Tensor
    a_noise: torch.Tensor
    exact_times: tuple[Exact, ...]
    schedule: Schedule
    kind: Kind
    prediction: Prediction
    parameters: dict[str, object]
    precision_bits: int
    hit_cap: tuple[int, ...]

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.a_z)

    def __repr__(self) -> str:
        knobs = ", ".join(f"{name}={value!r:.40}" for name, value in self.parameters.items())
        return (
            f"StepPlan({len(self)} steps, kind={self.kind!r}, prediction={self.prediction!r}, {knobs}, "
            f"dtype={self.a_z.dtype}, precision_bits={self.precision_bits})"
        )


def plan_steps(
    schedule: Schedule,
    times: object,
    gamma: Given = 0.0,
    delta: Given = 0.0,
    rho: Given = 0.0,
    *,
    kind: Kind = "corollary",
    beta: Given | None = None,
    eta: Given | None = None,
    prediction: Prediction = "eps",
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> StepPlan:
    r"""Plan a sampling run: the coefficients of every step, correctly rounded.

    Parameters
    ----------
    schedule : Schedule
        Without free parameters.
    times : sequence, array or tensor
        N+1 strictly decreasing times for N steps, taken as exact numbers: a float is the binary number that it
        is, text such as ``"1/3"`` and SymPy numbers are exact.  The ends of the domain are allowed; where
        $\sigma(0)=0$ or $\alpha(T)=0$ the coefficients are the limits.
    gamma, delta, rho : number, text, sympy.Expr, or one for each step
        The knobs of Corollary 1.  An expression of t (words of the schedule allowed, ``"sigma(t)/2"``) is taken at
        the step's start; delta >= 0.
    kind : {"corollary", "ancestral", "nonmarkov"}
        The step of Corollary 1, the posterior's step, or the non-Markovian step.
    beta : as gamma, optional
        Of the non-Markovian step, $0\le\beta\le\sigma_s$; here ``s``, the step's end, may occur too.
    eta : as gamma, optional
        Instead of beta: $\beta=\eta\sigma_Q$ with $\sigma_Q$ the noise of the ancestral step (DDIM's $\eta$).
    prediction : {"eps", "x", "score", "v"}
        What the network predicts: $\epsilon$, $x$, $-\epsilon/\sigma$ or $v=\alpha\epsilon-\sigma x$.
    dtype : torch.dtype
        float16, bfloat16, float32 or float64.
    device : torch.device or str
        Where the tensors go.

    Returns
    -------
    StepPlan

    Raises
    ------
    PlanError
        In one sentence: what is wrong, where, what is allowed.

    Notes
    -----
    Balls start at 128 bits and the precision doubles until both ends of each ball round to the same number; ties
    and exact zeros are decided in rational or symbolic arithmetic.  At 4096 bits the search ends and
    ``hit_cap`` tells.  Source: Corollary 1, arXiv 2408.04221, in the form that the package derives.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> plan = plan_steps(catalogue["fm-ot"], ["3/4", "1/2", "1/4", 0])
    >>> plan.a_z.tolist(), plan.a_eps.tolist()
    ([2.0, 1.5, 1.3333333730697632], [-1.0, -0.5, -0.3333333432674408])
    >>> plan_steps(catalogue["fm-ot"], [1, 0], prediction="x").a_eps.tolist()
    [1.0]
    >>> plan_steps(catalogue["fm-ot"], [1, 0])
    Traceback (most recent call last):
    ...
    numerics.planning.errors.PlanError: ...
    """
    form = _FORMATS.get(dtype) if isinstance(dtype, torch.dtype) else None
    if form is None:
        raise PlanError(f"dtype must be one of {', '.join(map(str, _FORMATS))}; it is {dtype}")
    if kind not in KINDS:
        raise PlanError(f"kind must be one of {', '.join(KINDS)}; it is {kind!r}")
    if prediction not in PREDICTIONS:
        raise PlanError(f"prediction must be one of {', '.join(PREDICTIONS)}; it is {prediction!r}")
    _check_schedule(schedule)
    target = _read_device(device)
    given = read_knobs(kind, {"gamma": gamma, "delta": delta, "rho": rho}, {"beta": beta, "eta": eta})
    with working_precision(FIRST_BITS):
        exact_times = read_times(times, schedule)
        noise = "eta" if "eta" in given else "beta"
        values = Values(*(
            read_parameter(name, given.get(name, 0), schedule, exact_times) for name in ("gamma", "delta", "rho", noise)
        ))  # fmt: skip
        steps = Steps(schedule_at(schedule, exact_times), kind, prediction, values, noise == "eta")
    settled = settle(steps, form)
    columns = torch.from_numpy(settled.values.T.copy()).to(device=target, dtype=dtype)
    return StepPlan(
        times=torch.from_numpy(round_exact(exact_times, form)).to(device=target, dtype=dtype),
        a_z=columns[0],
        a_eps=columns[1],
        a_noise=columns[2],
        exact_times=exact_times,
        schedule=schedule,
        kind=kind,
        prediction=prediction,
        parameters=given,
        precision_bits=settled.bits,
        hit_cap=settled.hit_cap,
    )


def _check_schedule(schedule: object) -> None:
    if not isinstance(schedule, Schedule):
        raise PlanError(f"schedule must be a Schedule, not {type(schedule).__name__}")
    if schedule.free_parameters:
        raise PlanError(f"the schedule's parameters have no value: {', '.join(schedule.free_parameters)}")


def _read_device(device: torch.device | str) -> torch.device:
    try:
        target = torch.device(device)
        torch.empty(0, device=target)
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise PlanError(f"device {str(device)!r} cannot be used here: {reason}") from error
    return target
