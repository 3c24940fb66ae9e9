"""Every derivation, step by step: each obligation proved by both engines, and a broken one noticed."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Rational

from s2n_proofs.derivation import Derivation, Obligation
from s2n_proofs.ledger.instances import paper_instances
from s2n_proofs.proof.prove import check_obligations

MODULES = (
    "forward", "transition", "backward", "information", "solution", "ancestral", "nonmarkov", "snr_space", "euler",
    "second_order",
)  # fmt: skip


def derivations() -> dict[str, Callable[[], Derivation]]:
    """All derivations without arguments, by module and name."""
    found = {}
    for module in MODULES:
        loaded = importlib.import_module(f"s2n_proofs.theory.{module}")
        for name, value in vars(loaded).items():
            if hasattr(value, "cache_info") and value.__module__ == loaded.__name__:
                found[f"{module}.{name}"] = value
    return found


FOUND = derivations()


def own_obligations(derivation: Derivation) -> list[Obligation]:
    return list(dict.fromkeys(derivation.obligations))


@pytest.mark.parametrize("name", FOUND)
def test_every_obligation_is_proved_by_both_engines(name: str) -> None:
    obligations = own_obligations(FOUND[name]() if name != "backward.forward_law" else FOUND[name](1))
    proofs, failures = check_obligations(obligations, ())
    assert [f.reason for f in failures] == []
    assert len(proofs) == len(obligations)


@pytest.mark.parametrize("name", FOUND)
def test_a_scaled_obligation_is_not_proved(name: str) -> None:
    derivation = FOUND[name]()
    checkable = [o for o in own_obligations(derivation) if o.rhs != 0]
    if not checkable:
        assert not derivation.obligations or all(o.rhs == 0 for o in derivation.obligations)
        return
    last = checkable[-1]
    broken = replace(last, rhs=last.rhs * Rational(1001, 1000))
    proofs, failures = check_obligations([broken], paper_instances())
    assert proofs == ()
    assert len(failures) == 1


def test_two_routes_lead_to_each_important_result() -> None:
    words = ("both routes", "second route")
    for name in (
        "forward.coefficients", "transition.transition", "ancestral.posterior", "nonmarkov.sde",
        "information.kl_rate_in_parameter", "information.kl_rate",
    ):  # fmt: skip
        assert any(o.why.startswith(words) for o in FOUND[name]().obligations), name


def test_what_algebra_cannot_show_is_an_assumption() -> None:
    for name in ("backward.reverse_family", "information.kl_rate", "solution.exact_solution", "snr_space.channel",
                 "second_order.heun"):  # fmt: skip
        assert FOUND[name]().assumptions, name
