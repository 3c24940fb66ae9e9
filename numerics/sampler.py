r"""The reference sampler: one update $z_s=a_zz_t+a_\epsilon\hat\epsilon+a_n\xi$ in place, with proved and rounded coefficients.

The coefficients are those of :func:`numerics.plan_steps`; second-order steps take theirs from
:mod:`s2n_proofs.theory.second_order`.  A step allocates nothing beyond what the denoiser returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from s2n_proofs.schedule import Schedule

from .planning.forms import KINDS
from .planning.knobs import is_zero
from .sampling.conventions import Caller, Convention, Denoiser, network_prediction
from .sampling.errors import SamplerError
from .sampling.method import Euler, Method
from .sampling.noise import Noise, noise_source
from .sampling.progress import steps_shown
from .sampling.replay import not_finite
from .sampling.second_order import Form, Heun, Multistep
from .step_plan import Given, StepPlan, plan_steps

__all__ = ["Run", "Sampler", "SamplerError", "sample"]

SamplerKind = Literal["corollary", "ancestral", "nonmarkov", "deterministic"]
MethodName = Literal["first", "heun", "multistep"]
Callback = Callable[[int, Tensor], None]


@dataclass(frozen=True)
class Run:
    """What a run gives.

    Attributes
    ----------
    z : Tensor
        The state at the last time.
    trajectory : Tensor or None
        If asked for: shape (N+1, ...), the states at all times, the first included.
    times : Tensor
        The times.
    evaluations : int
        How often the denoiser was called.
    """

    z: Tensor
    trajectory: Tensor | None
    times: Tensor
    evaluations: int


class Sampler:
    r"""Plans once, then runs any number of times, or step by step.

    Parameters
    ----------
    schedule : Schedule
        Without free parameters.
    times : sequence
        N+1 strictly decreasing times, exact numbers (see :func:`numerics.plan_steps`).
    gamma, delta, rho : number, text, sympy.Expr, or one for each step
        The knobs of Corollary 1.
    kind : {"corollary", "ancestral", "nonmarkov", "deterministic"}
        ``deterministic`` is Eq. (12), Corollary 1 with all knobs at 0.
    beta, eta
        Of the non-Markovian step, one of them.
    method : {"first", "heun", "multistep"}
        Second-order steps are for ``rho = 0``.
    form : {"eps", "x"}, optional
        What a second-order step interpolates; x unless the network predicts eps or the score, or there is a gamma.
    prediction : {"eps", "x", "score", "v", "edm"}
        What the denoiser predicts; ``edm``: it is called as ``(z/alpha, sigma/alpha)`` and predicts x.
    dtype : torch.dtype
        Of the state and the coefficients.
    device : torch.device or str

    Raises
    ------
    SamplerError, PlanError
        In one sentence: what is wrong, where, what is allowed.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> sampler = Sampler(catalogue["fm-ot"], ["1", "1/2", "0"], prediction="x")
    >>> sampler.run(lambda z, t: torch.full_like(z, 3.0), torch.zeros(2)).z
    tensor([3., 3.])
    """

    def __init__(
        self,
        schedule: Schedule,
        times: object,
        *,
        gamma: Given = 0.0,
        delta: Given = 0.0,
        rho: Given = 0.0,
        kind: SamplerKind = "corollary",
        beta: Given | None = None,
        eta: Given | None = None,
        method: MethodName = "first",
        form: Form | None = None,
        prediction: Convention = "eps",
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        if kind not in (*KINDS, "deterministic"):
            raise SamplerError(f"kind must be one of {', '.join((*KINDS, 'deterministic'))}; it is {kind!r}")
        if method not in get_args(MethodName):
            raise SamplerError(f"method must be one of {', '.join(get_args(MethodName))}; it is {method!r}")
        if form not in (None, *get_args(Form)):
            raise SamplerError(f"form must be eps or x; it is {form!r}")
        network = network_prediction(prediction)
        knobs = {"gamma": gamma, "delta": delta, "rho": rho}
        if kind == "deterministic" or method != "first":
            allowed = () if kind == "deterministic" else ("gamma",)
            for name, value in knobs.items():
                if name not in allowed and not is_zero(name, value):
                    which = "deterministic step" if kind == "deterministic" else f"method {method!r}"
                    raise SamplerError(f"the {which} has no {name}: leave it at 0")
        if method != "first" and kind not in ("corollary", "deterministic"):
            raise SamplerError(f'method {method!r} solves the deterministic equation; it has no kind="{kind}"')
        planned = "corollary" if kind == "deterministic" else kind
        if form is None:
            form = "eps" if network in ("eps", "score") or not is_zero("gamma", gamma) else "x"
        self.plan: StepPlan = plan_steps(
            schedule, times, gamma, delta, rho, kind=planned, beta=beta, eta=eta,
            prediction=network if method == "first" else form, dtype=dtype, device=device,
        )  # fmt: skip
        for name in ("a_z", "a_eps", "a_noise"):
            if not bool(torch.isfinite(getattr(self.plan, name)).all()):
                raise SamplerError(
                    f"the coefficient {name} overflows {str(dtype).removeprefix('torch.')}; take a wider one"
                )
        self.dtype, self.device = dtype, self.plan.a_z.device
        self._call = Caller(schedule, self.plan.exact_times, self.plan.times, prediction, dtype)
        self._method: Method
        if method == "first":
            self._method = Euler(self.plan, self._call)
        else:
            second: type[Heun] | type[Multistep] = Heun if method == "heun" else Multistep
            self._method = second(self.plan, self._call, network, form)
        self._stochastic = any(self._method.noise)

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.plan)

    def begin(self, z_T: Tensor) -> Tensor:
        """Copy the first state, and forget what a multistep method remembers; steps then work in place on the copy."""
        self._check_state(z_T)
        self._method.forget()
        return z_T.detach().clone(memory_format=torch.contiguous_format)

    @torch.no_grad()
    def step(self, index: int, z: Tensor, denoiser: Denoiser, noise: Tensor | None = None) -> Tensor:
        r"""Take one step in place.

        Parameters
        ----------
        index : int
            Of the step, 0 to N-1, in order for a multistep method.
        z : Tensor
            The state at the step's start, as :meth:`begin` gave it; overwritten.
        denoiser : callable
        noise : Tensor, optional
            $\xi$; needed where the step has noise.

        Returns
        -------
        Tensor
            `z`.

        Notes
        -----
        A function that calls this with its index can be compiled by ``torch.compile(..., fullgraph=True)``: one graph
        serves all steps, except the first and the last of second order; it differs from an eager step by rounding.
        In a CUDA graph the coefficients are those of the captured index.
        """
        if not 0 <= index < len(self):
            raise SamplerError(f"step {index} does not exist; there are steps 0 to {len(self) - 1}")
        if torch.compiler.is_compiling():
            self._method.traced(index, z, denoiser)
            if noise is not None:
                z.add_(self.plan.a_noise[index] * noise)
            elif self._stochastic:
                raise SamplerError("a compiled step of a sampler with noise needs noise at every step")
            return z
        self._check_state(z, "z")
        if not z.is_contiguous():
            raise SamplerError("z must be contiguous, as begin(z) gives it")
        strength = self._method.noise[index]
        if strength and not (isinstance(noise, Tensor) and noise.shape == z.shape and noise.device == z.device):
            raise SamplerError(f"step {index} needs noise of shape {tuple(z.shape)} on {z.device}")
        self._method.advance(index, z, denoiser)
        if strength and noise is not None:
            z.add_(noise, alpha=strength)
        return z

    @torch.no_grad()
    def run(
        self,
        denoiser: Denoiser,
        z_T: Tensor,
        *,
        generator: torch.Generator | None = None,
        seed: int | None = None,
        per_sample: bool = False,
        first: int = 0,
        workers: int = 1,
        trajectory: bool = False,
        callback: Callback | None = None,
        progress: bool = False,
        check: bool = True,
    ) -> Run:
        """Sample from the first time to the last.

        Parameters
        ----------
        denoiser : callable
            ``(z, t)``, t a tensor of no axis; it must not keep or change z, which is overwritten by the step.
        z_T : Tensor
            The first state, any shape; left as it is.
        generator : torch.Generator, optional
            Of the noise; or a seed.
        seed : int, optional
            Of the noise, 0 unless given.
        per_sample : bool
            Draw for each sample of the first axis from a generator of its own, so that sample i does not depend on
            the batch.
        first : int
            The number of the first sample of this batch, with `per_sample`.
        workers : int
            Threads that draw noise, with `per_sample`; the numbers do not depend on it.
        trajectory : bool
            Keep every state.
        callback : callable, optional
            ``(index, z)`` after each step; z is the state itself.
        progress : bool
            Show a bar, where standard error is a terminal.
        check : bool
            Look once, at the end, whether the result is finite; if not, run again to find where it stopped being so.

        Raises
        ------
        SamplerError
            If the result is not finite (the message names the step and the fraction), or on bad input.
        """
        if not callable(denoiser):
            raise SamplerError(f"the denoiser must be callable as (z, t); it is of type {type(denoiser).__name__}")
        z = self.begin(z_T)
        source: Noise | None = None
        buffer = torch.empty_like(z) if self._stochastic else None
        if self._stochastic or generator is not None or seed is not None or per_sample:
            source = noise_source(z.shape, z.device, generator=generator, seed=seed, per_sample=per_sample,
                                  first=first, workers=workers)  # fmt: skip
        kept = z.new_empty((len(self) + 1, *z.shape)) if trajectory else None
        if kept is not None:
            kept[0] = z
        advance, strengths = self._method.advance, self._method.noise
        for index in steps_shown(len(self), progress):
            advance(index, z, denoiser)
            if strengths[index] and source is not None and buffer is not None:
                z.add_(source.fill(buffer), alpha=strengths[index])
            if kept is not None:
                kept[index + 1] = z
            if callback is not None:
                callback(index, z)
        if check and not bool(torch.isfinite(z).all()):
            called_back = callback is not None
            raise SamplerError(
                not_finite(self.begin(z_T), self._method, denoiser, source, self.plan.exact_times, called_back)
            )
        return Run(z, kept, self.plan.times, self._method.evaluations)

    def _check_state(self, z: Tensor, name: str = "z_T") -> None:
        if not isinstance(z, Tensor):
            raise SamplerError(f"{name} must be a tensor, not {type(z).__name__}")
        if z.dtype != self.dtype:
            raise SamplerError(f"{name} is {z.dtype}; this sampler was made for {self.dtype}")
        if z.device != self.device:
            raise SamplerError(f"{name} is on {z.device}; this sampler was made for {self.device}")

    def __repr__(self) -> str:
        return f"Sampler({type(self._method).__name__}, {self.plan!r})"


def sample(
    denoiser: Denoiser,
    schedule: Schedule,
    times: object,
    *,
    z_T: Tensor,
    gamma: Given = 0.0,
    delta: Given = 0.0,
    rho: Given = 0.0,
    kind: SamplerKind = "corollary",
    beta: Given | None = None,
    eta: Given | None = None,
    method: MethodName = "first",
    form: Form | None = None,
    prediction: Convention = "eps",
    generator: torch.Generator | None = None,
    seed: int | None = None,
    per_sample: bool = False,
    workers: int = 1,
    callback: Callback | None = None,
    progress: bool = False,
) -> Tensor:
    """Plan and run; the arguments are those of :class:`Sampler` and :meth:`Sampler.run`.

    Returns
    -------
    Tensor
        The state at the last time, of the shape, dtype and device of `z_T`.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> from numerics.data import Gaussian
    >>> law = Gaussian([2.0], 0.0)
    >>> z = torch.randn(4, 1, generator=torch.Generator().manual_seed(0))
    >>> sample(lambda z, t: law.posterior_mean(z, 1 - t, t), catalogue["fm-ot"], [1, "1/2", 0], z_T=z, prediction="x").T
    tensor([[2., 2., 2., 2.]])
    """
    if not isinstance(z_T, Tensor):
        raise SamplerError(f"z_T must be a tensor, not {type(z_T).__name__}")
    sampler = Sampler(
        schedule, times, gamma=gamma, delta=delta, rho=rho, kind=kind, beta=beta, eta=eta, method=method, form=form,
        prediction=prediction, dtype=z_T.dtype, device=z_T.device,
    )  # fmt: skip
    return sampler.run(
        denoiser, z_T, generator=generator, seed=seed, per_sample=per_sample, workers=workers, callback=callback,
        progress=progress,
    ).z  # fmt: skip
