"""What certification says: findings on each property, with gaps or a counterexample, and the refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sympy import Expr, Rational

from .points import Gap

__all__ = ["Certificate", "Finding", "Property", "ScheduleError", "UncertifiedWarning", "Violation"]

Property = Literal["alpha", "sigma", "log_snr", "continuous", "domain", "expression"]


Status = Literal["certified", "refuted", "uncertified"]


class UncertifiedWarning(UserWarning):
    """A schedule is accepted, but part of its domain could be neither certified nor refuted."""


@dataclass(frozen=True)
class Violation:
    """A proven violation of one property.

    Attributes
    ----------
    property : str
        ``alpha``, ``sigma`` (not positive), ``log_snr`` (increasing) or ``continuous`` (a jump).
    time : sympy.Expr
        The time; exact, unless `bracket` is given.
    value : tuple of Rational or None
        Rational bounds of the value there (of alpha, sigma, or the log-SNR's derivative); None where there is
        provably no real value, or no single one.
    undefined : bool
        Whether there is no finite real value at that time.
    bracket : pair or None
        A sub-interval that provably contains the place, where no closed form is known.
    """

    property: Property
    time: Expr
    value: tuple[Rational, Rational] | None = None
    undefined: bool = False
    bracket: Gap | None = None


class ScheduleError(ValueError):
    """A schedule is refused.  One sentence: what is wrong, where, what is allowed.

    Attributes
    ----------
    property : str or None
        What is violated: a member of :data:`Property`.
    time : sympy.Expr or None
        Where, if it is violated at a time.
    violation : Violation or None
        The proof's evidence.
    """

    def __init__(self, message: str, *, property: Property | None = None, violation: Violation | None = None) -> None:
        super().__init__(message)
        self.property = property if violation is None else violation.property
        self.violation = violation

    @property
    def time(self) -> Expr | None:
        """The time of the violation, if it has one."""
        return None if self.violation is None else self.violation.time


@dataclass(frozen=True)
class Finding:
    """What is known of one property on the open domain.

    Attributes
    ----------
    name : str
        The property: ``alpha``, ``sigma``, ``log_snr`` or ``continuous``.
    gaps : tuple of pairs
        The sub-intervals where nothing is proven.
    violation : Violation or None
        The counterexample.
    """

    name: Property
    gaps: tuple[Gap, ...] = ()
    violation: Violation | None = None

    @property
    def status(self) -> Status:
        """One of ``certified``, ``refuted`` and ``uncertified``."""
        if self.violation is not None:
            return "refuted"
        return "uncertified" if self.gaps else "certified"


@dataclass(frozen=True)
class Certificate:
    r"""The findings on a schedule.

    Attributes
    ----------
    findings : tuple of Finding
        One for each property.
    zeros : tuple of sympy.Expr
        The times at which $\lambda'=0$ although $\lambda$ is decreasing on both sides.
    flat : tuple of pairs
        The sub-intervals on which $\lambda'=0$ throughout.
    breaks : tuple of sympy.Expr
        The times at which a branch changes; $\lambda'$ is one-sided there.
    """

    findings: tuple[Finding, ...]
    zeros: tuple[Expr, ...] = ()
    flat: tuple[Gap, ...] = ()
    breaks: tuple[Expr, ...] = ()

    def __getitem__(self, name: str) -> Finding:
        """Return the finding on one property."""
        return next(finding for finding in self.findings if finding.name == name)

    @property
    def certified(self) -> bool:
        """Whether every property is proven on the whole open domain."""
        return all(finding.status == "certified" for finding in self.findings)

    @property
    def violation(self) -> Violation | None:
        """The first violation, if the schedule is refuted."""
        return next((f.violation for f in self.findings if f.violation is not None), None)

    @property
    def gaps(self) -> tuple[tuple[Property, Gap], ...]:
        """Every sub-interval where a property is neither proven nor refuted."""
        return tuple((finding.name, gap) for finding in self.findings for gap in finding.gaps)

    @property
    def strictly_decreasing(self) -> bool:
        r"""Whether $\lambda$ is proven invertible: no flat piece (isolated zeros of $\lambda'$ may be)."""
        return self.certified and not self.flat

    @property
    def negative_derivative(self) -> bool:
        r"""Whether $\lambda'<0$ is proven at every time of the open domain."""
        return self.strictly_decreasing and not self.zeros
