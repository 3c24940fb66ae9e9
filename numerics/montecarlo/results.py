"""From merged moments to verdicts: distances in standard errors, p-values, Holm's correction, power."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .experiment import DEFAULT_SAMPLES, Experiment, Row
from .moments import Moments
from .significance import FALSE_ALARM, chi_square_p, critical_z, holm, normal_p, power

__all__ = ["CERTAIN", "Check", "Outcome", "judge"]

CERTAIN = 0.999  # the power that every check of a derived formula has at the default number of samples


@dataclass(frozen=True)
class Check:
    """One judged row."""

    row: Row
    estimate: float
    standard_error: float
    z: float
    p_value: float
    adjusted_p: float
    rejected: bool
    samples: int
    powers: Mapping[str, float]

    @property
    def converges(self) -> bool:
        """Whether the expectation tends to the exact value, where there is one."""
        row = self.row
        if row.exact is None:
            return True
        value = row.expected if row.limit is None else row.limit
        return abs(value - row.exact) <= row.allowed

    @property
    def verdict(self) -> str:
        """``agrees`` or ``rejected``."""
        return "rejected" if self.rejected or not self.converges else "agrees"

    def as_dict(self) -> dict[str, Any]:
        """As ``s2n-montecarlo/1`` has it."""
        row = self.row
        return {
            "id": row.id, "claim": row.claim, "form": row.form, "schedule": row.schedule, "estimate": self.estimate,
            "standard_error": self.standard_error, "expected": row.expected, "z": self.z, "p_value": self.p_value,
            "adjusted_p_value": self.adjusted_p, "verdict": self.verdict, "samples": self.samples,
            "power": dict(self.powers), "exact": row.exact, "limit": row.limit, "scale": row.scaled_to or None,
        }  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """All checks of a run."""

    checks: tuple[Check, ...]
    samples: int

    @property
    def wrong(self) -> tuple[Check, ...]:
        """Derived formulas that were rejected."""
        return tuple(c for c in self.checks if c.row.form == "derived" and c.verdict == "rejected")

    @property
    def missed(self) -> tuple[Check, ...]:
        """Printed forms that are wrong and were not caught."""
        return tuple(c for c in self.checks if c.row.form == "printed" and c.verdict == "agrees")

    @property
    def weak(self) -> tuple[Check, ...]:
        """Checks of derived formulas that would overlook an error of 1 % more often than once in a thousand."""
        return tuple(c for c in self.checks if c.row.form == "derived" and min(c.powers.values(), default=0) < CERTAIN)

    @property
    def exit_status(self) -> int:
        """1 if the algebra and the simulation disagree; 3 if there were too few samples to tell."""
        if self.wrong or (self.missed and self.samples >= DEFAULT_SAMPLES):
            return 1
        return 3 if self.missed else 0

    def as_dict(self, **about: Any) -> dict[str, Any]:
        """The whole run as ``s2n-montecarlo/1``."""
        forms = Counter((c.row.form, c.verdict) for c in self.checks)
        summary = {
            "checks": len(self.checks),
            "derived": {v: forms["derived", v] for v in ("agrees", "rejected")},
            "printed": {v: forms["printed", v] for v in ("agrees", "rejected")},
            "family_wise_false_alarm_rate": FALSE_ALARM,
            "weakest_power": min(
                (min(c.powers.values()) for c in self.checks if c.row.form == "derived"), default=None
            ),
            "samples": self.samples,
            **about,
        }
        return {"schema": "s2n-montecarlo/1", "checks": [c.as_dict() for c in self.checks], "summary": summary}


def judge(experiments: Sequence[Experiment], merged: Sequence[Moments], samples: int) -> Outcome:
    """Compare every row with its expectation; one family for the whole run."""
    rows = [(row, moments) for e, moments in zip(experiments, merged, strict=True) for row in e.rows]
    p_values = [_p_value(row, moments) for row, moments in rows]
    adjusted = holm(p_values)
    checks = []
    for (row, moments), p_value, corrected in zip(rows, p_values, adjusted, strict=True):
        estimate, error = _estimate(row, moments)
        shifts = {
            name: float(moments.mean[shift]) if isinstance(shift, int) else shift for name, shift in row.shifts.items()
        }
        powers = {name: power(shift, error, len(rows)) for name, shift in shifts.items()}
        checks.append(
            Check(
                row, estimate, error, _distance(row, moments), p_value, corrected, corrected <= FALSE_ALARM,
                moments.count, powers,
            )
        )  # fmt: skip
    return Outcome(tuple(checks), samples)


def detectable(row: Row, error: float, tests: int) -> float:
    """The smallest shift of an expectation that is found with the probability `CERTAIN`."""
    return error * (critical_z(tests) + 3.0902)


def _estimate(row: Row, moments: Moments) -> tuple[float, float]:
    return float(moments.mean[row.statistic]), float(moments.standard_error[row.statistic])


def _distance(row: Row, moments: Moments) -> float:
    estimate, error = _estimate(row, moments)
    if error == 0:
        return 0.0 if math.isclose(estimate, row.expected, rel_tol=1e-6, abs_tol=1e-9) else math.inf
    return (estimate - row.expected) / error


def _p_value(row: Row, moments: Moments) -> float:
    estimate, count = float(moments.mean[row.statistic]), moments.count
    if row.law == "chi-square":
        return chi_square_p(estimate * count / row.scale, count)
    if row.law == "normal":
        return normal_p((estimate - row.expected) / (row.scale / math.sqrt(count)))
    return normal_p(_distance(row, moments))
