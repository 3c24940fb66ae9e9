"""The formulas as a Python module that imports nothing but ``math``, printed from the expressions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from s2n_proofs.formulas import Formulas
from s2n_proofs.lower.printers.base import Code
from s2n_proofs.lower.printers.python_code import PythonPrinter

from .module_functions import ModuleFunction, argument_names, domain_ends, header_title, module_functions

__all__ = ["to_python"]

_HEADER = '''"""Formulas of a diffusion schedule, z_t = alpha(t) x + sigma(t) eps.

{title}

Printed by s2n-proofs {version} from expressions that its two proof engines checked.  It needs neither editing
nor s2n-proofs.  Times are numbers in [START, END], and s <= t.  Where a value is infinite, as the log-SNR is
where sigma vanishes, ValueError is raised.
"""

import math

START = {start}
END = {end}


def _number(name, value):
    try:
        if isinstance(value, (str, bytes)):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{{name}} must be a number; it is {{value!r:.40}}") from None


def _time(name, value):
    value = _number(name, value)
    if not START <= value <= END:
        raise ValueError(f"{{name}} must be in [{{START}}, {{END}}]; it is {{value!r}}")
    return value


def _times(s, t):
    s, t = _time("s", s), _time("t", t)
    if s > t:
        raise ValueError(f"s must not be later than t; they are {{s!r}} and {{t!r}}")
    return s, t


def _over(above, below):
    if below or not above:
        return above / below
    return math.copysign(math.inf, above)


def _finite(*values):
    values = tuple(map(float, values))
    if not all(map(math.isfinite, values)):
        raise OverflowError
    return values if len(values) > 1 else values[0]
'''

_FUNCTION = '''

def {name}({signature}):
    """{summary}"""
    {checks}
    try:
{body}
    except (ArithmeticError, TypeError, ValueError):
        raise ValueError({complaint}) from None
'''

_DEFAULTS = {"gamma": "gamma=0.0", "delta": "delta=0.0", "rho": "rho=0.0", "beta": "beta=0.0"}
_RESERVED = PythonPrinter.reserved | {"_over", "float", "tuple", "map", "all", "len", "ValueError", "OverflowError"}


class _ModulePrinter(PythonPrinter):
    """Divides as floats do: the gap to a time without noise is infinite, and what depends on it has a limit."""

    def quotient(self, above: Code, below: Code) -> Code:
        """The quotient, infinite where the divisor alone is 0."""
        if not any(letter.isalpha() for letter in below.text.replace("e", "")):
            return super().quotient(above, below)
        return Code(f"_over({above.text}, {below.text})")


def to_python(formulas: Formulas) -> str:
    """A module with ``alpha(t)``, ``transition_variance(s, t)``, ``step(s, t, gamma, delta, rho)`` and so on.

    Raises
    ------
    ValueError
        If the formulas are generic: there is nothing to compute.
    """
    from s2n_proofs import __version__

    functions = module_functions(formulas)
    assert formulas.schedule is not None
    start, end = domain_ends(formulas)
    parameters = argument_names(formulas, _RESERVED)
    header = _HEADER.format(title=header_title(formulas), version=__version__, start=start, end=end)
    return header + "".join(map(partial(_function, parameters=parameters), functions))


def _function(function: ModuleFunction, parameters: Sequence[str]) -> str:
    arguments = [symbol.name for symbol in function.arguments]
    printer = _ModulePrinter(function.program, [*arguments, *parameters])
    results = printer.results()
    if len(results) > 1:
        printer.lines += [f"{name} = {code.text}" for name, code in zip(printer.outputs, results, strict=True)]
    values = ", ".join(printer.outputs) if len(results) > 1 else results[0].text
    keywords = ["*", *parameters] if parameters else []
    return _FUNCTION.format(
        name=function.name,
        signature=", ".join([*(_DEFAULTS.get(name, name) for name in arguments), *keywords]),
        summary=f"{function.meaning}{': ' if function.formula else ''}{function.formula}.",
        checks="\n    ".join(_checks(function.name, arguments, parameters)),
        body="\n".join(f"        {line}" for line in [*printer.lines, f"return _finite({values})"]),
        complaint=_complaint(function.name, arguments),
    )


def _checks(name: str, arguments: Sequence[str], parameters: Sequence[str]) -> list[str]:
    checks = ['t = _time("t", t)' if arguments == ["t"] else "s, t = _times(s, t)"]
    checks += [f'{name} = _number("{name}", {name})' for name in (*arguments, *parameters) if name not in ("s", "t")]
    if "delta" in arguments:
        checks += ["if not delta >= 0:", '    raise ValueError(f"delta must not be negative; it is {delta!r}")']
    if "beta" in arguments:
        largest = f"sigma(s{''.join(f', {p}={p}' for p in parameters)})"
        checks += [
            f"largest = {largest}",
            "if not 0 <= beta <= largest:",
            '    raise ValueError(f"beta must be in [0, sigma(s)] = [0, {largest!r}]; it is {beta!r}")',
        ]
    return checks


def _complaint(name: str, arguments: Sequence[str]) -> str:
    shown = [x for x in arguments if x != "beta"]
    place = ", ".join(f"{x} = {{{x}!r}}" for x in shown)
    what = "the step is not finite" if name.endswith("step") else f"{name} has no finite value"
    return f'f"{what} at {place}"'
