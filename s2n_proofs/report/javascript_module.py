"""The formulas as a JavaScript module: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from s2n_proofs.formulas import Formulas
from s2n_proofs.lower.printers.javascript_code import JavaScriptPrinter

from .module_functions import ModuleFunction, argument_names, domain_ends, header_title, module_functions

__all__ = ["to_javascript"]

_HEADER = """/**
 * Formulas of a diffusion schedule, z_t = alpha(t) x + sigma(t) eps.
 *
 * {title}
 *
 * Printed by s2n-proofs {version} from expressions that its two proof engines checked.  It needs neither editing nor any
 * package.  Times are numbers in [START, END], and s <= t.  Where a value is infinite, as the log-SNR is where sigma
 * vanishes, RangeError is thrown.
 */

export const START = {start};
export const END = {end};

function _time(name, value) {{
  if (!(START <= value && value <= END)) {{
    throw new RangeError(`${{name}} must be in [${{START}}, ${{END}}]; it is ${{value}}`);
  }}
}}

function _times(s, t) {{
  _time("s", s);
  _time("t", t);
  if (s > t) throw new RangeError(`s must not be later than t; they are ${{s}} and ${{t}}`);
}}

function _finite(values, complaint) {{
  if (!values.every(Number.isFinite)) throw new RangeError(complaint);
  return values;
}}
"""

_FUNCTION = """
/** {meaning}{formula}. */
export function {name}({signature}) {{
{body}
}}
"""

_DEFAULTS = {"gamma": "gamma = 0", "delta": "delta = 0", "rho": "rho = 0", "beta": "beta = 0"}


def to_javascript(formulas: Formulas) -> str:
    """A module that exports ``alpha(t)``, ``transition_variance(s, t)``, ``step(s, t, gamma, delta, rho)`` and so on.

    The free parameters of a schedule are the fields of one more argument.

    Raises
    ------
    ValueError
        If the formulas are generic: there is nothing to compute.
    """
    from s2n_proofs import __version__

    functions = module_functions(formulas)
    start, end = domain_ends(formulas)
    parameters = argument_names(formulas, JavaScriptPrinter.reserved | {"Number", "RangeError", "largest"})
    header = _HEADER.format(title=header_title(formulas), version=__version__, start=start, end=end)
    return header + "".join(map(partial(_function, parameters=parameters), functions))


def _function(function: ModuleFunction, parameters: Sequence[str]) -> str:
    arguments = [symbol.name for symbol in function.arguments]
    printer = JavaScriptPrinter(function.program, [*arguments, *parameters])
    results = ", ".join(code.text for code in printer.results())
    fields = f"{{ {', '.join(parameters)} }}" if parameters else ""
    what = "the step is not finite" if function.name.endswith("step") else f"{function.name} has no finite value"
    place = ", ".join(f"{x} = ${{{x}}}" for x in arguments if x != "beta")
    last = f"_finite([{results}], `{what} at {place}`)"
    body = [
        *_checks(arguments, fields),
        *printer.lines,
        f"return {last};" if function.name.endswith("step") else f"return {last}[0];",
    ]
    return _FUNCTION.format(
        name=function.name,
        meaning=function.meaning.replace("*/", "* /"),
        formula=f": {function.formula}" if function.formula else "",
        signature=", ".join([*(_DEFAULTS.get(name, name) for name in arguments), *([fields] if fields else [])]),
        body="\n".join(f"  {line}" for line in body),
    )


def _checks(arguments: Sequence[str], fields: str) -> list[str]:
    checks = ['_time("t", t);' if arguments == ["t"] else "_times(s, t);"]
    if "delta" in arguments:
        checks.append("if (!(delta >= 0)) throw new RangeError(`delta must not be negative; it is ${delta}`);")
    if "beta" in arguments:
        checks += [
            f"const largest = sigma(s{', ' + fields if fields else ''});",
            "if (!(0 <= beta && beta <= largest)) {",
            "  throw new RangeError(`beta must be in [0, sigma(s)] = [0, ${largest}]; it is ${beta}`);",
            "}",
        ]
    return checks
