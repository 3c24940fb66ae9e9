r"""Certify that $\alpha>0$, $\sigma>0$ and $\lambda'\le0$ on the open domain, or refute it at a time.

The domain is cut where a branch changes; on each part the coefficients are certified positive, then the
sign of $-\lambda'$ in a form without roots and quotients (see ``_decrease``).  A result is one of three:
certified, refuted at a time, or open on named sub-intervals.
"""

from __future__ import annotations

from itertools import pairwise

from flint import arb
from sympy import Expr, Integer, Rational, Symbol, nan, oo, zoo

from .certificate import Certificate, Finding, Property, Violation
from .decrease import decrease_forms
from .factors import constants_are_real, is_smooth, value_at
from .pieces import Piece, jumps, middle_of, split_pieces
from .points import Gap, Meter, ascending, merged
from .prover import Flaw, Outcome, Prover
from .typed import Demand, judged, left_out
from .zero import exactly_zero

__all__ = ["certify"]

_NODES = 500_000  # about 2 s; the worst of the catalogue spends 2200


def certify(
    alpha: Expr,
    sigma: Expr,
    variable: Symbol,
    low: Expr,
    high: Expr,
    demands: tuple[tuple[Demand, ...], tuple[Demand, ...]] = ((), ()),
) -> Certificate:
    r"""Certify $\alpha>0$, $\sigma>0$, continuity and $\lambda'\le0$ on (`low`, `high`).

    Parameters
    ----------
    alpha, sigma : sympy.Expr
        Exact expressions of `variable` alone.
    low, high : sympy.Expr
        Exact constants, low < high.
    demands : pair of tuples, optional
        What the texts of `alpha` and `sigma` ask of their parts to have a value.

    Examples
    --------
    >>> from sympy import Integer, Symbol
    >>> t = Symbol("t", real=True)
    >>> certify(1 - t, t, t, Integer(0), Integer(1)).negative_derivative
    True
    >>> certify(1 + t, 1 + t**2 / 3, t, Integer(0), Integer(1))["log_snr"].violation.time
    1/2
    """
    try:
        return _Certifier(alpha, sigma, variable, low, high).run(demands)
    except (OverflowError, RecursionError):  # numbers or trees that SymPy cannot carry: nothing is known
        everywhere: tuple[Property, ...] = ("alpha", "sigma", "continuous", "log_snr")
        return Certificate(tuple(Finding(name, ((low, high),)) for name in everywhere))


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

    def run(self, demands: tuple[tuple[Demand, ...], tuple[Demand, ...]]) -> Certificate:
        pieces, unresolved = split_pieces(self.whole, self.variable, Meter(_NODES // 4))
        for gaps in self.gaps.values():
            gaps += unresolved
        for piece in pieces:
            for name, expr in (("alpha", piece.alpha), ("sigma", piece.sigma)):
                real = constants_are_real(expr, self.variable) if is_smooth(expr) else None
                if real is False:
                    self._undefined_branch(piece, name)  # type: ignore[arg-type]
                elif not real:
                    self.gaps[name].append((piece.low, piece.high))  # type: ignore[index]
        provers = [Prover(self.variable, p.low, p.high, self.meter) for p in pieces]
        for piece, prover in zip(pieces, provers, strict=True):
            for name, expr in (("alpha", piece.alpha), ("sigma", piece.sigma)):
                self._positive(piece, name, expr, prover)  # type: ignore[arg-type]
        self._at_breaks(pieces)
        self._as_typed(demands)
        if not self.violations:
            for piece, prover in zip(pieces, provers, strict=True):
                self._decreasing(piece, prover)
        return Certificate(
            tuple(Finding(name, tuple(merged(gaps)), self.violations.get(name)) for name, gaps in self.gaps.items()),
            tuple(ascending(set(self.zeros))),
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
            return Violation(name, flaw.time, undefined=flaw.undefined, bracket=flaw.bracket) if sure else None
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

    def _as_typed(self, demands: tuple[tuple[Demand, ...], tuple[Demand, ...]]) -> None:
        """Certify what SymPy left out of the expressions that were typed."""
        for name, asked in zip(("alpha", "sigma"), demands, strict=True):
            for demand in left_out(asked, self._original(name), self.variable):  # type: ignore[arg-type]
                flaw, gaps = judged(demand, self.variable, self.whole.low, self.whole.high, self.meter)
                self.gaps[name] += gaps  # type: ignore[index]
                if flaw is not None:
                    self.violations.setdefault(
                        name,  # type: ignore[arg-type]
                        Violation(name, flaw.time, undefined=True, bracket=flaw.bracket),  # type: ignore[arg-type]
                    )

    # --- breakpoints -----------------------------------------------------------------------------------

    def _at_breaks(self, pieces: list[Piece]) -> None:
        """Certify continuity where two resolved branches meet, and positivity there."""
        for left, right in pairwise(pieces):
            time = left.high
            if not (left.sure and right.sure):
                self._beside_bracket({left.high, right.low, right.high})
                continue
            if time != right.low:
                self.gaps["continuous"].append((time, right.low))
                continue
            self.breaks.append(time)
            for name in ("alpha", "sigma"):
                here = self._original(name)
                ends = [getattr(side, name).xreplace({self.variable: time}) for side in (left, right)]
                self._break(name, time, ends, here.subs(self.variable, time))

    def _beside_bracket(self, times: set[Expr]) -> None:
        """Certify that nothing jumps at the ends of a bracket of Min, Max or Abs, which are continuous themselves."""
        for time in times - {self.whole.low, self.whole.high}:
            for name in ("alpha", "sigma"):
                for difference in jumps(self._original(name)):
                    value = value_at(difference, self.variable, time)
                    if value is None or not (value > 0 or value < 0):
                        self.gaps["continuous"].append((time, time))

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
        for form in decrease_forms(piece, self.variable, prover):
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
