r"""A scheduler for diffusers' pipelines whose every step is the planned one: $z_s=a_zz_t+a_o\hat o+a_n\xi$."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import ConfigMixin, DDPMScheduler, SchedulerMixin
from diffusers.configuration_utils import register_to_config
from diffusers.schedulers.scheduling_utils import KarrasDiffusionSchedulers
from diffusers.utils import BaseOutput
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor

from s2n_proofs.lower.forms import alpha_t, sigma_t
from s2n_proofs.schedule import Schedule

from ..planning.forms import KINDS, reading
from ..planning.knobs import is_zero, read_knobs
from ..planning.levels import format_of, round_when_decided
from ..planning.reading import schedule_at
from ..planning.straight_line import compile_expressions
from ..sampling.errors import SamplerError
from ..step_plan import StepPlan, plan_steps
from .denoisers import PREDICTION_TYPES
from .diffusers_config import given_by

__all__ = ["S2NOutput", "S2NScheduler"]


@dataclass
class S2NOutput(BaseOutput):  # type: ignore[misc]  # diffusers has no types
    """What :meth:`S2NScheduler.step` gives.

    Attributes
    ----------
    prev_sample : Tensor
        The state after the step.
    """

    prev_sample: Tensor


class S2NScheduler(SchedulerMixin, ConfigMixin):  # type: ignore[misc]  # diffusers has no types
    r"""Sampling with proved coefficients, in a pipeline.

    Parameters
    ----------
    num_train_timesteps, beta_start, beta_end, beta_schedule, trained_betas, rescale_betas_zero_snr
        The table, as for ``DDPMScheduler``, whose ``alphas_cumprod`` it is, number by number.
    timestep_spacing, steps_offset
        The times, as for ``DDPMScheduler``.
    set_alpha_to_one : bool
        As for ``DDIMScheduler``: after the last time comes clean data, or else time 0 of the table.
    prediction_type : {"epsilon", "sample", "v_prediction"}
        What the model predicts.
    kind : {"corollary", "ancestral", "nonmarkov"}
        The step; see :func:`numerics.plan_steps`.
    gamma, delta, rho : float or str
        Of ``corollary``: numbers or expressions of t.
    eta : float
        Of ``nonmarkov``, DDIM's; the ``eta`` that a pipeline passes to :meth:`step` has precedence, and makes the step that
        one, with a warning where the configuration says something else.
    clip_sample : bool
        Clip the prediction of x to [-`clip_sample_range`, `clip_sample_range`] and step with what the clipped one means, as
        ``DDIMScheduler`` does with ``use_clipped_model_output=True``, and ``DDPMScheduler``.

    Notes
    -----
    ``DDIMPipeline`` makes a DDIM scheduler from whatever it is given: assign ``pipeline.scheduler`` afterwards.  It passes
    ``eta=0.0`` to every step unless told another.

    Examples
    --------
    >>> scheduler = S2NScheduler(kind="ancestral")
    >>> scheduler.set_timesteps(4)
    >>> scheduler.timesteps.tolist()
    [750, 500, 250, 0]
    >>> scheduler.step(torch.zeros(1, 2), 0, torch.ones(1, 2)).prev_sample
    tensor([[1.0001, 1.0001]])
    """

    _compatibles = [member.name for member in KarrasDiffusionSchedulers]  # noqa: RUF012  # diffusers' own name
    order = 1

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(
        self,
        num_train_timesteps: int = 1000,
        beta_start: float = 0.0001,
        beta_end: float = 0.02,
        beta_schedule: str = "linear",
        trained_betas: list[float] | None = None,
        prediction_type: str = "epsilon",
        timestep_spacing: str = "leading",
        steps_offset: int = 0,
        rescale_betas_zero_snr: bool = False,
        kind: str = "corollary",
        gamma: float | str = 0.0,
        delta: float | str = 0.0,
        rho: float | str = 0.0,
        eta: float = 0.0,
        clip_sample: bool = False,
        clip_sample_range: float = 1.0,
        set_alpha_to_one: bool = True,
    ) -> None:
        if kind not in KINDS:
            raise SamplerError(f"kind must be one of {', '.join(KINDS)}; it is {kind!r}")
        knobs: dict[str, object] = {"gamma": gamma, "delta": delta, "rho": rho}
        chosen: Any = kind
        read_knobs(chosen, knobs, {"eta": eta if kind == "nonmarkov" or not is_zero("eta", eta) else None})
        if prediction_type not in PREDICTION_TYPES:
            known = ", ".join(PREDICTION_TYPES)
            raise SamplerError(f"prediction_type must be one of {known}; it is {prediction_type!r}")
        self._theirs = DDPMScheduler(
            num_train_timesteps, beta_start, beta_end, beta_schedule, trained_betas,
            timestep_spacing=timestep_spacing, steps_offset=steps_offset, rescale_betas_zero_snr=rescale_betas_zero_snr,
        )  # fmt: skip
        self.betas: Tensor = self._theirs.betas
        self.alphas_cumprod: Tensor = self._theirs.alphas_cumprod
        self.schedule = Schedule.from_table(alphas_cumprod=self.alphas_cumprod, name=beta_schedule)
        self.init_noise_sigma = 1.0
        self.num_inference_steps: int | None = None
        self._warned = False
        self._set(self._theirs.timesteps)

    def _set(self, timesteps: Tensor) -> None:
        self.timesteps = timesteps
        self._places = {int(time): index for index, time in enumerate(timesteps.tolist())}
        self._times = [*map(int, timesteps.tolist()), -1 if self.config.set_alpha_to_one else 0]
        self._stays = self._times[-2:] == [0, 0]  # the last step goes from time 0 to time 0
        if self._stays:
            self._times.pop()
        self._plans: dict[tuple[torch.dtype, float | None], list[tuple[float, float, float]]] = {}
        self._clean: dict[torch.dtype, list[tuple[float, float]]] = {}

    @classmethod
    def from_config(cls, config: Any = None, return_unused_kwargs: bool = False, **kwargs: Any) -> Any:
        """Make one from the configuration of another scheduler, with all that this one says, its own defaults included.

        Raises
        ------
        SamplerError
            If it asks for something that this scheduler does not do.
        """
        if isinstance(config, dict):
            config = given_by(config, kwargs)
        return super().from_config(config, return_unused_kwargs, **kwargs)

    def __len__(self) -> int:
        """Return the number of entries of the table."""
        return int(self.config.num_train_timesteps)

    def set_timesteps(self, num_inference_steps: int, device: str | torch.device | None = None) -> None:
        """Choose the times of a run, as ``DDPMScheduler`` does."""
        if not isinstance(num_inference_steps, int) or not 1 <= num_inference_steps <= len(self):
            raise SamplerError(
                f"the number of steps must be a whole number from 1 to {len(self)}; it is {num_inference_steps!r}"
            )
        self._theirs.set_timesteps(num_inference_steps, device=device)
        self.num_inference_steps = num_inference_steps
        self._set(self._theirs.timesteps)

    def scale_model_input(self, sample: Tensor, timestep: object = None) -> Tensor:
        """Return the sample: this table needs no scaling."""
        return sample

    def step(
        self,
        model_output: Tensor,
        timestep: int | Tensor,
        sample: Tensor,
        eta: float | None = None,
        use_clipped_model_output: bool | None = None,
        generator: torch.Generator | list[torch.Generator] | None = None,
        variance_noise: Tensor | None = None,
        return_dict: bool = True,
    ) -> S2NOutput | tuple[Tensor]:
        """Take the step from `timestep` to the next.

        Parameters
        ----------
        model_output, timestep, sample, generator, return_dict
            As pipelines pass them.
        eta : float, optional
            DDIM's, for this step; without it the configuration holds.
        use_clipped_model_output : bool, optional
            Has no effect: with ``clip_sample`` the clipped prediction is used throughout.
        variance_noise : Tensor, optional
            The noise, instead of the generator's.

        Raises
        ------
        SamplerError
            If `timestep` is none of the times of this run.
        """
        time = int(timestep)
        if time not in self._places:
            raise SamplerError(
                f"timestep {time} is none of this run's; call set_timesteps, then use scheduler.timesteps"
            )
        if eta is not None:
            self._warn_of_eta(eta)
        place = self._places[time]
        # Half precision keeps float32 coefficients: they are factors inside a kernel that computes in float32.
        dtype = sample.dtype if sample.dtype in (torch.float32, torch.float64) else torch.float32
        by_z, by_output, by_noise = self._coefficients(dtype, eta)[place]
        if self.config.clip_sample:
            from_z, from_output = self._readings(dtype)[place]
            limit = self.config.clip_sample_range
            model_output = (sample * from_z).add_(model_output, alpha=from_output).clamp_(-limit, limit)
        result = (sample * by_z).add_(model_output, alpha=by_output)
        if by_noise:
            if variance_noise is None:
                variance_noise = randn_tensor(
                    model_output.shape, generator=generator, device=sample.device, dtype=sample.dtype
                )
            result.add_(variance_noise, alpha=by_noise)
        return S2NOutput(prev_sample=result) if return_dict else (result,)

    def _warn_of_eta(self, eta: float) -> None:
        """Say once that the caller's eta makes another step than the one that was configured."""
        config = self.config
        if config.kind == "corollary":
            told = [name for name in ("gamma", "delta", "rho") if not is_zero(name, getattr(config, name))]
        elif config.kind == "nonmarkov":
            told = ["eta"] if config.eta not in (0, eta) else []
        else:
            told = [] if eta == 1 else ["kind"]
        if told and not self._warned:
            self._warned = True
            what = ", ".join(f"{name}={getattr(config, name)!r}" for name in told)
            warnings.warn(
                f"the caller passes eta={eta} (DDIMPipeline always does, 0.0 unless told another), so that every step is DDIM's "
                f"and the scheduler's {what} has no effect; use DDPMPipeline to sample as configured",
                stacklevel=3,
            )

    def _coefficients(self, dtype: torch.dtype, eta: float | None) -> list[tuple[float, float, float]]:
        if (dtype, eta) not in self._plans:
            steps: list[tuple[float, float, float]] = [(1.0, 0.0, 0.0)] if self._stays else []
            if len(self._times) > 1:
                columns = [getattr(self.plan(dtype, eta), name).tolist() for name in ("a_z", "a_eps", "a_noise")]
                steps = [*zip(*columns, strict=True), *steps]
            self._plans[dtype, eta] = steps
        return self._plans[dtype, eta]

    def plan(self, dtype: torch.dtype = torch.float32, eta: float | None = None) -> StepPlan:
        """Return the plan of this run: what :meth:`step` multiplies with."""
        config = self.config
        prediction: Any = "x" if config.clip_sample else PREDICTION_TYPES[config.prediction_type]
        knobs: dict[str, Any] = {}
        kind: Any = config.kind if eta is None else "nonmarkov"
        if kind == "nonmarkov":
            knobs["eta"] = config.eta if eta is None else eta
        elif kind == "corollary":
            knobs = {name: getattr(config, name) for name in ("gamma", "delta", "rho")}
        return plan_steps(self.schedule, self._times, kind=kind, prediction=prediction, dtype=dtype, **knobs)

    def _readings(self, dtype: torch.dtype) -> list[tuple[float, float]]:
        """How x is read from the state and the model's output, at each time of the run."""
        if dtype not in self._clean:
            at = schedule_at(self.schedule, self._times)
            places = range(len(self._places))
            program = _reader(PREDICTION_TYPES[self.config.prediction_type])

            def balls() -> list[Any]:
                alphas, sigmas = at.balls(places)
                return [ball for place in places for ball in program.balls(alphas[place], sigmas[place])]

            values = round_when_decided(balls, format_of(dtype))
            self._clean[dtype] = list(zip(values[::2], values[1::2], strict=True))
        return self._clean[dtype]

    def add_noise(self, original_samples: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        r"""Return $\alpha x+\sigma\epsilon$ at the table's times, one for each sample."""
        signal = self.alphas_cumprod.to(timesteps.device, torch.float64)[timesteps].to(original_samples.device)
        shape = (-1, *(1,) * (original_samples.ndim - 1))
        alpha, sigma = (level.sqrt().to(original_samples.dtype).reshape(shape) for level in (signal, 1 - signal))
        return alpha * original_samples + sigma * noise


def _reader(prediction: Any) -> Any:
    return compile_expressions(reading(prediction, "x"), (alpha_t, sigma_t))
