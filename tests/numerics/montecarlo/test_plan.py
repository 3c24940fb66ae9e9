"""What a run covers, how strong it is, and that it rejects what it should."""

from __future__ import annotations

from dataclasses import replace

import pytest

from numerics.montecarlo.chain import ChainProgram
from numerics.montecarlo.experiment import DEFAULT_SAMPLES, Experiment
from numerics.montecarlo.plan import NOT_SIMULABLE
from numerics.montecarlo.results import CERTAIN, judge
from numerics.montecarlo.runner import finish, merge
from numerics.montecarlo.session import plan_of
from numerics.montecarlo.significance import critical_z, power
from numerics.montecarlo.work import Task

SCHEDULES = ("fm-ot", "ve")  # a drift and no drift, sigma = 0 and not 0 at the start
FAMILY = 700  # the size of the default run's, rounded up


@pytest.fixture(scope="module")
def experiments():
    return tuple(e for name in SCHEDULES for e in plan_of(name))


@pytest.fixture(scope="module")
def pilot(experiments):
    """A thirty-second of the default number of samples."""
    task = Task(seed=1, samples=2**16)
    return judge(experiments, merge(experiments, task, finish(experiments, task)), task.samples)


def test_every_claim_that_fails_is_simulated_or_has_a_reason(ledger_run, experiments):
    wrong = {c["id"] for c in ledger_run.claims if c["verdict"] in ("fails", "conditional")}
    controls = {row.claim for e in experiments for row in e.rows if row.form == "printed"}
    assert wrong == controls | set(NOT_SIMULABLE)
    assert not controls & set(NOT_SIMULABLE)


def test_no_claim_that_holds_is_a_negative_control(ledger_run, experiments):
    right = {c["id"] for c in ledger_run.claims if c["verdict"] == "holds"}
    assert not right & {row.claim for e in experiments for row in e.rows if row.form == "printed"}


def test_rows_and_streams_are_unique(experiments):
    keys = [e.key for e in experiments]
    rows = [(r.schedule, r.form, r.id, r.claim) for e in experiments for r in e.rows]
    assert len(set(keys)) == len(keys)
    assert len(set(rows)) == len(rows)


def test_derived_formulas_agree_and_printed_ones_are_caught(pilot):
    assert [(c.row.schedule, c.row.id, c.z) for c in pilot.wrong] == []
    assert [(c.row.schedule, c.row.id, c.z) for c in pilot.missed] == []


def test_expectations_tend_to_the_exact_values(pilot):
    compared = [c for c in pilot.checks if c.row.exact is not None]
    assert len(compared) > 50
    assert all(c.converges for c in compared)


def test_points_are_reached_exactly_by_some_steps_and_missed_by_others(experiments):
    """Corollary 1 for a point mass: which (gamma, delta, rho) give the exact variance in one large step."""
    exact, missed = 0, 0
    for experiment in experiments:
        for row in experiment.rows:
            if row.id.endswith("point 0,0,0/variance") or row.id.endswith("point 1,1,1/variance"):
                goal = row.exact
                assert abs(row.expected - goal) < 1e-12 * goal
                exact += 1
            elif row.id.startswith("inexact"):
                missed += row.id.endswith("variance") and abs(row.expected - goal) > 0.1 * goal
    assert exact == 2 * len(SCHEDULES)
    assert missed == 3 * len(SCHEDULES)


def test_every_derived_check_finds_an_error_of_one_percent(pilot):
    """With the standard error of the default number of samples, extrapolated from the pilot's (known to 1 %)."""
    shrink = (2**16 / DEFAULT_SAMPLES) ** 0.5
    for check in pilot.checks:
        if check.row.form == "derived":
            known = {k: v for k, v in check.row.shifts.items() if not isinstance(v, int)}
            assert check.row.shifts, check.row.id
            for name, shift in known.items():
                strength = power(shift, check.standard_error * shrink, FAMILY)
                assert strength >= CERTAIN, (check.row.schedule, check.row.id, name, strength)


def test_shifts_that_are_simulated_are_found_too(experiments, pilot):
    """Shifts that are statistics themselves: the pilot's own power, with its z scaled to the default samples."""
    found = 0
    results = iter(pilot.checks)
    task = Task(seed=1, samples=2**16)
    for experiment in experiments:
        checks = [next(results) for _ in experiment.rows]
        named = [(c, v) for c in checks for v in c.row.shifts.values() if isinstance(v, int)]
        if not named:
            continue
        (moments,) = merge((experiment,), task, finish((experiment,), task))
        for check, statistic in named:
            found += 1
            reached = abs(moments.mean[statistic]) / check.standard_error * (DEFAULT_SAMPLES / 2**16) ** 0.5
            assert reached > critical_z(FAMILY) + 3.0902, (check.row.id, reached)
    assert found >= 10


@pytest.mark.parametrize(
    "key", ["fm-ot/forward-sde", "fm-ot/reverse rho=1", "fm-ot/step 1,1,1", "ve/nonmarkov beta=sigma/2"]
)
@pytest.mark.parametrize("part", ["by_xi", "by_noise"])
def test_an_error_of_one_percent_is_rejected_at_the_default_size(experiments, key, part):
    """Not by the power's formula: the wrong coefficient is simulated."""
    (experiment,) = (e for e in experiments if e.key == key)
    program = experiment.program
    assert isinstance(program, ChainProgram)
    if not getattr(program.chain, part).any():
        assert part == "by_noise"  # the forward process has no network
        return
    wrong = replace(program.chain, **{part: getattr(program.chain, part) * 1.01})
    rows = tuple(row for row in experiment.rows)
    changed = Experiment(experiment.key, replace(program, chain=wrong), rows, experiment.weight)
    task = Task(seed=3, samples=DEFAULT_SAMPLES)
    outcome = judge((changed,), merge((changed,), task, finish((changed,), task)), task.samples)
    assert min(c.p_value for c in outcome.checks) * FAMILY < 1e-6


def test_a_wrong_limit_is_rejected_however_well_the_simulation_agrees(experiments):
    (experiment,) = (e for e in experiments if e.key == "fm-ot/forward-sde")
    row = experiment.rows[0]
    moved = replace(experiment, rows=(replace(row, exact=row.exact + 2 * row.allowed),))
    task = Task(seed=1, samples=4096)
    (check,) = judge((moved,), merge((moved,), task, finish((moved,), task)), task.samples).checks
    assert not check.rejected
    assert check.verdict == "rejected"


@pytest.mark.slow  # everything is derived anew
def test_a_schedule_without_closed_forms_agrees_too():
    # With half as many samples the weakest print would be missed one time in twenty.
    experiments, task = plan_of("sub-vp"), Task(seed=1, samples=2**18)
    outcome = judge(experiments, merge(experiments, task, finish(experiments, task)), task.samples)
    assert not outcome.wrong
    assert not outcome.missed
