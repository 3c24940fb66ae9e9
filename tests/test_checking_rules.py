"""Where an identity is judged: times inside the open domain, s < tau < t, and both sides with a value as typed."""

from __future__ import annotations

from typing import Any

import pytest

from s2n_proofs.checking import IdentityError, check
from s2n_proofs.formulas import derive
from s2n_proofs.named_schedules import catalogue
from s2n_proofs.schedule import Schedule
from s2n_proofs.text import to_text

COSINE = {"alpha": "cos(pi*t/2)", "sigma": "sin(pi*t/2)"}
README = {"alpha": "1/(1+t**3)", "sigma": "t**(3/2)+1/20"}
BOTH_SIGNS = {"alpha": "2-t", "sigma": "2+t", "domain": (-1, 1)}
WITH_A_JOINT = {"alpha": "1", "sigma": "piecewise((1+t, t<1/2), (1/2+2*t, True))"}
WITH_A_CORNER = {"alpha": "1", "sigma": "1+t-abs(t-1/2)"}


def given(schedule: str | dict[str, Any] | None) -> dict[str, Any]:
    return schedule if isinstance(schedule, dict) else {"schedule": schedule}


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        # True where 2 t lies in the domain, and only there.
        ("log(alpha(2*t)**2) = 2*log(alpha(2*t))", None),
        ("log(alpha(2*t)**2) = 2*log(alpha(2*t))", "fm-ot"),
        ("sqrt(alpha(2*t)**2) = alpha(2*t)", "fm-ot"),
        ("g(2*t)**2 = abs(g(2*t)**2)", "fm-ot"),
        ("alpha(40*t) = 1 - 40*t", "fm-ot"),
        # Off the corner.
        ("diff(abs(t-1/2), t) = (t-1/2)/abs(t-1/2)", "fm-ot"),
        ("diff(abs(t-1/2), t)**2 = 1", None),
        # Positive times, or whatever the sides need to have a value.
        ("sqrt(t)**2 = t", "vp"),
        ("log(t**2) = 2*log(t)", "fm-ot"),
        ("sqrt(t*s) = sqrt(t)*sqrt(s)", "edm"),
        ("(t**3)**(1/3) = t", "vp"),
        ("t**t = exp(t*log(t))", None),
        ("t**t = exp(t*log(t))", BOTH_SIGNS),
        # What the standing hypotheses say.
        ("sqrt(g(t)**2) = g(t)", None),
        ("sqrt(1/(-diff(lambda(t), t))) = sigma(t)/g(t)", None),
        ("abs(s-t) = t-s", None),
        ("abs(tau-t) + abs(tau-s) = t-s", None),
        ("abs(lambda(s)-lambda(t)) = lambda(s)-lambda(t)", None),
        ("abs(lambda(s)-lambda(t)) = lambda(s)-lambda(t)", "vp"),
        ("abs(transition_variance(s,t)) = transition_variance(s,t)", None),
        ("abs(diff(lambda(t), t)) = -diff(lambda(t), t)", None),
        ("acos(alpha(t)) = pi*t/2", COSINE),
        ("sigma(t) = 1/sqrt(1+exp(lambda(t)))", "vp"),
        ("sigma(t) = 1/sqrt(1+exp(lambda(t)))", "iddpm"),
    ],
)
def test_true_where_it_is_judged(text: str, schedule: Any) -> None:
    result = check(text, **given(schedule))
    assert result.verdict == "holds", result.lines()
    assert result.judgement.proofs[0].engines == ("sympy", "flint")
    assert result.judgement.tested > 0


@pytest.mark.parametrize(
    ("text", "schedule", "equal"),
    [
        ("sqrt(alpha(t)-sigma(t))**2 = alpha(t)-sigma(t)", None, True),
        ("(alpha(t)**2-sigma(t)**2)/(alpha(t)-sigma(t)) = alpha(t)+sigma(t)", None, True),
        ("exp(log(alpha(t)-sigma(t))) = alpha(t)-sigma(t)", None, True),
        ("sqrt(alpha(t)-10**(-9))**2 = alpha(t)-10**(-9)", None, True),
        ("sqrt(sigma(t)-10**(-9))**2 = sigma(t)-10**(-9)", None, True),
        ("sqrt(10**9-alpha(t))**2 = 10**9-alpha(t)", None, True),
        ("(gamma**2-1)/(gamma+1) = gamma-1", None, True),
        ("(rho**2-9/49)/(rho-3/7) = rho+3/7", None, True),
        ("(t-3/7)/(t-3/7) = 1", "fm-ot", True),
        ("(alpha(t)**2-9*sigma(s)**2)/(alpha(t)-3*sigma(s)) = alpha(t)+3*sigma(s)", None, True),
        ("sqrt(t-1/1000)**2 = t-1/1000", "fm-ot", True),
        ("sqrt(alpha(t)-10**(-11))**2 = alpha(t)-10**(-11)", "fm-ot", True),
        ("rho/rho = 1", None, True),
        ("beta/beta = 1", None, True),
        ("sqrt(t)**2 = t", None, True),
        ("sqrt(t)**2 = t", BOTH_SIGNS, True),
        ("log(t**2) = 2*log(t)", None, True),
        ("sqrt(t*s) = sqrt(t)*sqrt(s)", None, True),
        ("log(f(t)**2) = 2*log(-f(t))", None, True),
        ("alpha(2*t) = alpha(t)", "fm-ot", False),
        ("sqrt(f(t)) = -f(t)", None, False),
        ("abs(t-s) = s-t", None, False),
        ("abs(sigma(t)-sigma(s)) = sigma(t)-sigma(s)", None, False),
        ("abs(transition_variance(s,t)) = -transition_variance(s,t)", None, False),
        ("acos(alpha(t)) = -pi*t/2", COSINE, False),
        ("acos(alpha(t)) = pi*t/2 + 1/10**20", COSINE, False),
    ],
)
def test_false_where_it_is_judged(text: str, schedule: Any, equal: bool) -> None:
    result = check(text, **given(schedule))
    assert result.verdict == "fails", result.lines()
    # Equal wherever both sides have a value: then that is said, and no family or value of a parameter.
    assert bool(result.judgement.proofs) == equal
    assert not (equal and (result.judgement.families or result.judgement.conditions))


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("abs(alpha(t+1)) = alpha(t+1)", "fm-ot"),
        ("alpha(t+1) - alpha(t+1) = 0", "fm-ot"),
        ("alpha(2) = alpha(2)", "fm-ot"),
        ("alpha(0) = 1", "fm-ot"),
        ("alpha(1) = 0", "fm-ot"),
        ("alpha(-t) = 1 + t", "fm-ot"),
        ("transition_variance(2, 2) = 0", "fm-ot"),
        ("transition_variance(t,t)/transition_variance(t,t) = 1", None),
        ("f(t)/f(t) = 1", "edm"),
        ("diff(alpha(t),t)/f(t) = alpha(t)", "edm"),
        ("(alpha(t)**2+sigma(t)**2-1)/(alpha(t)**2+sigma(t)**2-1) = 1", "vp"),
        ("log(alpha(t)) = log(alpha(t)*transition_variance(t,t))", None),
    ],
)
def test_what_has_no_value_anywhere_is_refused(text: str, schedule: Any) -> None:
    with pytest.raises(IdentityError):
        check(text, **given(schedule))


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("g(1/2)**2 = 3", WITH_A_CORNER),  # one-sided derivatives differ there: there is no g
        ("g(1/2)**2 = 6", WITH_A_JOINT),
        ("alpha(t+1/2) = alpha(t-1/2)", "fm-ot"),  # never both inside
    ],
)
def test_what_no_point_can_test_is_undecided(text: str, schedule: Any) -> None:
    assert check(text, **given(schedule)).verdict == "undecided"


def test_the_derivative_beside_a_corner_is_judged() -> None:
    assert check("g(3/4)**2 = 0", **WITH_A_CORNER).verdict == "holds"
    assert check("g(3/4)**2 = 1", **WITH_A_CORNER).verdict == "fails"


@pytest.mark.parametrize(("text", "condition"), [("abs(rho) = rho", "rho >= 0"), ("abs(gamma) = -gamma", "gamma <= 0")])
def test_a_sign_that_saves_is_named(text: str, condition: str) -> None:
    assert [c.statement for c in check(text).judgement.conditions] == [condition]


def test_what_an_identity_needs_is_said() -> None:
    said = "\n".join(check("sqrt(beta - sigma(t)) = sqrt(beta - sigma(t))").lines())
    assert "beta - sigma(t) is at least 0" in said
    assert not check("sqrt(sigma(s)**2 - beta**2) = sqrt(sigma(s)**2 - beta**2)").needs  # beta <= sigma(s) stands
    assert not check("sqrt(transition_variance(s,t))**2 = transition_variance(s,t)").needs


WORDS = {
    "f": "f(t)",
    "g": "g(t)",
    "log_snr": "lambda(t)",
    "transition_variance": "transition_variance(s,t)",
}


# The two whose expressions are the longest take as long as all the others.
_LONG = ("vp", "sub-vp")
_PRINTED = [pytest.param(name, marks=[pytest.mark.slow] * (name in _LONG)) for name in catalogue.names()]


@pytest.mark.parametrize("schedule", [*_PRINTED, COSINE, README], ids=str)
def test_what_derive_prints_is_confirmed(schedule: Any) -> None:
    one = Schedule(**schedule) if isinstance(schedule, dict) else catalogue[schedule]
    formulas = derive(one)
    for name, word in WORDS.items():
        text = f"{word} = {to_text(getattr(formulas, name))}"
        assert check(text, schedule=one).verdict == "holds", text
        assert check(f"{text} + 10**(-30)", schedule=one).verdict == "fails", text


@pytest.mark.parametrize("schedule", ["vp", "iddpm", "sub-vp", COSINE, README], ids=str)
def test_what_holds_for_every_schedule_holds_for_one(schedule: Any) -> None:
    assert check("lambda(t) = log(snr(t))", **given(schedule)).verdict == "holds"


def test_a_result_is_not_a_truth_value() -> None:
    with pytest.raises(TypeError, match="verdict"):
        bool(check("t = s"))


def test_the_identity_is_shown_as_typed() -> None:
    result = check("  sqrt(alpha(t) - sigma(t))**2  =  alpha(t) - sigma(t)")
    assert result.lines()[1].strip() == "sqrt(alpha(t) - sigma(t))**2 = alpha(t) - sigma(t)"
    assert result.as_dict()["lhs"] == "sqrt(alpha(t) - sigma(t))**2"
