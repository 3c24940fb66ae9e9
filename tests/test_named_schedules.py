"""The catalogue: every entry is certified in full, and is the table's."""

import subprocess
import sys
from collections.abc import Mapping

import pytest
from sympy import Rational, cos, exp, log, oo, pi, simplify, sqrt

from s2n_proofs.named_schedules import catalogue
from s2n_proofs.schedule import Schedule, ScheduleError
from s2n_proofs.symbols import t

U = Rational(199, 20) * t**2 + t / 10
C = cos((t + Rational(1, 125)) / (1 + Rational(1, 125)) * pi / 2) / cos(pi / 252)
TABLE = {
    "vp": (exp(-U / 2), sqrt(1 - exp(-U)), (0, 1), oo),
    "ve": (1, Rational(1, 100) * 5000**t, (0, 1), 2 * log(100)),
    "iddpm": (C, sqrt(1 - C**2), (0, 1), oo),
    "fm-ot": (1 - t, t, (0, 1), oo),
    "edm": (1, t, (Rational(1, 500), 80), 2 * log(500)),
    "sub-vp": (exp(-U / 2), 1 - exp(-U), (0, 1), oo),
}


@pytest.mark.parametrize("name", TABLE)
def test_every_entry_is_certified_with_a_negative_derivative_throughout(name):
    schedule = catalogue[name]
    assert schedule.certified
    assert schedule.certificate.negative_derivative
    assert schedule.starts_at_one


@pytest.mark.parametrize("name", TABLE)
def test_every_entry_is_the_one_of_the_table(name):
    alpha, sigma, domain, start = TABLE[name]
    schedule = catalogue[name]
    assert simplify(schedule.alpha - alpha) == 0
    assert simplify(schedule.sigma - sigma) == 0
    assert schedule.domain == domain
    assert simplify(schedule.start.log_snr - start) == 0 or schedule.start.log_snr == start
    assert schedule.name == name


def test_ends_where_the_table_says():
    vanishing = {name for name in catalogue if catalogue[name].alpha_vanishes_at_end}
    assert vanishing == {"iddpm", "fm-ot"}
    noiseless = {name for name in catalogue if catalogue[name].sigma_vanishes_at_start}
    assert noiseless == {"vp", "iddpm", "fm-ot", "sub-vp"}


def test_it_is_a_mapping_that_keeps_what_it_made():
    assert isinstance(catalogue, Mapping)
    assert catalogue.names() == tuple(catalogue) == tuple(TABLE)
    assert len(catalogue) == len(TABLE)
    assert catalogue["vp"] is catalogue["vp"]
    assert catalogue.get("nothing") is None
    assert "vp" in catalogue
    assert "nothing" not in catalogue
    assert all(isinstance(schedule, Schedule) for schedule in catalogue.values())


@pytest.mark.parametrize("name", ["vpp", "", "fm_ot", 3, None])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(ScheduleError):
        catalogue[name]


def test_parameters_can_be_changed():
    other = catalogue["vp"].with_parameters(beta_min="1/5", beta_d=2)
    assert other.alpha == exp(-(t**2) / 2 - t / 10)
    assert other.certified
    free = catalogue["vp"].with_parameters(beta_min=None)
    assert free.free_parameters == ("beta_min",)


@pytest.mark.parametrize(("name", "values"), [("ve", {"sigma_max": "1/1000"}), ("vp", {"beta_min": 0, "beta_d": 0})])
def test_parameters_that_break_it_are_refused(name, values):
    with pytest.raises(ScheduleError):
        catalogue[name].with_parameters(**values)


def test_importing_makes_and_certifies_nothing():
    code = "from s2n_proofs.named_schedules import catalogue; assert not catalogue._made"
    subprocess.run([sys.executable, "-c", code], check=True)
