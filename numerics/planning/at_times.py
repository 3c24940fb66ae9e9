r"""$\alpha$ and $\sigma$ at the times of a plan, in balls of any precision and exactly."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from flint import arb, fmpq
from sympy import Abs, Expr, Max, Min, Piecewise, Pow, oo

from s2n_proofs.certification.ends import limit_beside
from s2n_proofs.certification.pieces import Piece, split_pieces
from s2n_proofs.certification.points import Meter, near
from s2n_proofs.proof.ball import BallError, UndefinedValueError, enclose
from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import t

from .branches import resolve
from .errors import PlanError
from .exact import Exact, as_expr, as_fraction, ball_of, show, sign_of
from .rationals import InexactError, rational_value
from .straight_line import Program, compile_expressions

__all__ = ["LARGEST_ROOT", "ScheduleAtTimes"]

Pair = tuple[Expr, Expr]
LARGEST_ROOT = 64  # SymPy factors the integers under a root, and raises them to a power as high
_BRANCHING = (Piecewise, Max, Min, Abs)


class ScheduleAtTimes:
    r"""A schedule on a grid.

    At an end of the domain the values are the limits, so that $\sigma(0)=0$ and $\alpha(T)=0$ are exact zeros;
    everywhere else both are positive.

    Parameters
    ----------
    schedule : Schedule
        Without free parameters.
    times : sequence of Exact
        In the closure of the domain, strictly decreasing.

    Attributes
    ----------
    formulas : list of pairs
        For each time the branch-free alpha and sigma that apply: in t, or, at an end, the limits.
    """

    def __init__(self, schedule: Schedule, times: Sequence[Exact]) -> None:
        self.schedule = schedule
        self.times = times
        self.formulas = self._formulas()
        for pair in dict.fromkeys(self.formulas):
            try:
                _program(pair)
            except BallError as error:
                raise PlanError(f"the schedule cannot be evaluated: {error}") from error
        if not schedule.certified:
            for place in range(len(times)):
                self.check_positive(place)

    def _formulas(self) -> list[Pair]:
        schedule, times = self.schedule, self.times
        if _branches(schedule):
            pieces = _pieces(schedule)
            found = [_choose(pieces, time, (schedule.alpha, schedule.sigma)) for time in times]
        else:
            found = [(schedule.alpha, schedule.sigma)] * len(times)
        for place, end, name in ((0, schedule.domain[1], "end"), (-1, schedule.domain[0], "start")):
            if sign_of(as_expr(times[place]) - end) == 0:
                found[place] = _limits(schedule, name)
        return found

    def vanishes(self, place: int, which: int) -> bool:
        """Whether alpha (0) or sigma (1) is 0 at a time; that can only be at an end of the domain."""
        return bool(self.formulas[place][which] == 0)

    def balls(self, places: Sequence[int]) -> tuple[dict[int, arb], dict[int, arb]]:
        """Enclose alpha and sigma at some of the times, at the precision in force."""
        alphas: dict[int, arb] = {}
        sigmas: dict[int, arb] = {}
        for pair, group in groupby(places, key=self.formulas.__getitem__):
            program = _program(pair)
            run, constants = program.code, program.constants()
            for place in group:
                alphas[place], sigmas[place] = run(constants, ball_of(self.times[place]))
        return alphas, sigmas

    def rationals(self, place: int) -> tuple[fmpq, fmpq]:
        """Compute alpha and sigma at one time exactly; InexactError if one is irrational."""
        time = as_fraction(self.times[place])
        if time is None:
            raise InexactError("an irrational time")
        at = {t: fmpq(time.numerator, time.denominator)}
        alpha, sigma = (rational_value(expr, at) for expr in self.formulas[place])
        return alpha, sigma

    def expressions(self, place: int) -> Pair:
        """Return alpha and sigma at one time as SymPy numbers; InexactError if SymPy might take long."""
        at = as_expr(self.times[place])
        alpha, sigma = self.formulas[place]
        if any(power.exp.is_Rational and power.exp.q > LARGEST_ROOT for power in (alpha + sigma).atoms(Pow)):
            raise InexactError("a high root")
        return alpha.subs(t, at), sigma.subs(t, at)

    def check_positive(self, place: int) -> None:
        """Raise PlanError if alpha or sigma provably has no positive value at a time inside the domain."""
        for name, expr in zip(("alpha", "sigma"), self.formulas[place], strict=True):
            try:
                value = enclose(expr, {t: ball_of(self.times[place])})
            except (UndefinedValueError, BallError) as error:
                raise PlanError(f"{name} has no finite value at t = {show(self.times[place])}: {error}") from error
            if value < 0 or (value.is_zero() and expr != 0):
                raise PlanError(f"{name} must be positive; at t = {show(self.times[place])} it is {value.str(6)}")


@lru_cache(maxsize=512)
def _program(pair: Pair) -> Program:
    return compile_expressions(pair, (t,))


@lru_cache(maxsize=64)
def _pieces(schedule: Schedule) -> tuple[Piece, ...]:
    pieces, _ = split_pieces(Piece(*schedule.domain, schedule.alpha, schedule.sigma), t, Meter(100_000))
    return tuple(piece for piece in pieces if piece.sure)


def _choose(pieces: Sequence[Piece], time: Exact, whole: Pair) -> Pair:
    at = ball_of(time)
    for piece in pieces:
        # Strictly inside a part its branches apply; at a break the conditions themselves are asked.
        if enclose(piece.low, {}) < at < enclose(piece.high, {}):
            return piece.alpha, piece.sigma
    return resolve(whole[0], {t: time}), resolve(whole[1], {t: time})


@lru_cache(maxsize=512)
def _limits(schedule: Schedule, name: str) -> Pair:
    if _branches(schedule):
        end = schedule.start if name == "start" else schedule.end
        found = end.alpha, end.sigma
    else:  # the same, less the ratio, whose expansion takes ten times as long
        low, high = schedule.domain
        point, side = (low, 1) if name == "start" else (high, -1)
        reach = near(high - low, -1)
        alpha, sigma = (limit_beside(expr, t, point, side, reach) for expr in (schedule.alpha, schedule.sigma))
        found = alpha, sigma
    at = schedule.domain[0 if name == "start" else 1]
    for word, limit in zip(("alpha", "sigma"), found, strict=True):
        if limit is None:
            raise PlanError(
                f"the limit of {word} at the {name} of the domain, t = {at}, is not known; stop short of it"
            )
        if limit == oo:
            raise PlanError(f"{word} is infinite at the {name} of the domain, t = {at}; stop short of it")
    return found


def _branches(schedule: Schedule) -> bool:
    return bool(schedule.alpha.has(*_BRANCHING) or schedule.sigma.has(*_BRANCHING))
