"""``check``: verdicts on identities whose truth is known; every false one here once fooled, or could fool, a kinder judge."""

from __future__ import annotations

import json

import pytest

from s2n_proofs.checking import check
from s2n_proofs.parsing import ParseError
from s2n_proofs.schedule import ScheduleError

TRUE = [
    "g(t)**2 = -exp(-lambda(t))*diff(lambda(t), t)*alpha(t)**2",
    "transition_variance(s,t) = sigma(t)**2*(1 - exp(lambda(t) - lambda(s)))",
    "transition_variance(s,t) = transition_variance(s,tau)*transition_factor(tau,t)**2 + transition_variance(tau,t)",
    "sqrt(sigma(s)**2 - beta**2) = sigma(s)*sqrt(1 - beta**2/sigma(s)**2)",
    "(alpha(s)/alpha(t))**(1-delta)*alpha(t) = alpha(s)*(alpha(t)/alpha(s))**delta",
    "lambda(2*t) = log(alpha(2*t)**2/sigma(2*t)**2)",
    "snr(t) = exp(lambda(t))",
    "-f(t) = -diff(alpha(t), t)/alpha(t)",
]
FALSE = [
    "f(t) = -diff(alpha(t), t)/alpha(t)",
    "g(t)**2 = exp(-lambda(t))*diff(lambda(t), t)*alpha(t)**2",
    "transition_variance(t,s) = abs(transition_variance(t,s))",
    "sqrt(f(t)**2) = f(t)",
    "alpha(t)**2 + sigma(t)**2 = 1",
    "alpha(0) = 1",
    "rho**2*alpha(t) = alpha(t)",
    "alpha(t) = alpha(t) + 1e-40",
    "sqrt(2) + sqrt(3) = sqrt(5 + 2*sqrt(6)) + 1e-50",
    "t = s",
]
# One side has no real value somewhere, although SymPy simplifies that away when it builds the side.
HALF_DEFINED = [
    "transition_variance(s,t) = -(alpha(t)*sqrt(exp(-lambda(s)) - exp(-lambda(t))))**2",
    "g(t)**2 = -(alpha(t)*sqrt(exp(-lambda(t))*diff(lambda(t),t)))**2",
    "0*sqrt(f(t)) = 0",
    "exp(log(f(t))) = f(t)",
    "f(t) = exp(log(f(t)))",
    "((alpha(t)-sigma(t))**2-1)/((alpha(t)-sigma(t))**2+1) = tanh(log(alpha(t)-sigma(t)))",
]


@pytest.mark.parametrize("text", TRUE)
def test_true_identities_hold(text: str) -> None:
    result = check(text)
    assert result.verdict == result.lines()[0] == "holds"
    assert result.judgement.tested > 0


@pytest.mark.parametrize("text", FALSE + HALF_DEFINED)
def test_false_identities_fail_with_a_witness(text: str) -> None:
    result = check(text)
    assert result.verdict == result.lines()[0] == "fails"
    assert result.judgement.witnesses


@pytest.mark.parametrize("text", TRUE + FALSE + HALF_DEFINED)
def test_the_verdict_does_not_depend_on_which_side_stands_first(text: str) -> None:
    left, right = text.split("=")
    assert check(f"{right} = {left}").verdict == check(text).verdict


def test_what_the_engines_cannot_see_is_undecided() -> None:
    # True, because sin(x) < x for x > 0; no hypothesis says so.
    assert check("abs(sin(sigma(t)) - sigma(t)) = sigma(t) - sin(sigma(t))").verdict == "undecided"


def test_a_value_of_a_parameter_that_saves_is_named() -> None:
    assert [c.statement for c in check("(gamma - 5)*alpha(t) = 0").judgement.conditions] == ["gamma = 5"]


@pytest.mark.parametrize(
    ("text", "alpha", "sigma", "verdict"),
    [
        ("alpha(t)**2 + sigma(t)**2 = 1", "cos(pi*t/2)", "sin(pi*t/2)", "holds"),
        ("g(t)**2 = pi*tan(pi*t/2)", "cos(pi*t/2)", "sin(pi*t/2)", "holds"),
        ("g(t)**2 = pi*tan(pi*t/3)", "cos(pi*t/2)", "sin(pi*t/2)", "fails"),
        ("f(t) = -1/(1 - t)", "1 - t", "t", "holds"),
        ("sqrt((1 - t)**2) = 1 - t", "1 - t", "t", "holds"),
        ("sqrt((1 - 2*t)**2) = 1 - 2*t", "1 - t", "t", "fails"),
        ("f(t) = 0", "min(1, 2 - 2*t)", "t", "fails"),
    ],
)
def test_one_schedule(text: str, alpha: str, sigma: str, verdict: str) -> None:
    assert check(text, alpha=alpha, sigma=sigma).verdict == verdict


def test_a_named_schedule_and_a_domain() -> None:
    assert check("g(t)**2 = 2*t", schedule="edm").verdict == "holds"
    assert check("t = abs(t)", schedule="edm", domain=("1/2", "3")).verdict == "holds"


def test_the_result_is_plain_data() -> None:
    for text in ("f(t) = 2*f(t)", "f(t) = f(t)"):
        assert json.loads(json.dumps(check(text).as_dict()))["schema"] == "s2n-check/1"


@pytest.mark.parametrize(
    "arguments",
    [{"alpha": "1"}, {"schedule": "vp", "alpha": "1", "sigma": "t"}, {"domain": (0, 1)}, {"schedule": "nonsense"}],
)
def test_a_schedule_half_given_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ScheduleError):
        check("f(t) = 0", **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["f(t)", "f(t) = ", "f = 0", "__import__('os') = 1", "f(t) = 0 = 1", "alpha(x) = 1"])
def test_what_is_no_identity_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        check(text)
