r"""Schedulers with the protocol of diffusers: ``set_timesteps``, then ``step(model_output, timestep, sample)``.

They are read by what they have, not by their names, so a scheduler of your own in the same style works:

- ``alphas_cumprod`` and no ``sigmas``: $\alpha=\sqrt{\bar\alpha}$, $\sigma=\sqrt{1-\bar\alpha}$ (DDIM, DDPM);
- ``sigmas`` and ``_sigma_to_alpha_sigma_t``: $\sigma/\alpha$ on a variance-preserving schedule (the DPM-Solvers);
- ``sigmas`` of a flow: $\alpha=1-\sigma$;
- other ``sigmas``: $\alpha=1$ (Euler; the EDM schedulers, whose ``precondition_outputs`` is inverted).
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from s2n_proofs.testing.worlds import mp

from .families import ETA
from .implementation import Array, AuditError, Level

__all__ = ["DiffusersScheduler"]

# What the step of each claims to be, from its documentation and paper.
_CLAIMS = {
    "DDIMScheduler": "ddim",
    "DDPMScheduler": "ancestral",
    "EulerDiscreteScheduler": "ddim",  # Euler in sigma at alpha = 1
    "EulerAncestralDiscreteScheduler": "ancestral",
    "DPMSolverMultistepScheduler": "ddim",
    "FlowMatchEulerDiscreteScheduler": "ddim",
}
_PLAIN = {"clip_sample": False, "thresholding": False}


class DiffusersScheduler:
    """One scheduler class with its options.

    Parameters
    ----------
    made : type
        The scheduler's class.
    steps : int
        Of inference.
    family : str, optional
        What it claims; known for the schedulers of diffusers.
    options : mapping, optional
        Keyword arguments of the scheduler; clipping is switched off unless they say otherwise.
    step_options : mapping, optional
        Keyword arguments of ``step``, such as ``eta``.
    order : int, optional
        The order of convergence that it claims; known where it has ``solver_order`` or a known family.
    """

    def __init__(
        self,
        made: type,
        steps: int = 10,
        family: str | None = None,
        options: Mapping[str, Any] | None = None,
        step_options: Mapping[str, Any] | None = None,
        order: int | None = None,
    ) -> None:
        self.made, self.options, self.step_options = made, dict(options or {}), dict(step_options or {})
        accepted = inspect.signature(made).parameters
        arguments = {key: value for key, value in _PLAIN.items() if key in accepted} | self.options
        unknown = [key for key in self.options if key not in accepted]
        if unknown:
            raise AuditError(f"{getattr(made, '__name__', made)} takes no option {unknown[0]!r}")
        self.arguments = arguments
        self.scheduler = made(**arguments)
        self.scheduler.set_timesteps(steps)
        self.steps = len(self.scheduler.timesteps)
        self.name = getattr(made, "__name__", str(made))
        known = next((_CLAIMS[base.__name__] for base in inspect.getmro(made) if base.__name__ in _CLAIMS), None)
        if known == "ddim" and self.step_options.get("eta"):
            known = "eta"
        if str(arguments.get("algorithm_type", "")).startswith("sde"):
            known = "ancestral" if arguments["algorithm_type"].endswith("++") else "eq7"
        self.family = family or known
        self.precision = "float32"
        self._prediction = getattr(self.scheduler.config, "prediction_type", "flow" if self._flow else "epsilon")
        if self._prediction == "flow_prediction" or self._flow:
            self._prediction = "flow"
        if hasattr(self.scheduler, "precondition_outputs"):
            self._prediction = "preconditioned"
        self.levels = self._levels()
        if sum(not level.alpha for level in self.levels) > 1:
            raise AuditError(f"alpha is 0 at several noise levels of {self.name}, so nothing can be read there")
        ratios = [level.sigma / level.alpha for level in self.levels if level.alpha]
        if any(not isinstance(ratio, mp.mpf) or ratio < after for ratio, after in pairwise([*ratios, mp.mpf(0)])):
            raise AuditError(f"the noise levels of {self.name} do not fall from step to step, so it is no sampler")
        self.numbers = {ETA: float(self.step_options["eta"])} if self.family == "eta" else None
        self.span: tuple[int, int] | None = None
        self._accepts = inspect.signature(self.scheduler.step).parameters
        known_order = self._option("solver_order")
        self.multistep = (known_order or 1) > 1 or self._remembers()
        # Nothing is claimed of a scheduler that is not known here: its order is measured and not judged.
        self.order: int | None = order or known_order or (1 if self.family else None)
        self._given_order = order

    def _option(self, name: str) -> int | None:
        """An option that has a default of its own: UniPC's order is 2 unless it is asked for another."""
        found = self.arguments.get(name, getattr(self.scheduler.config, name, None))
        return int(found) if isinstance(found, int) else None

    def _remembers(self) -> bool:
        """Whether a step depends on what the network said in the step before: Heun, Adams-Bashforth, two-stage methods."""
        zero, one = np.zeros(2), np.ones(2)
        outcomes = []
        for before in (zero, one):
            scheduler = copy.deepcopy(self.scheduler)
            if hasattr(scheduler, "set_begin_index"):
                scheduler.set_begin_index(0)
            self._step(scheduler, 0, zero, before, seed=0)
            outcomes.append(self._step(scheduler, 1, zero, zero, seed=1))
        return not np.array_equal(outcomes[0], outcomes[1])

    @property
    def _flow(self) -> bool:
        scheduler = self.scheduler
        if hasattr(scheduler, "precondition_outputs"):
            return False
        return not hasattr(scheduler, "alphas_cumprod") or bool(getattr(scheduler.config, "use_flow_sigmas", False))

    def _levels(self) -> list[Level]:
        scheduler = self.scheduler
        if hasattr(scheduler, "sigmas"):
            found = [mp.mpf(float(value)) for value in scheduler.sigmas]
            if self._flow:
                return [Level(1 - value, value) for value in found]
            if hasattr(scheduler, "_sigma_to_alpha_sigma_t") and hasattr(scheduler, "alphas_cumprod"):
                return [Level(1 / mp.sqrt(1 + value**2), value / mp.sqrt(1 + value**2)) for value in found]
            return [Level(mp.mpf(1), value) for value in found]
        if not hasattr(scheduler, "alphas_cumprod"):
            raise AuditError(f"{self.name} has neither alphas_cumprod nor sigmas, so its noise levels are not known")
        table = scheduler.alphas_cumprod
        kept = [mp.mpf(float(table[int(time)])) for time in scheduler.timesteps]
        last = getattr(scheduler, "final_alpha_cumprod", getattr(scheduler, "one", 1.0))
        kept.append(mp.mpf(float(last)))
        return [Level(mp.sqrt(value), mp.sqrt(1 - value)) for value in kept]

    def step(self, index: int, z: Array, eps: Array, seed: int) -> Array:
        """Take one step with a fresh scheduler."""
        scheduler = copy.deepcopy(self.scheduler)
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(index)
        return self._step(scheduler, index, z, eps, seed)

    def _step(self, scheduler: Any, index: int, z: Array, eps: Array, seed: int) -> Array:
        sample = torch.tensor(z).reshape(1, -1)
        output = torch.tensor(self._output(index, z, eps)).reshape(1, -1)
        time = scheduler.timesteps[index]
        if hasattr(scheduler, "scale_model_input"):
            scheduler.scale_model_input(sample, time)
        given = dict(self.step_options)
        if "generator" in self._accepts:
            given["generator"] = torch.Generator().manual_seed(seed)
        moved = scheduler.step(output, time, sample, **given).prev_sample
        return np.asarray(moved.reshape(-1).double().numpy(), dtype=np.float64)

    def _output(self, index: int, z: Array, eps: Array) -> Array:
        alpha, sigma = (float(value) for value in self.levels[index])
        if self._prediction == "epsilon":
            return eps
        if self._prediction == "sample":
            return (z - sigma * eps) / alpha
        if self._prediction == "v_prediction":
            return alpha * eps - sigma * (z - sigma * eps) / alpha
        if self._prediction == "flow":
            return eps - (z - sigma * eps) / alpha
        if self._prediction == "preconditioned":
            given = [torch.from_numpy(np.asarray(x, dtype=np.float64)) for x in (z, 0 * z, 0 * z + 1)]
            at_0, at_1 = (self.scheduler.precondition_outputs(given[0], x, sigma).numpy() for x in given[1:])
            return np.asarray((z - sigma * eps - at_0) / (at_1 - at_0))
        raise AuditError(f"{self.name} predicts {self._prediction!r}, which is not known here")

    def noises(self, seed: int, size: int) -> list[Array]:
        """What its generator draws first."""
        drawn = (
            torch.randn((1, size), generator=torch.Generator().manual_seed(seed), dtype=dtype)
            for dtype in (torch.float64, torch.float32)
        )
        return [np.asarray(found.reshape(-1).double().numpy(), dtype=np.float64) for found in drawn]

    def with_steps(self, steps: int) -> DiffusersScheduler:
        """The same scheduler with another number of steps."""
        return DiffusersScheduler(self.made, steps, self.family, self.options, self.step_options, self._given_order)

    def closed(self) -> DiffusersScheduler:
        """Its own grid goes from its noisiest level to its last."""
        return self

    def solve(self, z: Array, network: Callable[[Array, Level], Array], start: int, end: int) -> Array:
        """Run some steps with one scheduler throughout."""
        scheduler = copy.deepcopy(self.scheduler)
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(start)
        for index in range(start, end):
            z = self._step(scheduler, index, z, network(z, self.levels[index]), seed=index)
        return z

    def script(self, index: int, coefficient: str) -> str:
        """Print the coefficient of one step."""
        module = self.made.__module__
        module = "diffusers" if module.startswith("diffusers.") else module
        sample, output = ("1.0", "0.0") if coefficient == "a_z" else ("0.0", "1.0" if coefficient == "a_eps" else "0.0")
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.arguments.items())
        given = "".join(f", {key}={value!r}" for key, value in self.step_options.items())
        alpha, sigma = (float(value) for value in self.levels[index])
        lines = [
            "import torch",
            f"from {module} import {self.name}",
            "",
            f"scheduler = {self.name}({arguments})",
            f"scheduler.set_timesteps({self.steps})",
            f"sample = torch.tensor([[{sample}]], dtype=torch.float64)",
            f"eps = torch.tensor([[{output}]], dtype=torch.float64)",
            f"alpha, sigma = {alpha!r}, {sigma!r}  # at this step",
            f"model_output = {_IN_EPS[self._prediction]}",
            f"time = scheduler.timesteps[{index}]",
        ]
        if hasattr(self.scheduler, "set_begin_index"):
            lines.append(f"scheduler.set_begin_index({index})")
        if hasattr(self.scheduler, "scale_model_input"):
            lines.append("scheduler.scale_model_input(sample, time)")
        if "generator" in self._accepts:
            lines.append("generator = torch.Generator().manual_seed(0)")
            given += ", generator=generator"
        call = f"scheduler.step(model_output, time, sample{given}).prev_sample.item()"
        if coefficient == "a_noise":
            drawn = "torch.randn((1, 1), generator=torch.Generator().manual_seed(0), dtype=torch.float64).item()"
            call += f" / {drawn}"
        return "\n".join([*lines, f"print({call})  # {coefficient}", ""])


_IN_EPS = {
    "epsilon": "eps",
    "sample": "(sample - sigma * eps) / alpha",
    "v_prediction": "alpha * eps - sigma * (sample - sigma * eps) / alpha",
    "flow": "eps - (sample - sigma * eps) / alpha",
    # The data from the network's output is affine in it, so two values of it invert it.
    "preconditioned": "(sample - sigma * eps - scheduler.precondition_outputs(sample, 0 * sample, sigma)) / ("
    "scheduler.precondition_outputs(0 * sample, 0 * sample + 1, sigma))",
}
