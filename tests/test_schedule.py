"""Schedule: what it reads, what it refuses, what it reports."""

import copy
import pickle
import warnings
from dataclasses import FrozenInstanceError
from fractions import Fraction

import pytest
from sympy import Add, Function, I, Integer, Rational, Symbol, exp, gamma, log, oo, pi, sin, sqrt

from s2n_proofs.parsing import ParseError
from s2n_proofs.schedule import Schedule, ScheduleError, UncertifiedWarning
from s2n_proofs.symbols import t


class TestReading:
    def test_numbers_in_text_are_exact(self):
        assert Schedule("1 - 0.1*t", "t").alpha == 1 - t / 10

    def test_a_python_float_is_its_binary_number(self):
        schedule = Schedule(1 - 0.1 * t, t)
        assert schedule.alpha == 1 - Rational(*(0.1).as_integer_ratio()) * t
        assert schedule != Schedule("1 - 0.1*t", t)

    def test_a_number_is_a_constant(self):
        assert Schedule(1, t) == Schedule("1", "t") == Schedule(Fraction(1), t) == Schedule(1.0, t)

    def test_another_symbol_called_t_is_the_time(self):
        assert Schedule(1 - Symbol("t"), Symbol("t", positive=True)) == Schedule("1 - t", "t")

    @pytest.mark.parametrize("domain", [(0, 1), "0, 1", ("0", "1"), (0.0, 1.0), (Integer(0), Integer(1))])
    def test_a_domain_is_read_exactly(self, domain):
        assert Schedule("1 - t", "t", domain).domain == (0, 1)

    def test_a_domain_may_end_at_a_constant(self):
        assert Schedule("cos(t)", "sin(t)", (0, "pi/2")).domain == (0, pi / 2)


class TestRefusal:
    @pytest.mark.parametrize(
        "domain",
        [(0, 0), (1, 0), (0, oo), (-oo, 0), (0, float("inf")), (0, float("nan")), (0, I), (0, "x"), (0, t), 3,
         None, (0,), (0, 1, 2), "", "0", (0, True)],
    )  # fmt: skip
    def test_of_a_domain(self, domain):
        with pytest.raises(ScheduleError) as caught:
            Schedule("1", "t", domain)
        assert caught.value.property == "domain"

    @pytest.mark.parametrize(
        "alpha",
        [None, True, [], I, I * t, oo, float("nan"), Symbol("q") * t, Function("f")(t), t > 0, t ** (10**9),
         Symbol("t") / Symbol("u"), {"alpha": 1}],
    )  # fmt: skip
    def test_of_an_expression(self, alpha):
        for arguments in ((alpha, t), (1, alpha)):
            with pytest.raises(ScheduleError) as caught:
                Schedule(*arguments)
            assert caught.value.property == "expression"

    @pytest.mark.parametrize("text", ["", "u*t", "1 +", "__import__('os')", "t.real", "9**9**9**9"])
    def test_of_a_text(self, text):
        with pytest.raises(ParseError):
            Schedule(text, "t")

    def test_of_a_tree_too_deep_or_too_large(self):
        deep = t
        for _ in range(80):
            deep = Add(1, sin(deep, evaluate=False), evaluate=False)
        wide = Add(*(exp(t / k) for k in range(1, 1500)))
        for expr in (deep, wide):
            with pytest.raises(ScheduleError) as caught:
                Schedule(1, expr)
            assert caught.value.property == "expression"

    def test_names_property_time_and_value(self):
        with pytest.raises(ScheduleError) as caught:
            Schedule("1", "1 - 1.5*t**2")
        error = caught.value
        assert isinstance(error, ValueError)
        assert error.property == "sigma"
        low, high = error.violation.value
        assert low <= 1 - Rational(3, 2) * error.time**2 <= high < 0
        assert str(error.time) in str(error)

    def test_what_is_not_certified_warns_or_is_refused_when_strict(self):
        with pytest.warns(UncertifiedWarning):
            schedule = Schedule(1, gamma(1 + t) + t)
        assert not schedule.certified
        assert schedule.certificate.gaps
        with pytest.raises(ScheduleError):
            Schedule(1, gamma(1 + t) + t, strict=True)


class TestParameters:
    def test_without_values_nothing_is_certified_and_nothing_warns(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            schedule = Schedule("exp(-rate*t)", "1 + t", parameters={"rate": None})
        assert schedule.free_parameters == ("rate",)
        assert schedule.certificate is None
        assert not schedule.certified
        assert schedule.start.log_snr is None
        assert "rate" in str(schedule)
        assert "rate" in repr(schedule)

    def test_values_are_put_in_and_replaced(self):
        schedule = Schedule("exp(-rate*t)", "1 + t", parameters={"rate": None}, name="decay")
        third = schedule.with_parameters(rate="1/3")
        assert third.certified
        assert third.alpha == exp(-t / 3)
        assert third.name == "decay"
        assert third.with_parameters(rate=Rational(1, 2)).alpha == exp(-t / 2)
        assert third.with_parameters(rate=None) == schedule
        assert dict(third.parameters) == {"rate": Rational(1, 3)}

    def test_sympy_parameters_go_by_name(self):
        assert Schedule(exp(-Symbol("rate") * t), t, parameters={"rate": 2}).alpha == exp(-2 * t)

    @pytest.mark.parametrize("value", ["-1", -1, "x", I, oo, True, "sqrt(-1)"])
    def test_a_bad_value_is_refused(self, value):
        with pytest.raises((ScheduleError, ParseError)):
            Schedule("exp(-rate*t)", "t", parameters={"rate": value})

    def test_a_value_that_makes_it_invalid_is_refused(self):
        schedule = Schedule("1 - rate*t", "1 + t", parameters={"rate": None})
        with pytest.raises(ScheduleError) as caught:
            schedule.with_parameters(rate=2)
        assert caught.value.property == "alpha"
        assert caught.value.time >= Rational(1, 2)

    def test_unknown_and_unused_parameters_are_refused(self):
        with pytest.raises(ScheduleError):
            Schedule("1", "t", parameters={"rate": 1})
        with pytest.raises(ScheduleError):
            Schedule("1", "t").with_parameters(rate=1)

    def test_parameters_cannot_be_changed_from_outside(self):
        with pytest.raises(TypeError):
            Schedule("exp(-rate*t)", "t", parameters={"rate": 1}).parameters["rate"] = 2


class TestReports:
    @pytest.mark.parametrize(
        ("alpha", "sigma", "domain", "at_one", "start", "end", "ratio"),
        [
            ("1 - t", "t", (0, 1), True, oo, -oo, 0),
            ("cos(pi*t/2)", "sin(pi*t/2)", (0, 1), True, oo, -oo, 0),
            ("1", "tan(pi*t/2)", (0, 1), True, oo, -oo, 0),
            ("1/(1 + t**3)", "t**(3/2) + 1/20", (0, 1), True, 2 * log(20), None, Rational(10, 21)),
            ("sqrt(t)*exp(-t)", "t", (0, 1), False, oo, -2, exp(-1)),
            ("2", "3 + t", (0, 1), False, None, None, Rational(1, 2)),
            ("clip(1 - t, 1/10, 9/10)", "t", (0, 1), False, oo, None, Rational(1, 10)),
        ],
    )
    def test_ends(self, alpha, sigma, domain, at_one, start, end, ratio):
        schedule = Schedule(alpha, sigma, domain)
        assert schedule.starts_at_one is at_one
        assert schedule.end_signal_to_noise == ratio
        assert start is None or schedule.start.log_snr == start
        assert end is None or schedule.end.log_snr == end
        assert schedule.start.infinite is (start == oo)
        assert schedule.end.infinite is (end == -oo)
        assert schedule.sigma_vanishes_at_start is (schedule.start.sigma == 0)
        assert schedule.alpha_vanishes_at_end is (end == -oo and alpha != "1")

    def test_an_end_beyond_reach_is_unknown_not_guessed(self):
        schedule = Schedule("1", "-1/log(t)", (0, Rational(1, 2)))
        assert schedule.certified
        assert schedule.sigma_vanishes_at_start is None
        assert schedule.start.infinite is None

    def test_values_at_exact_times(self):
        schedule = Schedule("1 - t", "t")
        assert schedule.alpha_at("1/3") == Rational(2, 3)
        assert schedule.sigma_at(0.5) == Rational(1, 2)
        assert schedule.log_snr_at(0) == oo
        assert schedule.log_snr_at(Rational(1, 2)) == 0
        assert schedule.alpha_at(1) == 0
        for time in (-1, 2, "x", I):
            with pytest.raises((ScheduleError, ParseError)):
                schedule.alpha_at(time)

    def test_enclosures(self):
        schedule = Schedule("1 - t", "t")
        assert schedule.enclosure("log_snr", "1/2", bits=64).contains(0)
        assert schedule.enclosure("sigma", "1/3", bits=300).rad() < 2.0**-290
        with pytest.raises(ScheduleError):
            schedule.enclosure("log_snr", 0)
        with pytest.raises(ScheduleError):
            schedule.enclosure("name", "1/2")

    @pytest.mark.parametrize(
        ("alpha", "sigma", "log_snr"),
        [
            (exp(-t / 2), sqrt(1 - exp(-t)), -t - log(1 - exp(-t))),
            (1 - t, t, 2 * log(1 - t) - 2 * log(t)),
            ((t - 2) ** 2 / (t - 3) / (t - 4), 1 + t, None),
            (1, -1 / log(t / 2), 2 * log(-log(t / 2))),
            (1, 5**t, -2 * t * log(5)),
        ],
    )
    def test_log_snr_is_real_and_right(self, alpha, sigma, log_snr):
        schedule = Schedule(alpha, sigma)
        if log_snr is not None:
            assert schedule.log_snr == log_snr
        a, b = (schedule.enclosure(name, "1/3") for name in ("alpha", "sigma"))
        assert schedule.enclosure("log_snr", "1/3").overlaps(2 * (a / b).log())


class TestIdentity:
    def test_it_is_frozen(self):
        schedule = Schedule("1 - t", "t")
        with pytest.raises(FrozenInstanceError):
            schedule.alpha = t

    def test_equal_by_mathematics_not_by_name(self):
        first, second = Schedule("1 - t", "t", name="a"), Schedule(1 - t, t)
        assert first == second
        assert hash(first) == hash(second)
        assert first != Schedule("1 - t", "t", (0, Rational(1, 2)))
        assert first != "1 - t"

    def test_repr_makes_it_again(self):
        schedule = Schedule("1/(1 + t**3)", "t**(3/2) + 1/20", ("1/10", 2), name="odd")
        text = repr(schedule).replace("1/10", "'1/10'", 1)
        assert eval(text, {"Schedule": Schedule}) == schedule

    def test_copies_and_pickles(self):
        schedule = Schedule("1 - t", "t")
        for twin in (copy.deepcopy(schedule), pickle.loads(pickle.dumps(schedule))):
            assert twin == schedule
            assert twin.certificate == schedule.certificate
