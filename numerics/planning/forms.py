r"""The coefficients of a step for every kind of step and every output of the network, from the proved forms.

The forms give $z_s=a_zz_t+a_\epsilon\hat\epsilon+a_n\xi$.  A network that predicts something else tells $\hat\epsilon$ as a linear
function of $z_t$ and its output; those functions are solved for here, from $z=\alpha x+\sigma\epsilon$.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from sympy import Expr, S, Symbol, linsolve, log, oo, sqrt
from sympy.codegen.cfunctions import expm1

from s2n_proofs.lower.forms import FORMS, alpha_s, alpha_t, h, plain, r, sigma_s, sigma_t
from s2n_proofs.symbols import beta, delta, gamma, rho, sigma, t
from s2n_proofs.theory.backward import score_of_network

from .straight_line import Program, compile_expressions

__all__ = [
    "ARGUMENTS", "KINDS", "PREDICTIONS", "Kind", "Prediction", "Triple", "at_vanishing_alpha", "at_vanishing_sigma",
    "coefficients", "on_flat_stretch", "program", "put",
]  # fmt: skip

Kind = Literal["corollary", "ancestral", "nonmarkov"]
Prediction = Literal["eps", "x", "score", "v"]
Triple = tuple[Expr, Expr, Expr]

KINDS: tuple[Kind, ...] = ("corollary", "ancestral", "nonmarkov")
PREDICTIONS: tuple[Prediction, ...] = ("eps", "x", "score", "v")
ARGUMENTS = (alpha_s, sigma_s, alpha_t, sigma_t, r, gamma, delta, rho, beta)
_eta = beta  # in a program with eta, eta stands in beta's place

_z, _x, _eps, _output = (Symbol(f"{name}_hat") for name in ("z", "x", "eps", "output"))


@lru_cache
def _solved(prediction: Prediction, wanted: Symbol) -> tuple[Expr, Expr]:
    """Write x or eps through z and the network's output: the two coefficients."""
    state = alpha_t * _x + sigma_t * _eps - _z
    if prediction == "score":
        means = score_of_network().result["eps"].subs(sigma(t), sigma_t) * _eps
    else:
        means = {"eps": _eps, "x": _x, "v": alpha_t * _eps - sigma_t * _x}[prediction]
    ((x, eps),) = linsolve([state, means - _output], [_x, _eps])
    found = x if wanted == _x else eps
    return found.diff(_z).cancel(), found.diff(_output).cancel()


@lru_cache
def coefficients(name: str, prediction: Prediction, eta: bool) -> Triple:
    r"""Coefficients of $z_t$, of the network's output and of the noise, in the letters of the forms.

    Parameters
    ----------
    name : str
        ``step``, ``step_limit`` ($\gamma=-1$), ``ancestral_step`` or ``nonmarkov_step``.
    prediction : str
        What the network predicts.
    eta : bool
        Of the non-Markovian step: put $\beta=\eta\sigma_Q$, $\sigma_Q$ the ancestral step's noise, with eta in beta's place.

    Examples
    --------
    >>> coefficients("step", "eps", False)[2]
    alpha_s*r**delta*rho*sigma_t*sqrt(1 - r**2)/alpha_t
    """
    a_z, a_eps, a_noise = (_in_ratio(FORMS[f"{name}.a_{part}"]) for part in ("z", "eps", "noise"))
    if eta:
        used = _eta * _in_ratio(FORMS["ancestral_step.a_noise"])
        a_z, a_eps, a_noise = (_root_factored(part.subs(beta, used)) for part in (a_z, a_eps, a_noise))
    if prediction == "eps":
        return a_z, a_eps, a_noise
    by_z, by_output = _solved(prediction, _eps)
    return a_z + a_eps * by_z, a_eps * by_output, a_noise


def _in_ratio(form: Expr) -> Expr:
    # expm1(-p h) = r**p - 1: rational where r and p are, and no logarithm is taken.
    return plain(form.replace(expm1, lambda argument: r ** -argument.coeff(h) - 1))


def _root_factored(expr: Expr) -> Expr:
    # sqrt(sigma_s**2 (1 - q)(1 + q)) = sigma_s sqrt(...), q = beta/sigma_s: then a ball of sigma_s is no matter.
    return expr.replace(
        lambda node: node.is_Pow and node.exp == S.Half and node.base.is_Add, lambda node: sqrt(node.base.factor())
    )


@lru_cache
def program(name: str, prediction: Prediction, eta: bool) -> Program:
    """Compile :func:`coefficients` over :data:`ARGUMENTS`."""
    return compile_expressions(put(coefficients(name, prediction, eta), h, -log(r)), ARGUMENTS)


def on_flat_stretch(triple: Triple) -> Triple:
    r"""Put $r=1$, $h=0$: the log-SNR is the same at both ends of the step."""
    return put(triple, r, 1, h, 0)


def at_vanishing_sigma(triple: Triple) -> Triple:
    r"""Take the limit $\sigma_s\to0$, that is $r\to0$, $h\to\infty$; parameters are numbers.

    Every coefficient is continuous there once the parameters are numbers, $r^0=1$ included, or is not finite.
    """
    return put(triple, r, 0, h, oo, sigma_s, 0)


def at_vanishing_alpha(name: str, prediction: Prediction, numbers: dict[Symbol, Expr], eta: bool) -> Triple:
    r"""Take the limit $\alpha_t\to0$, that is $r\to0$ with $\alpha_t=r\alpha_s\sigma_t/\sigma_s$.

    Written for a prediction of x, each coefficient becomes a sum of powers of $r$ with numbers as exponents, times
    factors continuous at $r=0$; the negative powers cancel or there is no limit.  The other predictions
    follow by what $\hat x$ is in them at $\alpha_t=0$.
    """
    with_x = tuple(part.subs(numbers) for part in coefficients(name, "x", eta))
    tending = tuple(part.subs(alpha_t, r * alpha_s * sigma_t / sigma_s).expand() for part in with_x)
    a_z, a_x, a_noise = put(tending, r, 0, h, oo)
    if prediction == "x":
        return a_z, a_x, a_noise
    by_z, by_output = (part.subs(alpha_t, 0) for part in _solved(prediction, _x))
    return a_z + a_x * by_z, a_x * by_output, a_noise


def put(triple: Triple, *pairs: Expr | int) -> Triple:
    """Substitute in all three coefficients, one pair after the other."""
    for symbol, value in zip(pairs[::2], pairs[1::2], strict=True):
        triple = tuple(part.subs(symbol, value) for part in triple)
    return triple
