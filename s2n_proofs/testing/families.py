r"""Families of $(\alpha,\sigma)$, each valid because its ratio $\sigma/\alpha$ is made of an increasing function.

With $w$ increasing into $(0,1)$ and $r$ increasing into $(0,\infty)$:

======== ============================================================================================
vp       $\sqrt{1-w},\sqrt w$;  $\cos\frac\pi2w,\sin\frac\pi2w$;  $e^{-r/2},\sqrt{1-e^{-r}}$;  $1/\sqrt{1+r^2},r/\sqrt{1+r^2}$
ve       $c,cr$ with a constant $c$
sub-vp   $e^{-r/2},1-e^{-r}$;  $1-w,1-(1-w)^2$
affine   $1-w,w$
free     $a,ar$ with any positive smooth $a$, which need not be monotone
======== ============================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from sympy import Expr, Integer, Rational, Symbol, cos, exp, pi, sin, sqrt

from .chooser import Chooser
from .clocks import clock
from .levels import EndKind, fraction, level

__all__ = ["FAMILIES", "Family", "Pair", "pair"]

Family = Literal["affine", "ve", "vp", "sub-vp", "free"]
FAMILIES: tuple[Family, ...] = ("affine", "ve", "vp", "sub-vp", "free")
Pair = tuple[Expr, Expr]

_TURNS = (Integer(1), Integer(2), Integer(5))
_CONSTANTS = (Integer(1), Integer(2), Rational(1, 2), Rational(7, 5))


def pair(choose: Chooser, family: Family, u: Symbol, start: EndKind, end: EndKind, rich: bool) -> Pair:
    r"""Draw $\alpha$ and $\sigma$ of a family, in `u` on $(0,1)$; `rich`: sometimes with composed clocks and sums.

    Examples
    --------
    >>> from s2n_proofs.symbols import t
    >>> from s2n_proofs.testing.chooser import SeededChooser
    >>> pair(SeededChooser(0), "affine", t, "infinite", "infinite", rich=False)
    (cos(pi*t/2), 1 - cos(pi*t/2))
    """
    return _FAMILIES[family](choose, u, start, end, rich)


def _affine(choose: Chooser, u: Symbol, start: EndKind, end: EndKind, rich: bool) -> Pair:
    w = fraction(choose, u, start, end, rich)
    return 1 - w, w


def _ve(choose: Chooser, u: Symbol, start: EndKind, end: EndKind, rich: bool) -> Pair:
    constant = choose.pick(_CONSTANTS)
    return constant, constant * level(choose, u, start, end, rich)


def _vp(choose: Chooser, u: Symbol, start: EndKind, end: EndKind, rich: bool) -> Pair:
    # exp(-r) with r unbounded is flatter than any power at the end, where nothing can be certified.
    forms = ("roots", "trigonometric", "ratio", "exponential")
    form = choose.pick(forms if end == "finite" else forms[:3])
    if form == "roots":
        w = fraction(choose, u, start, end, rich)
        return sqrt(1 - w), sqrt(w)
    if form == "trigonometric":
        angle = pi * fraction(choose, u, start, end, rich) / 2
        return cos(angle), sin(angle)
    r = level(choose, u, start, end, rich)
    if form == "exponential":
        return exp(-r / 2), sqrt(1 - exp(-r))
    return 1 / sqrt(1 + r**2), r / sqrt(1 + r**2)


def _sub_vp(choose: Chooser, u: Symbol, start: EndKind, end: EndKind, rich: bool) -> Pair:
    if end == "finite" and choose.pick((True, False)):
        r = level(choose, u, start, end, rich)
        return exp(-r / 2), 1 - exp(-r)
    w = fraction(choose, u, start, end, rich)
    return 1 - w, w * (2 - w)


def _free(choose: Chooser, u: Symbol, start: EndKind, end: EndKind, rich: bool) -> Pair:
    signal = choose.pick(_SIGNALS)(choose, u)
    return signal, signal * level(choose, u, start, end, rich)


_SIGNALS: tuple[Callable[[Chooser, Symbol], Expr], ...] = (
    lambda choose, u: 1 + choose.pick(_CONSTANTS) * clock(choose, u),
    lambda choose, u: 1 / (1 + choose.pick(_CONSTANTS) * clock(choose, u)),
    lambda choose, u: exp(-choose.pick(_CONSTANTS) * clock(choose, u)),
    lambda choose, u: 2 + sin(choose.pick(_TURNS) * pi * u),
    lambda choose, u: choose.pick(_CONSTANTS) + u * (1 - u),
)

_FAMILIES: dict[Family, Callable[[Chooser, Symbol, EndKind, EndKind, bool], Pair]] = {
    "affine": _affine, "ve": _ve, "vp": _vp, "sub-vp": _sub_vp, "free": _free,
}  # fmt: skip
