r"""Theorem 6 for a generic prior: Tweedie's formula and the I-MMSE identities in signal-to-noise space.

For $z=\alpha x+\sigma\epsilon$ with $\alpha,\sigma$ functions of a parameter $u$, write $q=q(z\mid x)$ and $p$ for
the law of $z$ under
the prior.  Both obey the same Fokker-Planck equation in $u$, so
$\partial_u[q\log(q/p)]=-\nabla\cdot J-\tfrac{G^2}2\,q\,\lVert\nabla\log q-\nabla\log p\rVert^2$ for a flux $J$ that
is solved for below; the divergence
integrates to zero and the rest is a multiple of the mean squared error.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sympy import Derivative, Dummy, Expr, Function, Integer, Symbol, cancel, exp, linsolve, log, sqrt
from sympy.core.function import AppliedUndef

from ..derivation import Derivation, Obligation, Step
from ..symbols import alpha, alpha_tilde, density, log_snr_value, mmse, mmse_point, sigma, t, x, z
from .forward import gaussian, moment_coefficients

__all__ = [
    "kl_rate", "kl_rate_in_parameter", "mmse_optimal", "mutual_information_rate", "pointwise_functional", "tweedie",
]  # fmt: skip

EXCHANGE = "differentiation in z and in the parameter may be exchanged with the integral over the prior"
DECAY = "the flux vanishes at infinity, so its divergence integrates to zero"
SECOND_MOMENT = "the prior has a second moment"


@lru_cache
def tweedie() -> Derivation:
    r"""$E[x\mid z]=(z+\sigma^2\nabla\log p)/\alpha$ for a generic prior."""
    mean = Symbol("m_")  # E[x | z]
    kernel = gaussian(z, alpha(t) * x, sigma(t) ** 2)
    log_slope = cancel((kernel.diff(z) / kernel).expand())
    # Average q' = log_slope q over the prior and divide by p: x, which enters linearly, becomes E[x|z].
    score = log(density(z, t)).diff(z)
    averaged = log_slope.subs(x, mean)
    ((found,),) = linsolve([averaged - score], [mean])
    steps = (
        Step(
            "substitute",
            "d/dz log q(z|x) is affine in x",
            log_slope,
            (
                Obligation(kernel.diff(z), log_slope * kernel, "d/dz of the Gaussian kernel"),
                Obligation(log_slope.diff(x, 2), Integer(0), "affine in x"),
            ),
        ),
        Step("assume", EXCHANGE),
        Step(
            "solve",
            "average over the posterior: grad log p = (alpha E[x|z] - z)/sigma^2; solve for E[x|z]",
            found,
            (Obligation(averaged.subs(mean, found), score, "the posterior mean reproduces the score"),),
        ),
    )
    return Derivation("Tweedie's formula", {"posterior mean": found}, steps)


@lru_cache
def mmse_optimal() -> Derivation:
    """The minimiser of ``E[|x - h|^2 | z]`` over h, for any posterior with first and second moments m1, m2."""
    h, m1, m2 = (Symbol(name, real=True) for name in ("h_", "m_1", "m_2"))
    error = m2 - 2 * h * m1 + h**2
    ((found,),) = linsolve([error.diff(h)], [h])
    step = Step(
        "solve",
        "given z the error is m2 - 2 h m1 + h^2, convex in h; its derivative vanishes at h = E[x|z]",
        found,
        (
            Obligation(error, (h - found) ** 2 + error.subs(h, found), "completing the square"),
            Obligation(error.diff(h, 2), Integer(2), "the second derivative is positive"),
        ),
    )
    return Derivation("the best denoiser", {"argmin": found}, (step, Step("assume", SECOND_MOMENT)))


def _balance(count: int, weights: Sequence[Expr]) -> tuple[Expr, Expr]:
    """In D = `count`: d/dt [q log(q/p)], and -div J + weight g^2 q |grad log(q/p)|^2 for the ansatz of J with `weights`."""
    coordinates = (z,) if count == 1 else tuple(Symbol(f"z_{i + 1}", real=True) for i in range(count))
    drift, g2 = Function("f", real=True)(t), Function("g2", positive=True)(t)
    q = Function("q", positive=True)(*coordinates, t)
    p = density(*coordinates, t)

    def rate(w: Expr) -> Expr:
        return sum((-(drift * c * w).diff(c) + g2 / 2 * w.diff(c, 2) for c in coordinates), Integer(0))

    ratio = log(q) - log(p)
    # d/dt [q log(q/p)] by the product rule, with both rates from the Fokker-Planck equation.
    change = rate(q) * (ratio + 1) - q / p * rate(p)
    gap = sum(((log(q).diff(c) - log(p).diff(c)) ** 2 for c in coordinates), Integer(0))

    def flux(c: Symbol) -> Expr:
        parts = (drift * c * q * ratio, g2 * q.diff(c) * ratio, g2 * q.diff(c), g2 * q * p.diff(c) / p)
        return sum((w * part for w, part in zip(weights, parts, strict=False)), Integer(0))

    divergence = sum((flux(c).diff(c) for c in coordinates), Integer(0))
    return change, -divergence + weights[4] * g2 * q * gap


def _match(difference: Expr, weights: Sequence[Symbol]) -> tuple[Expr, ...]:
    """The weights that make an expression vanish identically, by comparing coefficients of independent jets."""
    flat = difference.doit()
    for kind in (Derivative, AppliedUndef, log):
        flat = flat.xreplace({node: Dummy() for node in flat.atoms(kind)})
    numerator = cancel(flat.expand()).as_numer_denom()[0]
    jets = sorted(numerator.free_symbols - set(weights), key=str)
    ((*solution,),) = linsolve(numerator.as_poly(*jets).coeffs(), list(weights))
    return tuple(solution)


@lru_cache
def kl_rate_in_parameter() -> Derivation:
    r"""$\frac{d}{dt}D_{KL}(p(z_t\mid x)\Vert p(z_t))=c\,\mathrm{mmse}(x)$ for any parametrisation: solve for $c$."""
    unknown = [Symbol(f"a_{i}") for i in range(5)]
    change, ansatz = _balance(1, unknown)
    found = _match(change - ansatz, unknown)
    weight = found[4]
    # The weights solved for in one dimension are certified in one, two and three.
    obligations = tuple(
        Obligation(*_balance(count, found), f"d/dt [q log(q/p)] = -div J + weight g^2 q |grad log q/p|^2, D = {count}")
        for count in (1, 2, 3)
    )
    kernel = gaussian(z, alpha(t) * x, sigma(t) ** 2)
    estimate = tweedie().result["posterior mean"]
    gap = log(kernel).diff(z) - log(density(z, t)).diff(z)
    in_error = alpha(t) / sigma(t) ** 2 * (x - estimate)
    coefficient = cancel(weight * moment_coefficients().result["g_squared"] * alpha(t) ** 2 / sigma(t) ** 4)
    v = Symbol("v", positive=True)
    steps = (
        *moment_coefficients().steps,
        *tweedie().steps,
        Step(
            "flux",
            "with dq/dt and dp/dt from the same Fokker-Planck equation, solve for a flux J and a weight such that "
            "d/dt [q log(q/p)] = -div J + weight g^2 q |grad log q - grad log p|^2",
            weight,
            obligations,
        ),
        Step("assume", DECAY),
        Step("assume", EXCHANGE),
        Step(
            "substitute",
            "by Tweedie's formula the gap of the scores is (alpha/sigma^2) times the error of the best denoiser",
            coefficient,
            (
                Obligation(gap, in_error, "grad log q - grad log p = alpha (x - E[x|z]) / sigma^2"),
                Obligation(
                    gaussian_kl(v).diff(t),
                    coefficient * gaussian_mmse(v),
                    "second route: the closed form for a Gaussian prior of variance v",
                ),
            ),
        ),
    )
    return Derivation("rate of the divergence in any parameter", {"D term": Integer(0), "mmse": coefficient}, steps)


def gaussian_kl(v: Expr) -> Expr:
    """KL of N(alpha x, sigma^2) from N(0, alpha^2 v + sigma^2), the prior being N(0, v)."""
    total = alpha(t) ** 2 * v + sigma(t) ** 2
    return (log(total) - log(sigma(t) ** 2) + (sigma(t) ** 2 + alpha(t) ** 2 * x**2) / total - 1) / 2


def gaussian_mmse(v: Expr) -> Expr:
    """E[(x - E[x|z])^2 | x] for the prior N(0, v): squared bias plus variance of the linear estimate."""
    gain = alpha(t) * v / (alpha(t) ** 2 * v + sigma(t) ** 2)
    return (1 - gain * alpha(t)) ** 2 * x**2 + gain**2 * sigma(t) ** 2


@lru_cache
def kl_rate() -> Derivation:
    r"""Theorem 6 (i): the parameter is the log-SNR $\ell$ itself, so $\tilde\sigma=\tilde\alpha e^{-\ell/2}$."""
    ell = log_snr_value
    general = kl_rate_in_parameter()
    noise = alpha_tilde(ell) * exp(-ell / 2)
    moved = to_log_snr(general.result["mmse"], noise)
    coefficient = exp(ell) / 2
    heat = Symbol("r", positive=True)  # noise variance of z/alpha = x + sqrt(r) eps, r = exp(-ell)
    # Second route: in r the law of z/alpha obeys the heat equation; KL does not change under scaling.
    in_heat = -1 / (2 * heat**2)
    by_chain_rule = (in_heat * (-heat)).subs(heat, exp(-ell))
    step = Step(
        "substitute",
        "take the log-SNR as the parameter: sigma = alpha exp(-ell/2)",
        coefficient,
        (
            Obligation(moved, coefficient, "the coefficient of the error is exp(ell)/2"),
            Obligation(by_chain_rule, coefficient, "second route: the heat equation for z/alpha"),
        ),
    )
    return Derivation(
        "rate of the divergence in the log-SNR",
        {"D term": Integer(0), "mmse": coefficient},
        (*general.steps, step),
    )


def to_log_snr(expr: Expr, noise: Expr) -> Expr:
    """An expression in alpha(t), sigma(t) with ell in place of t and `noise` in place of sigma."""
    ell = log_snr_value
    moved = expr.subs(t, ell).replace(alpha, alpha_tilde)
    return moved.replace(sigma, lambda point: noise.subs(ell, point)).doit()


@lru_cache
def mutual_information_rate() -> Derivation:
    """Theorem 6 (ii): the average of (i) over the prior."""
    pointwise = kl_rate()
    steps = (
        Step("substitute", "I(x; z) is the average over x of the divergence, mmse that of mmse(x)", None),
        Step("assume", "the derivative may be exchanged with the average over the prior"),
    )
    return Derivation("rate of the mutual information", dict(pointwise.result), (*pointwise.steps, *steps))


@lru_cache
def pointwise_functional() -> Derivation:
    """The error that enters the point-wise identity at x: the average over q(z|x), not over the prior."""
    ell = log_snr_value
    value = kl_rate().result["mmse"] * mmse_point(x, ell)
    return Derivation("the point-wise identity at x", {"rate at x": value}, kl_rate().steps)


def averaged_functional() -> Expr:
    """The same right-hand side with the error averaged over the prior, too."""
    return kl_rate().result["mmse"] * mmse(log_snr_value)


@lru_cache
def free_channel() -> Derivation:
    """Rate of the divergence for the channel z = sqrt(u) x + eps in its free parameter u."""
    u = log_snr_value
    general = kl_rate_in_parameter()
    coefficient = general.result["mmse"].subs(t, u).replace(alpha, sqrt)
    coefficient = coefficient.replace(sigma, lambda _: Integer(1)).doit()
    step = Step("substitute", "choose alpha = sqrt(u), sigma = 1 in the rate for any parameter", coefficient)
    return Derivation("the channel of Kong et al.", {"D term": Integer(0), "mmse": coefficient}, (*general.steps, step))
