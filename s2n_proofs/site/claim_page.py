"""The page of one claim: print and derivation side by side, verdict, witness, assumptions, every step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from sympy import Expr

from .difference import marked
from .markup import badge, copy_button, greek, raw_html, scrolling_math
from .snippets import sympy_code, torch_code

__all__ = ["claim_file", "claim_page"]

Plain = Mapping[str, Any]
_KINDS = {
    "identity": "an identity of coefficients",
    "law": "an equality of laws",
    "limit": "a limit",
    "order": "an order",
    "property": "properties of a schedule",
    "argument": "the arguments of the network",
    "process": "a statement about a process",
}


def claim_file(claim: str) -> str:
    """Where the page of a claim lies, without its suffix: the same for ever, made of the id alone."""
    return f"claims/{claim}"


def claim_page(
    record: Plain,
    related: Mapping[str, Sequence[Plain]],
    evidence: str = "",
    derived: Mapping[str, Expr] | None = None,
) -> str:
    """The MyST page of one claim.

    Parameters
    ----------
    record : dict
        As ``s2n verify --json`` has it.
    related : mapping
        Headings (``"Builds on"``) to the records of other claims.
    evidence : str
        A block about the Monte Carlo evidence, or nothing.
    derived : mapping, optional
        The derived formulas by role; those that have torch code get a button for it.
    """
    parts = [
        f"---\nhide-toc: true\n---\n\n# {record['id']}\n",
        raw_html(_head(record)),
        *_formulas(record, derived or {}),
        *_conditions(record),
        *_counterexamples(record),
        evidence,
        *_list("Assumed, not proved here", record["assumptions"]),
        *_proof(record),
        "## See also\n",
        raw_html(_related(record, related)),
    ]
    return "\n".join(part for part in parts if part)


def _head(record: Plain) -> str:
    kind = _KINDS.get(record["kind"], record["kind"])
    said = record["reason"] or record["summary"]
    warning = ""
    if record["derivation_refuted"]:
        warning = '<p class="s2n-alarm">The derived formula is refuted: an error of this package.</p>'
    elif not record["derivation_proved"]:
        warning = '<p class="s2n-alarm">The derivation is not proved.</p>'
    return (
        f'<p class="s2n-head">{badge(record["verdict"])} <span class="s2n-where">{escape(record["where"])}</span>'
        f" <span>judged as {kind}</span></p>\n"
        f'<p class="s2n-statement">{escape(greek(record["statement"]))}</p>\n{warning}'
        f'<p class="s2n-why">{escape(greek(said or ""))}</p>'
    )


def _formulas(record: Plain, derived: Mapping[str, Expr]) -> Iterator[str]:
    if not record["formulas"]:
        yield "## The print\n"
        yield raw_html(scrolling_math(record["printed"]))
        return
    yield "## Print and derivation\n"
    if record["kind"] == "process":
        yield "The process is compared by what it implies. As printed it is\n"
        yield raw_html(scrolling_math(record["printed"]))
    yield "\n".join(
        raw_html(_formula(formula, record["verdict"], _torch(derived.get(formula["role"]))))
        for formula in record["formulas"]
    )


def _torch(formula: Expr | None) -> str | None:
    return None if formula is None else torch_code(formula)


def _formula(formula: Plain, verdict: str, torch: str | None) -> str:
    agrees, role = formula["agrees"], greek(formula["role"])
    printed, derived, corrected = formula["printed"], formula["derived"], None
    if not agrees and formula["edit"] and verdict == "fails":
        printed, corrected = marked(formula["printed"], formula["correction"])
    elif not agrees:
        printed, derived = marked(formula["printed"], formula["derived"])
    notes = ["agrees" if agrees else "differs"]
    if formula["compared_as"] == "squares":
        notes.append("compared by squares: the sign of a noise does not change its law")
    panels = [_panel("printed", printed, formula["printed"], formula["printed_text"], formula["role"])]
    if corrected is not None and formula["correction_text"] != formula["derived_text"]:
        panels.append(
            _panel("corrected", corrected, formula["correction"], formula["correction_text"], formula["role"])
        )
    if corrected is not None and formula["correction_text"] == formula["derived_text"]:
        derived = corrected
    panels.append(_panel("derived", derived, formula["derived"], formula["derived_text"], formula["role"], torch))
    edit = ""
    if not agrees and verdict == "fails":
        mend = formula["edit"] or "no edit of one or two places mends it"
        edit = f'<p class="s2n-edit"><strong>Edit</strong> {escape(greek(mend))}</p>'
    state = "agrees" if agrees else "differs"
    return (
        f'<section class="s2n-formula s2n-formula-{state}"><p class="s2n-role"><strong>{escape(role)}</strong> '
        f"<span>{'; '.join(notes)}</span></p>"
        f'<div class="s2n-sides">{"".join(panels)}</div>{edit}</section>'
    )


def _panel(title: str, shown: str, tex: str, text: str, role: str, torch: str | None = None) -> str:
    buttons = "".join(
        copy_button(label, code, f"the {title} formula of {role}")
        for label, code in (("LaTeX", tex), ("SymPy", sympy_code(text)), ("torch", torch), ("text", text))
        if code is not None
    )
    return (
        f'<div class="s2n-side s2n-side-{title}"><p class="s2n-side-title">{title}<span>{buttons}</span></p>'
        f"{scrolling_math(shown)}</div>"
    )


def _conditions(record: Plain) -> Iterator[str]:
    yield from _list("True once this is added", record["conditions"])
    yield from _list("True for these special families", record["families"])


def _list(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"## {title}\n"
        yield raw_html(f"<ul>{''.join(f'<li>{escape(greek(item))}</li>' for item in items)}</ul>")


def _counterexamples(record: Plain) -> Iterator[str]:
    witnesses = [e for e in record["evidence"] if e["kind"] == "counterexample"]
    if not witnesses:
        return
    yield "## Counterexample\n" if len(witnesses) == 1 else "## Counterexamples\n"
    rows = "".join(_witness(witness, record["kind"]) for witness in witnesses)
    found = "<th>found</th>" if record["kind"] == "property" else "<th>printed</th><th>derived</th>"
    yield raw_html(
        '<div class="s2n-scroll" tabindex="0" role="group" aria-label="counterexamples"><table class="s2n-witness">'
        f"<thead><tr><th>of</th><th>schedule</th><th>at</th>{found}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    if record["kind"] != "property":
        yield "Rigorous enclosures at exact points inside the domain: the two cannot be equal.\n"


def _witness(witness: Plain, kind: str) -> str:
    place = ", ".join(f"{greek(name)} = {value}" for name, value in witness["at"].items()) or "everywhere"
    cells = [greek(witness["equation"]), witness["schedule"], place]
    if kind != "property":
        cells.append(witness["printed"] or f"undefined: {witness['why']}")
    cells.append(witness["derived"] or "")
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _proof(record: Plain) -> Iterator[str]:
    for proof in (e for e in record["evidence"] if e["kind"] == "proof"):
        steps = [step for step in proof["steps"] if step["kind"] != "assume"]
        if steps:
            certified = any(step["kind"] == "certificate" for step in steps)
            yield "## Certified\n" if certified else "## Derivation\n"
            yield (
                "By ball arithmetic on the whole open domain, and series at its ends.\n"
                if certified
                else "Every identity below is re-checked by both engines, however it was found.\n"
            )
            yield raw_html(f'<ol class="s2n-steps">{"".join(map(_step, steps))}</ol>')
        if proof["equations"]:
            title = (
                "Proof under the condition" if record["verdict"] == "conditional" else "Proof that the print is right"
            )
            yield f"## {title}\n"
            yield raw_html("".join(_identity(equation, open_=True) for equation in proof["equations"]))


def _step(step: Plain) -> str:
    formula = scrolling_math(step["formula"]) if step["formula"] else ""
    count = len(step["obligations"])
    obligations = ""
    if count:
        inside = "".join(_identity(obligation, open_=False) for obligation in step["obligations"])
        what = "1 obligation" if count == 1 else f"{count} obligations"
        unproved = sum(not obligation["engines"] for obligation in step["obligations"])
        state = f"{unproved} NOT PROVED" if unproved else "proved"
        obligations = f"<details><summary>{what}, {state}</summary>{inside}</details>"
    kind = step["kind"].replace("_", " ")
    return (
        f'<li><p><span class="s2n-kind">{escape(kind)}</span> {escape(greek(step["statement"]))}</p>'
        f"{formula}{obligations}</li>"
    )


def _identity(identity: Plain, *, open_: bool) -> str:
    engines = identity["engines"]
    by = f"proved by {' and '.join(engines)}" if engines else "NOT PROVED"
    text = f"{identity['lhs_text']} = {identity['rhs_text']}"
    tex = f"{identity['lhs']} = {identity['rhs']}"
    state = "proved" if engines else "open"
    return (
        f'<div class="s2n-identity s2n-identity-{state}"><p>{escape(greek(identity["why"] or "identity"))} '
        f'<span class="s2n-by">{by}</span> {copy_button("text", text, "the identity")}</p>'
        f"{scrolling_math(tex)}</div>"
    )


def _related(record: Plain, related: Mapping[str, Sequence[Plain]]) -> str:
    root = "../" * (1 + record["id"].count("/"))
    lines = []
    for title, others in related.items():
        links = ", ".join(
            f'<a href="{root}{claim_file(other["id"])}.html">{escape(other["id"])}</a> {badge(other["verdict"])}'
            for other in others
        )
        if links:
            lines.append(f"<li>{title}: {links}</li>")
    command = f"s2n verify --claim {record['id']}"
    lines.append(
        f"<li>In the terminal: <code>{escape(command)}</code> {copy_button('command', command, 'this claim')}</li>"
    )
    return f'<ul class="s2n-related">{"".join(lines)}</ul>'
