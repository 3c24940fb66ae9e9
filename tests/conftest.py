"""What several test modules share: one run of the whole ledger, and records made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

from s2n_proofs.testing.profiles import register_profiles

register_profiles()
settings.load_profile("s2n-quick")  # unless --hypothesis-profile names another


@pytest.fixture(scope="session")
def ledger_run():
    """The whole ledger, judged once for all tests."""
    from s2n_proofs.report.ledger import verify

    return verify()


@pytest.fixture(scope="session")
def make_record() -> Callable[..., dict[str, Any]]:
    """A record of ``s2n-ledger/1`` made by hand, with fields replaced."""

    def make(name: str = "eq1", verdict: str = "holds", **fields: Any) -> dict[str, Any]:
        formula = {
            "role": "mean", "agrees": verdict == "holds", "compared_as": "values",
            "printed": "a", "printed_text": "alpha(t)*z_0", "derived": "b", "derived_text": "alpha(t)*z_s",
            "correction": "c", "correction_text": "alpha(t)*z_s", "edit": "z_0 should be z_s",
        }  # fmt: skip
        obligation = {
            "why": "it is so", "lhs": "x", "rhs": "y", "lhs_text": "sigma(t)", "rhs_text": "sigma(t) + 0",
            "engines": ["sympy", "flint"],
        }  # fmt: skip
        step = {
            "kind": "solve", "statement": "solve for it", "formula": "x", "formula_text": "x",
            "obligations": [obligation],
        }  # fmt: skip
        proof = {"kind": "proof", "steps": [step], "equations": [], "engines": ["flint", "sympy"]}
        witness = {
            "kind": "counterexample", "equation": "mean", "schedule": "fm-ot", "at": {"t": "1/2"},
            "printed": "[0.25 +/- 1e-20]", "derived": "[0.75 +/- 1e-20]", "why": None,
        }  # fmt: skip
        return {
            "id": name, "where": "Eq. (1)", "kind": "identity", "statement": "what is claimed",
            "verdict": verdict, "printed": "a", "derived": "b",
            "correction": "c" if verdict == "fails" else None,
            "smallest_edit": None, "conditions": ["rho = 1"] if verdict == "conditional" else [],
            "families": [], "assumptions": ["it decays"],
            "evidence": [witness, proof] if verdict in ("fails", "conditional") else [proof],
            "formulas": [formula], "tested": 7, "derivation_proved": True, "derivation_refuted": False,
            "reason": None, "summary": "one line that says why", "seconds": 0.5, "section": None,
        } | fields  # fmt: skip

    return make


@pytest.fixture(scope="session")
def make_ledger(make_record):
    """A ledger of records made by hand."""
    from s2n_proofs.report.ledger import VERDICTS, Ledger

    def make(*records: dict[str, Any]):
        verdicts = [record["verdict"] for record in records]
        summary = {
            "claims": len(records),
            "verdicts": {verdict: verdicts.count(verdict) for verdict in VERDICTS},
            "derivations": {
                "proved": sum(record["derivation_proved"] for record in records),
                "refuted": sum(record["derivation_refuted"] for record in records),
            },
            "engines": {"names": ["flint", "sympy"], "identities": 1, "agreed": 1},
            "seconds": 1.0,
            "jobs": 2,
        }
        return Ledger(records, summary)

    return make
