"""Schedules by a table: exact at the entries, valid between, and what is refused."""

from fractions import Fraction
from itertools import pairwise

import pytest
from flint import arb
from sympy import Rational, log, oo, sqrt

from s2n_proofs import Schedule
from s2n_proofs.schedule import ScheduleError

BETAS = ["1/10", "1/5", "1/4"]


def test_entries_are_the_exact_products_of_the_binary_numbers_given():
    betas = [0.1, 0.2, 0.25]
    table = Schedule.from_table(betas=betas)
    product = Fraction(1)
    for k, beta in enumerate(betas):
        product *= 1 - Fraction(beta)
        assert table.alpha_at(k) == sqrt(Rational(product.numerator, product.denominator))
        assert table.alpha_at(k) ** 2 + table.sigma_at(k) ** 2 == 1


def test_both_ways_to_give_a_table_are_one_schedule():
    assert Schedule.from_table(betas=BETAS) == Schedule.from_table(alphas_cumprod=["9/10", "18/25", "27/50"])
    assert Schedule.from_table(betas=BETAS) != Schedule.from_table(betas=BETAS[:2])
    assert len({Schedule.from_table(betas=BETAS), Schedule.from_table(betas=BETAS)}) == 1


def test_the_log_snr_is_linear_between_entries():
    table = Schedule.from_table(betas=BETAS)
    low, high = (table.enclosure("log_snr", k) for k in (1, 2))
    for share in (Rational(1, 3), Rational(1, 2)):
        part = arb(int(share.p)) / int(share.q)
        found = table.enclosure("log_snr", 1 + share)
        assert found.overlaps((1 - part) * low + part * high)
        assert found.rad() < 1e-30
        # The exact value, by SymPy alone.
        exact = table.alpha_at(1 + share) ** 2 / table.sigma_at(1 + share) ** 2
        assert abs(float(log(exact)) - float(found)) < 1e-14 * abs(float(found))


def test_alpha_bar_is_linear_next_to_clean_data_and_to_zero_terminal_snr():
    table = Schedule.from_table(alphas_cumprod=["1/2", "1/4", 0])
    assert [table.alpha_at(time) ** 2 for time in (-1, "-1/2", 0, 1, "3/2", 2)] == [
        1, Rational(3, 4), Rational(1, 2), Rational(1, 4), Rational(1, 8), 0,
    ]  # fmt: skip
    assert table.sigma_vanishes_at_start
    assert table.alpha_vanishes_at_end
    assert table.end_signal_to_noise == 0
    assert (table.start.log_snr, table.end.log_snr) == (oo, -oo)


def test_the_log_snr_falls_across_the_whole_domain():
    table = Schedule.from_table(betas=[0.0001, 0.02, 0.5, 0.9])
    times = [Rational(k, 7) for k in range(-6, 22)]
    levels = [table.enclosure("log_snr", time) for time in times]
    assert all(after < before for before, after in pairwise(levels))
    assert table.certified
    assert table.strictly_decreasing


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "one of them"),
        ({"betas": BETAS, "alphas_cumprod": BETAS}, "one of them"),
        ({"betas": [0.1, -0.2]}, r"betas\[1\] is -0.2"),
        ({"betas": [0.1, 0.0]}, r"betas\[1\] is 0"),
        ({"betas": [0.1, 1.0, 0.1]}, "entry 1 is 0 after 0.9"),
        ({"alphas_cumprod": [0.5, 0.5]}, "entry 1 is 0.5 after 0.5"),
        ({"alphas_cumprod": [1, 0.5]}, "entry 0 is 1 after 1"),
        ({"alphas_cumprod": [0.5]}, "at least two entries"),
        ({"alphas_cumprod": [0.5, float("nan")]}, "must be finite"),
        ({"alphas_cumprod": [[0.5, 0.1]]}, "one dimension"),
        ({"alphas_cumprod": ["1/sqrt(2)", 0.1]}, "must be a rational number"),
        ({"alphas_cumprod": 0.5}, "must be a sequence of numbers"),
        ({"betas": "0.1"}, "must be a sequence of numbers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_refused(given, message):
    with pytest.raises(ScheduleError, match=message) as caught:
        Schedule.from_table(**given)
    assert "\n" not in str(caught.value)


def test_times_outside_are_refused():
    table = Schedule.from_table(betas=BETAS)
    with pytest.raises(ScheduleError, match=r"in \[-1, 2\], -1 for clean data; it is 3"):
        table.alpha_at(3)
    with pytest.raises(ScheduleError, match="no finite value at t = -1"):
        table.enclosure("log_snr", -1)
    with pytest.raises(ScheduleError, match="a table has none"):
        table.with_parameters(beta=1)
