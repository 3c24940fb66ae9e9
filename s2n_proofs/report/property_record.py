"""A judged claim about a schedule's properties as plain data."""

from __future__ import annotations

from ..ledger.claim import PropertyClaim
from ..ledger.properties import Part, PropertyRecord, assess_property
from .latex import to_latex
from .record import Plain, stopped_record

__all__ = ["property_to_plain"]


def property_to_plain(claim: PropertyClaim) -> Plain:
    """Judge a claim about a schedule's properties and give its record, in the shape of all records."""
    record = assess_property(claim)
    wrong = [part for part in record.parts if part.status in ("only inside", "fails")]
    open_points = [part for part in record.parts if part.status == "not certified"]
    reported = [part for part in record.parts if part.status == "reported"]
    started = record.schedule.name or str(record.schedule)
    return {
        **stopped_record(claim, ""),
        "verdict": record.verdict,
        "printed": rf"\alpha(t)={to_latex(record.schedule.alpha)};\quad \sigma(t)={to_latex(record.schedule.sigma)}",
        "conditions": [record.condition] if record.condition else [],
        "assumptions": [
            f"[0, T] is the schedule's own interval, [{record.schedule.domain[0]}, {record.schedule.domain[1]}]",
            *(f"{part.detail}: whether that is very low is not judged" for part in reported),
        ],
        "evidence": [
            *(
                {
                    "kind": "counterexample",
                    "equation": part.name,
                    "schedule": started,
                    "at": {"t": str(getattr(record.schedule, part.end).time)} if part.end else {},
                    "printed": None,
                    "derived": part.detail,
                    "why": part.detail,
                }
                for part in wrong
            ),
            {
                "kind": "proof",
                "steps": [
                    {
                        "kind": "certificate",
                        "statement": f"{part.name}: {part.detail}",
                        "formula": None,
                        "formula_text": None,
                        "obligations": [],
                    }
                    for part in record.parts
                    if part.status == "proved"
                ],
                "equations": [],
                "engines": ["balls"],
            },
        ],
        "tested": len(record.parts),
        "derivation_proved": not open_points,
        "reason": "; ".join(f"{part.name}: {part.detail}" for part in open_points) or None,
        "summary": _property_summary(record, wrong, reported, open_points),
        "seconds": None,
    }


def _property_summary(record: PropertyRecord, wrong: list[Part], reported: list[Part], open_points: list[Part]) -> str:
    if open_points:
        return "; ".join(f"{part.name}: {part.detail}" for part in open_points)
    parts = [part.detail for part in reported]
    if record.condition:
        return "; ".join(
            [f"true for {record.condition}", *(f"{p.detail} at t = {_when(record, p)}" for p in wrong), *parts]
        )
    if wrong:
        return "; ".join(f"{p.name}: {p.detail}" for p in wrong)
    return "; ".join(["all assumptions certified", *parts])


def _when(record: PropertyRecord, part: Part) -> str:
    return str(getattr(record.schedule, part.end).time) if part.end else "?"
