"""The same figures for other packages, read from their own step functions by probes; never from a re-typed formula."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from ..audit.fitting import compare, identify
from ..audit.probing import readings
from ..audit.resolve import resolve

__all__ = ["PEERS", "peer_errors"]

PEERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("diffusers DDIM, linear", "diffusers:DDIMScheduler", {}),
    ("diffusers DDIM, cosine", "diffusers:DDIMScheduler", {"beta_schedule": "squaredcos_cap_v2"}),
    ("diffusers DDPM, linear", "diffusers:DDPMScheduler", {}),
    ("diffusers DDPM, cosine", "diffusers:DDPMScheduler", {"beta_schedule": "squaredcos_cap_v2"}),
    ("azula DDIM", "azula.sample:DDIMSampler", {}),
    ("azula DDPM", "azula.sample:DDPMSampler", {}),
    ("k-diffusion Euler", "k_diffusion.sampling:sample_euler", {"dtype": "float32"}),
    ("k-diffusion Euler ancestral", "k_diffusion.sampling:sample_euler_ancestral", {"dtype": "float32"}),
)
"""A title, the target of ``s2n audit``, and the options of its constructor."""

_STEPS = 1000


def peer_errors(steps: int = _STEPS) -> list[dict[str, Any]]:
    """The worst coefficient of each peer that is installed, over adjacent steps of a grid of `steps`, in ulp of its precision."""
    rows = []
    for name, target, options in PEERS:
        if find_spec(target.partition(":")[0].partition(".")[0]) is None:
            continue
        implementation = resolve(target, steps=steps, options=options)
        measured = readings(implementation)
        family = implementation.family
        fit = identify(implementation, measured) if family is None else compare(implementation, measured, family)
        coefficient, miss = max(fit.misses.items(), key=lambda item: item[1].ulp)
        rows.append(
            {"name": name, "coefficient": coefficient, "worst": miss.ulp, "family": fit.family}
            | {"precision": implementation.precision}
        )
    return rows
