r"""Coefficients of one schedule at exact times: a formula of the theory, enclosed by a ball, rounded once to float64.

A time grid has few values, so no kernel is needed; and what the simulations use can't share a mistake with one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cached_property

from flint import arb, fmpq
from sympy import Expr, Rational, Symbol

from s2n_proofs.proof.ball import BallError, UndefinedValueError, enclose, working_precision
from s2n_proofs.proof.jets import without_lambda
from s2n_proofs.schedule import Schedule
from s2n_proofs.simplify.insertion import Insertion
from s2n_proofs.symbols import alpha, b, lam, sigma, t
from s2n_proofs.theory.vocabulary import spell_out

__all__ = ["Coefficients", "UndefinedCoefficientError"]

_ENOUGH = 60  # bits of a float64 and a few more


class UndefinedCoefficientError(ValueError):
    """A formula has no finite value at a time.  One sentence: which, and where."""


class Coefficients:
    r"""Values of formulas in generic $\alpha,\sigma,\lambda$ for one schedule.

    Parameters
    ----------
    schedule : Schedule
        Without free parameters.
    spread : Expr, optional
        What $b(t)$ of the non-Markovian model stands for, in t.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> values = Coefficients(catalogue["fm-ot"])
    >>> values(alpha(t).diff(t) / alpha(t), {t: Fraction(1, 2)})
    -2.0
    """

    def __init__(self, schedule: Schedule, spread: Expr | None = None) -> None:
        self.schedule = schedule
        self._spread = spread
        self._insertion = Insertion(schedule)
        self._formulas: dict[Expr, Expr] = {}
        self._values: dict[tuple[Expr, tuple[tuple[Symbol, Fraction], ...]], float] = {}

    def __call__(self, formula: Expr, values: Mapping[Symbol, Fraction]) -> float:
        """The value at exact times and parameters.

        Raises
        ------
        UndefinedCoefficientError
            If it is not a finite real number there.
        """
        inserted = self._inserted(formula)
        used = tuple(sorted(((k, v) for k, v in values.items() if k in inserted.free_symbols), key=str))
        if (inserted, used) not in self._values:
            self._values[inserted, used] = _rounded(inserted, dict(used), formula)
        return self._values[inserted, used]

    def _inserted(self, formula: Expr) -> Expr:
        if formula not in self._formulas:
            spelled = formula
            if self._spread is not None and formula.has(b):
                spelled = formula.replace(b, lambda time: self._spread.subs(t, time)).doit()
            self._formulas[formula] = self._insertion.raw(without_lambda(spell_out(spelled)))
        return self._formulas[formula]

    def alpha(self, time: Fraction) -> float:
        """The signal's coefficient."""
        return self(alpha(t), {t: time})

    def sigma(self, time: Fraction) -> float:
        """The noise's coefficient."""
        return self(sigma(t), {t: time})

    def log_snr(self, time: Fraction) -> float:
        """The log-SNR."""
        return self(lam(t), {t: time})

    @cached_property
    def domain(self) -> tuple[Fraction, Fraction]:
        """Both ends as fractions; an irrational end is rounded inward by 1e-12 of the length."""
        low, high = self.schedule.domain
        inset = (high - low) * Rational(1, 10**12)
        return _fraction(low, low + inset), _fraction(high, high - inset)

    def time_at(self, level: float) -> Fraction:
        """A time of few digits at which the log-SNR is about `level` (within a millionth of the domain)."""
        low, high = self.domain
        return self._where(lambda time: self.log_snr(time) > level, low, high)

    def _where(self, before: Callable[[Fraction], bool], low: Fraction, high: Fraction) -> Fraction:
        start, length = low, high - low
        left, right = 0, 2**20
        while right - left > 1:
            middle = (left + right) // 2
            if before(start + length * Fraction(middle, 2**20)):
                left = middle
            else:
                right = middle
        return start + length * Fraction(right, 2**20)


def _fraction(end: Expr, inside: Expr) -> Fraction:
    return Fraction(str(end)) if end.is_Rational else Fraction(str(inside.evalf(30)))


def _rounded(formula: Expr, values: Mapping[Symbol, Fraction], name: Expr) -> float:
    for bits in (128, 512, 2048):
        with working_precision(bits):
            balls = {symbol: arb(fmpq(v.numerator, v.denominator)) for symbol, v in values.items()}
            try:
                ball = enclose(formula, balls)
            except (UndefinedValueError, BallError) as error:
                at = ", ".join(f"{symbol} = {value}" for symbol, value in values.items())
                raise UndefinedCoefficientError(f"{name} has no finite real value at {at}") from error
            if ball.is_finite() and (ball.rel_accuracy_bits() >= _ENOUGH or ball.is_zero()):
                return float(ball.mid())
            if ball.is_finite() and abs(ball) < arb(2) ** (-bits // 2):
                return 0.0  # zero as far as many digits tell; the difference is far below any resolution
    at = ", ".join(f"{symbol} = {value}" for symbol, value in values.items())
    raise UndefinedCoefficientError(f"{name} could not be evaluated at {at}")
