"""What is no schedule, each with the error that it must get: one spoiled property of a valid one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, I, Piecewise, Symbol, log, nan, oo

from ..certification.certificate import ScheduleError
from ..parsing import ParseError
from ..schedule import Schedule
from ..symbols import t
from .chooser import Chooser
from .clocks import unit_fraction

__all__ = ["InvalidSchedule", "draw_invalid"]


@dataclass(frozen=True)
class InvalidSchedule:
    """Arguments that :class:`~s2n_proofs.schedule.Schedule` must refuse.

    Attributes
    ----------
    alpha, sigma, domain : object
        The arguments.
    error : type
        The class of the exception.
    property : str or None
        What the exception says is violated; None for text that cannot be read.
    what : str
        What was spoiled, in a few words.
    """

    alpha: Any
    sigma: Any
    domain: Any
    error: type[Exception]
    property: str | None
    what: str

    def make(self) -> Schedule:
        """Make the schedule, which must raise."""
        return Schedule(self.alpha, self.sigma, self.domain)


def draw_invalid(choose: Chooser, schedule: Schedule) -> InvalidSchedule:
    """Spoil one property of a valid schedule that is strictly decreasing somewhere."""
    return choose.pick(_SPOILERS)(choose, schedule)


def _inside(choose: Chooser, schedule: Schedule) -> Expr:
    low, high = schedule.domain
    return low + (high - low) * unit_fraction(choose)


def _negative(choose: Chooser, schedule: Schedule) -> InvalidSchedule:
    if choose.pick((True, False)):
        return _refused(schedule, "sigma", "sigma negative", sigma=-schedule.sigma)
    return _refused(schedule, "alpha", "alpha negative", alpha=-schedule.alpha)


def _crossing(choose: Chooser, schedule: Schedule) -> InvalidSchedule:
    time = _inside(choose, schedule)
    if choose.pick((True, False)):
        return _refused(schedule, "alpha", "alpha crosses zero", alpha=schedule.alpha * (time - t))
    return _refused(schedule, "sigma", "sigma crosses zero", sigma=schedule.sigma * (t - time))


def _exchanged(_: Chooser, schedule: Schedule) -> InvalidSchedule:
    return _refused(schedule, "log_snr", "alpha and sigma exchanged", alpha=schedule.sigma, sigma=schedule.alpha)


def _backwards(_: Chooser, schedule: Schedule) -> InvalidSchedule:
    mirrored = {t: schedule.domain[0] + schedule.domain[1] - t}
    alpha, sigma = (part.subs(mirrored) for part in (schedule.alpha, schedule.sigma))
    return _refused(schedule, "log_snr", "time runs backwards", alpha=alpha, sigma=sigma)


def _jump(choose: Chooser, schedule: Schedule) -> InvalidSchedule:
    torn = Piecewise((schedule.sigma, t < _inside(choose, schedule)), (2 * schedule.sigma, True))
    return _refused(schedule, "continuous", "sigma jumps", sigma=torn)


def _undefined(choose: Chooser, schedule: Schedule) -> InvalidSchedule:
    time = _inside(choose, schedule)
    if choose.pick((True, False)):
        return _refused(schedule, "alpha", "alpha has a pole", alpha=schedule.alpha / (t - time) ** 2)
    return _refused(schedule, "sigma", "sigma not real", sigma=schedule.sigma * (2 + log(t - time)))


def _domain(choose: Chooser, schedule: Schedule) -> InvalidSchedule:
    low, high = schedule.domain
    wrong = choose.pick(((low, low), (high, low), (low, oo), (low, nan), (low,), "0", (low, "x"), None))
    return _refused(schedule, "domain", "no interval", domain=wrong)


def _expression(choose: Chooser, schedule: Schedule) -> InvalidSchedule:
    wrong = choose.pick((Symbol("q") + schedule.sigma, I * schedule.sigma, oo, None, [], True))
    return _refused(schedule, "expression", "no expression in t", sigma=wrong)


def _text(choose: Chooser, schedule: Schedule) -> InvalidSchedule:
    wrong = choose.pick(("", "1 +", "q*t", "t.real", "__import__('os')", "9**9**9**9", "(" * 500, "sqrt(-1)", "1/0"))
    return InvalidSchedule(schedule.alpha, wrong, schedule.domain, ParseError, None, "unreadable text")


def _refused(schedule: Schedule, violated: str, what: str, **spoiled: Any) -> InvalidSchedule:
    given = {"alpha": schedule.alpha, "sigma": schedule.sigma, "domain": schedule.domain} | spoiled
    return InvalidSchedule(**given, error=ScheduleError, property=violated, what=what)


_SPOILERS: tuple[Callable[[Chooser, Schedule], InvalidSchedule], ...] = (
    _negative, _crossing, _exchanged, _backwards, _jump, _undefined, _domain, _expression, _text,
)  # fmt: skip
