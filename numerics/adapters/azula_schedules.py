"""Noise schedules of azula as exact schedules: their Python floats are the binary numbers that they are."""

from __future__ import annotations

from azula import noise
from sympy import Expr, Rational, acos, cos, exp, log, sqrt

from s2n_proofs.schedule import Schedule, ScheduleError
from s2n_proofs.symbols import t

__all__ = ["from_azula_schedule"]


def from_azula_schedule(schedule: noise.Schedule) -> Schedule:
    """The same alpha and sigma on (0, 1), exactly.

    Parameters
    ----------
    schedule : azula.noise.Schedule
        VE, VP, cosine or rectified, not a subclass of yours.

    Raises
    ------
    ScheduleError
        If it is none of those.

    Examples
    --------
    >>> from_azula_schedule(noise.VESchedule(0.5, 2.0)).sigma_at("1/2")
    1
    """
    one = Rational(1)
    if type(schedule) is noise.VESchedule:
        low, high = _exact(schedule.sigma_min), _exact(schedule.sigma_max)
        return Schedule(one, exp((1 - t) * log(low) + t * log(high)), name="azula VE")
    if type(schedule) is noise.VPSchedule:
        signal = exp(log(_exact(schedule.alpha_min)) * t**2)
        return Schedule(signal, sqrt(1 - signal**2 + _exact(schedule.sigma_min) ** 2), name="azula VP")
    if type(schedule) is noise.CosineSchedule:
        signal = cos(t * acos(_exact(schedule.alpha_min)))
        return Schedule(signal, sqrt(1 - signal**2 + _exact(schedule.sigma_min) ** 2), name="azula cosine")
    if type(schedule) is noise.RectifiedSchedule:
        low, high = _exact(schedule.alpha_min), _exact(schedule.sigma_min)
        return Schedule(1 - (1 - low) * t, high + (1 - high) * t, name="azula rectified")
    raise ScheduleError(
        f"{type(schedule).__name__} is none of azula's VE, VP, cosine and rectified schedules; write its alpha and sigma "
        "as a Schedule",
        property="expression",
    )


def _exact(value: float) -> Expr:
    return Rational(*float(value).as_integer_ratio())
