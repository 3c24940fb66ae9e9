"""An audit for a person (a table to paste into an issue) and for continuous integration (JUnit)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from .families import COEFFICIENTS
from .fitting import Fit
from .result import Audit

__all__ = ["lines", "to_junit"]

_WAYS = {"first": "from", "last": "to"}

# What XML 1.0 cannot carry, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def lines(found: Audit) -> Iterator[str]:
    r"""The report, in Markdown that reads as plain text.

    Examples
    --------
    >>> print(*lines(Audit("step", "ddim", "stopped", problems=("stopped at its limit of 5 s",))), sep="\n")
    stopped: step
    - stopped at its limit of 5 s
    """
    yield f"{found.verdict}: {found.name}"
    for problem in found.problems:
        yield f"- {problem}"
    if found.computes is not None:
        several = found.order is not None and (found.order.claimed or 1) > 1
        yield f"- {_computes(found.computes, several)}" + (f"; it claims {found.claims}" if found.claims else "")
    shown = found.against or found.computes
    if shown is not None and shown.misses:
        yield ""
        yield f"| against {_named(shown)} | rounding units | ulp ({found.precision}) | worst step | measured | expected |"
        yield "|---|---|---|---|---|---|"
        for name in COEFFICIENTS:
            miss = shown.misses[name]
            values = f"{miss.measured:.9g} | {miss.expected:.9g}"
            yield f"| {name} | {miss.units:.3g} | {miss.ulp:.3g} | {miss.step} | {values} |"
    if found.scope:
        yield ""
        yield found.scope
    if found.order is not None:
        measured = "not measurable" if found.order.measured is None else f"{found.order.measured:.2f}"
        claimed = "" if found.order.claimed is None else f", claimed {found.order.claimed}"
        yield ""
        yield f"Order of convergence on Gaussian data: {measured}{claimed}."
        pairs = zip(found.order.steps, found.order.errors, strict=True)
        yield "Errors of the moments: " + ", ".join(f"{error:.1e} ({steps} steps)" for steps, error in pairs) + "."
    for end in found.ends:
        yield f"The {end.which} step, {_WAYS[end.which]} alpha = {end.alpha:.6g}, sigma = {end.sigma:.6g}: {end.said}."
    if found.script is not None:
        yield ""
        yield "```python"
        yield from found.script.rstrip("\n").split("\n")
        yield "```"


def _computes(fit: Fit, several: bool) -> str:
    if fit.right:
        # A probe gives the same prediction to every stage of a step.
        return f"{'with one prediction for all stages ' if several else ''}it computes {_named(fit)}"
    return "it computes none of the named steps"


def _named(fit: Fit) -> str:
    numbers = ", ".join(f"{name} = {value:.6g}" for name, value in fit.numbers.items())
    return f"{fit.family} ({numbers})" if numbers else fit.family


def to_junit(found: Audit) -> str:
    """One test for the coefficients and one for the order, as JUnit XML.

    Examples
    --------
    >>> "<failure" in to_junit(Audit("step", "ddim", "wrong", problems=("a_eps is off",)))
    True
    """
    failures = str(int(found.verdict != "right"))
    counts = {"tests": "1", "failures": failures, "errors": "0", "skipped": "0", "time": f"{found.seconds:.3f}"}
    root = ET.Element("testsuites", {"name": "s2n", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": "s2n audit", **counts})
    case = ET.SubElement(
        suite, "testcase", {"classname": "s2n.audit", "name": _clean(found.name), "time": f"{found.seconds:.3f}"}
    )
    if found.verdict != "right":
        message = "; ".join(found.problems) or "it computes none of the named steps"
        failure = ET.SubElement(case, "failure", {"type": found.verdict, "message": _clean(message)})
        failure.text = _clean("\n".join(lines(found)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
