"""Random schedules: valid, of the kinds asked for, the same for the same seed, and simple once shrunk."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty
from sympy import Float, Rational, oo

from s2n_proofs.named_schedules import catalogue
from s2n_proofs.proof.ball import working_precision
from s2n_proofs.schedule import Schedule
from s2n_proofs.testing import (
    Kinds,
    invalid_schedules,
    nonmarkov_beta,
    random_schedules,
    schedules,
    step_parameters,
    times,
)
from s2n_proofs.testing.families import FAMILIES

QUIET = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def sample():
    return random_schedules(60, seed=11)


class TestSeeded:
    def test_a_seed_gives_the_same_schedules_and_a_longer_list_begins_with_the_shorter(self, sample):
        again = random_schedules(5, seed=11)
        assert [repr(s) for s in again] == [repr(s) for s in sample[:5]]
        assert [repr(s) for s in again] != [repr(s) for s in random_schedules(5, seed=12)]

    def test_every_draw_is_certified_exact_and_named(self, sample):
        for schedule in sample:
            assert schedule.certified
            assert not (schedule.alpha + schedule.sigma).has(Float)
            assert schedule.name.count(", ") == 3

    def test_every_family_and_shape_and_end_occurs(self, sample):
        words = Counter(word for schedule in sample for word in schedule.name.split(", "))
        assert set(FAMILIES) <= set(words)
        assert {"smooth", "piecewise", "clipped", "infinite start", "finite end"} <= set(words)

    def test_the_name_tells_the_ends(self, sample):
        told = 0
        for schedule in sample:
            for end, where, infinity in ((schedule.start, "start", oo), (schedule.end, "end", -oo)):
                if end.log_snr is not None:
                    assert (end.log_snr == infinity) == (f"infinite {where}" in schedule.name), schedule
                    told += 1
        assert told > len(sample)  # of twice as many; the others' limits are not known in closed form

    def test_a_schedule_that_stands_still_is_not_called_invertible(self, sample):
        for schedule in sample:
            assert schedule.strictly_decreasing == ("clipped" not in schedule.name), schedule

    def test_the_family_is_what_it_says(self, sample):
        for schedule in sample:
            family = schedule.name.split(",")[0]
            time = sum(schedule.domain) / 3 + Rational(1, 7)
            a, b = (schedule.enclosure(part, time) for part in ("alpha", "sigma"))
            with working_precision(128):
                constraint = {"affine": a + b - 1, "vp": a * a + b * b - 1, "sub-vp": a * a + b - 1}.get(family)
            if constraint is not None:
                assert constraint.contains(0)
                assert constraint.rad() < 1e-20

    def test_kinds_narrow_the_draw(self):
        kinds = Kinds(families=("ve",), shapes=("smooth",), ends=("finite",), unit_domain=True)
        for schedule in random_schedules(10, seed=3, kinds=kinds):
            assert schedule.alpha.is_number
            assert schedule.domain == (0, 1)
            assert schedule.sigma_at(1).is_finite

    @pytest.mark.parametrize("wrong", [{"families": ("vq",)}, {"shapes": ()}, {"starts": ("late",)}])
    def test_unknown_kinds_are_refused(self, wrong):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be some of"):
            Kinds(**wrong)

    @pytest.mark.parametrize("wrong", ["vp", None, 3])
    def test_kinds_are_given_as_several(self, wrong):
        with pytest.raises(ValueError, match="families must be several of"):
            Kinds(families=wrong)

    def test_a_failing_schedule_is_shown_in_one_line(self):
        assert pretty(catalogue["fm-ot"]) == repr(catalogue["fm-ot"])


class TestShrinking:
    @staticmethod
    def _size(schedule: Schedule) -> int:
        return int(schedule.alpha.count_ops() + schedule.sigma.count_ops())

    @pytest.mark.parametrize(
        "planted",
        [
            pytest.param(
                lambda s: s.alpha_at(sum(s.domain) / 2) ** 2 + s.sigma_at(sum(s.domain) / 2) ** 2 != 1,
                marks=pytest.mark.slow,
            ),
            lambda s: s.end.sigma == oo,
            lambda s: s.sigma_vanishes_at_start is False,
            lambda s: not s.strictly_decreasing,
        ],
        ids=["not VP", "sigma unbounded", "noise at the start", "log-SNR stands still"],
    )
    def test_a_planted_failure_shrinks_to_the_size_of_the_catalogue(self, planted):
        found = find(schedules(), planted, settings=settings(QUIET, max_examples=300, database=None))
        assert self._size(found) <= max(self._size(catalogue[name]) for name in catalogue)
        assert found.domain == (0, 1)


class TestStrategies:
    @QUIET
    @given(st.data())
    def test_times_ascend_inside_the_domain(self, data):
        schedule = data.draw(schedules())
        inner = data.draw(times(schedule, 4))
        assert list(inner) == sorted(set(inner))
        assert schedule.domain[0] < inner[0] < inner[-1] < schedule.domain[1]
        assert all(time.is_Rational for time in inner)
        closed = data.draw(times(schedule, 3, closed=True))
        assert schedule.domain[0] <= closed[0] < closed[1] < closed[2] <= schedule.domain[1]

    def test_closed_times_reach_both_ends(self):
        schedule = catalogue["fm-ot"]
        found = find(times(schedule, closed=True), lambda pair: pair == (0, 1), settings=settings(QUIET, database=None))
        assert found == (0, 1)

    @pytest.mark.parametrize("count", [0, 1000, 2.5])
    def test_too_many_times_are_refused(self, count):
        with pytest.raises(ValueError, match="count must be from 1 to 999"):
            find(times(catalogue["fm-ot"], count), lambda _: True)

    def test_degenerate_parameters_occur(self):
        for degenerate in (lambda p: p.gamma == -1, lambda p: p.delta == 0, lambda p: p.rho == 0):
            find(step_parameters(), degenerate, settings=settings(QUIET, max_examples=200, database=None))

    @QUIET
    @given(st.data())
    def test_beta_is_between_0_and_sigma(self, data):
        schedule = data.draw(schedules())
        time = data.draw(times(schedule, 1))[0]
        beta = data.draw(nonmarkov_beta(schedule, time))
        assert beta == 0 or 0 < beta.evalf(20) <= schedule.sigma_at(time).evalf(20)

    @pytest.mark.slow  # each is looked at to the end, by balls and by expansions
    @settings(QUIET, max_examples=60)
    @given(invalid_schedules())
    def test_every_invalid_schedule_gets_its_error(self, invalid):
        with pytest.raises(invalid.error) as caught:
            invalid.make()
        assert getattr(caught.value, "property", None) == invalid.property
