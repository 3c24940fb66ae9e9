"""The failing and the conditional claims alone: a note to the authors, as a page, in LaTeX, and for print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ..report.ledger import Ledger
from .claim_page import claim_file
from .difference import HTML_MARKS, TEX_MARKS, marked
from .markup import badge, greek, raw_html, scrolling_math
from .tex_text import tex_text, tex_verbatim

__all__ = ["Group", "errata_body", "errata_groups", "errata_page", "errata_tex"]

Plain = Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """Errata of one kind: a heading, what it means, and the records."""

    title: str
    meaning: str
    records: tuple[Plain, ...]


def errata_groups(ledger: Ledger) -> tuple[Group, ...]:
    """The errata by what is wrong.

    A claim that can be read in two ways, and holds in one, is not called false: it is ambiguous.
    """
    kinds: dict[str, list[Plain]] = {"fails": [], "conditional": [], "ambiguous": []}
    for record in ledger.claims:
        if record["verdict"] in ("fails", "conditional"):
            kinds["ambiguous" if _holds_otherwise(record, ledger) else record["verdict"]].append(record)
    return tuple(
        Group(title, meaning, tuple(kinds[kind]))
        for kind, title, meaning in (
            ("fails", "False as printed", "In every reading. There is a counterexample, and the correction is proved."),
            ("conditional", "True under a condition", "False as printed, true once the condition is added."),
            (
                "ambiguous",
                "True in another reading",
                "The print can be read in more than one way. It holds in one of them; in this one it does not.",
            ),
        )
        if kinds[kind]
    )


def _holds_otherwise(record: Plain, ledger: Ledger) -> bool:
    stem = record["id"].split("/")[0]
    return any(r["verdict"] == "holds" for r in ledger.claims if r["id"].split("/")[0] == stem and r is not record)


def errata_page(ledger: Ledger, pdf: bool) -> str:
    """The MyST page of the errata."""
    links = ['<a href="errata.tex" download>errata.tex</a>'] + (['<a href="errata.pdf">errata.pdf</a>'] if pdf else [])
    return "\n".join([
        "# Errata\n",
        _INTRODUCTION.format(count=sum(len(group.records) for group in errata_groups(ledger))),
        raw_html(f"<p>The same note: {', '.join(links)}.</p>"),
        *(
            "\n".join([f"## {group.title}\n", f"{group.meaning}\n", *(raw_html(_entry(r)) for r in group.records)])
            for group in errata_groups(ledger)
        ),
    ])  # fmt: skip


def errata_body(ledger: Ledger) -> str:
    """The same as HTML for a page to be printed."""
    parts = ["<h1>Errata</h1>", f"<p>{_INTRODUCTION_PLAIN.format(count=_count(ledger))}</p>"]
    for group in errata_groups(ledger):
        parts += [f"<h2>{group.title}</h2>", f"<p>{group.meaning}</p>", *(_entry(r) for r in group.records)]
    return "\n".join(parts)


def _count(ledger: Ledger) -> int:
    return sum(len(group.records) for group in errata_groups(ledger))


_INTRODUCTION_PLAIN = (
    "Of the formulas of Connective Viewpoints of Signal-to-Noise Diffusion Models (arXiv 2408.04221), {count} readings "
    "are not right as they stand. Each has a counterexample: an exact point of a valid schedule. Each "
    "correction is the derived formula or is proved equal to it by two independent engines. Where parts differ, the "
    "print is red and the correction green."
)
_INTRODUCTION = _INTRODUCTION_PLAIN.replace(
    "Connective Viewpoints of Signal-to-Noise Diffusion Models", "*Connective Viewpoints of Signal-to-Noise Diffusion Models*"
) + "\n"  # fmt: skip


def _wrong(record: Plain) -> Iterator[tuple[str, str, str, str | None]]:
    """Of each formula that differs: its role, print, right form, and the edit that leads there."""
    for formula in record["formulas"]:
        if not formula["agrees"]:
            edited = record["verdict"] == "fails" and formula["edit"]
            right = formula["correction"] if edited else formula["derived"]
            yield formula["role"], formula["printed"], right, formula["edit"] or None


def _entry(record: Plain) -> str:
    rows = []
    for role, printed, right, edit in _wrong(record):
        was, now = marked(printed, right, HTML_MARKS)
        mend = f'<p class="s2n-edit">{escape(greek(edit))}</p>' if edit else ""
        rows.append(
            f'<p class="s2n-role"><strong>{escape(greek(role))}</strong></p><div class="s2n-sides">'
            f'<div class="s2n-side"><p class="s2n-side-title">printed</p>{scrolling_math(was)}</div>'
            f'<div class="s2n-side"><p class="s2n-side-title">right</p>{scrolling_math(now)}</div></div>{mend}'
        )
    notes = [f"True if {greek(condition)}." for condition in record["conditions"]]
    notes += [f"True for the family: {', '.join(map(greek, record['families']))}."] if record["families"] else []
    notes += [_witness(w) for w in _witnesses(record)]
    said = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return (
        f'<section class="s2n-erratum"><h3 id="{record["id"].replace("/", "-")}">{escape(record["where"])} '
        f'<small><a href="{claim_file(record["id"])}.html">{escape(record["id"])}</a> '
        f"{badge(record['verdict'])}</small></h3>"
        f"<p>{escape(greek(record['statement']))}</p>{''.join(rows)}<ul>{said}</ul></section>"
    )


def _witnesses(record: Plain) -> Sequence[Plain]:
    return [e for e in record["evidence"] if e["kind"] == "counterexample"]


def _witness(witness: Plain) -> str:
    place = ", ".join(f"{greek(name)} = {value}" for name, value in witness["at"].items())
    where = f"Schedule {witness['schedule']}{', ' + place if place else ''}"
    if witness["printed"] is None:
        return f"{where}: {greek(witness['why'] or witness['derived'] or '')}."
    return f"{where}: {greek(witness['equation'])} is printed {_short(witness['printed'])}, right {_short(witness['derived'])}."


def _short(ball: str) -> str:
    """The first digits of an enclosure; its page has them all."""
    middle = ball.strip("[]").split(" +/-")[0]
    mantissa, exponent, power = middle.partition("e")
    return f"{mantissa[: 10 + mantissa.startswith('-')]}{exponent}{power}"


def errata_tex(ledger: Ledger) -> str:
    """The errata as a LaTeX document of its own."""
    parts = [_TEX_HEAD, tex_text(_INTRODUCTION_PLAIN.format(count=_count(ledger)))]
    for group in errata_groups(ledger):
        parts += [rf"\section*{{{tex_text(group.title)}}}", tex_text(group.meaning)]
        parts += [_tex_entry(record) for record in group.records]
    return "\n\n".join([*parts, r"\end{document}"]) + "\n"


def _tex_entry(record: Plain) -> str:
    lines = [
        rf"\paragraph{{{tex_text(record['where'])}}} {tex_text(record['statement'])} \hfill "
        rf"\texttt{{{tex_verbatim(record['id'])}}}"
    ]
    for role, printed, right, edit in _wrong(record):
        was, now = marked(printed, right, TEX_MARKS)
        lines.append(rf"{tex_text(role)}, printed: \[{was}\] right: \[{now}\]")
        lines += [f"{tex_text(edit)}."] if edit else []
    lines += [f"True if {tex_text(condition)}." for condition in record["conditions"]]
    lines += [f"True for the family: {tex_text(', '.join(record['families']))}."] if record["families"] else []
    lines += [tex_text(_witness(w)) for w in _witnesses(record)]
    return "\n\n".join(lines)


_TEX_HEAD = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath,xcolor}
\usepackage[margin=2.5cm]{geometry}
\definecolor{wrong}{HTML}{B3261E}
\definecolor{right}{HTML}{1A6B2D}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em}
\begin{document}
\section*{Errata}"""
