"""60-digit values of claims at random points of random schedules, by SymPy's evalf alone.

Nothing of ``s2n_proofs.proof`` is used: what a changed statement is worth is decided here, not by the judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from sympy import Expr, Function, Integer, Rational, Symbol, exp, log, sqrt

from s2n_proofs.symbols import (
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
from s2n_proofs.theory.snr_space import alpha_1, alpha_2

DIGITS = 60


def random_fraction(random: Random, low: int = 1, high: int = 30) -> Rational:
    return Rational(random.randint(low, high), random.randint(7, 23))


class RandomWorld:
    """A random valid schedule, random models of all unknown functions, and a random point of the domain."""

    def __init__(self, random: Random) -> None:
        self.random = random
        c = [random_fraction(random) for _ in range(12)]
        u = Symbol("u_", real=True)
        # lambda decreasing by construction; alpha free and positive; sigma = alpha exp(-lambda/2).
        log_ratio = c[0] - c[1] * u - c[2] * u**2
        signal = exp(-c[3] * u / 5) / (1 + c[4] * u**2) + c[5] / 50
        noise = signal * exp(-log_ratio / 2)
        total = signal**2 * c[6] + noise**2
        mean = signal * c[7]
        ell = log_snr_value
        tilde = (1 + c[8] * exp(ell / 3)) / (1 + exp(ell / 4))
        gain = exp(ell) * c[6] / (1 + exp(ell) * c[6])
        w = Symbol("w_", real=True)
        self.models: dict[object, tuple[tuple[Symbol, ...], Expr]] = {
            alpha: ((u,), signal),
            sigma: ((u,), noise),
            lam: ((u,), log_ratio),
            snr: ((u,), exp(log_ratio)),
            f: ((u,), log(signal).diff(u)),
            g: ((u,), signal * sqrt(-exp(-log_ratio) * log_ratio.diff(u))),
            Function("g2", positive=True): ((u,), 1 + c[9] * u**2),
            Function("F", real=True): ((u,), -c[10] * u - u**3),
            Function("G", real=True): ((u,), c[10] * u + u**3 / 7),
            Function("e", real=True): ((u,), 1 + c[9] * u + u**2),
            Function("h", positive=True): ((w, u), exp(-((w - c[9] * u) ** 2))),
            b: ((u,), -c[11] * u - u**3),
            eps_net: ((w, u), noise * (w - mean) / total + w**3 / 9),
            density: ((w, u), exp(-(w**2) * (1 + c[6] * u) / 2) * (1 + w**2)),
            alpha_tilde: ((ell,), tilde),
            sigma_tilde: ((ell,), tilde * exp(-ell / 2)),
            mmse_point: ((x, ell), (1 - gain) ** 2 * x**2 + gain**2 * exp(-ell)),
            mmse: ((ell,), (1 - gain) ** 2 * c[6] + gain**2 * exp(-ell)),
            alpha_1: ((u,), signal),
            alpha_2: ((u,), 1 + c[8] * u),
        }
        times = sorted(random.sample(range(1, 900), 3))
        self.point: dict[Symbol, Expr] = dict(zip((s, tau, t), (Rational(k, 1000) for k in times), strict=True))
        self.point |= {
            t_0: Integer(0), Delta: Rational(random.randint(1, 99), 1000), delta: random_fraction(random),
            gamma: random_fraction(random), kappa: random_fraction(random), D: Integer(random.randint(2, 7)),
            log_snr_value: random_fraction(random), x: random_fraction(random), z: random_fraction(random),
        }  # fmt: skip
        self.point[beta] = Rational(
            str((self._fill(sigma(s)).subs(self.point) * Rational(random.randint(10, 90), 100)).evalf(20))
        )

    def _fill(self, expr: Expr) -> Expr:
        for function, (arguments, body) in self.models.items():

            def model(*given: Expr, body: Expr = body, arguments: tuple[Symbol, ...] = arguments) -> Expr:
                return body.subs(dict(zip(arguments, given, strict=True)), simultaneous=True)

            expr = expr.replace(function, model)
        return expr.doit()

    def value(self, expr: Expr, values: Mapping[Symbol, Expr]) -> Expr:
        """The value of `expr` to 60 digits; a complex or infinite one is returned as it is."""
        filled = self._fill(expr)
        point = {**self.point, **values}
        for symbol in sorted(filled.free_symbols - set(point), key=str):
            point[symbol] = self.point[symbol] = random_fraction(self.random)
        return filled.subs(point).evalf(DIGITS)


def worlds(count: int, seed: int) -> Iterator[RandomWorld]:
    random = Random(seed)
    for _ in range(count):
        yield RandomWorld(random)


def same(left: Expr, right: Expr) -> bool:
    """Whether two 60-digit values agree, with 20 digits left for cancellation inside the formulas."""
    gap = abs(left - right)
    return bool(gap.is_finite) and bool(gap <= Rational(1, 10**40) * (1 + abs(right)))
