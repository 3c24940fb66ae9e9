r"""Steps and transition without cancellation, for all schedules: in $\alpha,\sigma$ at both times and one gap.

With $\kappa=\sigma/\alpha$, the noise-to-signal ratio that never falls, let

$$r=\kappa_s/\kappa_t=e^{-h},\qquad h=\tfrac12(\lambda_s-\lambda_t)\ge0 .$$

Every difference that a step takes is $1-r^p=-\mathrm{expm1}(-ph)$ times a positive factor, and no other difference is left, so a
relative error of $h$ is all that a tiny step costs.  Where $\sigma_s=0$ ($r=0$, $h=\infty$) the forms give the
limits; where $\alpha_t=0$ the coefficient of $z_t$ has none.

Each form is proved equal to what the theory derives, for generic $\alpha,\sigma$, by :func:`proofs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from sympy import Expr, Symbol, exp, log, sqrt
from sympy.codegen.cfunctions import expm1, log1p

from s2n_proofs.symbols import alpha, beta, delta, gamma, lam, rho, s, sigma, t
from s2n_proofs.theory.forward import coefficients

if TYPE_CHECKING:
    from s2n_proofs.proof.prove import Attempt

__all__ = [
    "FORMS", "MEANING", "alpha_s", "alpha_t", "derived", "h", "plain", "proofs", "r", "sigma_s",
    "sigma_t", "single_formula",
]  # fmt: skip

alpha_s = Symbol("alpha_s", positive=True)
alpha_t = Symbol("alpha_t", positive=True)
sigma_s = Symbol("sigma_s", positive=True)
sigma_t = Symbol("sigma_t", positive=True)
r = Symbol("r", positive=True)
h = Symbol("h", nonnegative=True)

_GAP = (lam(s) - lam(t)) / 2
MEANING: Mapping[Symbol, Expr] = MappingProxyType({
    alpha_s: alpha(s), alpha_t: alpha(t), sigma_s: sigma(s), sigma_t: sigma(t), r: exp(-_GAP), h: _GAP,
})  # fmt: skip
"""What each letter of a form stands for."""


_GROWN = alpha_s / alpha_t * sigma_t  # the noise of z_t, carried to time s by the mean
_NEW = -expm1(-2 * h)  # 1 - r**2: the part of the noise that is new between s and t

FORMS: Mapping[str, Expr] = MappingProxyType({
    "transition_factor": alpha_t / alpha_s,
    "transition_variance": sigma_t**2 * _NEW,
    "step.a_z": alpha_s / alpha_t,
    "step.a_eps": -(1 + rho**2) * _GROWN * -expm1(-(1 + gamma) * h) / (1 + gamma),
    "step.a_noise": rho * r**delta * _GROWN * sqrt(_NEW),
    "step_limit.a_z": alpha_s / alpha_t,
    "step_limit.a_eps": -(1 + rho**2) * _GROWN * h,
    "step_limit.a_noise": rho * r**delta * _GROWN * sqrt(_NEW),
    "ancestral_step.a_z": alpha_s / alpha_t,
    "ancestral_step.a_eps": -_GROWN * _NEW,
    "ancestral_step.a_noise": sigma_s * sqrt(_NEW),
    "nonmarkov_step.a_z": alpha_s / alpha_t,
    # sqrt(sigma_s**2 - beta**2) - grown, as minus two positive numbers
    "nonmarkov_step.a_eps": -_GROWN * -expm1(-h) - beta**2 / (sigma_s + sqrt((sigma_s - beta) * (sigma_s + beta))),
    "nonmarkov_step.a_noise": beta,
})  # fmt: skip
"""The accurate forms, in the letters of :data:`MEANING`, by the names of :meth:`s2n_proofs.formulas.Formulas.items`."""


def plain(expr: Expr) -> Expr:
    r"""The expression with $\mathrm{expm1}(x)=e^x-1$ and $\mathrm{log1p}(x)=\log(1+x)$ written out, as the engines know them.

    Examples
    --------
    >>> from sympy.abc import x
    >>> plain(expm1(x))
    exp(x) - 1
    """
    return expr.replace(expm1, lambda x: exp(x) - 1).replace(log1p, lambda x: log(1 + x))


@lru_cache
def derived() -> Mapping[str, Expr]:
    """What the theory derives, by the same names, in alpha(t), sigma(t), lambda(t) and the parameters."""
    from s2n_proofs.theory import ancestral, nonmarkov, solution
    from s2n_proofs.theory.transition import transition

    exact, family = transition().result, solution.step().result
    steps = {
        "step": family,
        "step_limit": {**family, **solution.step_limit().result},
        "ancestral_step": ancestral.step_with_network().result,
        "nonmarkov_step": nonmarkov.step().result,
    }
    table = {f"transition_{name}": exact[name] for name in ("factor", "variance")}
    for name, result in steps.items():
        table |= {f"{name}.a_{part}": result[part] for part in ("z", "eps", "noise")}
    return MappingProxyType(table)


@lru_cache
def proofs() -> Mapping[str, Attempt]:
    """Prove each accurate form equal to the derived formula, for all alpha and sigma.

    Returns
    -------
    mapping
        From names to :class:`~s2n_proofs.proof.prove.Attempt`, whose proof names both engines.

    Examples
    --------
    >>> all(attempt.proof is not None for attempt in proofs().values())
    True
    """
    from s2n_proofs.proof.prove import prove
    from s2n_proofs.theory.vocabulary import spell_out

    return MappingProxyType({
        name: prove(spell_out(formula), plain(FORMS[name]).subs(MEANING), name) for name, formula in derived().items()
    })  # fmt: skip


def single_formula(quantity: str) -> Expr:
    """The derived formula of a function of one time."""
    if quantity in ("f", "g_squared"):
        return coefficients().result[quantity]
    return {"alpha": alpha(t), "sigma": sigma(t), "log_snr": lam(t)}[quantity]
