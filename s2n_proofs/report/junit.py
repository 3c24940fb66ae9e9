"""JUnit XML for continuous integration: a test fails when the *package* is wrong or stuck.

An erratum of the paper is a passed test with a property ``verdict``; a derived formula that is refuted or
undecided is a failure.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from .ledger import Ledger

__all__ = ["to_junit"]

# What XML 1.0 cannot carry, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PROPERTIES = ("verdict", "kind", "where", "printed", "correction", "smallest_edit")


def to_junit(ledger: Ledger) -> str:
    """One test for each claim, as JUnit XML.

    Examples
    --------
    >>> from s2n_proofs.report.ledger import verify
    >>> text = to_junit(verify(["thm1-mean"], jobs=1))
    >>> '<property name="verdict" value="fails" />' in text, "<failure" in text
    (True, False)
    """
    problems = [_problem(record) for record in ledger.claims]
    counts = {
        "tests": str(len(ledger)),
        "failures": str(sum(problem is not None for problem in problems)),
        "errors": "0",
        "skipped": "0",
        "time": _seconds(ledger.summary.get("seconds")),
    }
    root = ET.Element("testsuites", {"name": "s2n", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": "s2n verify", **counts})
    for record, problem in zip(ledger.claims, problems, strict=True):
        case = ET.SubElement(
            suite,
            "testcase",
            {
                "classname": _clean(f"s2n.{record.get('section') or 'ledger'}"),
                "name": _clean(record["id"]),
                "time": _seconds(record["seconds"]),
            },
        )
        properties = ET.SubElement(case, "properties")
        for name, value in _properties(record):
            ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})
        if problem is not None:
            kind, message = problem
            failure = ET.SubElement(case, "failure", {"type": kind, "message": _clean(message)})
            failure.text = _clean(f"{record['id']} ({record['where']}): {message}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _problem(record: dict[str, Any]) -> tuple[str, str] | None:
    said = record["reason"] or record["summary"]
    if record.get("derivation_refuted"):
        return "refuted", f"a derived formula is refuted: {said}"
    if record["verdict"] == "undecided":
        return "undecided", said
    if not record.get("derivation_proved", True):
        return "unproved", f"the derivation is not proved: {said}"
    return None


def _properties(record: dict[str, Any]) -> list[tuple[str, str]]:
    found = [(name, str(record[name])) for name in _PROPERTIES if record.get(name) is not None]
    return found + [("condition", str(condition)) for condition in record["conditions"]]


def _seconds(value: float | None) -> str:
    return f"{value or 0:.3f}"


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
