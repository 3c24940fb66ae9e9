"""What the configuration of another scheduler of diffusers asks for, and whether it can be had."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import diffusers

from ..sampling.errors import SamplerError

__all__ = ["given_by"]

# Each with what it must be.  "fixed_large" and its logarithm differ from the posterior's variance in ancestral steps alone.
_ONLY: dict[str, tuple[object, ...]] = {
    "thresholding": (False,), "use_karras_sigmas": (False, None), "use_exponential_sigmas": (False, None),
    "use_beta_sigmas": (False, None), "use_lu_lambdas": (False, None), "use_flow_sigmas": (False, None),
    "final_sigmas_type": ("zero",), "timestep_type": ("discrete",), "interpolation_type": ("linear",),
}  # fmt: skip
_SMALL = (None, "fixed_small", "fixed_small_log")
_LARGE = ("fixed_large", "fixed_large_log")


def given_by(config: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that a configuration says, the defaults of its own scheduler included.

    diffusers itself drops what the other scheduler was not told explicitly, and takes the defaults of the new one.

    Parameters
    ----------
    config : dict
        Of any scheduler; a file's names its class.
    changes : dict
        What the caller says instead.

    Raises
    ------
    SamplerError
        If it asks for something that the scheduler does not do.
    """
    given = {**_defaults(config.get("_class_name")), **config}
    given.pop("_use_default_values", None)
    told = {**given, **changes}
    if "beta_schedule" not in told and {"shift", "sigma_data"} & told.keys():
        raise SamplerError(
            "this configuration has no table of betas (it is of flow matching or EDM); use numerics.sampler.Sampler with "
            "catalogue['fm-ot'] or catalogue['edm']"
        )
    for name, allowed in _ONLY.items():
        if name in told and told[name] not in allowed:
            raise SamplerError(
                f"{name}={told[name]!r} of the configuration is not supported; give {name}={allowed[0]!r} to go without it"
            )
    variance = told.get("variance_type")
    allowed = _SMALL if told.get("kind") == "ancestral" else (*_SMALL, *_LARGE)
    if variance not in allowed:
        raise SamplerError(
            f"variance_type={variance!r} of the configuration is not supported; give variance_type='fixed_small' for the "
            f"variance of the posterior"
        )
    asked = {*_ONLY, "variance_type"}
    return {**given, **{name: value for name, value in changes.items() if name in asked}}


def _defaults(name: object) -> dict[str, Any]:
    theirs = getattr(diffusers, name, None) if isinstance(name, str) else None
    if theirs is None:
        return {}
    parameters = inspect.signature(theirs.__init__).parameters.values()
    return {each.name: each.default for each in parameters if each.default is not each.empty}
