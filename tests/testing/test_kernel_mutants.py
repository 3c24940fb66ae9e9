"""A slip in the lowering cannot hide: every operation of the generated code, replaced, is noticed."""

from __future__ import annotations

import pytest

from s2n_proofs import catalogue
from s2n_proofs.lower.graph import Builder, to_sympy
from s2n_proofs.symbols import s, t
from s2n_proofs.testing import kernel_mutants
from s2n_proofs.testing.graph_mutants import exact_values, graph_mutants
from s2n_proofs.testing.kernel_mutants import run_kernel_mutants
from s2n_proofs.testing.worlds import mp

QUANTITIES = (
    "f", "g_squared", "log_snr", "transition_factor", "transition_variance", "step", "ancestral_step", "nonmarkov_step",
)  # fmt: skip


@pytest.mark.parametrize(
    "name", ["fm-ot", "vp", "ve", *(pytest.param(name, marks=pytest.mark.slow) for name in ("sub-vp", "iddpm", "edm"))]
)
def test_every_mutant_of_a_kernel_is_rejected_unless_it_computes_the_same(name):
    total = 0
    for quantity in QUANTITIES:
        found = run_kernel_mutants(catalogue[name], quantity)
        assert found["original"], quantity
        assert found["survivors"] == []
        assert found["rejected"] + found["equivalent"] == found["total"]
        total += found["rejected"]
    assert total > 80


def test_a_check_without_power_would_show(monkeypatch):
    monkeypatch.setattr(kernel_mutants, "_close", lambda *_: True)
    found = run_kernel_mutants(catalogue["fm-ot"], "transition_variance")
    assert found["rejected"] == 0
    assert found["survivors"]


def test_one_operation_is_changed_and_the_original_is_kept():
    build = Builder()
    graph = {"x": build.div(build.sub(build.input(t), build.input(s)), build.input(t))}
    before = to_sympy(graph["x"])
    found = list(graph_mutants(graph))
    assert {"div becomes mul", "sub becomes add", "the arguments of sub exchanged"} <= {mutant.what for mutant in found}
    assert all(to_sympy(mutant.nodes["x"]) != before for mutant in found)
    assert to_sympy(graph["x"]) == before


def test_what_has_no_value_is_none_and_a_branch_not_taken_needs_none():
    build = Builder()
    quotient = build.div(build.const(1), build.input(t))
    chosen = build.select(build.compare("gt", build.input(t), build.const(0)), quotient, build.const(7))
    assert exact_values({"q": quotient, "c": chosen}, {t: mp.mpf(0)}) == {"q": None, "c": 7}
