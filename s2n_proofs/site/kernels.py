r"""The explorer's formulas, printed to JavaScript from the same objects as all else.

Of a schedule: $\alpha,\sigma,\lambda,f,g^2$ as functions of time and its parameters.  Of a step: the accurate forms in
$\alpha,\sigma$ at both times and the gap $h$; the same as textbooks type it; and Eq. (7) as the paper prints it.  Of the data: the
log density of one Gaussian component of $z_t$, and the noise prediction that belongs to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr, Piecewise, Symbol, exp, expand_log, log, pi, sqrt
from sympy.core.relational import Eq
from sympy.logic.boolalg import true

from ..ledger.backward import EQ7
from ..lower import forms
from ..lower.printers.javascript_code import JavaScriptPrinter
from ..lower.program import Program, program
from ..named_schedules import catalogue
from ..report.module_functions import module_functions
from ..symbols import alpha, delta, gamma, lam, rho, s, sigma, t, z
from ..theory.backward import score_of_network
from ..theory.forward import gaussian
from .derived import formulas_of

__all__ = ["OF_TIME", "Kernel", "kernel_name", "kernels", "kernels_script"]

OF_TIME = ("alpha", "sigma", "log_snr", "f", "g_squared")
_LETTERS = (forms.alpha_s, forms.alpha_t, forms.sigma_s, forms.sigma_t)
_KNOBS = (gamma, delta, rho)
_PARTS = ("a_z", "a_eps", "a_noise")

# From the slider's first value to its last; the value in the catalogue is where it starts.
_RANGES = {
    "beta_min": (0.01, 2.0), "beta_d": (1.0, 40.0), "sigma_min": (0.001, 0.5), "sigma_max": (2.0, 100.0),
    "s0": (0.001, 0.2),
}  # fmt: skip


@dataclass(frozen=True)
class Kernel:
    """One JavaScript function: its name, the names of what it takes and gives, and the program."""

    name: str
    takes: tuple[str, ...]
    program: Program

    @property
    def gives(self) -> tuple[str, ...]:
        """Names of the outputs."""
        return tuple(name for name, _ in self.program.outputs)

    def source(self) -> str:
        """The function's code."""
        printed: str = JavaScriptPrinter(self.program, self.takes).function(self.name)
        return printed


@lru_cache
def kernels() -> tuple[Kernel, ...]:
    """Every function of the explorer.

    Examples
    --------
    >>> [kernel.gives for kernel in kernels() if kernel.name == "accurate_step"]
    [('a_z', 'a_eps', 'a_noise')]
    """
    return (*(kernel for name in catalogue.names() for kernel in _schedule(name)), *_steps(), *_data())


def kernel_name(schedule: str, function: str) -> str:
    """The name of a schedule's function of time."""
    return f"{schedule.replace('-', '_')}_{function}"


def _schedule(name: str) -> tuple[Kernel, ...]:
    given = catalogue[name]
    general = given.with_parameters(**dict.fromkeys(given.parameters))
    programs = {function.name: function.program for function in module_functions(formulas_of(general))}
    return tuple(
        Kernel(kernel_name(name, function), tuple(x.name for x in programs[function].inputs), programs[function])
        for function in OF_TIME
    )


def _steps() -> tuple[Kernel, ...]:
    letters = (*_LETTERS, forms.h)
    at = dict(zip((alpha(s), alpha(t), sigma(s), sigma(t)), _LETTERS, strict=True))

    def kernel(name: str, arguments: tuple[Symbol, ...], values: Mapping[str, Expr]) -> Kernel:
        return Kernel(name, tuple(x.name for x in arguments), program(arguments, values))

    accurate = {part: forms.FORMS[f"step.{part}"].subs(forms.r, exp(-forms.h)) for part in _PARTS}
    limit = forms.FORMS["step_limit.a_eps"]
    accurate["a_eps"] = Piecewise((limit, Eq(gamma, -1)), (accurate["a_eps"], true), evaluate=False)
    spread = {"variance": forms.FORMS["transition_variance"], "factor": forms.FORMS["transition_factor"]}

    def in_letters(formula: Expr) -> Expr:
        """Lambda as the logarithm of alpha and sigma, which is what the print means by it."""
        return formula.replace(lam, lambda time: log(alpha(time) ** 2 / sigma(time) ** 2)).xreplace(at)

    typed = {part: in_letters(forms.derived()[f"step.{part}"]) for part in _PARTS}
    printed = {part: in_letters(EQ7[role]) for part, role in zip(_PARTS, ("z", "eps", "noise"), strict=True)}
    return (
        kernel("accurate_step", (*letters, *_KNOBS), accurate),
        kernel("accurate_transition", letters, spread),
        kernel("typed_step", (*_LETTERS, *_KNOBS), typed),
        kernel("printed_step", (*_LETTERS, *_KNOBS), printed),
    )


def _data() -> tuple[Kernel, ...]:
    """One component N(m, v) of the data, seen through the schedule."""
    m, v, a, c = (Symbol(name, real=True) for name in ("m", "v", "alpha", "sigma"))
    density = gaussian(z, a * m, a**2 * v + c**2) / sqrt(2 * pi)
    log_density = expand_log(log(density), force=True)
    eps = log_density.diff(z) / score_of_network().result["eps"].subs(sigma(t), c)
    arguments = (z, a, c, m, v)
    return (
        Kernel(
            "component", tuple(x.name for x in arguments), program(arguments, {"log_density": log_density, "eps": eps})
        ),
    )


def kernels_script() -> str:
    """The script of the explorer: ``s2n.schedules`` with their parameters, and the functions in ``s2n``."""
    schedules: dict[str, Any] = {}
    for name in catalogue.names():
        given = catalogue[name]
        schedules[name] = {
            "kernels": {function: kernel_name(name, function) for function in OF_TIME},
            "domain": [float(end) for end in given.domain],
            "parameters": [
                {"name": key, "value": float(value), "range": list(_RANGES[key])}
                for key, value in given.parameters.items()
                if value is not None
            ],
        }
    names = ", ".join(kernel.name for kernel in kernels())
    code = "\n".join(kernel.source() for kernel in kernels())
    return (
        "// Printed by s2n-proofs from the proved formulas; not to be edited.\n"
        '"use strict";\n\nconst s2n = (() => {\n'
        f"{code}\nconst schedules = {json.dumps(schedules, indent=1)};\n\n"
        f"return {{ schedules, {names} }};\n}})();\n\n"
        'if (typeof module !== "undefined") module.exports = s2n;\n'
    )
