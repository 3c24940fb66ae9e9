r"""The reverse-time family of Theorem 2: its marginals, its path law, and the network's parametrisation.

$dw$ in a backward SDE is a reverse-time Brownian motion, so a density $p$ carried backward by
$dz=a\,dt+\varrho\,dw$ obeys $\partial_tp=-\nabla\cdot(a\,p)-\tfrac{\varrho^2}2\Delta p$.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from sympy import Expr, Function, Integer, Symbol, cancel, linsolve, log

from ..derivation import Derivation, Obligation, Step
from ..symbols import alpha, density, f, g, rho, s, sigma, t, z
from .forward import coefficients, gaussian
from .information import tweedie
from .transition import transition

__all__ = [
    "components", "epsilon_form", "forward_rate", "path_law", "reverse_family", "reverse_rate", "score_of_network",
]  # fmt: skip

SMOOTH_DENSITY = "the density of z_t is positive and twice differentiable, and decays at infinity"
FP_DETERMINES = "the Fokker-Planck equation with its start has one solution, which is the law"


def components(count: int) -> tuple[Symbol, ...]:
    """The coordinates z_1, ..., z_D (just z for one)."""
    return (z,) if count == 1 else tuple(Symbol(f"z_{i + 1}", real=True) for i in range(count))


def forward_rate(p: Expr, coordinates: tuple[Symbol, ...], f_: Expr, g2: Expr) -> Expr:
    """dp/dt of the forward SDE: -div(f z p) + g^2/2 Laplacian p."""
    return sum(
        (-(f_ * c * p).diff(c) + g2 / 2 * p.diff(c, 2) for c in coordinates),
        start=Integer(0),
    )


def reverse_rate(p: Expr, coordinates: tuple[Symbol, ...], drift: Callable[[Symbol], Expr], noise: Expr) -> Expr:
    """dp/dt implied by a backward SDE with the given drift (by coordinate) and noise coefficient."""
    return sum(
        (-(drift(c) * p).diff(c) - noise**2 / 2 * p.diff(c, 2) for c in coordinates),
        start=Integer(0),
    )


@lru_cache
def reverse_family() -> Derivation:
    r"""Solve for $c$ in the drift $fz+c\,g^2\nabla\log p$ of a backward SDE with noise $\rho g$."""
    c = Symbol("c_")
    found: list[Expr] = []
    obligations = []
    rho_of_t = Function("rho_t", real=True)(t)
    for count, strength in ((1, rho), (2, rho), (3, rho), (1, rho_of_t), (2, rho_of_t)):
        where = components(count)
        p = density(*where, t)

        def drift(weight: Expr, p: Expr = p) -> Callable[[Symbol], Expr]:
            return lambda i: f(t) * i + weight * g(t) ** 2 * log(p).diff(i)

        forward = forward_rate(p, where, f(t), g(t) ** 2)
        backward = reverse_rate(p, where, drift(c), strength * g(t))
        ((value,),) = linsolve([cancel(((forward - backward) / g(t) ** 2).expand())], [c])
        value = cancel(value)
        found.append(value)
        label = f"D = {count}, rho {'constant' if strength is rho else 'a function of t'}"
        solved = reverse_rate(p, where, drift(value), strength * g(t))
        obligations.append(Obligation(solved, forward, f"same dp/dt, {label}"))
        obligations.append(Obligation(value, -(1 + strength**2) / 2, f"the coefficient is the same number, {label}"))
    step = Step(
        "solve",
        "equate dp/dt of the backward SDE with drift f z + c g^2 grad log p and noise rho g to the forward one; solve for c",
        found[0],
        tuple(obligations),
    )
    return Derivation(
        "the reverse family",
        {"drift z": f(t), "drift score": found[0] * g(t) ** 2, "diffusion": rho * g(t)},
        (step, Step("assume", SMOOTH_DENSITY), Step("assume", FP_DETERMINES)),
    )


@lru_cache
def forward_law(count: int = 1) -> Derivation:
    """dp/dt of the forward process for a generic density."""
    where = components(count)
    rate = forward_rate(density(*where, t), where, f(t), g(t) ** 2)
    step = Step("substitute", "the Fokker-Planck equation of dz = f z dt + g dw", rate)
    return Derivation(
        "dp/dt of the forward process",
        {"dp/dt": rate},
        (*reverse_family().steps, step),
    )


def marginal_rate(printed: Mapping[str, Expr]) -> dict[str, Expr]:
    """dp/dt implied by a backward SDE given by its coefficients (``drift z``, ``drift score``, ``diffusion``)."""
    p = density(z, t)
    rate = reverse_rate(
        p, (z,), lambda i: printed["drift z"] * i + printed["drift score"] * log(p).diff(i), printed["diffusion"]
    )
    return {"dp/dt": rate}


# The kernel from the later time: h(z, t) = q(z_T | z_t = z) as a function of the earlier state obeys Kolmogorov's
# backward equation, and the time-reversed kernel is h p up to a factor that depends on neither z nor t.
_kernel = Function("h", positive=True)


@lru_cache
def path_law() -> Derivation:
    """d/dt of the forward process's reversed transition kernel h p, from h_t = -f z h_z - g^2/2 h_zz and p's equation."""
    h, p = _kernel(z, t), density(z, t)
    h_rate = -f(t) * z * h.diff(z) - g(t) ** 2 / 2 * h.diff(z, 2)
    rate = h_rate * p + h * forward_rate(p, (z,), f(t), g(t) ** 2)
    later, state = Symbol("T", real=True), Symbol("y", real=True)
    exact, forward = transition().result, coefficients().result
    onward = {s: t, t: later}
    factor, spread = (exact[role].subs(onward, simultaneous=True) for role in ("factor", "variance"))
    kernel = gaussian(state, factor * z, spread)
    by_kolmogorov = -forward["f"] * z * kernel.diff(z) - forward["g_squared"] / 2 * kernel.diff(z, 2)
    step = Step(
        "substitute",
        "the kernel from later to earlier is h p (Bayes); insert Kolmogorov's backward equation for h, Fokker-Planck for p",
        rate,
        (Obligation(kernel.diff(t), by_kolmogorov, "the transition to (y, T) obeys Kolmogorov's backward equation"),),
    )
    return Derivation(
        "the forward process seen backward",
        {"d(hp)/dt": rate},
        (
            step,
            Step("assume", SMOOTH_DENSITY),
            Step("assume", FP_DETERMINES),
            Step("assume", "the time reversal of a Markov process is Markov, so its kernels give the path law"),
        ),
    )


def kernel_rate(printed: Mapping[str, Expr]) -> dict[str, Expr]:
    """d(hp)/dt that a backward SDE with these coefficients implies for its transition kernel h p."""
    h, p = _kernel(z, t), density(z, t)
    rate = reverse_rate(
        h * p,
        (z,),
        lambda i: printed["drift z"] * i + printed["drift score"] * log(p).diff(i),
        printed["diffusion"],
    )
    return {"d(hp)/dt": rate}


@lru_cache
def score_of_network() -> Derivation:
    r"""The score of the network that predicts the noise, $-\epsilon_\theta/\sigma$, from Tweedie's formula."""
    score, eps = Symbol("score_"), Symbol("eps_")
    by_noise = (z - sigma(t) * eps) / alpha(t)
    by_score = tweedie().result["posterior mean"].subs(log(density(z, t)).diff(z), score)
    ((found,),) = linsolve([by_noise - by_score], [score])
    coefficient = cancel(found / eps)
    step = Step(
        "solve",
        "E[x|z] = (z - sigma eps)/alpha = (z + sigma^2 score)/alpha; solve for the score",
        coefficient,
        (Obligation(by_score.subs(score, coefficient * eps), by_noise, "both predict the same x"),),
    )
    return Derivation("score of the noise prediction", {"eps": coefficient}, (*tweedie().steps, step))


@lru_cache
def epsilon_form() -> Derivation:
    """Drift and noise of the reverse family with the score replaced by the network's noise prediction."""
    family, score, forward = reverse_family(), score_of_network(), coefficients()
    words = {f(t): forward.result["f"], g(t) ** 2: forward.result["g_squared"]}
    drift = (family.result["drift score"] * score.result["eps"]).subs(words)
    by_hand = -(1 + rho**2) / 2 * forward.result["g_squared"] * score.result["eps"]
    step = Step(
        "substitute",
        "insert f, g^2 and the score of the network",
        drift,
        (Obligation(drift, by_hand, "the score's coefficient times the network's"),),
    )
    return Derivation(
        "the reverse family with the network",
        {
            "drift z": forward.result["f"],
            "drift eps": drift,
            "diffusion": rho * forward.result["g"],
        },
        (*forward.steps, *family.steps, *score.steps, step),
    )
