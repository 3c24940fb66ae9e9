"""The result of ``check``: one identity, its verdict and the evidence, for a person and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from sympy import DiracDelta, Expr, latex

from ..proof.statement import Judgement, Witness
from ..schedule import Schedule
from ..text import to_text

__all__ = ["CheckResult"]

_LONGEST = 400  # characters of a formula that is shown to say what was proved


@dataclass(frozen=True)
class CheckResult:
    """The verdict on one identity.

    Attributes
    ----------
    verdict : str
        ``holds``, ``fails`` or ``undecided``.
    judgement : Judgement
        With the proofs or the counterexample.
    typed : pair of str
        The two sides as typed.
    lhs, rhs : sympy.Expr
        As parsed; SymPy may have simplified them.
    spelled : sympy.Expr
        The difference of the sides in values and derivatives of alpha and sigma.
    schedule : Schedule or None
        None: the identity was judged for all schedules.
    needs : tuple of str
        What the sides need in order to have a value, where it is not seen to be so everywhere.
    """

    verdict: str
    judgement: Judgement
    typed: tuple[str, str]
    lhs: Expr
    rhs: Expr
    spelled: Expr
    schedule: Schedule | None
    needs: tuple[str, ...] = ()

    def __bool__(self) -> NoReturn:
        """Refuse: ``assert check(...)`` would pass for an identity that fails."""
        raise TypeError(
            'a result of check is neither true nor false: compare its verdict, check(...).verdict == "holds"'
        )

    def lines(self) -> list[str]:
        """The result for a person; the first line is the verdict alone."""
        judgement = self.judgement
        lines = [self.verdict, f"  {self.typed[0]} = {self.typed[1]}", *self._scope()]
        if self.verdict == "holds":
            lines += self._proof()
        for witness in judgement.witnesses:
            lines += _counterexample(witness)
        if judgement.conditions:
            lines.append(f"  it does hold if {' or '.join(c.statement for c in judgement.conditions)}")
        elif self.verdict == "fails" and judgement.proofs:
            engines = " and ".join(judgement.proofs[0].engines)
            lines.append(f"  the two sides are equal wherever both have a value, proved by {engines}")
        if judgement.families:
            lines.append(f"  it does hold for the family: {', '.join(judgement.families)}")
        if self.verdict == "undecided":
            lines.append(f"  {judgement.reason}")
        return lines

    def _scope(self) -> Iterator[str]:
        yield f"  for {'every valid schedule' if self.schedule is None else self.schedule}"
        yield "  where s < tau < t, every time lies in the open domain, and both sides have a value"
        if self.verdict == "holds" and self.needs:
            yield f"  they need, and this is tried at the points, not proved: {'; '.join(dict.fromkeys(self.needs))}"

    def _proof(self) -> list[str]:
        # Off the corners of the schedule; at a corner no second derivative is judged.
        flat = to_text(self.spelled.replace(DiracDelta, lambda *_: 0))
        lines = [
            "  1. spell out the derived words; lambda = 2 log(alpha) - 2 log(sigma)",
            f"     lhs - rhs = {flat if len(flat) < _LONGEST else flat[:_LONGEST] + ' ...'}",
            "  2. values and derivatives of alpha and sigma are independent variables; the difference is zero in them:",
        ]
        for proof in self.judgement.proofs:
            under = f", with this put in: {proof.under}" if proof.under else ""
            lines.append(f"     proved by {' and '.join(proof.engines)}{under}")
        return [*lines, f"  {self.judgement.tested} points could have refuted it, none did"]

    def as_dict(self) -> dict[str, Any]:
        """The result as plain data, schema ``s2n-check/1``."""
        judgement = self.judgement
        return {
            "schema": "s2n-check/1",
            "verdict": self.verdict,
            "lhs": self.typed[0],
            "rhs": self.typed[1],
            "lhs_latex": latex(self.lhs),
            "rhs_latex": latex(self.rhs),
            "schedule": None if self.schedule is None else str(self.schedule),
            "needs": list(dict.fromkeys(self.needs)),
            "engines": sorted({e for p in judgement.proofs for e in p.engines}),
            "under": [p.under for p in judgement.proofs if p.under],
            "equal_where_both_have_a_value": bool(judgement.proofs) and not judgement.conditions,
            "tested": judgement.tested,
            "counterexamples": [
                {"schedule": w.schedule, "at": dict(w.at), "lhs": w.printed, "rhs": w.derived, "why": w.why or None}
                for w in judgement.witnesses
            ],
            "conditions": [c.statement for c in judgement.conditions],
            "families": list(judgement.families),
            "reason": judgement.reason or None,
        }


def _counterexample(witness: Witness) -> list[str]:
    place = ", ".join(f"{name} = {value}" for name, value in witness.at.items()) or "everywhere"
    return [
        f"  counterexample in {witness.schedule}: {place}",
        f"     lhs = {witness.printed or 'undefined: ' + witness.why}",
        f"     rhs = {witness.derived or 'undefined: ' + witness.why}",
    ]
