"""What an audit found, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from .convergence import Convergence
from .diagnosis import Finding
from .endpoints import Endpoint
from .fitting import Fit

__all__ = ["Audit", "Verdict"]

Verdict = Literal["right", "wrong", "unrecognised", "stopped"]


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    name : str
    claims : str or None
        The family that it claims to be.
    verdict : str
        ``right``: a named step, to rounding, that converges as claimed; ``wrong``; ``unrecognised``: no named step,
        and nothing was claimed; ``stopped``: it hung or crashed.
    computes : Fit or None
        The named step that it is or, if it is none, is nearest to.
    against : Fit or None
        The claimed step against what was read.
    findings : tuple of Finding
        Every coefficient that is off, with the edit of the right formula that explains it.
    order : Convergence or None
    problems : tuple of str
        What is wrong, in sentences.
    ends : tuple of Endpoint
        The first step and the last one of all, which lead to no verdict.
    script : str or None
        A program that shows the worst coefficient.
    precision : str
    seconds : float
    scope : str
        Which steps were read.
    """

    name: str
    claims: str | None
    verdict: Verdict
    computes: Fit | None = None
    against: Fit | None = None
    findings: tuple[Finding, ...] = ()
    order: Convergence | None = None
    problems: tuple[str, ...] = ()
    ends: tuple[Endpoint, ...] = ()
    script: str | None = None
    precision: str = "float64"
    seconds: float = 0.0
    scope: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as ``s2n audit --json`` writes it."""
        plain = asdict(self)
        for key in ("computes", "against"):
            fit = getattr(self, key)
            if fit is not None:
                plain[key] |= {"worst": _finite(fit.worst), "right": fit.right}
                for miss in plain[key]["misses"].values():
                    miss |= {part: _finite(miss[part]) for part in ("units", "ulp", "measured", "expected")}
        for finding in plain["findings"]:
            finding |= {part: _finite(finding[part]) for part in ("measured", "expected")}
        for end in plain["ends"]:
            end["units"] = None if end["units"] is None else _finite(end["units"])
        if self.order is not None:
            plain["order"]["errors"] = [_finite(error) for error in self.order.errors]
            plain["order"]["right"] = self.order.right
        return {"schema": "s2n-audit/1", **plain}

    @property
    def exit_status(self) -> int:
        """0 right, 1 wrong, 3 unrecognised or stopped."""
        return {"right": 0, "wrong": 1}.get(self.verdict, 3)


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
