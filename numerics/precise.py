"""Kernels in mpmath: every value enclosed in ball arithmetic until it is known to mpmath's working precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

from flint import arb, fmpq
from mpmath import mp, mpf
from mpmath.libmp import from_man_exp
from sympy import Expr, Rational, Symbol, log

from s2n_proofs.lower.forms import FORMS, alpha_s, alpha_t, h, plain, r, sigma_s, sigma_t, single_formula
from s2n_proofs.lower.reference import Reference
from s2n_proofs.parsing import ParseError, parse_schedule_text
from s2n_proofs.proof.ball import BallError, UndefinedValueError, enclose, working_precision
from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import beta, delta, gamma, rho
from s2n_proofs.symbols import t as time_symbol

from .arguments import KernelError

__all__ = ["PreciseKernels"]

_GUARD = 16  # bits beyond mpmath's own
_MOST_BITS = 1 << 14

Triple = tuple[mpf, mpf, mpf]


class PreciseKernels:
    """The formulas of one schedule at single times, as mpmath numbers; what ``compile_kernels(backend="mpmath")`` gives.

    The names and arguments are those of :class:`numerics.Kernels`.  Times and parameters are exact numbers: mpf,
    float, int, Fraction, or a SymPy rational.

    Parameters
    ----------
    schedule : Schedule

    Examples
    --------
    >>> from mpmath import mp
    >>> from s2n_proofs import catalogue
    >>> with mp.workdps(30):
    ...     print(PreciseKernels(catalogue["vp"]).transition_variance(0.5, 0.75))
    0.956473050326737984427334981623
    """

    backend = "mpmath"

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._reference = Reference(schedule.alpha, schedule.sigma)
        self._formulas: dict[str, Expr] = {}

    def alpha(self, t: Any) -> mpf:
        r"""$\alpha(t)$."""
        return self._of_time("alpha", t)

    def sigma(self, t: Any) -> mpf:
        r"""$\sigma(t)$."""
        return self._of_time("sigma", t)

    def log_snr(self, t: Any) -> mpf:
        r"""$\lambda(t)$."""
        return self._of_time("log_snr", t)

    def f(self, t: Any) -> mpf:
        """The drift's coefficient (Theorem 1)."""
        return self._of_time("f", t)

    def g_squared(self, t: Any) -> mpf:
        r"""$g^2(t)$ (Theorem 1)."""
        return self._of_time("g_squared", t)

    def transition_factor(self, s: Any, t: Any) -> mpf:
        r"""$\alpha(t)/\alpha(s)$."""
        return self._forms(s, t, {}, "transition_factor")[0]

    def transition_variance(self, s: Any, t: Any) -> mpf:
        r"""The variance of $q(z_t\mid z_s)$."""
        return self._forms(s, t, {}, "transition_variance")[0]

    def step(self, s: Any, t: Any, gamma: Any = 0, delta: Any = 0, rho: Any = 0) -> Triple:
        """Corollary 1's coefficients of the state, the network and the noise."""
        given = {name: self._parameter(name, x, t) for name, x in (("gamma", gamma), ("delta", delta), ("rho", rho))}
        return self._triple("step_limit" if given["gamma"] == -1 else "step", s, t, given)

    def ancestral_step(self, s: Any, t: Any) -> Triple:
        """The posterior's step."""
        return self._triple("ancestral_step", s, t, {})

    def nonmarkov_step(self, s: Any, t: Any, beta: Any = 0) -> Triple:
        r"""The non-Markovian step with noise $\beta\le\sigma(s)$."""
        noise = self._parameter("beta", beta, t)
        largest = self._of_time("sigma", s)
        if bool(noise > _exact("sigma", largest) * (1 + Rational(2) ** (1 - mp.prec))):
            raise KernelError("beta must be at most sigma(s): the variance sigma(s)**2 - beta**2 would be negative")
        return self._triple("nonmarkov_step", s, t, {"beta": noise})

    def report(self, quantity: str | None = None) -> str:
        """How the values are computed: there is one way, the formulas as derived.

        Parameters
        ----------
        quantity : str, optional
            Makes no difference.
        """
        return (
            f"{self.schedule.name or self.schedule}: every quantity by its formula in ball arithmetic, at rising precision "
            f"until it is known to mpmath's {mp.prec} bits"
        )

    # --- how --------------------------------------------------------------------------------------

    def _of_time(self, quantity: str, given: Any) -> mpf:
        time = self._time("t", given)
        if quantity not in self._formulas:
            self._formulas[quantity] = self._reference.formula(single_formula(quantity))
        formula = self._formulas[quantity]
        return _settled(lambda: enclose(formula, {time_symbol: _ball(time)}), f"{quantity} at t = {given}")

    def _triple(self, name: str, s: Any, t: Any, parameters: Mapping[str, Expr]) -> Triple:
        first, second, third = self._forms(
            s, t, parameters, *(f"{name}.{part}" for part in ("a_z", "a_eps", "a_noise"))
        )
        return first, second, third

    def _forms(self, s: Any, t: Any, parameters: Mapping[str, Expr], *names: str) -> list[mpf]:
        first, last = self._time("s", s), self._time("t", t)
        if not first < last:
            raise KernelError(f"s must be before t: a step goes from t to s < t; got s = {s}, t = {t}")
        numbers = {_PARAMETERS[name]: value for name, value in parameters.items()}
        values = []
        for name in names:
            form = FORMS[name]
            # h = -log(r) is infinite where sigma(s) is 0, its exponential is not.
            if name != "step_limit.a_eps":
                form = plain(form.subs(h, -log(r)))
            form = form.subs(numbers)
            values.append(_settled(partial(self._enclosed, form, first, last), f"{name} at s = {s}, t = {t}"))
        return values

    def _enclosed(self, form: Expr, first: Expr, last: Expr) -> arb:
        at: dict[Symbol, arb] = {}
        for time, names in ((first, (alpha_s, sigma_s)), (last, (alpha_t, sigma_t))):
            for name, function in zip(names, (self.schedule.alpha, self.schedule.sigma), strict=True):
                at[name] = enclose(function, {time_symbol: _ball(time)})
        if form.has(r, h):
            at[r] = at[sigma_s] * at[alpha_t] / (at[sigma_t] * at[alpha_s])
        if form.has(h):
            at[h] = -at[r].log()
        return enclose(form, at)

    def _time(self, name: str, given: Any) -> Expr:
        value = _exact(name, given)
        start, end = self.schedule.domain
        if not start <= value <= end:
            raise KernelError(f"{name} = {given} lies outside the domain [{start}, {end}] of the schedule")
        return value

    def _parameter(self, name: str, given: Any, start: Any) -> Expr:
        if isinstance(given, str):
            try:
                given = parse_schedule_text(given)
            except ParseError as error:
                raise KernelError(f"{name}: {error}") from None
        if isinstance(given, Expr) and not given.is_Rational:
            if given.free_symbols - {time_symbol}:
                raise KernelError(f"{name} may depend on t alone, got {given}")
            value = given.subs(time_symbol, self._time("t", start))
        else:
            value = _exact(name, given)
        if name in ("delta", "beta") and value.is_negative:
            raise KernelError(f"{name} must not be negative")
        return value


_PARAMETERS = {"gamma": gamma, "delta": delta, "rho": rho, "beta": beta}


def _ball(value: Expr) -> arb:
    return arb(fmpq(int(value.p), int(value.q)))


def _exact(name: str, given: Any) -> Expr:
    """The exact rational that a number is."""
    if isinstance(given, Expr) and given.is_Rational:
        return given
    if isinstance(given, mpf):
        if not mp.isfinite(given):
            raise KernelError(f"{name} is not a finite number")
        sign, mantissa, exponent, _ = given._mpf_
        return Rational((-1) ** sign * int(mantissa)) * Rational(2) ** exponent
    try:
        fraction = Fraction(given)
    except (TypeError, ValueError, OverflowError):
        raise KernelError(f"{name} must be a finite number, not {given!r:.40} ({type(given).__name__})") from None
    return Rational(fraction.numerator, fraction.denominator)


def _settled(value: Callable[[], arb], what: str) -> mpf:
    """The value to mpmath's precision, whatever it takes."""
    bits = mp.prec + 64
    while bits <= _MOST_BITS:
        with working_precision(bits):
            try:
                ball = value()
            except (UndefinedValueError, BallError, ZeroDivisionError):
                raise KernelError(f"{what} has no finite value: alpha or sigma is 0 there") from None
            if ball.is_exact() or (ball.is_finite() and ball.rad() < arb(2) ** -(mp.prec + _GUARD) * abs(ball.mid())):
                mantissa, exponent = ball.mid().man_exp()
                return mp.make_mpf(from_man_exp(int(mantissa), int(exponent), mp.prec, "n"))
        bits *= 2
    raise KernelError(
        f"{what} could not be settled with {_MOST_BITS} bits; it may be exactly 0, or have no limit there"
    )
