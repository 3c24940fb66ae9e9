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
of the tensors given.  The functions can be differentiated, vmapped, and compiled with ``fullgraph=True``.

Times outside the domain, a delta or beta that is not admissible and a step that is not finite are a ValueError, as long as
there are values to look at: while compiling, in a transform of torch.func and on the meta device there are none, and the
result is inf or NaN.  Where sigma or alpha is 0 the log-SNR, f and g_squared may be infinite.
"""

import torch

START = {start}
END = {end}
CHECK = True  # False saves the time that looking at the values takes


def _tensors(*values):
    """The values as tensors of one floating dtype on one device: those of the tensors among them."""
    for x in values:
        if isinstance(x, bool) or not isinstance(x, (torch.Tensor, float, int)):
            raise TypeError(f"arguments must be tensors or numbers, not {{x!r:.40}}")
    given = [x for x in values if isinstance(x, torch.Tensor)]
    dtype = torch.get_default_dtype()
    if given:
        dtype = given[0].dtype
        for x in given[1:]:
            dtype = torch.promote_types(dtype, x.dtype)
    if not dtype.is_floating_point:
        raise TypeError(f"times must be tensors of a floating dtype, not {{dtype}}")
    device = given[0].device if given else None
    tensors = [
        x.to(dtype)
        if isinstance(x, torch.Tensor)
        else torch.full((), x, dtype=torch.float64, device=device).to(dtype)
        for x in values
    ]
    if _looked_at(tensors):
        try:
            torch.broadcast_tensors(*tensors)
        except RuntimeError:
            shapes = ", ".join(str(tuple(x.shape)) for x in tensors)
            raise ValueError(f"the shapes of the arguments do not broadcast: {{shapes}}") from None
    return tensors


def _expm1(x):
    """exp(x) - 1 without cancellation; inductor's C++ (torch 2.13) cancels in torch.expm1, Kahan's quotient does not."""
    if not torch.compiler.is_compiling():
        return torch.expm1(x)
    u = torch.exp(x)
    less = u - 1.0
    plain = (less == 0) | (less == -1.0) | torch.isinf(u)
    safe, at = torch.where(plain, 2.0, u), torch.where(plain, 1.0, x)
    return torch.where(plain, torch.where(less == 0, x, less), (safe - 1.0) * at / torch.log(safe))


def _looked_at(tensors):
    """Whether there are values to look at."""
    if not CHECK or torch.compiler.is_compiling():
        return False
    return not any(
        x.device.type == "meta" or x.numel() == 0 or torch._C._functorch.is_functorch_wrapped_tensor(x) for x in tensors
    )


def _in_domain(name, time):
    start, end = torch.tensor((START, END), dtype=time.dtype).tolist()
    _require((time >= start) & (time <= end), f"{{name}} must be in [{{START}}, {{END}}]")


def _require(condition, complaint):
    if not bool(condition.all()):
        raise ValueError(complaint)


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
    if _looked_at(inputs):
{checks}
{body}
    values = _of_one_shape(inputs, ({values}))
    if _looked_at(inputs):
        for value in values:
            _require({sound}, "{name} {unsound}")
    return {result}
'''

_RESERVED = {
    "CHECK",
    "TypeError",
    "ValueError",
    "bool",
    "float",
    "inputs",
    "int",
    "isinstance",
    "tuple",
    "value",
    "values",
}


class _ModulePrinter(TorchPrinter):
    """With the module's own expm1."""

    functions = TorchPrinter.functions | {"expm1": "_expm1({0})"}


_DEFAULTS = {"gamma": "gamma=0.0", "delta": "delta=0.0", "rho": "rho=0.0", "beta": "beta=0.0"}
_ABOUT = {
    "t": "The time; of a step or a transition, the later one.",
    "s": "The earlier time.",
    "gamma": "Of the family of steps; -1 is the limit.",
    "delta": "Of the family of steps; not negative.",
    "rho": "The noise: 0 is deterministic.",
    "beta": "The standard deviation of the noise, in [0, sigma(s)].",
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
    parameters = argument_names(formulas, TorchPrinter.reserved | _RESERVED)
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
    printer = _ModulePrinter(function.program, names)
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
        checks="\n".join(f"        {line}" for line in _checks(names, parameters)),
        sound="torch.isfinite(value)" if function.name.endswith("step") else "~torch.isnan(value)",
        unsound="is not finite there" if function.name.endswith("step") else "has no value there",
        values=values + "," * one,
        body="\n".join(f"    {line}" for line in body),
        result="values[0]" if one else "values",
    )


def _checks(names: Sequence[str], parameters: Sequence[str]) -> list[str]:
    checks = [f'_in_domain("{name}", {name})' for name in names if name in ("s", "t")]
    if "s" in names:
        checks.append('_require(s <= t, "s must not be later than t")')
    knobs = [name for name in names if name not in ("s", "t")]
    checks += [f'_require(torch.isfinite({name}), "{name} must be finite")' for name in knobs]
    if "delta" in names:
        checks.append('_require(delta >= 0, "delta must not be negative")')
    if "beta" in names:
        given = "".join(f", {x}={x}" for x in parameters)
        checks.append(f'_require((beta >= 0) & (beta <= sigma(s{given})), "beta must be in [0, sigma(s)]")')
    return checks
