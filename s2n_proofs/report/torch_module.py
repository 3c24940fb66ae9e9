"""The formulas as a Python module that imports nothing but torch: tensors of times in, tensors out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sympy import And, Ge, Le, Piecewise

from s2n_proofs.formulas import Formulas
from s2n_proofs.lower.printers.torch_code import TorchPrinter
from s2n_proofs.lower.program import program
from s2n_proofs.symbols import beta, s, t

from .module_functions import ModuleFunction, argument_names, domain_ends, header_title, module_functions

__all__ = ["to_torch"]

_HEADER = '''"""Formulas of a diffusion schedule, z_t = alpha(t) x + sigma(t) eps, for tensors of times.

{title}

Printed by s2n-proofs {version} from expressions that its two proof engines checked.  It needs neither editing
nor s2n-proofs.  Times are in [START, END], with s <= t, and of any shapes that broadcast; dtype and device are those
of the tensors given.  The functions can be differentiated, vmapped, and compiled with ``fullgraph=True``.  For that, no
value is looked at: outside the domain, and where a value is infinite, the result is inf or NaN.
"""

import torch

START = {start}
END = {end}


def _tensors(*values):
    """The values as tensors of one floating dtype on one device: those of the tensors among them."""
    given = [x for x in values if isinstance(x, torch.Tensor)]
    dtype = torch.get_default_dtype()
    if given:
        dtype = given[0].dtype
        for x in given[1:]:
            dtype = torch.promote_types(dtype, x.dtype)
    if not dtype.is_floating_point:
        raise TypeError(f"times must be tensors of a floating dtype, not {{dtype}}")
    device = given[0].device if given else None
    return [
        x.to(dtype) if isinstance(x, torch.Tensor) else torch.full((), x, dtype=dtype, device=device) for x in values
    ]


def _of_one_shape(inputs, values):
    """The values in the shape of the inputs, of which some values depend on no element."""
    shape = torch.broadcast_tensors(*inputs)[0].shape
    return tuple(x if x.shape == shape else x.expand(shape).clone(memory_format=torch.contiguous_format) for x in values)
'''

_FUNCTION = '''

def {name}({signature}):
    """{meaning}.{formula}

    Parameters
    ----------
{parameters}

    Returns
    -------
    {returns}
        Of the shape to which the arguments broadcast.
    """
    {inputs} = inputs = _tensors({arguments})
{body}
    return {result}
'''

_DEFAULTS = {"gamma": "gamma=0.0", "delta": "delta=0.0", "rho": "rho=0.0", "beta": "beta=0.0"}
_ABOUT = {
    "t": "The time; of a step or a transition, the later one.",
    "s": "The earlier time.",
    "gamma": "Of the family of steps; -1 is the limit.",
    "delta": "Of the family of steps; not negative.",
    "rho": "The noise: 0 is deterministic.",
    "beta": "The standard deviation of the noise, in [0, sigma(s)]; a_eps is NaN outside.",
}


def to_torch(formulas: Formulas) -> str:
    """A module with ``alpha(t)``, ``transition_variance(s, t)``, ``step(s, t, gamma, delta, rho)`` and so on, for tensors.

    Raises
    ------
    ValueError
        If the formulas are generic: there is nothing to compute.
    """
    from s2n_proofs import __version__

    functions = module_functions(formulas)
    start, end = domain_ends(formulas)
    parameters = argument_names(formulas, TorchPrinter.reserved | {"inputs", "tuple", "isinstance", "TypeError"})
    header = _HEADER.format(title=header_title(formulas), version=__version__, start=start, end=end)
    bounded = {function.name: function for function in functions}
    bounded["nonmarkov_step"] = _bounded(bounded["nonmarkov_step"], bounded["sigma"])
    return header + "".join(map(partial(_function, parameters=parameters), bounded.values()))


def _bounded(step: ModuleFunction, scale: ModuleFunction) -> ModuleFunction:
    """The step with NaN where beta is not in [0, sigma(s)], which the root of a negative number alone does not tell."""
    largest = scale.program.expressions()["value"].xreplace({t: s})
    outputs = dict(step.program.expressions())
    inside = And(Ge(beta, 0, evaluate=False), Le(beta, largest, evaluate=False), evaluate=False)
    outputs["a_eps"] = Piecewise((outputs["a_eps"], inside), evaluate=False)
    return ModuleFunction(step.name, step.meaning, step.arguments, step.formula, program(step.program.inputs, outputs))


def _function(function: ModuleFunction, parameters: Sequence[str]) -> str:
    arguments = [symbol.name for symbol in function.arguments]
    names = [*arguments, *parameters]
    printer = TorchPrinter(function.program, names)
    results = printer.results()
    outputs = list(printer.outputs)
    body = [*printer.lines, *(f"{name} = {code.text}" for name, code in zip(outputs, results, strict=True))]
    values = ", ".join(outputs)
    one = len(outputs) == 1
    about = {**_ABOUT, **dict.fromkeys(parameters, "Parameter of the schedule.")}
    return _FUNCTION.format(
        name=function.name,
        signature=", ".join(
            [*(_DEFAULTS.get(name, name) for name in arguments), *(["*", *parameters] if parameters else [])]
        ),
        meaning=function.meaning,
        formula=f"\n\n    ``{function.formula}``" if function.formula else "",
        parameters="\n".join(f"    {name} : Tensor or float\n        {about[name]}" for name in names),
        returns="Tensor" if one else ", ".join(f"{name}" for name in outputs) + " : tuple of Tensor",
        inputs=f"({names[0]},)" if len(names) == 1 else ", ".join(names),
        arguments=", ".join(names),
        body="\n".join(f"    {line}" for line in body),
        result=f"_of_one_shape(inputs, ({values},))[0]" if one else f"_of_one_shape(inputs, ({values}))",
    )
