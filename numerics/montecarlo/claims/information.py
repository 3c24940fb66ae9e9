r"""Check 7: Theorem 6, point-wise and averaged, and the mutual information as the integral of its rate."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from sympy import Derivative, Expr, Integer

from numerics.data import GaussianMixture
from numerics.data.reference import mmse, mutual_information
from s2n_proofs.symbols import D, alpha, alpha_tilde, lam, log_snr_value, sigma, sigma_tilde, t
from s2n_proofs.theory.information import kl_rate

from ..build import Setting
from ..experiment import Experiment, Row
from ..information import Direct, Increment
from ..rows import CONTROL_WEIGHT
from ..tied import TwoGaussians
from .ancestral import LAW
from .common import printed

__all__ = ["experiments", "rate_in_time"]

_TAIL = -2.2  # a point where the error differs much from its average
_NARROW, _WIDE = (Fraction(3, 8), Fraction(5, 8), 6), (Fraction(0), Fraction(1), 12)


def experiments(setting: Setting) -> list[Experiment]:
    """All experiments about information."""
    derived = {"mmse": kl_rate().result["mmse"]}
    name = setting.name
    cases = {
        # With the samples, in units of the run's, that resolve 1 % of the coefficient.
        "kl-rate": ("mmse-pointwise/b", _NARROW, _TAIL, 1.0),
        "kl-rate-wide": ("mmse-pointwise/b", _WIDE, _TAIL, 1.0),
        "information-rate": ("thm6-mi", _NARROW, None, 2.0),
        "information-integral": ("thm6-mi", _WIDE, None, 2.0),
    }
    found = []
    for key, (claim, window, x, weight) in cases.items():
        program = _increment(setting, derived, window, x)
        row = Row(key, claim, "derived", name, 0, 0.0, shifts={"mmse": 1}, scaled_to="the integral itself")
        found.append(Experiment(f"{name}/{key}", program, (row,), weight))
    return [*found, _direct(setting), _two_dimensions(setting), *_controls(setting)]


def _controls(setting: Setting) -> list[Experiment]:
    derived, name = {"mmse": kl_rate().result["mmse"]}, setting.name
    wrong = {
        "thm6-kl": _increment(setting, printed("thm6-kl")[0], _WIDE, _TAIL),
        "thm6-mi": _increment(setting, printed("thm6-mi")[0], _WIDE, None),
        "thm6-kong/a": _increment(setting, {"mmse": printed("thm6-kong/a")[0]["mmse"]}, _WIDE, None),
        "mmse-pointwise/a": _increment(setting, derived, _WIDE, _TAIL, over="prior"),
    }
    return [
        Experiment(f"{name}/rate/{claim}", program, (Row("rate", claim, "printed", name, 0, 0.0),), CONTROL_WEIGHT)
        for claim, program in wrong.items()
        # Where the printed extra term is 0, as for a constant sigma, there is nothing to catch.
        if claim in ("mmse-pointwise/a", "thm6-kong/a") or program.constant
    ]


def _increment(
    setting: Setting,
    rate: Mapping[str, Expr],
    window: tuple[Fraction, Fraction, int],
    x: float | None,
    *,
    over: str = "point",
) -> Increment:
    early, late = (setting.between(share) for share in window[:2])
    nodes, weights, constant = [], [], 0.0
    places, shares = np.polynomial.legendre.leggauss(window[2])
    for place, share in zip(places.tolist(), shares.tolist(), strict=True):
        when = early + (late - early) * (Fraction(place) + 1) / 2
        # From late to early the divergence grows; the rate is that in time.
        width = -share / 2 * float(late - early)
        nodes.append(_point(setting, when))
        weights.append(width * setting.values(rate_in_time(rate["mmse"]), {t: when}))
        if "D term" in rate:
            constant += width * setting.values(rate_in_time(rate["D term"]), {t: when})
    ends = _point(setting, early), _point(setting, late)
    return Increment(LAW, ends, tuple(nodes), tuple(weights), constant, x, over)  # type: ignore[arg-type]


def _point(setting: Setting, when: Fraction) -> tuple[float, float]:
    return setting.values.alpha(when), setting.values.sigma(when)


def rate_in_time(rate: Expr) -> Expr:
    r"""A rate in the log-SNR, with $\tilde\alpha,\tilde\sigma$ or $\ell$ in it, as the rate in time, for $D=1$.

    Examples
    --------
    >>> rate_in_time(Derivative(alpha_tilde(log_snr_value), log_snr_value))
    Derivative(alpha(t), t)
    """
    ell, speed = log_snr_value, lam(t).diff(t)
    moved = rate.subs(D, Integer(1))
    for curve, in_time in ((alpha_tilde, alpha), (sigma_tilde, sigma)):
        moved = moved.subs(Derivative(curve(ell), ell), in_time(t).diff(t) / speed).subs(curve(ell), in_time(t))
    return moved.subs(ell, lam(t)) * speed


def _direct(setting: Setting) -> Experiment:
    at = _point(setting, setting.between(Fraction(1, 2)))
    key, name = "direct", setting.name
    information, error = mutual_information(LAW, *at), mmse(LAW, *at)
    rows = (
        Row("information", "thm6-mi", "derived", name, 0, information, shifts={"information": 0.01 * information}),
        Row("mmse", "mmse-optimal", "derived", name, 1, error, shifts={"mmse": 0.01 * error}),
        Row("best guess", "mmse-optimal", "derived", name, 2, 0.0, shifts={"guess": 3},
            scaled_to="the guess itself, times z"),
    )  # fmt: skip
    return Experiment(f"{name}/{key}", Direct(LAW, at), rows, weight=2.0)


def _two_dimensions(setting: Setting) -> Experiment:
    """The error in two dimensions: quadrature along the line of the means, and a closed form across it."""
    alpha_, sigma_ = _point(setting, setting.between(Fraction(1, 2)))
    program = TwoGaussians(1.0, 0.1, 2, alpha_, sigma_)
    along = GaussianMixture([1, 1], [[-program.half], [program.half]], [program.variance] * 2)
    across = program.variance * sigma_**2 / (alpha_**2 * program.variance + sigma_**2)
    error = mmse(along, alpha_, sigma_) + across
    row = Row("mmse, D = 2", "mmse-optimal", "derived", setting.name, 0, error, shifts={"mmse": 0.01 * error})
    return Experiment(f"{setting.name}/two-dimensions", program, (row,), weight=2.0)
