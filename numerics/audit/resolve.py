"""From ``module:Name`` to an implementation: the module is imported, and nothing else that was given is run."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from sympy import Symbol

from s2n_proofs.schedule import Schedule

from ..adapters.k_diffusion import PeerError, load_sampling
from .families import FAMILIES
from .implementation import AuditError, Implementation, StepFunction, claimed_order

__all__ = ["resolve", "split_target"]

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


def split_target(target: str) -> tuple[str, str]:
    """The module and the name of a target.

    Examples
    --------
    >>> split_target("azula.sample:DDPMSampler")
    ('azula.sample', 'DDPMSampler')
    """
    module, colon, name = target.partition(":")
    if not colon or not _NAME.fullmatch(module) or not _NAME.fullmatch(name):
        raise AuditError(f"a target is written module:Name, as in diffusers:DDIMScheduler, not {target[:80]!r}")
    return module, name


def resolve(
    target: str,
    *,
    schedule: Schedule | None = None,
    family: str | None = None,
    order: int | None = None,
    steps: int = 10,
    options: Mapping[str, Any] | None = None,
    step_options: Mapping[str, Any] | None = None,
    numbers: Mapping[Symbol, float] | None = None,
) -> Implementation:
    """Import what is named and put it behind the common interface.

    Parameters
    ----------
    target : str
        ``module:Name`` of a scheduler in the style of diffusers, a sampler in the style of azula, or a function
        ``step(z, eps, s, t, xi)``, which needs a `schedule`.
    schedule, family, order, steps, options, step_options, numbers
        As ``s2n audit`` takes them.  A function is taken to claim order 1 unless an `order` is given.
    """
    if family is not None and family not in FAMILIES:
        raise AuditError(f"no family is called {family!r}; there are {', '.join(FAMILIES)}")
    found = _imported(*split_target(target))
    if not callable(found):
        raise AuditError(f"{target} is neither a class nor a function")
    wrong = "a schedule and claimed numbers are for a plain step function; a scheduler brings its own"
    if inspect.isclass(found) and hasattr(found, "set_timesteps") and hasattr(found, "step"):
        from .diffusers_scheduler import DiffusersScheduler

        if schedule is not None or numbers:
            raise AuditError(wrong)
        return DiffusersScheduler(found, steps, family, options, step_options, order)
    if inspect.isclass(found) and hasattr(found, "step") and hasattr(found, "timesteps"):
        from .azula_sampler import AzulaSampler

        if schedule is not None or numbers:
            raise AuditError(wrong)
        return AzulaSampler(found, steps, family, options, order)
    if target.startswith("k_diffusion.sampling:sample_"):
        from .k_diffusion_sampler import KDiffusionSampler

        if schedule is not None or numbers or step_options:
            raise AuditError(wrong)
        return KDiffusionSampler(found, load_sampling().get_sigmas_karras, steps, family, options, order)
    if inspect.isclass(found):
        raise AuditError(f"{target} has neither set_timesteps and step, nor timesteps and step")
    if schedule is None:
        raise AuditError(f"{target} is a function, so its schedule must be given")
    if options or step_options:
        raise AuditError("a plain step function takes no options")
    claims = claimed_order(family, order or 1)
    return StepFunction(found, schedule, steps, family, claims, target.partition(":")[2], numbers=numbers)


def _module(name: str) -> Any:
    # k-diffusion's samplers do not need what k-diffusion does.
    return load_sampling() if name == "k_diffusion.sampling" else import_module(name)


def _imported(module: str, name: str) -> Any:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())  # a module of the user's own lies where they are
    try:
        found = _module(module)
    except PeerError as error:
        raise AuditError(str(error)) from error
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            raise AuditError(f"there is no module {error.name!r}") from error
        raise AuditError(f"{module} needs the module {error.name!r}, which is not installed") from error
    except ImportError as error:
        raise AuditError(f"{module} cannot be imported: {error}") from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise AuditError(f"the module {module} has no {name!r}")
        found = getattr(found, part)
    return found
