"""Sentences of the reports as LaTeX text."""

from __future__ import annotations

import re

from .markup import greek

__all__ = ["tex_text", "tex_verbatim"]

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip
_LETTERS = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "Δ": "Delta", "ε": "epsilon", "λ": "lambda", "μ": "mu",
    "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "ℓ": "ell", "ψ": "psi", "Ψ": "Psi", "κ": "kappa", "θ": "theta",
}  # fmt: skip
_POWER = re.compile(r"\^(-?\w+)")


def tex_text(sentence: str) -> str:
    r"""A sentence with its special characters escaped, Greek letters by name, and powers raised.

    Examples
    --------
    >>> print(tex_text("true if sigma^2 = 1, 100 %"))
    true if \(\sigma\)\textsuperscript{2} = 1, 100 \%
    """
    pieces = []
    at = 0
    text = greek(sentence)
    for power in _POWER.finditer(text):
        pieces += [_escaped(text[at : power.start()]), rf"\textsuperscript{{{_escaped(power[1])}}}"]
        at = power.end()
    return "".join([*pieces, _escaped(text[at:])])


def tex_verbatim(name: str) -> str:
    r"""A name as it is, its special characters escaped; no letter of it is Greek.

    Examples
    --------
    >>> print(tex_verbatim("cor1-eps"), tex_verbatim("a_b"))
    cor1-eps a\_b
    """
    return "".join(_SPECIAL.get(c, c) for c in name)


def _escaped(text: str) -> str:
    return "".join(rf"\(\{_LETTERS[c]}\)" if c in _LETTERS else _SPECIAL.get(c, c) for c in text)
