"""The search: what it chooses reaches the goals, what it refuses would not, and what is kept is what it finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sympy import exp

from s2n_proofs import Schedule, catalogue
from s2n_proofs.lower import store
from s2n_proofs.lower.lowered import Lowered, lower
from s2n_proofs.lower.search import ARITHMETICS, GOALS, QUANTITIES, Search
from s2n_proofs.simplify.evidence import proved_equal


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store, "user_cache_path", lambda name: tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", catalogue.names())
def test_the_kept_forms_of_the_catalogue_compute_the_derived_formulas(name: str) -> None:
    lowered = Lowered(catalogue[name])
    for choice in lowered.all_choices().values():
        assert choice.met
        assert lowered.confirm(choice.quantity, choice.nodes) > 0


@pytest.mark.parametrize("name", catalogue.names())
def test_the_kept_textbook_forms_are_proved(name: str) -> None:
    schedule = catalogue[name]
    kept = store.load(schedule)
    assert kept is not None
    assert kept.trusted
    lowered = Lowered(schedule)
    for quantity in ("f", "g_squared"):
        assert proved_equal(getattr(kept.textbook, quantity), lowered.formula(quantity), schedule.domain), quantity
    # A logarithm is right if its exponential is: no engine needs to know the signs inside.
    for ratio in (kept.textbook.snr, exp(kept.textbook.log_snr)):
        assert proved_equal(ratio, schedule.alpha**2 / schedule.sigma**2, schedule.domain)


@pytest.mark.parametrize("name", ["vp", "fm-ot"])
@pytest.mark.parametrize("dtype", ARITHMETICS)
def test_the_kept_forms_still_reach_the_goal_where_they_are_measured_anew(name: str, dtype: str) -> None:
    lowered = Lowered(catalogue[name])
    search = Search(catalogue[name], dtype, lowered.candidates, seed=11)
    for quantity in QUANTITIES:
        kept = lowered.choice(quantity, dtype).chosen
        again = {(x.candidate, x.arithmetic): x.error for x in search.choose(quantity).tried}
        assert again[kept.candidate, kept.arithmetic] <= GOALS[quantity]


def test_the_naive_form_would_be_refused() -> None:
    """sqrt(1 - exp(-u)) as typed loses all digits near t = 0, and a rewrite that helps is taken."""
    tried = Search(catalogue["vp"], "float64").choose("sigma").tried
    worst = {x.candidate: x.error for x in tried if x.arithmetic == "float64"}
    assert worst["as given, nothing rewritten"] > 1e5
    assert worst["as given"] < GOALS["sigma"]


def test_a_search_is_kept_and_read_again(cache: Path) -> None:
    schedule = Schedule("1/(1 + t**3)", "t**(3/2) + 1/20")
    first = Lowered(schedule).choice("sigma", "float64")
    kept = store.load(schedule)
    assert kept is not None
    assert not kept.trusted
    again = Lowered(schedule).choice("sigma", "float64")
    assert (again.chosen, again.tried) == (first.chosen, (first.chosen,))


@pytest.mark.parametrize("damage", ["", "{}", '{"log_snr": "import os"}', "null"])
def test_a_damaged_file_is_searched_anew(cache: Path, damage: str) -> None:
    schedule = Schedule("1", "t*(1 + t)")
    Lowered(schedule).choice("sigma", "float32")
    (path,) = cache.rglob("*.json")
    path.write_text(damage)
    assert store.load(schedule) is None
    assert Lowered(schedule).choice("sigma", "float32").met


def test_a_foreign_formula_in_the_cache_is_not_used(cache: Path) -> None:
    schedule = Schedule("1", "t*(1 + t)")
    Lowered(schedule).choice("g_squared", "float32")
    (path,) = cache.rglob("*.json")
    data = json.loads(path.read_text())
    data["g_squared"] = "3*t"
    data["choices"]["float32"]["g_squared"]["candidate"] = "textbook form"
    path.write_text(json.dumps(data))
    lowered = Lowered(schedule)
    lowered.confirm("g_squared", lowered.choice("g_squared", "float32").nodes)


def test_equal_schedules_share_their_forms() -> None:
    assert lower(Schedule("1 - t", "t")) is lower(catalogue["fm-ot"])


def test_a_parameter_without_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="b"):
        lower(Schedule("1", "b*t", parameters={"b": None}))
