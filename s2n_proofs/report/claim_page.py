"""One claim in full: printed and derived formulas, correction, counterexample, every step of the proof."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from .terminal import STYLES, mark, paragraph, text_width, wrap_formula

__all__ = ["claim_page", "print_pages"]

Plain = dict[str, Any]
_LABEL = 14  # columns of "  correction  "


def print_pages(records: Iterable[Plain], console: Console) -> None:
    """Print the pages of some claims on a console."""
    for number, record in enumerate(records):
        if number:
            console.print()
        for line in claim_page(record, text_width(console)):
            console.print(line, soft_wrap=True)


def claim_page(record: Plain, width: int | None = None) -> list[Text]:
    """The lines of one claim's page.

    Parameters
    ----------
    record : dict
        As :func:`s2n_proofs.report.record.to_plain` makes it.
    width : int, optional
        Columns; None: a formula is one line, which can be copied into ``s2n check``.
    """
    page = _Page(width)
    page.lines.append(mark(record["verdict"]).append("  ").append(record["id"], style="bold"))
    page.prose(record["statement"], indent=0)
    page.prose(f"{record['where']}; judged as: {record['kind']}", indent=0, style="dim")
    _why(page, record)
    for formula in record.get("formulas", ()):
        _formula(page, formula, record["verdict"])
    for evidence in record["evidence"]:
        if evidence["kind"] == "counterexample":
            _counterexample(page, evidence, record["kind"])
    for title, items in (
        ("True once this is added", record["conditions"]),
        ("True for these special families", record.get("families") or ()),
        ("Assumed, not proved here", record["assumptions"]),
    ):
        if items:
            page.heading(title)
            for item in items:
                page.labelled("  - ", item)
    for evidence in record["evidence"]:
        if evidence["kind"] == "proof":
            _proof(page, evidence, record["verdict"])
    return page.lines


class _Page:
    """Lines as they come, with labels, indents and wrapping."""

    def __init__(self, width: int | None) -> None:
        self.width = width
        self.lines: list[Text] = []

    def room(self, indent: int) -> int | None:
        return None if self.width is None else self.width - indent

    def heading(self, title: str, note: str = "") -> None:
        self.lines += [Text(), Text().append(title, "bold")]
        if self.width is None or len(title) + 2 + len(note) <= self.width:
            self.lines[-1].append(f"  {note}" if note else "", style="dim")
        else:
            self.prose(note, style="dim")

    def prose(self, text: str, indent: int = 2, style: str = "") -> None:
        self.lines += [Text(" " * indent).append(part, style) for part in paragraph(text, self.room(indent))]

    def labelled(self, label: str, text: str, style: str = "", *, formula: bool = False) -> None:
        wrap = wrap_formula if formula else paragraph
        for number, part in enumerate(wrap(text, self.room(len(label)))):
            head = Text().append(label if number == 0 else " " * len(label), "dim")
            self.lines.append(head.append(part, style=style))


def _label(name: str) -> str:
    return f"    {name}".ljust(_LABEL + 2)


def _why(page: _Page, record: Plain) -> None:
    said = record["reason"] or record["summary"]
    if said:
        page.lines.append(Text())
        page.prose(said, indent=0, style=STYLES[record["verdict"]])
    if record.get("derivation_refuted"):
        whose = "an error of this package" if record.get("section") else "an error in the derivation that was given"
        page.prose(f"The derivation is refuted: {whose}.", indent=0, style="bold red")
    elif not record.get("derivation_proved", True):
        page.prose("The derivation is not proved.", indent=0, style="bold magenta")
    if record["seconds"] is not None:
        page.prose(f"Judged in {record['seconds']:.2f} s.", indent=0, style="dim")


def _formula(page: _Page, formula: Plain, verdict: str) -> None:
    agrees = formula["agrees"]
    notes = ["agrees" if agrees else "differs"]
    if formula["compared_as"] == "squares":
        notes.append("compared by squares: the sign of a noise does not change its law")
    page.heading(formula["role"], "; ".join(notes))
    page.labelled(_label("printed"), formula["printed_text"], "" if agrees else "red", formula=True)
    page.labelled(_label("derived"), formula["derived_text"], "green", formula=True)
    if agrees or verdict != "fails":
        return
    if formula["edit"]:
        page.labelled(_label("edit"), formula["edit"], "bold")
    else:
        page.labelled(_label("edit"), "no edit of one or two places mends it", "bold")
    same = formula["correction_text"] == formula["derived_text"]
    corrected = "the derived formula" if same else formula["correction_text"]
    page.labelled(_label("corrected"), corrected or "", "bold green", formula=not same)


def _counterexample(page: _Page, witness: Plain, kind: str) -> None:
    place = ", ".join(f"{name} = {value}" for name, value in witness["at"].items())
    page.heading("Counterexample", f"{witness['equation']}, schedule {witness['schedule']}")
    if place:
        page.labelled(_label("at"), place)
    if kind == "property":  # nothing is printed against something: a property is found not to be there
        page.labelled(_label("found"), witness["derived"], "red")
        return
    undefined = f"undefined: {witness['why']}" if witness["why"] else "undefined"
    page.labelled(_label("printed"), witness["printed"] or undefined, "red")
    page.labelled(_label("derived"), witness["derived"], "green")
    if witness["printed"]:
        page.prose("Rigorous enclosures at exact points: the two cannot be equal.", indent=4, style="dim")


def _proof(page: _Page, proof: Plain, verdict: str) -> None:
    steps = [step for step in proof.get("steps", ()) if step["kind"] != "assume"]
    if any(step["kind"] == "certificate" for step in steps):
        page.heading("Certified", "by ball arithmetic on the whole open domain, and series at its ends")
    elif steps:
        page.heading("Derivation", "every identity below is re-checked, however it was found")
    for number, step in enumerate(steps, 1):
        if number > 1 and step["kind"] != "certificate":
            page.lines.append(Text())
        page.labelled(f"{number:>3}. ", step["statement"])
        if step["formula_text"]:
            page.labelled("     = ", step["formula_text"], "cyan", formula=True)
        for letter, obligation in enumerate(step["obligations"], 1):
            _identity(page, f"{number}.{letter}", obligation)
    equations = proof.get("equations", ())
    if equations:
        title = "Proof under the condition" if verdict == "conditional" else "Proof that the print is right"
        page.heading(title, "printed = derived")
        for number, equation in enumerate(equations, 1):
            _identity(page, str(number), equation)


def _identity(page: _Page, number: str, identity: Plain) -> None:
    engines = identity["engines"]
    by = f"proved by {' and '.join(engines)}" if engines else "NOT PROVED"
    label = f"{number:>9}  "
    page.labelled(label, f"{identity['why'] or 'identity'}  [{by}]", "" if engines else "bold red")
    blank = " " * len(label)
    whole = f"{identity['lhs_text']} = {identity['rhs_text']}"
    room = page.room(len(label))
    if room is None or len(whole) <= room:
        page.labelled(blank, whole, "dim", formula=True)
        return
    page.labelled(blank, identity["lhs_text"], "dim", formula=True)
    page.labelled(f"{blank[:-2]}= ", identity["rhs_text"], "dim", formula=True)
