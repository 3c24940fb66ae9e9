"""The steps of other packages, where they are installed, as jobs of the benchmark."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from numerics.adapters.k_diffusion import PeerError, load_sampling

__all__ = ["peers"]

Job = Callable[[], None]


def peers(z: Tensor, output: Tensor, count: int, noisy: bool) -> Iterator[tuple[str, Job]]:
    """Yield a title and a job of `count` steps for every peer that is here."""
    if find_spec("diffusers") is not None:
        yield from _diffusers(z, output, count, noisy)
    if find_spec("azula") is not None:
        yield from _azula(z, output, count, noisy)
    if find_spec("k_diffusion") is not None:
        yield from _k_diffusion(z, output, count, noisy)


def _diffusers(z: Tensor, output: Tensor, count: int, noisy: bool) -> Iterator[tuple[str, Job]]:
    package = importlib.import_module("diffusers")
    made = {"DDPM": package.DDPMScheduler(clip_sample=False)} if noisy else {
        "FlowMatchEuler": package.FlowMatchEulerDiscreteScheduler(),
        "DDIM": package.DDIMScheduler(clip_sample=False),
    }  # fmt: skip
    for name, scheduler in made.items():
        scheduler.set_timesteps(count)
        yield f"diffusers {name}", _loop(scheduler, z, output)


def _loop(scheduler: Any, z: Tensor, output: Tensor) -> Job:
    timesteps = list(scheduler.timesteps)

    def job() -> None:
        state = z
        scheduler._step_index = None  # where FlowMatchEuler remembers how far it is
        for t in timesteps:
            state = scheduler.step(output, t, state).prev_sample

    return job


def _azula(z: Tensor, output: Tensor, count: int, noisy: bool) -> Iterator[tuple[str, Job]]:
    sample, denoise, noise = (importlib.import_module(f"azula.{name}") for name in ("sample", "denoise", "noise"))

    class Known(torch.nn.Module):
        """A denoiser that has its answer."""

        schedule = noise.VPSchedule()

        def forward(self, x_t: Tensor, t: Tensor) -> Any:
            return denoise.DiracPosterior(output)

    name = "DDPM" if noisy else "DDIM"
    sampler = getattr(sample, f"{name}Sampler")(Known(), steps=count, silent=True)

    def job() -> None:
        sampler(z)

    yield f"azula {name}", job


def _k_diffusion(z: Tensor, output: Tensor, count: int, noisy: bool) -> Iterator[tuple[str, Job]]:
    try:
        package = load_sampling()
    except PeerError:
        return  # installed without what its samplers need, SciPy for one
    sigmas = package.get_sigmas_karras(count, 0.002, 80.0, device=z.device)
    name = "sample_euler_ancestral" if noisy else "sample_euler"

    def job() -> None:
        getattr(package, name)(lambda x, sigma: output, z, sigmas, disable=True)

    yield f"k-diffusion {name.removeprefix('sample_')}", job
