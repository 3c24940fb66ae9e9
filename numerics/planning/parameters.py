r"""The parameters of the steps, $\gamma,\delta,\rho,\beta,\eta$: numbers, one per step, or expressions of the time."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, fmpq
from sympy import Expr, Float, I, Piecewise, Symbol, nan, oo, zoo
from sympy.core.function import AppliedUndef

from s2n_proofs.certification.given import exact
from s2n_proofs.grammar.syntax import ParseError
from s2n_proofs.parsing import parse_formula, parse_schedule_text
from s2n_proofs.proof.ball import BallError, UndefinedValueError, enclose, working_precision
from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import alpha, lam, s, sigma, snr, t
from s2n_proofs.table_schedule import TableSchedule
from s2n_proofs.theory.vocabulary import spell_out

from .branches import resolve
from .errors import PlanError
from .exact import Exact, as_expr, as_fraction, ball_of, listed, read_exact, show, sign_of
from .rationals import InexactError, rational_value
from .straight_line import compile_expressions

__all__ = ["Parameter", "parse_parameter", "read_parameter"]

_TIMES = (t, s)


class Parameter:
    """One parameter at every step of a plan.

    Attributes
    ----------
    name : str
        How messages call it.
    constant : Exact or None
        The value, where it is the same exact number at every step.
    """

    def __init__(self, name: str, entries: Sequence[Exact | Expr], times: Sequence[Exact]) -> None:
        self.name = name
        self._entries = entries  # one for all steps, or one per step; an Expr may depend on t and s
        self._times = times
        one = entries[0] if len(entries) == 1 else None
        self.constant: Exact | None = None if isinstance(one, Expr) and one.free_symbols else one

    def _entry(self, step: int) -> Exact:
        return self._entries[0] if len(self._entries) == 1 else self._entries[step]

    def _at(self, step: int) -> dict[Symbol, Exact]:
        return {t: self._times[step], s: self._times[step + 1]}

    def balls(self, steps: Sequence[int]) -> list[arb]:
        """Enclose the value at some steps, at the precision in force."""
        if self.constant is not None:
            return [ball_of(self.constant)] * len(steps)
        if len(self._entries) > 1:
            return [self._ball(self._entries[step], step) for step in steps]
        expr = self._entries[0]
        assert isinstance(expr, Expr)  # or it would be constant
        if expr.has(Piecewise):
            return [self._ball(expr, step) for step in steps]
        program, times = compile_expressions((expr,), _TIMES), self._times
        run, constants = program.code, program.constants()
        return [run(constants, ball_of(times[step]), ball_of(times[step + 1]))[0] for step in steps]

    def _ball(self, entry: Exact | Expr, step: int) -> arb:
        if not isinstance(entry, Expr) or not entry.free_symbols:
            return ball_of(entry)
        program = compile_expressions((resolve(entry, self._at(step)),), _TIMES)
        return program.balls(*(ball_of(self._times[step + i]) for i in (0, 1)))[0]

    def expression(self, step: int) -> Expr:
        """Return the exact value at one step as a SymPy number."""
        entry = self._entry(step)
        if isinstance(entry, Expr) and entry.free_symbols:
            return resolve(entry, self._at(step)).subs({v: as_expr(e) for v, e in self._at(step).items()})
        return as_expr(entry)

    def rational(self, step: int) -> fmpq:
        """Return the exact value at one step; InexactError if it is irrational or not simple enough to tell."""
        entry = self._entry(step)
        if isinstance(entry, Expr):
            if not entry.free_symbols:
                raise InexactError(f"{self.name} is irrational")
            times = [as_fraction(self._times[step + i]) for i in (0, 1)]
            if None in times:
                raise InexactError("an irrational time")
            numbers = {v: fmpq(x.numerator, x.denominator) for v, x in zip(_TIMES, times, strict=True) if x is not None}
            return rational_value(resolve(entry, self._at(step)), numbers)
        value = as_fraction(entry)
        assert value is not None
        return fmpq(value.numerator, value.denominator)

    def signs_against(self, number: int) -> list[int | None]:
        """Return the exact sign of value - number, once if it is constant, else at each step; None where it is not known."""
        steps = range(1 if self.constant is not None else len(self._times) - 1)
        with working_precision(128):
            gaps = [ball - number for ball in self.balls(steps)]
            for step, gap in zip(steps, gaps, strict=True):
                if not gap.is_finite():
                    self.check_finite(step)
        return [
            1 if gap > 0 else -1 if gap < 0 else sign_of(self.expression(step) - number)
            for step, gap in zip(steps, gaps, strict=True)
        ]

    def shown(self, step: int) -> str:
        """Write the value at one step for a message."""
        entry = self._entry(step)
        return show(self.expression(step) if isinstance(entry, Expr) else entry)

    def check_finite(self, step: int) -> None:
        """Raise PlanError if the expression provably has no finite real value at a step."""
        place = f"{self.name} has no finite real value at t = {show(self._times[step])}"
        expr = self.expression(step)
        if expr.has(oo, -oo, zoo, nan, I):
            raise PlanError(place)
        try:
            enclose(expr, {})
        except (UndefinedValueError, BallError) as error:
            raise PlanError(f"{place}: {error}") from error


def read_parameter(name: str, given: object, schedule: Schedule, times: Sequence[Exact]) -> Parameter:
    """Read a parameter.

    Parameters
    ----------
    name : str
        How messages call it.
    given : number, str, sympy.Expr, sequence, array or tensor
        An exact number, an expression of the step's start t (and, where wanted, its end s), or one of these
        for each step.  Text may use the words alpha, sigma, lambda, snr, f and g of the schedule.
    schedule : Schedule
        What those words mean.
    times : sequence of Exact
        The N+1 times of the plan.

    Raises
    ------
    PlanError
        If it cannot be read, or there is not one value for each step.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> rho = read_parameter("rho", "t*sigma(t)/2", catalogue["fm-ot"], (1.0, 0.5, 0.25))
    >>> rho.expression(0), rho.rational(1)
    (1/2, 1/8)
    """
    members = listed(name, given)
    if members is None:
        return Parameter(name, (_read(name, given, schedule),), times)
    steps = len(times) - 1
    if len(members) != steps:
        raise PlanError(f"{name} must be one value, or one for each of the {steps} steps; there are {len(members)}")
    return Parameter(name, tuple(_read(f"{name}[{i}]", m, schedule) for i, m in enumerate(members)), times)


def _read(name: str, given: object, schedule: Schedule) -> Exact:
    if isinstance(given, str):
        expr = parse_parameter(name, given)
    elif isinstance(given, Expr) and not given.is_number:
        expr = exact(given) if given.has(Float) else given
        expr = expr.xreplace({v: w for v in expr.free_symbols for w in _TIMES if v.name == w.name})
    else:
        return read_exact(name, given)
    if isinstance(schedule, TableSchedule) and expr.atoms(AppliedUndef):
        raise PlanError(
            f"{name} cannot name alpha, sigma or lambda: the schedule is a table; give numbers, one for each step"
        )
    expr = _in_time(expr, schedule)
    unknown = sorted(map(str, expr.free_symbols - set(_TIMES)))
    if unknown:
        raise PlanError(f"{name} must depend on t alone; {unknown[0]} has no value")
    if not expr.free_symbols:
        return read_exact(name, expr)
    try:
        compile_expressions((resolve_all(expr),), _TIMES)
    except BallError as error:
        raise PlanError(f"{name} cannot be evaluated: {error}") from error
    return expr


def resolve_all(expr: Expr) -> Expr:
    """Put one branch for every Piecewise: enough to see whether the rest can be evaluated."""
    return expr.replace(Piecewise, lambda *pairs: sum(branch for branch, _ in pairs))


def parse_parameter(name: str, text: str) -> Expr:
    """Read text as an expression, the words of the schedule left in it."""
    try:
        return parse_formula(text)
    except ParseError as error:
        try:
            return parse_schedule_text(text)  # has min, max, clip and piecewise, but no words of the schedule
        except ParseError:
            raise PlanError(f"{name}: {error}") from error


def _in_time(expr: Expr, schedule: Schedule) -> Expr:
    if not expr.atoms(AppliedUndef):
        return expr
    words = spell_out(expr)
    for word, formula in ((snr, schedule.alpha**2 / schedule.sigma**2), (lam, schedule.log_snr),
                          (alpha, schedule.alpha), (sigma, schedule.sigma)):  # fmt: skip
        words = words.replace(word, lambda time, formula=formula: formula.subs(t, time))
    return words.doit()
