"""Positivity of an expression on an interval, factor by factor.

The sign of a product is that of its factors, and a factor may be obvious (an exponential), squared, or a
root, so an expression is first written as a product and only its irreducible factors are bisected.  Before
any sign counts, what the expression needs to be *defined* is certified too: a ball of ``sqrt(b)`` claims
nothing where b < 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from sympy import Expr, Rational, Symbol

from ..proof.ball import working_precision
from .factors import Need, factors, is_odd, needs_of, value_at
from .pieces import crossing, exact_roots, inside, middle_of
from .points import Gap, Meter, ascending, bits_between, merged, near
from .scan import Scan, scan
from .zero import exactly_zero

__all__ = ["Flaw", "Outcome", "Prover"]


_SCAN_NODES = 60_000  # about 0.25 s
_SUM_TERMS = 8


@dataclass(frozen=True)
class Flaw:
    """A proven violation.

    Attributes
    ----------
    time : sympy.Expr
        Where; exact unless `bracket` has a width, then a rational in it.
    undefined : bool
        True: no real value there.  False: the value is not of the sign that is needed.
    bracket : pair or None
        Sub-interval that provably contains the place, where that is all that is known.
    """

    time: Expr
    undefined: bool
    bracket: Gap | None = None


@dataclass
class Outcome:
    """Certified where there is no `flaw`, outside the `gaps`.  `flat`: zero throughout."""

    gaps: list[Gap] = field(default_factory=list)
    zeros: list[Expr] = field(default_factory=list)
    flaw: Flaw | None = None
    flat: bool = False

    @property
    def certified(self) -> bool:
        """Nothing is left open, and nothing is refuted."""
        return not self.gaps and self.flaw is None


class Prover:
    """Decides signs on the open interval (low, high), remembering what it has decided.

    Examples
    --------
    >>> from sympy import Integer, Symbol, sqrt
    >>> t = Symbol("t", real=True)
    >>> prover = Prover(t, Integer(0), Integer(1), Meter(10**5))
    >>> prover.decide(sqrt(1 - t**2), "positive").certified
    True
    >>> prover.decide(1 - 2 * t, "positive").flaw
    Flaw(time=1/2, undefined=False, bracket=None)
    """

    def __init__(self, variable: Symbol, low: Expr, high: Expr, meter: Meter) -> None:
        self.variable, self.low, self.high, self.meter = variable, low, high, meter
        self._signs: dict[Expr, Scan] = {}
        self._outcomes: dict[tuple[Expr, Need], Outcome] = {}
        self._defined: dict[Expr, Outcome] = {}

    # --- what is asked ---------------------------------------------------------------------------------

    def decide(self, expr: Expr, need: Need) -> Outcome:
        """Certify that `expr` is defined and as needed at every t of the open interval, or find a flaw."""
        defined = self.defined(expr)
        if defined.flaw is not None:
            return defined
        outcome = self._outcomes.get((expr, need))
        if outcome is None:
            outcome = self._outcomes[expr, need] = self._decide(expr, need)
        gaps = merged([*defined.gaps, *outcome.gaps])
        return Outcome(gaps, outcome.zeros, outcome.flaw, outcome.flat)

    def defined(self, expr: Expr) -> Outcome:
        """Certify that `expr` has a finite real value at every t of the open interval."""
        found = self._defined.get(expr)
        if found is not None:
            return found
        gaps: list[Gap] = []
        for part, need in dict.fromkeys(needs_of(expr, self.variable)):
            outcome = self._outcomes.get((part, need)) or self._decide(part, need)
            self._outcomes[part, need] = outcome
            if outcome.flaw is not None:
                flaw = outcome.flaw
                self._defined[expr] = Outcome(flaw=Flaw(flaw.time, True, flaw.bracket))
                return self._defined[expr]
            gaps += outcome.gaps
        self._defined[expr] = Outcome(merged(gaps))
        return self._defined[expr]

    def sign(self, expr: Expr) -> int | None:
        """Return +1 or -1 where `expr` provably has that sign throughout, without a zero."""
        if self.defined(expr).certified:
            total = 1
            for base, exponent in factors(expr):
                found = self._sign_of(base)
                if not found.clean or found.zeros or found.sign == 0:
                    return None
                total *= found.sign if is_odd(exponent) else 1
            return total
        return None

    # --- products --------------------------------------------------------------------------------------

    def _sign_of(self, base: Expr) -> Scan:
        found = self._signs.get(base)
        if found is None:
            total = self._sign_of_sum(base)
            found = Scan(total) if total else self._scan(base, zeros_allowed=True)
            self._signs[base] = found
        return found

    def _sign_of_sum(self, base: Expr) -> int:
        """Return the sign that every term has throughout; 0: they differ, or it is not known."""
        if not base.is_Add or len(base.args) > _SUM_TERMS:
            return 0
        total = self.sign(base.args[0]) or 0
        for term in base.args[1:]:
            if not total or self.sign(term) != total:
                return 0
        return total

    def _scan(self, expr: Expr, *, want: int | None = None, zeros_allowed: bool = False) -> Scan:
        allowed = min(_SCAN_NODES, self.meter.left)
        meter = Meter(allowed)
        found = scan(expr, self.variable, self.low, self.high, meter, want=want, zeros_allowed=zeros_allowed)
        self.meter.spend(allowed - meter.left)
        return found

    # --- decisions -------------------------------------------------------------------------------------

    def _decide(self, expr: Expr, need: Need) -> Outcome:
        by_factors = self._by_factors(expr, need)
        if by_factors is not None and (by_factors.certified or by_factors.flaw):
            return by_factors
        direct = self._direct(expr, need)
        if direct is not None and (direct.certified or direct.flaw):
            return direct
        at_crossing = self._at_crossing(expr, need)
        if at_crossing is not None:
            return at_crossing
        found = [outcome for outcome in (by_factors, direct) if outcome is not None]
        whole = Outcome([(self.low, self.high)])
        return min(found, key=lambda outcome: _length(outcome.gaps), default=whole)

    def _by_factors(self, expr: Expr, need: Need) -> Outcome | None:
        """Combine the signs of the factors; None where one of them changes sign or is undefined."""
        if expr == 0:
            return self._flat(need)
        total, gaps, zeros = 1, [], []
        for base, exponent in factors(expr):
            squared = exponent.is_Integer and exponent > 0 and not is_odd(exponent)
            found = self._sign_of(base)
            if found.undefined is not None or (not squared and found.against is not None):
                return None
            if need != "nonnegative" and found.against is not None:
                return None
            if found.sign == 0 and found.clean:
                return self._flat(need) if exponent > 0 else Outcome(flaw=Flaw(self._middle(), True))
            if squared and need == "nonnegative":
                # Whatever the base does, its square is not negative; where it is zero is listed if known.
                zeros += found.zeros + [r for r in exact_roots(base, self.variable) if self._inside(r)]
                continue
            if found.zeros and exponent < 0:
                return Outcome(flaw=Flaw(found.zeros[0], True))
            gaps += found.gaps
            zeros += found.zeros
            total *= found.sign if is_odd(exponent) else 1
        if zeros and need != "nonnegative":
            return Outcome(flaw=Flaw(zeros[0], False))
        if total < 0 and need != "nonzero":
            return None if gaps else self._negative(expr)
        return Outcome(merged(gaps), ascending(set(zeros)))

    def _negative(self, expr: Expr) -> Outcome | None:
        time = self._middle()
        value = value_at(expr, self.variable, time)
        return Outcome(flaw=Flaw(time, False)) if value is not None and value < 0 else None

    def _flat(self, need: Need) -> Outcome:
        if need == "nonnegative":
            return Outcome(flat=True)
        return Outcome(flaw=Flaw(self._middle(), False))

    def _direct(self, expr: Expr, need: Need) -> Outcome | None:
        found = self._scan(expr, want=None if need == "nonzero" else 1, zeros_allowed=need == "nonnegative")
        if found.undefined is not None:
            return Outcome(flaw=Flaw(found.undefined, True))
        if found.against is None:
            if found.sign == 0:
                return self._flat(need)
            return Outcome(found.gaps, found.zeros)
        if need != "nonzero" or exactly_zero(expr.xreplace({self.variable: found.against})):
            return Outcome(flaw=Flaw(found.against, False))
        return None  # a sign change: `_at_crossing` finds the zero

    def _at_crossing(self, expr: Expr, need: Need) -> Outcome | None:
        """Find the zero or pole that a factor of changing sign proves."""
        if need == "nonnegative":
            return None
        for base, exponent in factors(expr):
            known = [root for root in exact_roots(base, self.variable) if self._inside(root)]
            if known:
                return Outcome(flaw=Flaw(known[0], bool(exponent < 0)))
            found = self._sign_of(base)
            if found.against is None or not self.defined(base).certified:
                continue
            other = self._point_of_sign(base, found)
            if other is None:
                continue
            low, high = sorted((found.against, other))
            time, bracket = crossing(base, self.variable, low, high)
            exact = bracket[0] == bracket[1]
            return Outcome(flaw=Flaw(time, bool(exponent < 0), None if exact else bracket))
        return None

    def _point_of_sign(self, base: Expr, found: Scan) -> Rational | None:
        with working_precision(bits_between(self.low, self.high)):
            low, high = near(self.low, +1), near(self.high, -1)
        for part in (Fraction(1, 2), Fraction(1, 3), Fraction(3, 4), Fraction(1, 16), Fraction(31, 32)):
            time = low + (high - low) * part
            time = Rational(time.numerator, time.denominator)
            value = value_at(base, self.variable, time)
            if value is not None and found.sign * value > 0:
                return time
        return None

    def _middle(self) -> Rational:
        return middle_of(self.low, self.high)

    def _inside(self, time: Expr) -> bool:
        return inside(time, self.low, self.high)


def _length(gaps: list[Gap]) -> float:
    return sum(float(high) - float(low) for low, high in gaps)
