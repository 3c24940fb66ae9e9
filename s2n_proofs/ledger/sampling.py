"""Claims of Sec. 4 about the sampler: Eq. (12), Euler's solver, and the order of the step."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Integer, exp

from ..derivation import Derivation, Step
from ..symbols import alpha, eps_net, gamma, lam, rho, s, t, z_t
from ..theory import euler, solution
from .backward import EQ7
from .claim import Claim

__all__ = ["CLAIMS"]

_EQ12 = {
    "z": alpha(s) / alpha(t),
    "eps": -1
    / (1 + gamma)
    * alpha(s)
    * (exp((-1 - gamma) / 2 * lam(t)) - exp((-1 - gamma) / 2 * lam(s)))
    * exp(gamma * lam(t) / 2),
}
_EULER = {role: value.subs(gamma, 0) for role, value in _EQ12.items()}


def _deterministic(step: Mapping[str, Expr]) -> dict[str, Expr]:
    return {role: step[role].subs(rho, 0) for role in ("z", "eps")}


def _printed_corollary() -> Derivation:
    return Derivation(
        "Eq. (7) as printed, at rho = 0",
        _deterministic(EQ7),
        (Step("substitute", "Eq. (7) as printed, at rho = 0"),),
    )


def _derived_corollary() -> Derivation:
    found = euler.coincidences()
    return Derivation("the derived step at rho = 0", _deterministic(found.result), found.steps)


CLAIMS = (
    Claim(
        id="eq12-step/a",
        where="Eq. (12)",
        kind="identity",
        statement="Eq. (12) is Eq. (7) as printed at rho = 0 (coefficients)",
        printed=_EQ12,
        derive=_printed_corollary,
        parameters=(gamma,),
    ),
    Claim(
        id="eq12-step/b",
        where="Eq. (12)",
        kind="identity",
        statement="Eq. (12) is the derived step of Corollary 1 at rho = 0 (coefficients)",
        printed=_EQ12,
        derive=_derived_corollary,
        parameters=(gamma,),
    ),
    Claim(
        id="eq12-arguments",
        where="Eq. (12)",
        kind="argument",
        statement="with eps(z_tau, tau) frozen at t, the network is evaluated at (z_t, s)",
        printed={"network": eps_net(z_t, s)},
        derive=solution.frozen_network,
    ),
    Claim(
        id="eq12-euler/a",
        where="Sec. 4.1",
        kind="identity",
        statement="Eq. (12) at gamma = 0 is one Euler step of the probability-flow ODE for z in t, for every schedule",
        printed=_EULER,
        derive=euler.euler_in_time,
    ),
    Claim(
        id="eq12-euler/b",
        where="Sec. 4.1",
        kind="identity",
        statement="Eq. (12) at gamma = 0 is one Euler step of the probability-flow ODE for z/alpha in sigma/alpha",
        printed=_EULER,
        derive=euler.euler_in_noise_ratio,
    ),
    Claim(
        id="step-order",
        where="after Eq. (8)",
        kind="order",
        statement="the local error of the step of Corollary 1 at rho = 0 is O((t-s)^2) for every gamma",
        printed={"order 0": Integer(0), "order 1": Integer(0)},
        derive=solution.local_error,
        parameters=(gamma,),
    ),
)
