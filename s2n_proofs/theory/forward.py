r"""The forward process $z_t=\alpha(t)x+\sigma(t)\epsilon$ as an SDE (Theorem 1).

$f$ and $g^2$ are solved for twice, from the moments and from the Fokker-Planck equation; the two meet in an
obligation.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Symbol, cancel, exp, linsolve, sqrt

from ..derivation import Derivation, Obligation, Step
from ..symbols import alpha, lam, sigma, t, x, z

__all__ = [
    "DIFFERENTIABLE", "coefficients", "fokker_planck_coefficients", "gaussian", "marginal", "moment_coefficients",
]  # fmt: skip

DIFFERENTIABLE = "alpha and sigma are differentiable on the open domain"


@lru_cache
def marginal() -> Derivation:
    """Mean and noise coefficient of z_t given x, from z_t = alpha x + sigma eps with E eps = 0, E eps^2 = 1."""
    eps_mean, eps_square = Integer(0), Integer(1)
    mean = alpha(t) * x + sigma(t) * eps_mean
    variance = sigma(t) ** 2 * (eps_square - eps_mean**2)
    return Derivation(
        "law of z_t given x",
        {"mean": mean, "noise": sqrt(variance)},
        (Step("substitute", "take mean and variance of alpha(t) x + sigma(t) eps", variance),),
    )


@lru_cache
def moment_coefficients() -> Derivation:
    """F and g^2 from the ODEs of mean and variance: m' = f m, V' = 2 f V + g^2."""
    f_, g2 = Symbol("f_"), Symbol("g2_")
    mean, variance = alpha(t) * x, sigma(t) ** 2
    equations = [mean.diff(t) - f_ * mean, variance.diff(t) - 2 * f_ * variance - g2]
    ((f_found, g2_found),) = linsolve(equations, [f_, g2])
    f_found, g2_found = cancel(f_found), cancel(g2_found).expand()
    step = Step(
        "solve",
        "solve m' = f m and V' = 2 f V + g^2 for f and g^2; the system is linear with determinant -alpha x",
        g2_found,
        (
            Obligation(mean.diff(t), f_found * mean, "the mean alpha x solves m' = f m"),
            Obligation(variance.diff(t), 2 * f_found * variance + g2_found, "sigma^2 solves V' = 2 f V + g^2"),
        ),
    )
    return Derivation("f and g^2 from the moments", {"f": f_found, "g_squared": g2_found}, (step,))


def gaussian(point: Expr, mean: Expr, variance: Expr) -> Expr:
    """The Gaussian density, without the constant factor (2 pi)^(-1/2) that cancels everywhere."""
    return exp(-((point - mean) ** 2) / (2 * variance)) / sqrt(variance)


@lru_cache
def fokker_planck_coefficients() -> Derivation:
    """F and g^2 from the Fokker-Planck equation of the Gaussian density, coefficient by coefficient in z."""
    f_, g2 = Symbol("f_"), Symbol("g2_")
    density = gaussian(z, alpha(t) * x, sigma(t) ** 2)
    residual = density.diff(t) + (f_ * z * density).diff(z) - g2 / 2 * density.diff(z, 2)
    polynomial = (residual / density).expand()
    coefficients = [polynomial.coeff(z, n) for n in range(3)]
    ((f_found, g2_found),) = linsolve(coefficients, [f_, g2])
    f_found, g2_found = cancel(f_found), cancel(g2_found).expand()
    checks = tuple(
        Obligation(c.subs({f_: f_found, g2: g2_found}), Integer(0), f"coefficient of z^{n} vanishes")
        for n, c in enumerate(coefficients)
    )
    step = Step(
        "solve",
        "insert N(alpha x, sigma^2) into p_t = -(f z p)_z + g^2/2 p_zz and solve the coefficients of 1, z, z^2",
        g2_found,
        checks,
    )
    return Derivation("f and g^2 from Fokker-Planck", {"f": f_found, "g_squared": g2_found}, (step,))


@lru_cache
def coefficients() -> Derivation:
    r"""$f$, $g$ and $g^2$ of the forward SDE, with both routes and the form in lambda."""
    moments, planck = moment_coefficients(), fokker_planck_coefficients()
    f_, g2 = moments.result["f"], moments.result["g_squared"]
    in_lambda = -exp(-lam(t)) * lam(t).diff(t) * alpha(t) ** 2
    meet = Step(
        "substitute",
        "the Fokker-Planck equation gives the same f and g^2",
        None,
        (
            Obligation(planck.result["f"], f_, "both routes give f"),
            Obligation(planck.result["g_squared"], g2, "both routes give g^2"),
        ),
    )
    rewrite = Step(
        "substitute",
        "write g^2 in lambda; it is not negative because lambda' <= 0",
        in_lambda,
        (Obligation(in_lambda, g2, "g^2 = -exp(-lambda) lambda' alpha^2"),),
    )
    return Derivation(
        "coefficients of the forward SDE",
        {"f": f_, "g_squared": g2, "g": sqrt(in_lambda)},
        (*moments.steps, *planck.steps, meet, rewrite, Step("assume", DIFFERENTIABLE)),
    )
