"""Claims of the setting: Eq. (1), Table 1, and the assumptions of Sec. 3.1."""

from __future__ import annotations

from functools import partial

from sympy import Expr, Integer, Rational, Symbol, cos, exp, log, pi, sqrt

from ..derivation import Derivation
from ..symbols import alpha, lam, s, sigma, t, t_0, x, z_0, z_s
from ..theory import forward, snr_space, transition
from .claim import Claim, PropertyClaim

__all__ = ["CLAIMS"]

beta_d, beta_min = Symbol("beta_d", positive=True), Symbol("beta_min", positive=True)
sigma_min, sigma_max = Symbol("sigma_min", positive=True), Symbol("sigma_max", positive=True)
offset = Symbol("s_0", positive=True)  # iDDPM's s, a constant, not a time

_u = beta_d * t**2 / 2 + beta_min * t
_vp = {beta_d: Rational(199, 10), beta_min: Rational(1, 10)}
_ve = {sigma_min: Rational(1, 100), sigma_max: Integer(50)}
_iddpm = {offset: Rational(1, 125)}

_vp_alpha = 1 / sqrt(exp(_u))
_vp_log_snr = log(1 / (exp(_u) - 1))
_ve_log_snr = (2 * t - 2) * log(sigma_min) - 2 * t * log(sigma_max)
_cos_t, _cos_0 = cos((t + offset) / (1 + offset) * pi / 2), cos(offset / (1 + offset) * pi / 2)
_iddpm_alpha = _cos_t / _cos_0
_iddpm_log_snr = log(_cos_t**2 / (_cos_0**2 - _cos_t**2))
_fm_log_snr = 2 * log((1 - t) / t)
# 0 < t < 1 exactly when t = u/(1 + u) with u > 0; the engines then know the signs of t and 1 - t.
_u_positive = Symbol("u", positive=True)
_UNIT_INTERVAL = ((t, _u_positive / (1 + _u_positive)),)


def sigma_of(signal: Expr, log_snr: Expr) -> Derivation:
    """The sigma that goes with the printed alpha and lambda."""
    return snr_space.noise_from_signal(signal, log_snr)


def _start_of_the_process() -> Derivation:
    """q(z_t | z_0) of the process: the transition from its start."""
    exact = transition.transition()
    start = {s: t_0, z_s: z_0}
    return Derivation(
        "law of z_t given the process at its start",
        {role: exact.result[role].subs(start) for role in ("mean", "noise")},
        exact.steps,
    )


def _table(
    name: str,
    signal: Expr,
    noise: Expr,
    log_snr: Expr,
    values: dict[Symbol, Expr],
    note: str,
    given: tuple[tuple[Expr, Expr], ...] = (),
) -> Claim:
    return Claim(
        id=f"table1-{name}",
        where="Table 1",
        kind="identity",
        statement=f"alpha, sigma and lambda of {note} belong together: sigma is the one with lambda = log(alpha^2/sigma^2)",
        printed={"sigma": noise},
        derive=partial(sigma_of, signal, log_snr),
        values=values,
        schedule=name.split("/")[0],
        given=given,
    )


_assumptions = {
    "vp": "vp", "ve": "ve", "iddpm": "iddpm", "fmot": "fm-ot", "edm": "edm",
}  # fmt: skip

CLAIMS: tuple[Claim | PropertyClaim, ...] = (
    Claim(
        id="eq1-forward",
        where="Eq. (1)",
        kind="law",
        statement="z_t = alpha x + alpha exp(-lambda/2) eps",
        printed={"mean": alpha(t) * x, "noise": alpha(t) * exp(-lam(t) / 2)},
        derive=forward.marginal,
    ),
    _table("vp/a", _vp_alpha, sqrt(1 - 1 / exp(_u)), _vp_log_snr, _vp, "VP"),
    _table("vp/b", _vp_alpha, 1 / exp(_u), _vp_log_snr, _vp, "VP"),
    _table("ve", Integer(1), sigma_min * (sigma_max / sigma_min) ** t, _ve_log_snr, _ve, "VE"),
    _table("iddpm", _iddpm_alpha, sqrt(1 - _cos_t**2 / _cos_0**2), _iddpm_log_snr, _iddpm, "iDDPM"),
    _table("fmot", 1 - t, t, _fm_log_snr, {}, "FM-OT", _UNIT_INTERVAL),
    *(
        PropertyClaim(
            id=f"assume-{short}",
            where="Sec. 3.1",
            statement=f"{name} meets the setting's assumptions: alpha, sigma > 0 on [0, T], alpha(0) = 1, lambda decreasing, "
            "alpha/sigma -> 0 at T (or very low)",
            schedule=name,
        )
        for short, name in _assumptions.items()
    ),
    Claim(
        id="marginal-z0/a",
        where="Sec. 3.2",
        kind="law",
        statement="q(z_t | z_0) = N(alpha z_0, sigma^2) with the data x for z_0",
        printed={"mean": alpha(t) * x, "noise": sigma(t)},
        derive=forward.marginal,
    ),
    Claim(
        id="marginal-z0/b",
        where="Sec. 3.2",
        kind="law",
        statement="q(z_t | z_0) = N(alpha z_0, sigma^2) with the process at its start for z_0",
        printed={"mean": alpha(t) * z_0, "noise": sigma(t)},
        derive=_start_of_the_process,
        given=((alpha(t_0), Integer(1)),),
        assumptions=("alpha is 1 at the start, as the setting assumes",),
    ),
)
