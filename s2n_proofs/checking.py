"""``check``: prove or refute one identity in the vocabulary, for all schedules or for one.

An identity is judged where every time in it lies in the open domain, s < tau < t, and both sides have a value as they
were typed, before anything cancels.  A point where exactly one side has none refutes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sympy import Add, Expr, Integer, Pow, Symbol, factor, log, together

from .grammar.walk import Demand, Parts
from .ledger.instances import every_kind, of_schedule
from .parsing import Statement, parse_statement
from .proof.hypotheses import at_least_zero, inside, prove_under_hypotheses, substitutions
from .proof.jets import Jet, JetError, to_jets
from .proof.judge import judge
from .proof.prove import EngineDisagreementError, prove
from .proof.statement import Equation, Proof
from .report.identity import CheckResult
from .schedule import Schedule
from .symbols import alpha, delta, gamma, lam, rho, s, sigma, snr, t, tau
from .text import to_text
from .theory.vocabulary import spell_out

__all__ = ["CheckResult", "IdentityError", "check"]

# Beyond the ledger's three, because no derivation stands behind an identity that a user typed: three where the
# parameters take degenerate values, four close to the ends, and two drawn.
_POINTS = 12

_SMALL = 200  # operations of an expression that is factored to see its sign
_NONZERO: tuple[Demand, ...] = ("not 0", "positive")

Spell = Callable[[Expr], Expr]


class IdentityError(ValueError):
    """An identity that says nothing: a time is never in the domain, or something is divided by 0 everywhere."""


def check(
    text: str,
    *,
    schedule: Schedule | str | None = None,
    alpha: Any = None,
    sigma: Any = None,
    domain: Any = None,
    seed: int = 0,
) -> CheckResult:
    """Prove or refute ``"LHS = RHS"``.

    Parameters
    ----------
    text : str
        In the vocabulary: ``alpha(t)``, ``sigma(s)``, ``lambda(t)``, ``f(t)``, ``g(t)``,
        ``transition_variance(s, t)``, ``diff(..., t)``,
        ``rho``, ``gamma``, ``delta``, ``beta``, exp, log, sqrt, ...  Parsed, never evaluated.
    schedule : Schedule or str, optional
        Judge for this schedule (or this name of the catalogue) alone; without it, for all.
    alpha, sigma, domain : optional
        A schedule given by its expressions.
    seed : int
        For the points at which a counterexample is looked for.

    Returns
    -------
    CheckResult

    Raises
    ------
    s2n_proofs.parsing.ParseError
        If the text is not an identity in the vocabulary.
    s2n_proofs.schedule.ScheduleError
        If the schedule is refused.
    IdentityError
        If the identity provably has no value anywhere.

    Examples
    --------
    >>> check("g(t)**2 = -exp(-lambda(t))*diff(lambda(t), t)*alpha(t)**2").verdict
    'holds'
    >>> check("f(t) = -diff(alpha(t), t)/alpha(t)").verdict
    'fails'
    """
    statement = parse_statement(text)
    one = _schedule(schedule, alpha, sigma, domain)
    spells: list[Spell] = [spell_out] if one is None else [spell_out, lambda e: _in_schedule(spell_out(e), one)]
    if one is not None:
        _refuse_times_outside(statement, one)
    _refuse_zero_divisors(statement, spells, one)
    generic, *special = (_equation(statement, spell) for spell in spells)
    instances = every_kind() if one is None else (of_schedule(one.name or "the given schedule", one),)
    written = [*statement.sides, *(part for parts in statement.parts for part in parts.values)]
    symbols = set().union(*(part.free_symbols for part in written))
    judgement = judge(
        [generic],
        instances,
        [p for p in (rho, gamma, delta) if p in symbols],
        seed=seed,
        per_instance=_POINTS,
        prover=lambda _: _prove([generic, *special], statement, one),
    )
    flat, jets = to_jets(Add(generic.printed, -generic.derived))
    primed = {name: Symbol(_prime(jet)) for name, jet in jets.items() if any(jet.orders)}
    return CheckResult(
        verdict="fails" if judgement.verdict == "conditional" else judgement.verdict,
        judgement=judgement,
        typed=statement.typed,
        lhs=statement.sides[0],
        rhs=statement.sides[1],
        spelled=flat.xreplace(primed),
        schedule=one,
        needs=tuple(_needs(statement)),
    )


def _schedule(schedule: Schedule | str | None, alpha_: Any, sigma_: Any, domain: Any) -> Schedule | None:
    from .named_schedules import catalogue
    from .schedule import ScheduleError

    if (alpha_ is None) != (sigma_ is None):
        raise ScheduleError("alpha and sigma must be given together")
    if schedule is not None and alpha_ is not None:
        raise ScheduleError("give a schedule or alpha and sigma, not both")
    if alpha_ is not None:
        return Schedule(alpha_, sigma_) if domain is None else Schedule(alpha_, sigma_, domain)
    if schedule is None:
        if domain is not None:
            raise ScheduleError("a domain needs a schedule: give alpha and sigma too")
        return None
    found = catalogue[schedule] if isinstance(schedule, str) else schedule
    return found if domain is None else Schedule(found.alpha, found.sigma, domain)


def _in_schedule(expr: Expr, schedule: Schedule) -> Expr:
    """An expression with the schedule's alpha and sigma in place of the generic ones."""

    def signal(time: Expr) -> Expr:
        return schedule.alpha.subs(t, time)

    def noise(time: Expr) -> Expr:
        return schedule.sigma.subs(t, time)

    expr = expr.replace(lam, lambda time: 2 * log(alpha(time)) - 2 * log(sigma(time)))
    expr = expr.replace(snr, lambda time: alpha(time) ** 2 / sigma(time) ** 2)
    return expr.replace(alpha, signal).replace(sigma, noise).doit()


def _equation(statement: Statement, spell: Spell) -> Equation:
    (lhs, rhs), (left, right) = statement.sides, statement.parts
    return Equation(
        "the identity",
        spell(lhs),
        spell(rhs),
        defined=tuple(map(spell, left.values)),
        derived_defined=tuple(map(spell, right.values)),
        symmetric=True,
        divisors=(_divisors(left, spell), _divisors(right, spell)),
    )


def _divisors(parts: Parts, spell: Spell) -> tuple[Expr, ...]:
    return tuple(spell(expr) for demand, expr in parts.demands if demand in _NONZERO)


def _prime(jet: Jet) -> str:
    return f"{jet.function}{chr(39) * sum(jet.orders)}({', '.join(map(str, jet.arguments))})"


# What is refused ----------------------------------------------------------------------------------------------------


def _refuse_times_outside(statement: Statement, schedule: Schedule) -> None:
    start, end = schedule.domain
    times = {part.args[0] for parts in statement.parts for part in parts.values if part.func == alpha}
    for time in sorted(times, key=str):
        reached = time.subs(inside(schedule.domain), simultaneous=True)
        beyond = [factor(together(gap)) for gap in (start - reached, reached - end)]
        if any(map(at_least_zero, beyond)):
            raise IdentityError(
                f"the time {to_text(time)} never lies in the schedule's open domain ({to_text(start)}, {to_text(end)})"
            )


def _refuse_zero_divisors(statement: Statement, spells: Sequence[Spell], schedule: Schedule | None) -> None:
    for typed, parts in zip(statement.typed, statement.parts, strict=True):
        for demand, expr in parts.demands:
            if demand in _NONZERO and any(_is_zero(spell(expr)) for spell in spells):
                where = "in every schedule" if schedule is None else "in this schedule"
                raise IdentityError(f"{typed} has no value: {to_text(expr)}, which may not be 0, is 0 {where}")


def _is_zero(expr: Expr) -> bool:
    if expr.is_zero:
        return True
    try:
        return prove(expr, Integer(0)).proof is not None
    except EngineDisagreementError:
        return False


# The proof ----------------------------------------------------------------------------------------------------------


def _prove(
    equations: Sequence[Equation], statement: Statement, schedule: Schedule | None
) -> tuple[tuple[Proof, ...], str]:
    """Prove the identity for every schedule, or else for the one that is given."""
    domain = None if schedule is None else schedule.domain
    # A certified schedule has alpha, sigma > 0 on its domain.
    positive = () if schedule is None or not schedule.certified else (schedule.alpha, schedule.sigma)
    known = [f.subs(t, time) for f in positive for time in (s, tau, t)]
    disagreement: EngineDisagreementError | None = None
    reason = ""
    for equation in equations:
        try:
            attempt = prove_under_hypotheses(
                *equation.sides, equation.name, domain=domain, signs=_signs(statement), known=known
            )
        except EngineDisagreementError as only_one:
            disagreement = only_one
            continue
        except JetError as error:
            attempt_reason = str(error)
        else:
            if attempt.proof is not None:
                return (attempt.proof,), ""
            attempt_reason = attempt.reason
        reason = attempt_reason
    if disagreement is not None:
        raise disagreement
    return (), reason


def _signs(statement: Statement) -> dict[Symbol, str]:
    """Symbols that have a sign wherever both sides have a value: x > 0 where log(x) is written."""
    found: dict[Symbol, str] = {}
    for parts in statement.parts:
        for demand, expr in parts.demands:
            base = expr.base if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp % 2 else expr
            if isinstance(base, Symbol) and demand == "positive":
                found[base] = "positive"
            elif isinstance(base, Symbol) and demand == "at least 0":
                found.setdefault(base, "nonnegative")
    return found


def _needs(statement: Statement) -> Iterator[str]:
    """What the identity needs in order to have a value and is not seen to have everywhere."""
    for parts in statement.parts:
        for demand, expr in parts.demands:
            if not _certain(demand, spell_out(expr)):
                yield f"{to_text(expr)} is {demand}"


def _certain(demand: Demand, expr: Expr) -> bool:
    """Whether the shape of an expression shows that a demand is always met; decides nothing but what is printed."""
    try:
        flat, jets = to_jets(expr)
    except JetError:
        return False
    if flat.is_number:
        return True  # or the text would have been refused
    for _, steps in substitutions((flat, Integer(0)), jets, None, {}):
        shape = flat
        for step in steps:
            shape = shape.subs(step, simultaneous=True)
        if shape.count_ops() < _SMALL:
            shape = factor(together(shape))
        if shape.is_positive or (demand == "not 0" and shape.is_nonzero):
            return True
        if demand == "at least 0" and (shape.is_nonnegative or at_least_zero(shape)):
            return True
    return False
