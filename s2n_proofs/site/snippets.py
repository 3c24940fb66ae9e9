"""A formula as SymPy code that can be pasted: the text of the reports with the imports that it needs."""

from __future__ import annotations

import re

import sympy

from .. import symbols

__all__ = ["sympy_code"]

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
