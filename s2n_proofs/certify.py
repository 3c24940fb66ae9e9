r"""Certify that $\alpha>0$, $\sigma>0$ and $\lambda'\le0$ on the open domain, or refute it at a time.

No root and no logarithm is bisected.  With $\alpha=\prod_i b_i^{e_i}$ and $\sigma=\prod_i b_i^{d_i}$ over the
bases $b_i$, exponentials aside,

$$\tfrac12\lambda'=(\log\alpha)'-(\log\sigma)'=\frac{N}{\prod_i b_i},$$

and the sign of every base is already certified, so what is decided is the sign of N, where no root or
quotient is left; for the variance-preserving schedule it collapses to $-\tfrac12u'$.  A result is one of
three: certified, refuted at a time, or open on named sub-intervals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from flint import arb
from sympy import (
    Expr,
    Integer,
    Mul,
    Pow,
    Rational,
    Symbol,
    exp,
    expand,
    factor_terms,
    log,
    nan,
    oo,
    together,
    zoo,
)

from ._endpoint import exactly_zero
from ._pieces import Piece, middle_of, split_pieces
from ._prover import Flaw, Outcome, Prover, value_at
from ._scan import Gap, Meter, merged

__all__ = [
    "Certificate",
    "Finding",
    "Property",
    "ScheduleError",
    "UncertifiedWarning",
    "Violation",
    "certify",
]

Property = Literal["alpha", "sigma", "log_snr", "continuous", "domain", "expression"]
Status = Literal["certified", "refuted", "uncertified"]

_NODES = 500_000  # about 2 s; the catalogue needs less than 5000
_TERMS = 200  # a sum that would have more terms is not expanded


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

    def __init__(
        self, message: str, *, property: Property | None = None, violation: Violation | None = None
    ) -> None:
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


def certify(alpha: Expr, sigma: Expr, variable: Symbol, low: Expr, high: Expr) -> Certificate:
    r"""Certify $\alpha>0$, $\sigma>0$, continuity and $\lambda'\le0$ on (`low`, `high`).

    Parameters
    ----------
    alpha, sigma : sympy.Expr
        Exact expressions of `variable` alone.
    low, high : sympy.Expr
        Exact constants, low < high.

    Examples
    --------
    >>> from sympy import Integer, Symbol
    >>> t = Symbol("t", real=True)
    >>> certify(1 - t, t, t, Integer(0), Integer(1)).negative_derivative
    True
    >>> certify(1 + t, 1 + t**2 / 3, t, Integer(0), Integer(1))["log_snr"].violation.time
    1/2
    """
    return _Certifier(alpha, sigma, variable, low, high).run()


class _Certifier:
    def __init__(self, alpha: Expr, sigma: Expr, variable: Symbol, low: Expr, high: Expr) -> None:
        self.whole = Piece(low, high, alpha, sigma)
        self.variable = variable
        self.meter = Meter(_NODES)
        self.gaps: dict[Property, list[Gap]] = {"alpha": [], "sigma": [], "continuous": [], "log_snr": []}
        self.violations: dict[Property, Violation] = {}
        self.zeros: list[Expr] = []
        self.flat: list[Gap] = []
        self.breaks: list[Expr] = []

    def run(self) -> Certificate:
        pieces, unresolved = split_pieces(self.whole, self.variable, Meter(_NODES // 4))
        for gaps in self.gaps.values():
            gaps += unresolved
        provers = [Prover(self.variable, p.low, p.high, self.meter) for p in pieces]
        for piece, prover in zip(pieces, provers, strict=True):
            for name, expr in (("alpha", piece.alpha), ("sigma", piece.sigma)):
                self._positive(piece, name, expr, prover)  # type: ignore[arg-type]
        self._at_breaks(pieces)
        if not self.violations:
            for piece, prover in zip(pieces, provers, strict=True):
                self._decreasing(piece, prover)
        return Certificate(
            tuple(
                Finding(name, tuple(merged(gaps)), self.violations.get(name))
                for name, gaps in self.gaps.items()
            ),
            tuple(sorted(set(self.zeros), key=float)),
            tuple(merged(self.flat)),
            tuple(self.breaks),
        )

    # --- positivity ------------------------------------------------------------------------------------

    def _original(self, name: Property) -> Expr:
        return self.whole.alpha if name == "alpha" else self.whole.sigma

    def _positive(self, piece: Piece, name: Property, expr: Expr, prover: Prover) -> None:
        if name in self.violations:
            return
        if expr.has(nan, zoo, oo, -oo):
            self._undefined_branch(piece, name)
            return
        outcome = prover.decide(expr, "positive")
        self.gaps[name] += outcome.gaps
        if outcome.flaw is None:
            return
        violation = self._violation(name, outcome.flaw, piece.sure)
        if violation is None:
            self.gaps[name].append((piece.low, piece.high))
        else:
            self.violations[name] = violation

    def _undefined_branch(self, piece: Piece, name: Property) -> None:
        if piece.sure:  # e.g. a piecewise function of which no branch applies here
            self.violations[name] = Violation(name, middle_of(piece.low, piece.high), undefined=True)
        else:
            self.gaps[name].append((piece.low, piece.high))

    def _violation(self, name: Property, flaw: Flaw, sure: bool) -> Violation | None:
        """Confirm a flaw of a branch on the expression as given; None: it is not a flaw of that."""
        if flaw.bracket is not None:
            return (
                Violation(name, flaw.time, undefined=flaw.undefined, bracket=flaw.bracket) if sure else None
            )
        value = value_at(self._original(name), self.variable, flaw.time)
        if value is None:
            return Violation(name, flaw.time, undefined=True)
        if value <= 0:
            return Violation(name, flaw.time, _bounds(value))
        if value > 0:
            return None
        if exactly_zero(self._original(name).subs(self.variable, flaw.time)):
            return Violation(name, flaw.time, (Integer(0), Integer(0)))
        # Not decisive at this point, but the flaw is proven of the branch that applies there.
        return Violation(name, flaw.time, _bounds(value), undefined=flaw.undefined) if sure else None

    # --- breakpoints -----------------------------------------------------------------------------------

    def _at_breaks(self, pieces: list[Piece]) -> None:
        """Certify continuity where two resolved branches meet, and positivity there."""
        for left, right in pairwise(pieces):
            time = left.high
            if not (left.sure and right.sure) or time != right.low:
                continue  # beside a bracket: of Min, Max, Abs, which are continuous, or already a gap
            self.breaks.append(time)
            for name in ("alpha", "sigma"):
                here = self._original(name)
                ends = [getattr(side, name).xreplace({self.variable: time}) for side in (left, right)]
                self._break(name, time, ends, here.subs(self.variable, time))

    def _break(self, name: Property, time: Expr, ends: list[Expr], here: Expr) -> None:
        beside = (time, time)
        if any(end.has(nan, zoo, oo, -oo) for end in (*ends, here)):
            self.violations.setdefault(name, Violation(name, time, undefined=True))
            return
        for other in ends:
            difference = value_at(other - here, self.variable, time)
            if difference is None:
                self.violations.setdefault(name, Violation(name, time, undefined=True))
            elif difference > 0 or difference < 0:
                self.violations.setdefault("continuous", Violation("continuous", time))
            elif not exactly_zero(other - here):
                self.gaps["continuous"].append(beside)
        value = value_at(here, self.variable, time)
        if value is not None and not value > 0:
            if value < 0 or exactly_zero(here):
                self.violations.setdefault(name, Violation(name, time, _bounds(value)))
            else:
                self.gaps[name].append(beside)

    # --- the log-SNR -----------------------------------------------------------------------------------

    def _decreasing(self, piece: Piece, prover: Prover) -> None:
        if "log_snr" in self.violations:
            return
        best: Outcome | None = None
        for form in _decrease_forms(piece, self.variable, prover):
            outcome = prover.decide(form, "nonnegative")
            if outcome.flaw is not None:
                violation = self._increase(piece, outcome.flaw)
                if violation is not None:
                    self.violations["log_snr"] = violation
                    return
                outcome = Outcome([(piece.low, piece.high)])
            if outcome.certified:
                best = outcome
                break
            best = best or outcome
        best = best or Outcome([(piece.low, piece.high)])
        self.gaps["log_snr"] += best.gaps
        if piece.sure:
            self.zeros += best.zeros
            if best.flat:
                self.flat.append((piece.low, piece.high))

    def _increase(self, piece: Piece, flaw: Flaw) -> Violation | None:
        """Confirm an increase with the ball of the derivative itself, formed without any rewriting."""
        if flaw.bracket is not None or flaw.undefined or not piece.sure:
            return None
        a, b, t = piece.alpha, piece.sigma, self.variable
        value = value_at(2 * (a.diff(t) / a - b.diff(t) / b), t, flaw.time)
        return Violation("log_snr", flaw.time, _bounds(value)) if value is not None and value > 0 else None


def _bounds(value: arb) -> tuple[Rational, Rational] | None:
    if not value.is_finite():
        return None
    low, high = value.lower().fmpq(), value.upper().fmpq()
    return Rational(int(low.p), int(low.q)), Rational(int(high.p), int(high.q))


def _decrease_forms(piece: Piece, variable: Symbol, prover: Prover) -> Iterable[Expr]:
    """Yield expressions with the sign of -lambda', the most telling first."""
    terms = [(-n, b) for n, b in _log_derivative(piece.alpha, variable)]
    terms += _log_derivative(piece.sigma, variable)
    by_base: dict[Expr, Expr] = {}
    for numerator, base in terms:
        by_base[base] = by_base.get(base, Integer(0)) + numerator
    signs = [1 if base == 1 else prover.sign(base) for base in by_base]
    if all(sign is not None for sign in signs):
        sign = Mul(*[s for s in signs if s is not None])
        total = sum(
            (n * Mul(*[b for b in by_base if b != base]) for base, n in by_base.items()), start=Integer(0)
        )
        yield from _rewritten(sign * total)
    squares = piece.alpha**2, piece.sigma**2
    yield from _rewritten(squares[0] * squares[1].diff(variable) - squares[0].diff(variable) * squares[1])


def _rewritten(expr: Expr) -> Iterable[Expr]:
    if _terms(expr) <= _TERMS:
        shorter = factor_terms(expand(expr, power_exp=False, power_base=False, log=False, trig=False))
        yield shorter
        if shorter == expr:
            return
    yield expr


def _terms(expr: Expr) -> int:
    """Bound the number of terms that expanding `expr` can give."""
    if expr.is_Add:
        return sum(_terms(term) for term in expr.args)
    if expr.is_Mul:
        product = 1
        for factor in expr.args:
            product *= _terms(factor)
        return product
    if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 1:
        return int(min(_terms(expr.base) ** min(int(expr.exp), 64), 10**9))
    return 1


def _log_derivative(expr: Expr, variable: Symbol) -> list[tuple[Expr, Expr]]:
    """Write (log expr)' as a sum of numerator/base."""
    if not expr.has(variable):
        return []
    if isinstance(expr, exp):
        return [(expr.args[0].diff(variable), Integer(1))]
    if isinstance(expr, Mul):
        return [term for argument in expr.args for term in _log_derivative(argument, variable)]
    if isinstance(expr, Pow):
        if not expr.exp.has(variable):
            return [(expr.exp * n, base) for n, base in _log_derivative(expr.base, variable)]
        return [((expr.exp * log(expr.base)).diff(variable), Integer(1))]
    if expr.is_Add:
        product = together(expr)
        if isinstance(product, Mul | Pow):
            return _log_derivative(product, variable)
    return [(expr.diff(variable), expr)]
