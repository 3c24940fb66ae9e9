"""Mutants, their referee, and what the judge and the numeric checks refuse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sympy import Rational, exp, log, sqrt

from s2n_proofs.formulas import derive
from s2n_proofs.report.mutants import mutant_lines, mutant_status
from s2n_proofs.symbols import alpha, beta, lam, rho, s, sigma, t
from s2n_proofs.testing import ledger_mutants, numeric_mutants
from s2n_proofs.testing.formula_checks import agrees, cases
from s2n_proofs.testing.ledger_mutants import derived_formulas, is_equivalent, run_ledger_mutants, try_formula
from s2n_proofs.testing.ledger_routes import LEDGER_ROUTES
from s2n_proofs.testing.mutating import mutants
from s2n_proofs.testing.numeric_mutants import run_numeric_mutants, try_mutants_of
from s2n_proofs.testing.trials import trials
from s2n_proofs.testing.worlds import mp, same, worlds

# The figures that the page states are those of these runs.
PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")


class TestMutating:
    @pytest.mark.parametrize(
        ("expr", "wrong"),
        [
            (rho * sqrt(1 - exp(lam(t))), rho * (1 - exp(lam(t)))),
            (rho * sqrt(1 - exp(lam(t))), rho * sqrt(1 + exp(lam(t)))),
            (rho * sqrt(1 - exp(lam(t))), rho * sqrt(1 - exp(-lam(t)))),
            (rho * sqrt(1 - exp(lam(t))), rho * sqrt(1 - exp(lam(s)))),
            (rho * sqrt(1 - exp(lam(t))), rho**2 * sqrt(1 - exp(lam(t)))),
            (alpha(s) / alpha(t), alpha(t) / alpha(s)),
            (alpha(s) / alpha(t), sigma(s) / alpha(t)),
            (alpha(s) / alpha(t), sigma(s) / sigma(t)),
            (alpha(s) ** 2 - beta**2, alpha(s) - beta**2),
            (alpha(s) ** 2 - beta**2, 2 * alpha(s) ** 2 - beta**2),
            (alpha(s) ** 2 - beta**2, alpha(s) ** 2),
            (alpha(t).diff(t), sigma(t).diff(t)),
            (alpha(t).diff(t), alpha(t)),
            (alpha(t).diff(t), alpha(s).diff(s)),
        ],
    )
    def test_the_mistakes_that_people_make_are_among_them(self, expr, wrong):
        assert wrong in {mutant.expr for mutant in mutants(expr)}

    def test_none_twice_and_none_the_original(self):
        for expr in derive().items().values():
            found = [mutant.expr for mutant in mutants(expr)]
            assert len(found) == len(set(found))
            assert expr not in found


class TestReferee:
    def test_an_identity_is_seen_and_a_near_miss_too(self):
        for world in worlds(3, seed=5):
            left, right = world.value(exp(lam(t))), world.value(alpha(t) ** 2 / sigma(t) ** 2)
            assert same(left, right)
            assert not same(left * (1 + mp.mpf(10) ** -35), right)

    def test_what_has_no_value_is_none(self):
        world = worlds(1, seed=5)[0]
        assert world.value(1 / (s - t), {s: Rational(1, 2), t: Rational(1, 2)}) is None
        assert world.value(log(s - t), {s: Rational(1, 2), t: Rational(1, 2)}) is None
        assert isinstance(world.value(sqrt(-alpha(t))), world.complex)

    def test_a_squared_sign_is_equivalent_and_a_factor_is_not(self):
        noise = next(f for f in derived_formulas(["eq1-forward"]) if f.equation.name == "noise")
        referees = worlds(3, seed=1)
        assert is_equivalent(noise, -noise.equation.derived, referees)
        assert not is_equivalent(noise, 2 * noise.equation.derived, referees)


class TestLedger:
    def test_the_judge_refutes_every_mutant_that_differs(self):
        found = run_ledger_mutants(jobs=2)
        assert found["total"] >= 1500
        assert found["total"] == found["equivalent"] + found["refuted"]
        assert found["survivors"] == found["wrongly_refuted"] == []
        assert mutant_status({**found, "numeric": None}) == 0
        assert next(mutant_lines({**found, "numeric": None})) in PAGE

    def test_the_number_of_workers_changes_nothing(self):
        ids = ["thm1-var", "cor1-noise"]
        assert run_ledger_mutants(ids, jobs=1, seed=3) == run_ledger_mutants(ids, jobs=2, seed=3)

    def test_a_judge_that_is_too_kind_is_caught(self, monkeypatch):
        formula = derived_formulas(["thm1-psi"])[0]
        monkeypatch.setattr(ledger_mutants, "_verdict", lambda *_: ("holds", "kind"))
        result = try_formula(formula)
        assert result["refuted"] == 0
        assert len(result["survivors"]) == result["total"]
        found = {**result, "formulas": 1, "numeric": None}
        assert mutant_status(found) == 1
        assert sum("not refuted" in line for line in mutant_lines(found)) == result["total"]

    def test_a_judge_that_is_too_harsh_is_caught(self, monkeypatch):
        formula = next(f for f in derived_formulas(["eq1-forward"]) if f.equation.name == "noise")
        monkeypatch.setattr(ledger_mutants, "_verdict", lambda *_: ("fails", ""))
        result = try_formula(formula)
        assert result["wrongly_refuted"]
        assert mutant_status({**result, "numeric": None}) == 1

    def test_a_derived_formula_is_not_refuted_itself(self):
        for formula in derived_formulas(["thm1-g", "cor1-eps"]):
            assert ledger_mutants._verdict(formula, formula.equation.derived, 0)[0] == "holds"

    def test_nothing_that_stopped_counts_as_refuted(self):
        formula = derived_formulas(["thm1-f"])[0]
        result = ledger_mutants._stopped(formula, "stopped at its limit")
        assert result["refuted"] == 0
        assert len(result["survivors"]) == result["total"]
        assert mutant_status({**result, "numeric": None}) == 3


class TestNumericChecks:
    # Some of each kind of route: differences of a real density, conditioning, moments, Euler's step, a transition.
    SOME = ("thm2-family/a", "tweedie", "thm4-sde", "eq12-euler/b", "marginal-z0/b")

    @pytest.mark.slow
    def test_they_reject_every_mutant_of_every_formula(self):
        found = run_numeric_mutants(jobs=2)
        told = list(mutant_lines({"total": 0, "equivalent": 0, "refuted": 0, "formulas": 0, "survivors": [],
                                  "wrongly_refuted": [], "numeric": found}))  # fmt: skip
        assert told[1] in PAGE
        assert found["ledger"]["total"] >= 1500
        for counts in (found["ledger"], found["derive"]):
            assert counts["rejected"] == counts["total"] - counts["equivalent"]
        assert found["survivors"] == []

    def test_they_reject_what_the_judge_refutes(self):
        judged, found = run_ledger_mutants(self.SOME, jobs=2), run_numeric_mutants(self.SOME, jobs=2)
        assert found["survivors"] == []
        assert found["derive"] is None
        assert found["ledger"]["total"] == judged["total"]
        # t_0 is 0 for the judge and its referee, so that they cannot tell -t_0 and t_0**2 from it.
        assert found["ledger"]["rejected"] == judged["refuted"] + 2

    def test_every_formula_with_a_mutant_has_a_route_and_no_route_is_left_over(self):
        named = {(f.claim, f.equation.name) for f in derived_formulas() if mutants(f.equation.derived)}
        assert named == set(LEDGER_ROUTES)

    def test_a_formula_of_two_claims_has_the_route_of_the_first(self):
        assert next(trial.name for trial in trials(["vdm-mean-1"])["ledger"]) == "thm3-eps, z"

    def test_a_route_that_is_wrong_or_missing_rejects_nothing(self, monkeypatch):
        trial = trials(["thm1-g"])["ledger"][0]
        assert try_mutants_of(trial)["rejected"] > 0
        for route, reason in ((lambda c: c.routes.drift(c[t]), "itself disagrees"), (lambda c: None, "no independent")):
            monkeypatch.setitem(LEDGER_ROUTES, ("thm1-g", "g"), route)
            result = try_mutants_of(trial)
            assert result["rejected"] == 0
            assert len(result["survivors"]) == result["total"] - result["equivalent"] > 0
            assert all(reason in survivor["reason"] for survivor in result["survivors"])

    def test_a_check_without_power_would_be_reported(self, monkeypatch):
        monkeypatch.setattr(numeric_mutants, "agrees", lambda *_: True)
        trial = trials(["thm1-f"])["ledger"][0]
        result = try_mutants_of(trial)
        assert result["rejected"] == 0
        assert result["survivors"]
        found = {"total": 0, "equivalent": 0, "refuted": 0, "formulas": 0, "survivors": [], "wrongly_refuted": []}
        numeric = {"ledger": result, "derive": None, "survivors": result["survivors"]}
        assert sum("not rejected" in line for line in mutant_lines({**found, "numeric": numeric})) == result["total"]

    def test_what_stopped_is_not_counted(self):
        trial = trials(["thm1-f"])["ledger"][0]
        result = numeric_mutants._stopped(trial, "stopped at its limit")
        assert result["rejected"] == 0
        assert len(result["survivors"]) == result["total"]

    def test_a_value_a_little_off_or_missing_does_not_agree(self):
        case = cases(1)[0]
        value = case.value(derive().transition_variance)
        expected = case.expected["transition_variance"]
        assert agrees(value, expected)
        assert not agrees(value + 1e-12, expected)
        assert not agrees(None, expected)
        other = replace(case, point={**case.point, s: case.point[s] / 2})
        assert not agrees(other.value(derive().transition_variance), expected)
