"""``check``: prove or refute one identity in the vocabulary, for all schedules or for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol, latex, log

from .ledger.instances import of_schedule, paper_instances
from .parsing import parse_statement
from .proof.jets import to_jets
from .proof.judge import judge
from .proof.prove import EngineDisagreementError, prove
from .proof.statement import Equation, Instance, Judgement
from .schedule import Schedule
from .symbols import alpha, delta, gamma, lam, rho, s, sigma, snr, t, tau
from .text import to_text
from .theory.vocabulary import spell_out

__all__ = ["CheckResult", "check"]

# Twice the ledger's number: an identity typed by a user has no derivation that stands behind it.
_POINTS = 6


@dataclass(frozen=True)
class CheckResult:
    """The verdict on one identity.

    Attributes
    ----------
    verdict : str
        ``holds``, ``fails`` or ``undecided``.
    judgement : Judgement
        With the proofs or the counterexample.
    lhs, rhs : sympy.Expr
        As parsed.
    spelled : sympy.Expr
        The difference that was judged, in alpha and sigma (or in the schedule's functions).
    schedule : Schedule or None
        None: the identity was judged for all schedules.
    """

    verdict: str
    judgement: Judgement
    lhs: Expr
    rhs: Expr
    spelled: Expr
    schedule: Schedule | None

    def lines(self) -> list[str]:
        """The result for a person; the first line is the verdict alone."""
        scope = "every valid schedule" if self.schedule is None else f"{self.schedule}"
        lines = [self.verdict, f"  {to_text(self.lhs)} = {to_text(self.rhs)}", f"  for {scope}, s < t"]
        judgement = self.judgement
        if self.verdict == "holds":
            flat = to_text(self.spelled)
            lines += [
                "  1. spell out the derived words; lambda = 2 log(alpha) - 2 log(sigma)",
                f"     lhs - rhs = {flat if len(flat) < 400 else flat[:400] + ' ...'}",
                "  2. values and derivatives of alpha and sigma are independent variables; the difference is zero in them:",
                *(f"     proved by {' and '.join(p.engines)}" for p in judgement.proofs),
                f"  {judgement.tested} points could have refuted it, none did",
            ]
        for witness in judgement.witnesses:
            place = ", ".join(f"{name} = {value}" for name, value in witness.at.items()) or "everywhere"
            lines += [
                f"  counterexample in {witness.schedule}: {place}",
                f"     lhs = {witness.printed or 'undefined: ' + witness.why}",
                f"     rhs = {witness.derived or 'undefined: ' + witness.why}",
            ]
        if judgement.conditions:
            lines.append(f"  it does hold if {' or '.join(c.statement for c in judgement.conditions)}")
        if judgement.families:
            lines.append(f"  it does hold for the family: {', '.join(judgement.families)}")
        if self.verdict == "undecided":
            lines.append(f"  {judgement.reason}")
        return lines

    def as_dict(self) -> dict[str, Any]:
        """The result as plain data, schema ``s2n-check/1``."""
        judgement = self.judgement
        return {
            "schema": "s2n-check/1",
            "verdict": self.verdict,
            "lhs": to_text(self.lhs),
            "rhs": to_text(self.rhs),
            "lhs_latex": latex(self.lhs),
            "rhs_latex": latex(self.rhs),
            "schedule": None if self.schedule is None else str(self.schedule),
            "engines": sorted({e for p in judgement.proofs for e in p.engines}),
            "tested": judgement.tested,
            "counterexamples": [
                {"schedule": w.schedule, "at": dict(w.at), "lhs": w.printed, "rhs": w.derived, "why": w.why or None}
                for w in judgement.witnesses
            ],
            "conditions": [c.statement for c in judgement.conditions],
            "families": list(judgement.families),
            "reason": judgement.reason or None,
        }


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

    Examples
    --------
    >>> check("g(t)**2 = -exp(-lambda(t))*diff(lambda(t), t)*alpha(t)**2").verdict
    'holds'
    >>> check("f(t) = -diff(alpha(t), t)/alpha(t)").verdict
    'fails'
    """
    (lhs, rhs), parts = parse_statement(text)
    one = _schedule(schedule, alpha, sigma, domain)

    def spelled(expr: Expr) -> Expr:
        return spell_out(expr) if one is None else _in_schedule(spell_out(expr), one)

    equation = Equation(
        "the identity",
        spelled(lhs),
        spelled(rhs),
        defined=tuple(map(spelled, parts[0])),
        derived_defined=tuple(map(spelled, parts[1])),
        symmetric=True,
    )
    instances = paper_instances() if one is None else (of_schedule(one.name or "the given schedule", one),)
    return _result(lhs, rhs, equation, instances, one, seed)


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


def _result(
    lhs: Expr,
    rhs: Expr,
    equation: Equation,
    instances: Sequence[Instance],
    schedule: Schedule | None,
    seed: int,
) -> CheckResult:
    sides = equation.sides
    parameters = [p for p in (rho, gamma, delta) if p in (sides[0] - sides[1]).free_symbols]
    judgement = judge([equation], instances, parameters, seed=seed, per_instance=_POINTS)
    if judgement.verdict == "undecided" and schedule is not None and judgement.tested:
        judgement = _prove_in_domain(equation, schedule, judgement)
    verdict = "fails" if judgement.verdict == "conditional" else judgement.verdict
    spelled, _ = to_jets(sides[0] - sides[1])
    return CheckResult(verdict, judgement, lhs, rhs, spelled, schedule)


# Positive unknowns that run over all of 0 < s < tau < t < 1 when put into _inside.
_U, _W, _Y = (Symbol(name, positive=True) for name in ("u", "w", "y"))


def _prove_in_domain(equation: Equation, schedule: Schedule, judgement: Judgement) -> Judgement:
    """Prove with times written by positive unknowns, so that the engines know the signs of t, 1 - t and t - s."""
    start, end = schedule.domain
    later = _U / (1 + _U)
    earlier = later * _W / (1 + _W)
    between = earlier + (later - earlier) * _Y / (1 + _Y)
    times = {time: start + (end - start) * fraction for time, fraction in ((s, earlier), (tau, between), (t, later))}
    left, right = (side.subs(times, simultaneous=True) for side in equation.sides)
    try:
        attempt = prove(left, right, equation.name)
    except EngineDisagreementError as disagreement:
        return Judgement("undecided", tested=judgement.tested, reason=f"internal: {disagreement}")
    if attempt.proof is None:
        return judgement
    return Judgement("holds", proofs=(attempt.proof,), tested=judgement.tested)
