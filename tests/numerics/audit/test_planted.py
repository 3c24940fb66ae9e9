"""Planted mistakes: each is named as wrong, with the term that is off; the right step and its rearrangements pass."""

from __future__ import annotations

import time
from functools import lru_cache, partial

import mpmath
import numpy as np
import pytest
import torch
from sympy import Rational, Symbol, lambdify, log

from numerics.audit import audit
from numerics.audit.diagnosis import diagnose, formula_for
from numerics.audit.fitting import compare, identify
from numerics.audit.implementation import AuditError, StepFunction
from numerics.audit.probing import readings
from s2n_proofs import Schedule, catalogue
from s2n_proofs.symbols import alpha, delta, gamma, lam, rho, s, sigma, t
from s2n_proofs.testing.mutating import mutants

SCHEDULE = Schedule("cos(pi*t/2)", "sin(pi*t/2)*(2 - t)")
NUMBERS = {"eq7": {gamma: Rational(1, 2), delta: Rational(1, 3), rho: Rational(3, 2)}}
FAMILIES = ("ddim", "ancestral", "eq7")
COEFFICIENTS = ("a_z", "a_eps", "a_noise")


def a(time):
    return np.cos(np.pi * time / 2)


def b(time):
    return np.sin(np.pi * time / 2) * (2 - time)


def function_of(family, **changed):
    """A step function in float64 from the formulas of a family, some of them replaced."""
    numbers = NUMBERS.get(family, {})
    letters = {name: Symbol(name) for name in ("a_s", "a_t", "b_s", "b_t")}
    values = {alpha(s): letters["a_s"], alpha(t): letters["a_t"], sigma(s): letters["b_s"], sigma(t): letters["b_t"]}
    parts = []
    for name in COEFFICIENTS:
        formula = changed.get(name, formula_for(family, name, numbers))
        formula = formula.replace(lam, lambda time: 2 * log(alpha(time)) - 2 * log(sigma(time)))
        parts.append(lambdify([*letters.values()], formula.subs(numbers).subs(values), "numpy"))

    def step(z, eps, s_, t_, xi):
        a_z, a_eps, a_noise = (part(a(s_), a(t_), b(s_), b(t_)) for part in parts)
        return a_z * z + a_eps * eps + a_noise * xi

    return step


def examined(family, step):
    numbers = {symbol: float(value) for symbol, value in NUMBERS.get(family, {}).items()}
    implementation = StepFunction(step, SCHEDULE, 6, family)
    measured = readings(implementation)
    return implementation, measured, compare(implementation, measured, family, numbers), numbers


@pytest.mark.parametrize("family", FAMILIES)
def test_the_right_step_is_within_a_few_units_of_rounding(family):
    *_, fit, _ = examined(family, function_of(family))
    assert fit.right
    assert fit.worst < 8
    assert fit.compared == 6


@lru_cache
def planted():
    """Of every kind of edit of every coefficient of every family, the first that has a real value."""
    return list(_planted())


def _planted():
    for family in FAMILIES:
        for name in COEFFICIENTS:
            formula = formula_for(family, name, NUMBERS.get(family, {}))
            seen = set()
            for mutant in mutants(formula):
                at = {alpha(s): 0.9, alpha(t): 0.5, sigma(s): 0.3, sigma(t): 1.1, **NUMBERS.get(family, {})}
                value, right = (complex(expr.subs(at)) for expr in (mutant.expr, formula))
                real = abs(value.imag) < 1e-12 and abs(abs(value) - abs(right)) > 1e-6
                if mutant.kind not in seen and (
                    real or (mutant.kind == "sign" and name != "a_noise" and not value.imag)
                ):
                    seen.add(mutant.kind)
                    yield family, name, mutant


@pytest.mark.parametrize(("family", "name", "mutant"), planted(), ids=lambda v: getattr(v, "kind", str(v)))
def test_a_planted_edit_is_named(family, name, mutant):
    with np.errstate(invalid="ignore"):
        step = function_of(family, **{name: mutant.expr})
        implementation, measured, fit, numbers = examined(family, step)
    assert fit.wrong == (name,)  # at the steps that have a value
    (finding,) = diagnose(implementation, measured, fit, numbers)
    assert finding.coefficient == name
    # Two edits may be one formula (doubling a product doubles its factor), so their values are compared.
    assert finding.edit is not None
    assert finding.computed is not None
    assert finding.measured == pytest.approx(measured[finding.step].__getattribute__(name))


def test_every_kind_of_edit_that_these_formulas_have_is_planted():
    kinds = {mutant.kind for *_, mutant in planted()}
    assert {"sign", "two", "power", "term", "factor", "time", "function"} <= kinds


def ddim(z, eps, s, t, xi):
    x = (z - b(t) * eps) / a(t)
    return a(s) * x + b(s) * eps


def ancestral(z, eps, s, t, xi):
    spread = b(t) ** 2 - (a(t) / a(s)) ** 2 * b(s) ** 2
    mean = a(s) / a(t) * (z - spread / b(t) * eps)
    return mean + np.sqrt(spread) * b(s) / b(t) * xi


class TestWhole:
    @pytest.mark.parametrize(("step", "family"), [(ddim, "ddim"), (ancestral, "ancestral")])
    def test_a_right_step_written_in_its_own_way_passes(self, step, family):
        found = audit(step, SCHEDULE, family)
        assert found.verdict == "right", found.problems
        assert found.computes.family == family
        assert found.order.right
        assert found.exit_status == 0

    @pytest.mark.parametrize("step", [ddim, ancestral])
    def test_without_a_claim_it_is_recognised(self, step):
        found = audit(step, SCHEDULE)
        assert (found.verdict, found.computes.family) == ("right", step.__name__)

    def test_a_wrong_claim_is_refused_and_what_it_is_instead_is_said(self):
        found = audit(ancestral, SCHEDULE, "ddim")
        assert found.verdict == "wrong"
        assert found.computes.family == "ancestral"
        assert {finding.coefficient for finding in found.findings} == {"a_eps", "a_noise"}

    def test_the_numbers_of_equation_7_are_found(self):
        implementation = StepFunction(function_of("eq7"), SCHEDULE, 6)
        fit = identify(implementation, readings(implementation))
        assert (fit.family, fit.right) == ("eq7", True)
        assert fit.numbers == pytest.approx({"gamma": 1 / 2, "delta": 1 / 3, "rho": 3 / 2}, rel=1e-9)

    def test_eta_is_found_and_its_square_is_refused(self):
        def step(z, eps, s, t, xi):
            noise = 0.5 * np.sqrt(b(t) ** 2 - (a(t) / a(s)) ** 2 * b(s) ** 2) * b(s) / b(t)
            x = (z - b(t) * eps) / a(t)
            return a(s) * x + np.sqrt(b(s) ** 2 - noise**2) * eps + noise * xi

        assert audit(step, SCHEDULE, "eta", eta=0.5).verdict == "right"
        found = audit(step, SCHEDULE, "eta", eta=0.25)
        assert found.verdict == "wrong"
        assert {finding.coefficient for finding in found.findings} == {"a_eps", "a_noise"}

    def test_a_step_may_work_in_place(self):
        def in_place(z, eps, s, t, xi):
            eps *= b(s) - a(s) / a(t) * b(t)
            z *= a(s) / a(t)
            z += eps
            return z

        assert audit(in_place, SCHEDULE, family="ddim").verdict == "right"

    def test_missing_noise_is_named(self):
        found = audit(lambda z, eps, s, t, xi: ancestral(z, eps, s, t, 0), SCHEDULE, "ancestral")
        assert [(f.coefficient, f.edit) for f in found.findings] == [("a_noise", "drop the noise")]

    def test_clipping_is_noticed(self):
        found = audit(lambda *given: np.clip(ancestral(*given), -1, 1), SCHEDULE, "ancestral")
        assert found.verdict == "wrong"
        assert "not linear" in found.problems[0]

    def test_a_value_that_is_not_finite_is_noticed(self):
        found = audit(lambda z, *rest: ddim(z, *rest) * np.where(rest[1] < 0.3, np.nan, 1), SCHEDULE, "ddim")
        assert found.verdict == "wrong"
        assert "not finite" in found.problems[0]

    def test_half_precision_in_the_coefficients_is_noticed(self):
        found = audit(lambda z, eps, s, t, xi: ddim(z, eps, np.float32(s), np.float32(t), xi), SCHEDULE, "ddim")
        assert found.verdict == "wrong"

    def test_a_claimed_order_that_is_not_reached_is_refused(self):
        found = audit(ddim, SCHEDULE, "ddim", order=2)
        assert found.verdict == "wrong"
        assert "order of convergence" in found.problems[-1]


class TestEnds:
    @staticmethod
    def told(step, family="ddim"):
        return {end.which: end for end in audit(step, catalogue["fm-ot"], family).ends}

    def test_both_ends_are_tried_and_the_limit_is_known(self):
        ends = self.told(lambda z, eps, s, t, xi: (1 - s) * (z - t * eps) / (1 - t) + s * eps)
        assert (ends["first"].alpha, ends["first"].finite) == (0, False)
        assert (ends["last"].sigma, ends["last"].finite) == (0, True)
        assert ends["last"].units < 4

    def test_a_step_that_is_right_inside_alone_says_so(self):
        def step(z, eps, s, t, xi):
            ratio = np.exp(np.log(s / (1 - s)) - np.log(t / (1 - t)))
            return (1 - s) * (z - t * eps) / (1 - t) + (0 * eps if s == 0 else s * eps) + 0 * np.log(ratio)

        found = audit(step, catalogue["fm-ot"], "ddim")
        assert found.verdict == "right"
        assert [(end.which, end.finite) for end in found.ends] == [("first", False), ("last", False)]

    def test_a_wrong_limit_is_seen(self):
        def step(z, eps, s, t, xi):
            return (1 - s) * (z - t * eps) / (1 - t) + (s if s else 0.1) * eps

        assert self.told(step)["last"].units > 1e6

    def test_an_infinite_end_is_left_out(self):
        schedule = Schedule("1", "tan(pi*t/2)")
        found = audit(lambda z, eps, s, t, xi: z + (np.tan(np.pi * s / 2) - np.tan(np.pi * t / 2)) * eps, schedule)
        assert [end.which for end in found.ends] == ["last"]


class TestForeignCode:
    def test_a_step_that_hangs_is_stopped(self):
        found = audit(lambda *_: time.sleep(60), SCHEDULE, time_limit=2)
        assert (found.verdict, found.exit_status) == ("stopped", 3)
        assert "limit of 2 s" in found.problems[0]

    def test_a_step_that_gives_another_shape_is_refused_in_a_sentence(self):
        with pytest.raises(AuditError, match="an array of shape"):
            audit(lambda z, *_: z[:3], SCHEDULE)

    def test_a_step_in_torch_is_audited_after_torch_has_started_its_threads(self):
        torch.ones(1 << 20).exp().sum()

        def step(z, eps, s, t, xi):
            return ddim(z, eps, s, t, xi) + float(torch.zeros(1 << 20).exp().sum() - (1 << 20))

        assert audit(step, SCHEDULE, "ddim", time_limit=30).verdict == "right"

    def test_a_step_that_raises_is_reported(self):
        found = audit(lambda *_: 1 / 0, SCHEDULE)
        assert found.verdict == "stopped"
        assert "ZeroDivisionError" in found.problems[0]

    def test_a_step_that_kills_its_process_is_reported(self):
        found = audit(lambda *_: exit(0), SCHEDULE)
        assert found.verdict == "stopped"
        assert found.problems == ("its process died",)

    @pytest.mark.parametrize("wrong", [{"family": "heun"}, {"zeta": 1.0}, {"eta": True}])
    def test_bad_requests_are_refused_in_a_sentence(self, wrong):
        with pytest.raises(AuditError):
            audit(ddim, SCHEDULE, **wrong)


def test_the_script_shows_the_fault():
    found = audit(lambda z, eps, s, t, xi: z, catalogue["edm"], "ddim")
    assert found.script.startswith("# <lambda>: a_eps of step")
    assert mpmath.almosteq(found.findings[0].measured, 0)


class TestWhatIsAddedWhateverIsGiven:
    """An offset, which neither the state nor the prediction nor the noise explains."""

    @pytest.mark.parametrize(("step", "family"), [(ddim, "ddim"), (ancestral, "ancestral")])
    @pytest.mark.parametrize("size", [1e-9, 1.0])
    def test_is_wrong(self, step, family, size):
        def pushed(z, eps, s, t, xi):
            return step(z, eps, s, t, xi) + size * (t - s)

        found = audit(pushed, SCHEDULE, family)
        assert found.verdict == "wrong"
        assert any("adds" in problem for problem in found.problems)


class TestAnyBeta:
    """The family nonmarkov: some beta at each step, and no order that it owes."""

    @staticmethod
    def step(z, eps, s, t, xi, sign=-1.0):
        alpha_s, alpha_t = 1 - s, 1 - t
        beta = s / 2
        return alpha_s / alpha_t * z + (np.sqrt(s**2 + sign * beta**2) - alpha_s / alpha_t * t) * eps + beta * xi

    def test_a_right_one_is_right_and_a_wrong_one_is_wrong(self):
        fm = catalogue["fm-ot"]
        assert audit(self.step, fm, "nonmarkov").verdict == "right"
        assert audit(partial(self.step, sign=1.0), fm, "nonmarkov").verdict == "wrong"


def test_a_last_step_that_is_not_the_limit_is_wrong():
    def spoiled(z, eps, s, t, xi):
        return (1 - s) / (1 - t) * z + (s - (1 - s) / (1 - t) * t) * eps if s > 0.01 else 3 * z

    assert audit(spoiled, catalogue["fm-ot"], "ddim").verdict == "wrong"
