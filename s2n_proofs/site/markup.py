"""Small pieces of HTML that the pages are made of, and Greek letters for prose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from ..report.terminal import MARKS

__all__ = ["as_written", "badge", "copy_button", "display", "greek", "inline", "raw_html", "scrolling_math", "table"]

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "Delta": "Δ", "eps": "ε", "epsilon": "ε", "lambda": "λ",
    "mu": "μ", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "ell": "ℓ", "dlambda": "dλ", "psi": "ψ",
    "Psi": "Ψ", "kappa": "κ", "theta": "θ",
}  # fmt: skip
# A whole word, and no part of a compound such as x-hat.
_WORD = re.compile(r"(?<![A-Za-z])(?<![A-Za-z]-)([A-Za-z]+)(?![A-Za-z]|-[A-Za-z])")

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")  # all of ASCII; CommonMark lets each be escaped


def greek(text: str) -> str:
    """Greek letters for their names in a sentence.

    Examples
    --------
    >>> greek("alpha(t) should be alpha(Delta + t); E eps^2 = 1")
    'α(t) should be α(Δ + t); E ε^2 = 1'
    >>> greek("exp(-lambda) at sigma-hat")
    'exp(-λ) at sigma-hat'
    """
    return _WORD.sub(lambda found: _GREEK.get(found[1], found[1]), text)


def as_written(text: str) -> str:
    r"""A text for a MyST page in which nothing is a tag, a formula or a mark.

    Examples
    --------
    >>> print(as_written("mine <b>&$x_1$"))
    mine \<b\>\&\$x\_1\$
    """
    return _PUNCTUATION.sub(r"\\\g<0>", text)


def inline(tex: str) -> str:
    """A formula in a line of HTML."""
    return f'<span class="math notranslate nohighlight">{escape(tex)}</span>'


def display(tex: str) -> str:
    """A formula on a line of its own."""
    return f'<div class="math notranslate nohighlight">{escape(tex)}</div>'


def scrolling_math(tex: str) -> str:
    """A formula on a line of its own that scrolls, also by keyboard, where the page is narrower."""
    return f'<div class="s2n-scroll" tabindex="0" role="group" aria-label="formula">{display(tex)}</div>'


def badge(verdict: str) -> str:
    """The verdict as a mark and a word in its colour."""
    return f'<span class="s2n-verdict s2n-{verdict}"><span aria-hidden="true">{MARKS[verdict]}</span> {verdict}</span>'


def copy_button(label: str, text: str, of_what: str) -> str:
    """A button that copies a text."""
    title = escape(f"Copy {of_what} as {label}", quote=True)
    return (
        f'<button type="button" class="s2n-copy" data-copy="{escape(text, quote=True)}" '
        f'title="{title}" aria-label="{title}">{escape(label)}</button>'
    )


def raw_html(html: str) -> str:
    """HTML as a block of a MyST page."""
    return f"``````{{raw}} html\n{html}\n``````\n"


def table(label: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, its cells HTML, that scrolls, also by keyboard, where the page is narrower."""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="s2n-scroll" tabindex="0" role="group" aria-label="{escape(label, quote=True)}">'
        f'<table class="s2n-figures"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
    )
