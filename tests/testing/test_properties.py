"""Properties over random schedules: every derived formula by an independent route, and how the formulas fit together."""

from __future__ import annotations

import warnings
from random import Random

import mpmath
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational

from s2n_proofs.formulas import derive
from s2n_proofs.schedule import Schedule, UncertifiedWarning
from s2n_proofs.symbols import beta, delta, gamma, rho, s, t, tau
from s2n_proofs.testing import schedules, step_parameters, times
from s2n_proofs.testing.formula_checks import Case, agrees
from s2n_proofs.testing.worlds import World, mp

GENERIC = derive()
PLAIN = {"step.a_eps"}  # at gamma = -1 it is 0/0: its limit is the formula step_limit.a_eps


def world_of(schedule: Schedule) -> World:
    return World(schedule, Random(0))


def close(left, right, scale=1):
    """60 digits, of which cancellation may take 30."""
    return abs(left - right) <= mp.mpf(10) ** -30 * (scale + abs(right))


def values(schedule, expr, **at):
    names = {"s": s, "t": t, "tau": tau, "gamma": gamma, "delta": delta, "rho": rho, "beta": beta}
    return world_of(schedule).value(expr, {names[name]: value for name, value in at.items()})


def unasked(alpha, sigma, domain=(0, 1)) -> Schedule:
    """A schedule made of one that was drawn; whether it can be certified, too, is not asked here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UncertifiedWarning)
        return Schedule(alpha, sigma, domain)


def off_corners(schedule: Schedule, moments) -> bool:
    """At a corner the rates have two values; the formulas of the rates are meant beside it."""
    return not set(moments) & set(schedule.certificate.breaks)


@given(st.data())
def test_every_formula_has_the_value_of_an_independent_route(data):
    schedule = data.draw(schedules())
    moments = data.draw(times(schedule, 3).filter(lambda found: off_corners(schedule, found)))
    parameters = data.draw(step_parameters())
    share = data.draw(st.sampled_from([Rational(1, 2), Rational(0), Rational(1), Rational(1, 10)]))
    case = Case.of(schedule, moments, parameters, share)
    for name, formula in GENERIC.items().items():
        if name in PLAIN and parameters.gamma == -1:
            continue
        assert agrees(case.value(formula), case.expected[name]), (name, schedule, moments, parameters)


@given(st.data())
def test_chapman_kolmogorov(data):
    schedule = data.draw(schedules())
    early, middle, late = data.draw(times(schedule, 3))
    factor = {pair: values(schedule, GENERIC.transition_factor, s=pair[0], t=pair[1])
              for pair in ((early, middle), (middle, late), (early, late))}  # fmt: skip
    variance = {pair: values(schedule, GENERIC.transition_variance, s=pair[0], t=pair[1]) for pair in factor}
    assert close(factor[early, late], factor[early, middle] * factor[middle, late])
    composed = factor[middle, late] ** 2 * variance[early, middle] + variance[middle, late]
    assert close(variance[early, late], composed)


@given(st.data())
def test_a_clock_changes_no_transition_and_no_step(data):
    schedule = data.draw(schedules(unit_domain=True))
    power = data.draw(st.sampled_from([2, 3, Rational(1, 2)]))
    early, late = data.draw(times(schedule, 2))
    rerun = unasked(schedule.alpha.subs(t, t**power), schedule.sigma.subs(t, t**power))
    parameters = data.draw(step_parameters().filter(lambda found: found.gamma != -1))._asdict()
    for formula in (GENERIC.transition_factor, GENERIC.transition_variance, *GENERIC.step, *GENERIC.ancestral_step):
        here = values(rerun, formula, s=early, t=late, **parameters)
        there = values(schedule, formula, s=early**power, t=late**power, **parameters)
        assert close(here, there), (formula, schedule)


@given(st.data())
def test_in_snr_space_every_schedule_with_the_same_log_snr_takes_the_same_step(data):
    schedule = data.draw(schedules(unit_domain=True))
    twin = unasked(1, schedule.sigma / schedule.alpha, schedule.domain)
    early, late = data.draw(times(schedule, 2))
    parameters = data.draw(step_parameters().filter(lambda found: found.gamma != -1))._asdict()
    scale = values(schedule, GENERIC.alpha, t=early)
    for formula in (*GENERIC.step[1:], *GENERIC.step_limit[1:]):
        here = values(schedule, formula, s=early, t=late, **parameters)
        assert close(here / scale, values(twin, formula, s=early, t=late, **parameters)), (formula, schedule)


@given(st.data())
def test_degenerate_parameters(data):
    schedule = data.draw(schedules())
    early, late = data.draw(times(schedule, 2))
    at = {"s": early, "t": late}
    general = {"gamma": Rational(1, 2), "delta": Rational(1, 3), "rho": Rational(2)}
    assert close(values(schedule, GENERIC.transition_variance, s=early, t=early), 0)
    assert close(values(schedule, GENERIC.transition_factor, s=early, t=early), 1)
    assert values(schedule, GENERIC.step.a_noise, **at | general | {"rho": Rational(0)}) == 0
    near = values(schedule, GENERIC.step.a_eps, **at | general | {"gamma": -1 + Rational(1, 10**25)})
    limit = values(schedule, GENERIC.step_limit.a_eps, **at | general)
    assert abs(near - limit) <= mp.mpf(10) ** -20 * (1 + abs(limit))
    sigma_s = schedule.sigma_at(early)
    a_z, a_eps, a_noise = (values(schedule, part, **at, beta=sigma_s) for part in GENERIC.nonmarkov_step)
    # Nothing of the old noise is left: sigma(s)**2 - beta**2 cancels wholly.  A hundred roundings to 60 digits, of numbers
    # up to 1 + sigma(s), leave at most 2*sigma(s)*(1 + sigma(s))*10**-58 of it.
    sigma, left = values(schedule, GENERIC.sigma, t=early), a_eps + a_z * values(schedule, GENERIC.sigma, t=late)
    assert abs(left) <= mp.sqrt(2 * sigma * (1 + sigma)) * mp.mpf(10) ** -29
    assert close(a_noise, values(schedule, GENERIC.sigma, t=early))


def test_a_wrong_formula_is_noticed_by_the_same_means():
    schedule = Schedule("1 - t", "t")
    expected = mpmath.mpf(2) / 9
    assert agrees(values(schedule, GENERIC.transition_variance, s=Rational(1, 4), t=Rational(1, 2)), expected)
    assert not agrees(values(schedule, GENERIC.transition_variance, s=Rational(1, 4), t=Rational(1, 2)) / 2, expected)
    left = values(schedule, GENERIC.transition_factor, s=Rational(1, 4), t=Rational(1, 2))
    assert not close(left, left * (1 + mp.mpf(10) ** -25))
