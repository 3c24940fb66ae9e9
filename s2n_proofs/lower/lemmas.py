r"""The identities on which the rewrites rest, for all values of their letters, each put before the proof engines.

A graph is made by these rules alone, so it equals the formula that it came from.  On top of that every graph
is compared with its formula in ball arithmetic (:mod:`s2n_proofs.lower.confirm`): a rule that is right and wrongly used is
found there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from sympy import Expr, Symbol, asin, atan, cos, cosh, diff, exp, log, sin, sinh, sqrt, tan, tanh

if TYPE_CHECKING:
    from s2n_proofs.proof.prove import Attempt

__all__ = ["LEMMAS", "Lemma", "proofs"]

a0, a1, b0, b1 = (Symbol(name, positive=True) for name in ("a_0", "a_1", "b_0", "b_1"))
_p = Symbol("p", positive=True)
_x = Symbol("x", real=True)


@dataclass(frozen=True)
class Lemma:
    """One rule: both sides are the same for all positive values of the letters."""

    name: str
    left: Expr
    right: Expr


def _log1p(x: Expr) -> Expr:
    return log(1 + x)


def _expm1(x: Expr) -> Expr:
    return exp(x) - 1


_GAP = a1 - a0
_MEAN = (a0 + a1) / 2
_SINE = 2 * a0 / (1 + a0**2)  # runs through (0, 1), with a rational root of 1 - x**2 for a0 < 1
_ATAN = atan(_GAP / (1 + a0 * a1))
LEMMAS = (
    Lemma("product", a1 * b1 - a0 * b0, a1 * (b1 - b0) + b0 * _GAP),
    Lemma("exp, falling", exp(a1) - exp(a0), exp(a0) * _expm1(_GAP)),
    Lemma("exp, rising", exp(a1) - exp(a0), -exp(a1) * _expm1(-_GAP)),
    Lemma("log, rising", log(a1) - log(a0), _log1p(_GAP / a0)),
    Lemma("log, falling", log(a1) - log(a0), -_log1p(-_GAP / a1)),
    Lemma("square", a1**2 - a0**2, _GAP * (a1 + a0)),
    Lemma("cube", a1**3 - a0**3, _GAP * (a1**2 + a1 * a0 + a0**2)),
    Lemma("root", sqrt(a1) - sqrt(a0), _GAP / (sqrt(a0) + sqrt(a1))),
    Lemma("inverse", 1 / a1 - 1 / a0, -_GAP / (a0 * a1)),
    Lemma("power", a1**_p - a0**_p, -(a1**_p) * _expm1(-_p * _log1p(_GAP / a0))),
    Lemma("sin", sin(a1) - sin(a0), 2 * cos(_MEAN) * sin(_GAP / 2)),
    Lemma("cos", cos(a1) - cos(a0), -2 * sin(_MEAN) * sin(_GAP / 2)),
    Lemma("tan", tan(a1) - tan(a0), sin(_GAP) / (cos(a0) * cos(a1))),
    Lemma("sinh", sinh(a1) - sinh(a0), 2 * cosh(_MEAN) * sinh(_GAP / 2)),
    Lemma("cosh", cosh(a1) - cosh(a0), 2 * sinh(_MEAN) * sinh(_GAP / 2)),
    Lemma("tanh", tanh(a1) - tanh(a0), sinh(_GAP) / (cosh(a0) * cosh(a1))),
    # Two functions of a_1 with one slope and one value, at a_1 = a_0, are the same.
    Lemma("atan, slope", diff(atan(a1) - atan(a0), a1), diff(_ATAN, a1)),
    Lemma("atan, start", (atan(a1) - atan(a0)).subs(a1, a0), _ATAN.subs(a1, a0)),
    Lemma(
        "asin by atan, slope",
        diff(asin(_x), _x).subs(_x, _SINE),
        diff(2 * atan(_x / (1 + sqrt(1 - _x**2))), _x).subs(_x, _SINE),
    ),
    Lemma("asin by atan, start", asin(_x).subs(_x, 0), (2 * atan(_x / (1 + sqrt(1 - _x**2)))).subs(_x, 0)),
    Lemma("gap of the log-SNR", log(a1 / b1) - log(a0 / b0), _log1p((b0 * _GAP - a0 * (b1 - b0)) / (a0 * b1))),
)


@lru_cache
def proofs() -> Mapping[str, Attempt]:
    """Put every lemma before both engines."""
    from s2n_proofs.proof.prove import prove

    return MappingProxyType({lemma.name: prove(lemma.left, lemma.right, lemma.name) for lemma in LEMMAS})
