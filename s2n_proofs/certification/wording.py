"""The sentences of refusals and warnings: what, where, and what is allowed."""

from __future__ import annotations

from sympy import Expr

from .certificate import Certificate, ScheduleError, Violation

__all__ = ["gap_sentence", "refusal"]

_SHOWN = 100
_GAPS = 3


def refusal(violation: Violation, alpha: Expr | str, sigma: Expr | str, domain: tuple[Expr, Expr]) -> ScheduleError:
    """Make the exception for a proven violation."""
    interval = f"({domain[0]}, {domain[1]})"
    source = {"alpha": f'"{_cut(alpha)}"', "sigma": f'"{_cut(sigma)}"'}.get(
        violation.property, f'"{_cut(alpha)}" and "{_cut(sigma)}"'
    )
    place = f"at t = {violation.time}"
    if violation.bracket is not None:
        place = f"at a time between {violation.bracket[0]} and {violation.bracket[1]}"
    name = violation.property
    if name == "continuous":
        what = f"alpha and sigma must be continuous on {interval}; {place} there is a jump"
    elif name == "log_snr":
        what = f"the log-SNR must not increase on {interval}; {place} its derivative is {_value(violation)}"
    elif violation.undefined:
        what = f"{name} must be real and finite on {interval}; {place} it is not defined"
    else:
        what = f"{name} must be positive on {interval}; {place} it is {_value(violation)}"
    return ScheduleError(f"{what} (from {source})", violation=violation)


def gap_sentence(certificate: Certificate) -> str:
    """Name the sub-intervals that are neither certified nor refuted."""
    by_place: dict[str, list[str]] = {}
    for name, (low, high) in certificate.gaps:
        place = f"at t = {low}" if low == high else f"on ({low}, {high})"
        by_place.setdefault(place, []).append(_PROMISES[name])
    parts = [f"{place} ({', '.join(what)})" for place, what in list(by_place.items())[:_GAPS]]
    more = len(by_place) - len(parts)
    return "the schedule could not be certified " + "; ".join(parts) + (f"; and {more} more" if more else "")


_PROMISES = {
    "alpha": "alpha > 0",
    "sigma": "sigma > 0",
    "log_snr": "no increase of the log-SNR",
    "continuous": "continuity",
}


def _value(violation: Violation) -> str:
    if violation.value is None:
        return "0" if violation.bracket is not None else "not allowed"
    low, high = violation.value
    return f"{float((low + high) / 2):.6g}"


def _cut(expr: Expr | str) -> str:
    text = str(expr)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
