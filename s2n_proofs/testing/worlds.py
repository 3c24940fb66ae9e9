r"""60-digit values of formulas at random points of random schedules: the referee of mutants.

Nothing of ``s2n_proofs.proof`` is used: what a changed formula is worth must not be decided by the judge that is on
trial.  A world is a random valid schedule of :mod:`s2n_proofs.testing.drawing`, a model of every other unknown function
of the vocabulary, and a point; expressions are evaluated by mpmath, node by node.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from functools import cached_property
from random import Random
from typing import Any

from mpmath.ctx_mp import MPContext
from sympy import Expr, Function, Integer, Piecewise, Rational, Symbol, exp, log, sqrt
from sympy.core.function import AppliedUndef, Derivative, Subs

from ..schedule import Schedule
from ..symbols import (
    D,
    Delta,
    alpha,
    alpha_tilde,
    b,
    beta,
    delta,
    density,
    eps_net,
    f,
    g,
    gamma,
    kappa,
    lam,
    log_snr_value,
    mmse,
    mmse_point,
    s,
    sigma,
    sigma_tilde,
    snr,
    t,
    t_0,
    tau,
    x,
    z,
)  # fmt: skip
from ..theory.snr_space import alpha_1, alpha_2
from .drawing import Kinds, random_schedules

__all__ = ["DIGITS", "World", "mp", "same", "worlds"]

DIGITS = 60
mp: Any = MPContext()  # a context of our own, so that nobody's precision is touched
mp.dps = DIGITS

_KINDS = Kinds(shapes=("smooth",), unit_domain=True)
Models = Mapping[Any, tuple[tuple[Symbol, ...], Expr]]


class World:
    """A choice of every unknown function and of every symbol, and the values of expressions in it.

    Parameters
    ----------
    schedule : Schedule
        On the domain (0, 1).
    random : random.Random
        Draws the other functions and the point.

    Examples
    --------
    >>> from s2n_proofs.named_schedules import catalogue
    >>> world = World(catalogue["fm-ot"], Random(0))
    >>> bool(world.value(exp(lam(t)) - snr(t)) < 1e-50)
    True
    """

    def __init__(self, schedule: Schedule, random: Random) -> None:
        self.schedule = schedule
        self.random = random
        self._numbers = [_fraction(random) for _ in range(12)]
        self._memo: dict[Expr, Any] = {}
        self._derivatives: dict[tuple[Any, tuple[int, ...]], Expr] = {}
        self.point = self._point()

    @cached_property
    def models(self) -> Models:
        """Every unknown function: its arguments and its expression in them."""
        return _models(self.schedule, self._numbers)

    def _point(self) -> dict[Symbol, Any]:
        random = self.random
        times = sorted(random.sample(range(1, 900), 3))
        exact: dict[Symbol, Expr] = dict(zip((s, tau, t), (Rational(k, 1000) for k in times), strict=True))
        exact |= {t_0: Integer(0), Delta: Rational(random.randint(1, 99), 1000), D: Integer(random.randint(2, 7))}
        for symbol in (delta, gamma, kappa, log_snr_value, x, z):
            exact[symbol] = _fraction(random)
        point = {symbol: _number(value) for symbol, value in exact.items()}
        level = self._evaluate(self.schedule.sigma, {t: point[s]})
        point[beta] = level * random.randint(10, 90) / 100
        return point

    complex = mp.mpc

    def value(self, expr: Expr, values: Mapping[Symbol, Expr] | None = None) -> Any:
        """The value to 60 digits: real, complex, or None where there is none.

        Parameters
        ----------
        expr : sympy.Expr
            In the vocabulary; further symbols get a random value that stays.
        values : mapping, optional
            Values that replace the point's.
        """
        bound = dict(self.point)
        for symbol, given in (values or {}).items():
            bound[symbol] = self._evaluate(given, self.point)
        for symbol in sorted(expr.free_symbols - set(bound), key=str):
            bound[symbol] = self.point[symbol] = _number(_fraction(self.random))
        memo = {} if values else self._memo
        try:
            found = self._evaluate(expr, bound, memo)
        except (ZeroDivisionError, ValueError, OverflowError):
            return None
        return found if mp.isfinite(found) else None

    def _evaluate(self, expr: Expr, bound: Mapping[Symbol, Any], memo: dict[Expr, Any] | None = None) -> Any:
        memo = {} if memo is None else memo
        if expr not in memo:
            memo[expr] = self._compute(expr, bound, memo)
        return memo[expr]

    def _compute(self, expr: Expr, bound: Mapping[Symbol, Any], memo: dict[Expr, Any]) -> Any:
        if expr.is_Symbol:
            return bound[expr]
        if expr.is_number and not expr.args:
            return _number(expr)
        if isinstance(expr, Derivative | Subs):
            return self._derivative(expr, bound, memo)
        if isinstance(expr, AppliedUndef):
            arguments = tuple(self._evaluate(a, bound, memo) for a in expr.args)
            return self._unknown(expr.func, (0,) * len(arguments), arguments)
        if isinstance(expr, Piecewise):
            return self._evaluate(self._branch(expr, bound, memo), bound, memo)
        parts = [self._evaluate(a, bound, memo) for a in expr.args]
        if expr.is_Add:
            return mp.fsum(parts)
        if expr.is_Mul:
            return mp.fprod(parts)
        if expr.is_Pow:
            return parts[0] ** (int(expr.exp) if expr.exp.is_Integer else parts[1])
        name = type(expr).__name__
        return _OTHERS[name](*parts) if name in _OTHERS else getattr(mp, name)(*parts)

    def _branch(self, expr: Piecewise, bound: Mapping[Symbol, Any], memo: dict[Expr, Any]) -> Expr:
        for value, condition in expr.args:
            if condition == True:  # noqa: E712  (SymPy's own truth)
                return value
            left, right = (self._evaluate(side, bound, memo) for side in condition.args)
            if _ORDERS[condition.rel_op](left, right):
                return value
        raise ValueError(f"no branch of {expr} applies")

    def _derivative(self, expr: Expr, bound: Mapping[Symbol, Any], memo: dict[Expr, Any]) -> Any:
        inner = expr.expr if isinstance(expr, Subs) else expr
        at = dict(zip(expr.variables, expr.point, strict=True)) if isinstance(expr, Subs) else {}
        if not (isinstance(inner, Derivative) and isinstance(inner.expr, AppliedUndef)):
            return self._evaluate(_done(expr), bound, memo)
        function, given = inner.expr.func, inner.expr.args
        orders = tuple(sum(int(n) for v, n in inner.variable_count if v == a) for a in given)
        if sum(orders) != sum(int(n) for _, n in inner.variable_count):
            return self._evaluate(_done(expr), bound, memo)
        arguments = tuple(self._evaluate(a.xreplace(at), bound, memo) for a in given)
        return self._unknown(function, orders, arguments)

    def _unknown(self, function: Any, orders: tuple[int, ...], arguments: tuple[Any, ...]) -> Any:
        formal, body = self.models[function]
        key = (function, orders)
        if key not in self._derivatives:
            for argument, order in zip(formal, orders, strict=True):
                if order:
                    body = body.diff(argument, order)
            self._derivatives[key] = body
        return self._evaluate(self._derivatives[key], dict(zip(formal, arguments, strict=True)))


_OTHERS: dict[str, Any] = {"Abs": abs, "Max": max, "Min": min, "Heaviside": lambda x, *_: mp.mpf(x > 0)}
_ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def _done(expr: Expr) -> Expr:
    carried_out = expr.doit()
    if carried_out == expr:
        raise ValueError(f"no value for {expr}")
    return carried_out


def _number(value: Expr) -> Any:
    if value.is_Rational:
        return mp.mpf(int(value.p)) / int(value.q)
    return mp.mpf(str(value.evalf(DIGITS + 10))) if value.is_real else mp.mpc(0, 1)


def _fraction(random: Random) -> Rational:
    return Rational(random.randint(1, 30), random.randint(7, 23))


def _models(schedule: Schedule, c: list[Rational]) -> dict[Any, tuple[tuple[Symbol, ...], Expr]]:
    u, w, ell = Symbol("u_", real=True), Symbol("w_", real=True), log_snr_value
    signal, noise = (part.xreplace({t: u}) for part in (schedule.alpha, schedule.sigma))
    log_ratio = 2 * log(signal) - 2 * log(noise)
    total, mean = signal**2 * c[6] + noise**2, signal * c[7]
    tilde = (1 + c[8] * exp(ell / 3)) / (1 + exp(ell / 4))
    gain = exp(ell) * c[6] / (1 + exp(ell) * c[6])
    error = (1 - gain) ** 2
    return {
        alpha: ((u,), signal),
        sigma: ((u,), noise),
        lam: ((u,), log_ratio),
        snr: ((u,), signal**2 / noise**2),
        f: ((u,), signal.diff(u) / signal),
        g: ((u,), sqrt(2 * noise * noise.diff(u) - 2 * noise**2 * signal.diff(u) / signal)),
        Function("g2", positive=True): ((u,), 1 + c[9] * u**2),
        Function("F", real=True): ((u,), -c[10] * u - u**3),
        Function("G", real=True): ((u,), c[10] * u + u**3 / 7),
        Function("e", real=True): ((u,), 1 + c[9] * u + u**2),
        Function("h", positive=True): ((w, u), exp(-((w - c[9] * u) ** 2))),
        b: ((u,), -c[11] * u - u**3),
        eps_net: ((w, u), noise * (w - mean) / total + w**3 / 9),
        density: ((w, u), exp(-(w**2) * (1 + c[6] * u) / 2) * (2 + w + w**2)),
        alpha_tilde: ((ell,), tilde),
        sigma_tilde: ((ell,), tilde * exp(-ell / 2)),
        mmse_point: ((x, ell), error * x**2 + gain**2 * exp(-ell)),
        mmse: ((ell,), error * c[6] + gain**2 * exp(-ell)),
        alpha_1: ((u,), signal),
        alpha_2: ((u,), 1 + c[8] * u),
    }


def worlds(count: int, seed: int) -> list[World]:
    """Make worlds over random schedules; they depend on the seed alone."""
    schedules = random_schedules(count, seed, _KINDS)
    return [World(schedule, Random(f"world {seed}/{k}")) for k, schedule in enumerate(schedules)]


def same(left: Any, right: Any) -> bool:
    """Whether two 60-digit values agree, with 20 digits left for cancellation inside the formulas."""
    if left is None or right is None:
        return False
    return bool(abs(left - right) <= mp.mpf(10) ** (20 - DIGITS) * (1 + abs(right)))
