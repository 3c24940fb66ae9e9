from __future__ import annotations

import warnings

import pytest

from s2n_proofs.ledger.claim import PropertyClaim
from s2n_proofs.ledger.properties import assess_property, assess_schedule
from s2n_proofs.report.property_record import property_to_plain
from s2n_proofs.schedule import Schedule


def of(alpha: str, sigma: str, domain: object = (0, 1)) -> str:
    return assess_schedule(PropertyClaim("it", "here", "it", "mine"), Schedule(alpha, sigma, domain)).verdict


@pytest.mark.parametrize(
    ("alpha", "sigma", "verdict"),
    [
        ("1/(1 + t)", "1/10 + t", "holds"),
        ("1 - t", "1/10 + t", "conditional"),
        ("1/(1 + t)", "t", "conditional"),
        ("1/2/(1 + t)", "1/10 + t", "fails"),
        ("1", "1", "fails"),
    ],
)
def test_each_assumption_counts(alpha: str, sigma: str, verdict: str) -> None:
    assert of(alpha, sigma) == verdict


def test_what_is_not_certified_is_undecided() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert of("1", "1 + t + sin(30*t)/30") == "undecided"


@pytest.mark.parametrize("name", ["vp", "ve", "iddpm", "fm-ot", "edm"])
def test_the_record_has_the_shape_of_all_records(name: str) -> None:
    claim = PropertyClaim("it", "here", "it", name)
    plain = property_to_plain(claim)
    assert plain["verdict"] == assess_property(claim).verdict
    assert (plain["verdict"] == "conditional") == bool(plain["conditions"])
    witnesses = [e for e in plain["evidence"] if e["kind"] == "counterexample"]
    assert bool(witnesses) == (plain["verdict"] in ("conditional", "fails"))
