"""Judge that a schedule of the catalogue meets the assumptions that the setting makes.

The parts are judged one by one, from the schedule's certificate and its exact end values.  A part that is true
inside and false at an
end of the closed interval is saved by leaving that end out: an open set of times, so the claim is ``conditional``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sympy import Expr

from ..named_schedules import catalogue
from ..proof.statement import VerdictName
from ..schedule import Schedule
from .claim import PropertyClaim

__all__ = ["Part", "PropertyRecord", "assess_property"]

Status = Literal["proved", "only inside", "fails", "reported", "not certified"]


@dataclass(frozen=True)
class Part:
    """One assumption: what it says, how it stands, and the value that shows it."""

    name: str
    status: Status
    detail: str
    end: Literal["start", "end"] | None = None


@dataclass(frozen=True)
class PropertyRecord:
    """A judged :class:`PropertyClaim`."""

    claim: PropertyClaim
    schedule: Schedule
    verdict: VerdictName
    parts: tuple[Part, ...]
    condition: str | None


def assess_property(claim: PropertyClaim) -> PropertyRecord:
    """Judge all parts for the claim's schedule.

    Examples
    --------
    >>> record = assess_property(PropertyClaim("mine", "here", "fm-ot is fine", "fm-ot"))
    >>> record.verdict, record.condition
    ('conditional', '0 < t < 1')
    """
    return assess_schedule(claim, catalogue[claim.schedule])


def assess_schedule(claim: PropertyClaim, schedule: Schedule) -> PropertyRecord:
    """The same for a schedule given as an object."""
    parts = (
        *_positive(schedule, "alpha"),
        *_positive(schedule, "sigma"),
        _starts_at_one(schedule),
        _decreasing(schedule),
        _ends_in_noise(schedule),
    )
    states = {part.status for part in parts}
    verdict: VerdictName = "holds"
    if "fails" in states:
        verdict = "fails"
    elif "not certified" in states:
        verdict = "undecided"
    elif "only inside" in states:
        verdict = "conditional"
    condition = _condition(schedule, parts) if verdict == "conditional" else None
    return PropertyRecord(claim, schedule, verdict, parts, condition)


def _positive(schedule: Schedule, quantity: str) -> list[Part]:
    """Positive inside by the certificate; at each end by the exact limit."""
    finding = None if schedule.certificate is None else schedule.certificate[quantity]
    if finding is None or finding.status == "uncertified":
        return [Part(f"{quantity} > 0 inside", "not certified", "the certificate has gaps")]
    if finding.status == "refuted":
        return [Part(f"{quantity} > 0 inside", "fails", str(finding.violation))]
    parts = [Part(f"{quantity} > 0 inside", "proved", "certified by balls and end expansions")]
    ends: tuple[tuple[Literal["start", "end"], Any], ...] = (("start", schedule.start), ("end", schedule.end))
    for end, at in ends:
        value: Expr | None = getattr(at, quantity)
        name = f"{quantity} > 0 at t = {at.time}"
        if value is None:
            parts.append(Part(name, "not certified", "the limit is not known", end))
        elif value == 0:
            parts.append(Part(name, "only inside", f"{quantity} = 0", end))
        else:
            parts.append(Part(name, "proved", f"{quantity} = {value}", end))
    return parts


def _starts_at_one(schedule: Schedule) -> Part:
    value = schedule.starts_at_one
    detail = f"alpha = {schedule.start.alpha} at t = {schedule.start.time}"
    if value is None:
        return Part("alpha = 1 at the start", "not certified", detail)
    return Part("alpha = 1 at the start", "proved" if value else "fails", detail)


def _decreasing(schedule: Schedule) -> Part:
    if schedule.strictly_decreasing:
        return Part("lambda decreases", "proved", "certified: lambda' < 0 inside but for isolated times")
    if schedule.certified:
        return Part("lambda decreases", "fails", "lambda is constant on an interval")
    return Part("lambda decreases", "not certified", "the certificate has gaps")


def _ends_in_noise(schedule: Schedule) -> Part:
    """The text asks for 0 "or very low": 0 is proved, any other value is reported and not judged."""
    ratio = schedule.end_signal_to_noise
    name = "alpha/sigma -> 0 at the end (or very low)"
    if ratio is None:
        return Part(name, "not certified", "the limit is not known")
    if ratio == 0:
        return Part(name, "proved", "the limit is 0")
    log_snr = schedule.end.log_snr
    value = f"alpha/sigma = {ratio.evalf(6)} at t = {schedule.end.time}"
    return Part(name, "reported", value if log_snr is None else f"{value}, lambda = {log_snr.evalf(6)}")


def _condition(schedule: Schedule, parts: tuple[Part, ...]) -> str:
    left_out = {part.end for part in parts if part.status == "only inside"}
    low, high = schedule.domain
    left = "<" if "start" in left_out else "<="
    right = "<" if "end" in left_out else "<="
    return f"{low} {left} t {right} {high}"
