"""A formula as code that can be pasted: SymPy with the imports that it needs, or a torch function."""

from __future__ import annotations

import re

import sympy
from sympy import Derivative, Dummy, Expr, Symbol, default_sort_key
from sympy.core.function import AppliedUndef

from .. import symbols
from ..lower.printers.errors import PrinterError
from ..lower.printers.torch_code import TorchPrinter
from ..lower.program import ProgramError, program

__all__ = ["sympy_code", "torch_code"]

_NAME = re.compile(r"[A-Za-z_]\w*")
# Two whole numbers, which Python would divide into a float; not x**3/2, which SymPy divides.
_FRACTION = re.compile(r"(?<![\w)*/.])(\d+)/(\d+)(?!\*\*)")
_APPLIED = re.compile(r"([A-Za-z_]\w*)\(")
# The vocabulary's names that are spelt differently where they are Python or module names.
_SPELT = {"lambda": "lam", "epsilon": "eps_net", "p": "density", "ell": "log_snr_value", "mmse_x": "mmse_point"}


def sympy_code(text: str, name: str = "formula") -> str:
    """Python code that binds `name` to the formula, in the symbols of :mod:`s2n_proofs.symbols`.

    Parameters
    ----------
    text : str
        As :func:`s2n_proofs.text.to_text` writes it.
    name : str
        What the code calls it.

    Returns
    -------
    str
        Runs by itself.

    Examples
    --------
    >>> print(sympy_code("-exp(-lambda(t))*diff(lambda(t), t)"))
    from sympy import diff, exp
    from s2n_proofs.symbols import lam, t
    <BLANKLINE>
    formula = -exp(-lam(t))*diff(lam(t), t)
    """
    code = _NAME.sub(lambda found: _SPELT.get(found[0], found[0]), text)
    code = _FRACTION.sub(r"Rational(\1, \2)", code)
    functions = set(_APPLIED.findall(code))
    ours: list[str] = []
    theirs: list[str] = []
    own_functions: list[str] = []
    own_symbols: list[str] = []
    for word in sorted(set(_NAME.findall(code))):
        if word in symbols.__all__:
            ours.append(word)
        elif hasattr(sympy, word) and (word in functions or word in ("pi", "E", "I", "oo")):
            theirs.append(word)
        else:
            (own_functions if word in functions else own_symbols).append(word)
    made = []
    if own_functions:
        theirs.append("Function")
        made.append(f"{', '.join(own_functions)} = {', '.join(f'Function({word!r})' for word in own_functions)}")
    if own_symbols:
        theirs.append("Symbol")
        made.append(f"{', '.join(own_symbols)} = {', '.join(f'Symbol({word!r})' for word in own_symbols)}")
    lines = [f"from sympy import {', '.join(sorted(theirs))}"] if theirs else []
    lines += [f"from s2n_proofs.symbols import {', '.join(ours)}"] if ours else []
    if re.fullmatch(r"-?\d+", code):
        lines, code = ["from sympy import Integer"], f"Integer({code})"
    return "\n".join([*lines, *([""] if lines else []), *made, f"{name} = {code}"])


def torch_code(expr: Expr, name: str = "formula") -> str | None:
    """A torch function of the values that the formula needs, such as ``alpha_t``; None if it has no code.

    Examples
    --------
    >>> from s2n_proofs.symbols import alpha, t
    >>> print(torch_code(alpha(t).diff(t) / alpha(t), "drift"))
    import torch
    <BLANKLINE>
    <BLANKLINE>
    def drift(d_alpha_t, alpha_t):
        return d_alpha_t/alpha_t
    <BLANKLINE>
    """
    flat = expr.xreplace({node: _letter(node) for node in _unknowns(expr)})
    inputs = sorted(flat.free_symbols, key=lambda symbol: (not symbol.name.startswith("d_"), symbol.name))
    if not inputs:
        return None
    names = [symbol.name for symbol in inputs]
    try:
        printer = TorchPrinter(program(inputs, {"value": flat}), names)
        (value,) = printer.results()
    except (PrinterError, ProgramError):
        return None
    body = "\n".join(f"    {line}" for line in (*printer.lines, f"return {value.text}"))
    return f"import torch\n\n\ndef {name}({', '.join(names)}):\n{body}\n"


def _unknowns(expr: Expr) -> list[Expr]:
    """Derivatives and applied functions, none inside another."""
    derivatives = expr.atoms(Derivative)
    alone = expr.xreplace({derivative: Dummy() for derivative in derivatives}).atoms(AppliedUndef)
    return sorted(derivatives | alone, key=default_sort_key)


def _letter(node: Expr) -> Symbol:
    """A symbol for a value: alpha(t) as alpha_t, its derivative as d_alpha_t."""
    applied = node.expr if isinstance(node, Derivative) else node
    order = sum(int(n) for _, n in node.variable_count) if isinstance(node, Derivative) else 0
    words = re.sub(r"\W+", "_", "_".join(map(str, (applied.func, *applied.args)))).strip("_")
    return Symbol(f"{'d' * order}{'_' if order else ''}{words}", real=True)
