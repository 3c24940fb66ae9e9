r"""Grids of times for a sampling run: uniform in $t$, uniform in $\lambda$, and EDM's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

from sympy import Expr

from s2n_proofs.proof.ball import working_precision
from s2n_proofs.schedule import Schedule

from ..planning.exact import Exact, as_expr, read_exact
from ..planning.grid import read_times
from ..planning.reading import schedule_at
from .errors import SamplerError

__all__ = ["GRIDS", "edm_times", "log_snr_times", "uniform_times"]

_HALVINGS = 60  # from the width of the domain to below a unit in the last place of the least time that matters
Bound: TypeAlias = float | int | str | Fraction | Expr | None


def uniform_times(schedule: Schedule, steps: int, start: Bound = None, end: Bound = None) -> list[Exact]:
    """Times with equal distances, exact where the ends are.

    Parameters
    ----------
    schedule : Schedule
    steps : int
        N; there are N+1 times.
    start, end : number or text, optional
        The first (largest) and the last time; the ends of the domain unless given.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> [str(t) for t in uniform_times(catalogue["fm-ot"], 4)]
    ['1', '3/4', '1/2', '1/4', '0']
    """
    high, low = _ends(schedule, steps, start, end)
    big, small = as_expr(high), as_expr(low)
    return [high, *(read_exact("time", big + (small - big) * k / steps) for k in range(1, steps)), low]


def log_snr_times(schedule: Schedule, steps: int, start: Bound = None, end: Bound = None) -> list[Exact]:
    r"""Times at which the log-SNR has equal distances (DPM-Solver's choice).

    Parameters
    ----------
    schedule, steps, start, end
        As for :func:`uniform_times`; $\lambda$ must be finite at both ends.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> [round(float(t), 6) for t in log_snr_times(catalogue["edm"], 2, 4, "1/4")]
    [4.0, 1.0, 0.25]
    """
    high, low = _ends(schedule, steps, start, end)
    first, last = _levels(schedule, (high, low))
    for time, value in ((high, first), (low, last)):
        if not math.isfinite(value):
            raise SamplerError(
                f"the log-SNR is infinite at t = {time}; give another {_word(time is high)} for this grid"
            )
    return _between(schedule, high, low, [first + (last - first) * k / steps for k in range(1, steps)])


def edm_times(schedule: Schedule, steps: int, start: Bound = None, end: Bound = None, rho: float = 7.0) -> list[Exact]:
    r"""EDM's grid: $\sigma/\alpha$ is $(A+\frac kN(B-A))^\rho$, with $A^\rho$ and $B^\rho$ its values at the ends.

    EDM itself takes N steps down to its smallest noise and one more to 0: append that time.

    Parameters
    ----------
    schedule, steps, start, end
        As for :func:`uniform_times`; $\alpha(start)>0$.
    rho : float
        The exponent, 7 in Karras et al. 2022, Eq. (5).

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> [round(float(t), 4) for t in edm_times(catalogue["edm"], 2)]
    [80.0, 2.5152, 0.002]
    """
    if not (isinstance(rho, int | float) and 0 < rho < math.inf):
        raise SamplerError(f"rho of the grid must be a positive number; it is {rho!r:.40}")
    high, low = _ends(schedule, steps, start, end)
    try:
        first, last = (math.exp(level / rho) for level in _levels(schedule, (high, low)))
    except OverflowError:
        first = last = 0.0
    if not first > 0:
        raise SamplerError(f"rho = {rho} of the grid is too small: (sigma/alpha)**(1/rho) is no double")
    if not math.isfinite(first):
        raise SamplerError(f"alpha is 0 at t = {high}; give another start for this grid")
    wanted = [rho * math.log(first + (last - first) * k / steps) for k in range(1, steps)]
    return _between(schedule, high, low, wanted)


GRIDS: dict[str, Callable[..., list[Exact]]] = {"uniform": uniform_times, "log-snr": log_snr_times, "edm": edm_times}


def _word(is_start: bool) -> str:
    return "start" if is_start else "end"


def _ends(schedule: Schedule, steps: int, start: Bound, end: Bound) -> tuple[Exact, Exact]:
    if not isinstance(steps, int) or steps < 1:
        raise SamplerError(f"steps must be a whole number, at least 1; it is {steps!r}")
    high, low = read_times([schedule.domain[1] if start is None else start, schedule.domain[0] if end is None else end],
                           schedule)  # fmt: skip
    return high, low


def _levels(schedule: Schedule, times: Sequence[Exact]) -> list[float]:
    r"""$\log(\sigma/\alpha)=-\lambda/2$ as doubles, infinite where one of them is 0."""
    with working_precision(64):
        at = schedule_at(schedule, times)
        inside = [i for i in range(len(times)) if not (at.vanishes(i, 0) or at.vanishes(i, 1))]
        alphas, sigmas = at.balls(inside)
        found = {i: float((sigmas[i] / alphas[i]).log()) for i in inside}
    return [found.get(i, -math.inf if at.vanishes(i, 1) else math.inf) for i in range(len(times))]


def _between(schedule: Schedule, high: Exact, low: Exact, wanted: list[float]) -> list[Exact]:
    """The ends, and between them times where the level is as wanted: all bisected at once, for it never falls in time."""
    top, bottom = (float(as_expr(time)) for time in (high, low))
    below, above = [bottom] * len(wanted), [top] * len(wanted)
    for _ in range(_HALVINGS if wanted else 0):
        middles = [(a + b) / 2 for a, b in zip(below, above, strict=True)]
        for i, level in enumerate(_levels(schedule, middles)):
            side = below if level < wanted[i] else above
            side[i] = middles[i]
    return list(read_times([high, *((a + b) / 2 for a, b in zip(below, above, strict=True)), low], schedule))
