r"""Values of a schedule's functions, formed without cancellation.

A function is looked at in *places*: the times $s<t$ and the two ends of the domain.  A value that is small at an end
of the domain, compared with what it is made of, is taken as the value there plus the difference from there
(:mod:`s2n_proofs.lower.differences`), so it keeps its digits: $\cos\frac{\pi t}2$ becomes a sine of $1-t$, $1-e^{-u}$ an expm1.
"""

from __future__ import annotations

from math import isfinite, nan
from typing import Any, TypeAlias

import sympy as sp
from sympy import Add, E, Expr, Mul, Pow, Rational, Symbol

from s2n_proofs.proof.ball import BallError, UndefinedValueError, enclose, working_precision
from s2n_proofs.symbols import s, t

from .branches import BRANCHED, Comparison, cases
from .differences import END, START, by_sines, difference
from .graph import Builder, Node, convert, name_of

__all__ = ["Place", "Places"]

Place: TypeAlias = Any  # a sympy.Symbol, or the name of an end

_BITS = 96
_SMALL = 0.25  # of the sum of absolute values: what is left of a sum when two bits have cancelled


class Places:
    r"""The functions of one schedule at the times s, t and at the ends of its domain.

    Parameters
    ----------
    build : Builder
    domain : pair of sympy.Expr
        The ends $t_0<T$, exact.
    anchor : bool
        Whether what is small at an end is taken as the difference from there.

    Examples
    --------
    >>> from sympy import Integer, cos, exp, pi
    >>> from .graph import to_sympy
    >>> places = Places(Builder(), (Integer(0), Integer(1)))
    >>> to_sympy(places.value(1 - exp(-t), t), unchanged=True)
    -expm1(-t)
    >>> to_sympy(places.value(cos(pi * t / 2), t), unchanged=True)
    sin((pi/2)*(1 - t))
    """

    def __init__(self, build: Builder, domain: tuple[Expr, Expr], *, anchor: bool = True) -> None:
        self.build = build
        self.domain = domain
        self.ends = dict(zip((START, END), domain, strict=True))
        self._anchor = anchor
        self._values: dict[tuple[Expr, Place], Node] = {}
        self._gaps: dict[tuple[Expr, Place, Place], Node] = {}
        start, end = domain
        later = start + (end - start) * Rational(2, 3)
        self._sample = {START: start, END: end, t: later, s: start + (end - start) / 4}

    def value(self, expr: Expr, place: Place) -> Node:
        """The function of t at a place."""
        key = (expr, place)
        if key not in self._values:
            self._values[key] = self._value(expr, place)
        return self._values[key]

    def gap(self, expr: Expr, a: Place, b: Place) -> Node:
        """The function at the later place b minus that at a, without cancellation where a rule is known."""
        key = (expr, a, b)
        if key not in self._gaps:
            self._gaps[key] = difference(self, expr, a, b)
        return self._gaps[key]

    def at(self, time: Expr) -> Place:
        """An exact time as a place of its own, such as a corner."""
        name = f"at {time}"
        self.ends[name] = self._sample[name] = time
        return name

    def constant(self, expr: Expr) -> Node:
        """An expression without t."""
        return convert(self.build, expr, {})

    def at_end(self, expr: Expr, end: str) -> Expr:
        """The exact value at an end of the domain."""
        return expr.subs(t, self.ends[end])

    def rises(self, expr: Expr, a: Place, b: Place) -> bool:
        """A guess from one pair of times, good enough to choose between two equal forms."""
        first, last = (_number(expr.subs(t, self._sample[place])) for place in (a, b))
        return last >= first if isfinite(first) and isfinite(last) else last > 0

    # --- near an end ------------------------------------------------------------------------------

    def _value(self, expr: Expr, place: Place) -> Node:
        if not expr.has(t):
            return self.constant(expr)
        if isinstance(place, str):
            return self.constant(self.at_end(expr, place))
        if expr == t:
            return self.build.input(place)
        small = [end for end in (START, END) if self._anchor and self._cancels(expr, end)]
        if len(small) == 2:
            middle = self.build.const(sum(self.domain) / 2)
            late = self.build.compare("ge", self.build.input(place), middle)
            return self.build.select(late, self._from_end(expr, END, place), self._from_end(expr, START, place))
        return self._from_end(expr, small[0], place) if small else self._direct(expr, place)

    def _cancels(self, expr: Expr, end: str) -> bool:
        """Whether the value at an end is zero, or small compared with the terms of a sum."""
        if isinstance(expr, (Mul, Pow, sp.exp, *BRANCHED)):
            return False
        value = self.at_end(expr, end)
        if value == 0:
            return True
        if not isinstance(expr, Add):
            return False
        terms = [abs(_number(self.at_end(term, end))) for term in expr.args]
        return all(map(isfinite, terms)) and abs(_number(value)) < _SMALL * sum(terms)

    def _from_end(self, expr: Expr, end: str, place: Place) -> Node:
        whole = self.at_end(expr, end)
        if whole == 0 and isinstance(expr, sp.sin | sp.cos):
            return self.circular_from_end(expr, end, self.distance(expr.args[0], end, place))
        return self.build.add(self.constant(whole), self.distance(expr, end, place))

    def distance(self, expr: Expr, end: str, place: Place) -> Node:
        """The function minus its value at an end."""
        return self.gap(expr, START, place) if end == START else self.build.neg(self.gap(expr, place, END))

    def circular_from_end(self, expr: Expr, end: str, distance: Node) -> Node:
        """sin(w + d) = cos(w) sin(d) where sin(w) = 0, and cos(w + d) = -sin(w) sin(d) where cos(w) = 0."""
        whole = self.at_end(expr.args[0], end)
        slope = sp.cos(whole) if isinstance(expr, sp.sin) else -sp.sin(whole)
        return self.build.mul(self.build.unary("sin", distance), self.build.const(slope))

    # --- operation by operation -------------------------------------------------------------------

    def _direct(self, expr: Expr, place: Symbol) -> Node:
        build = self.build
        if isinstance(expr, Add):
            return build.add(*(self.value(term, place) for term in expr.args))
        if isinstance(expr, Mul):
            return self._product(expr, place)
        if isinstance(expr, sp.exp):
            return build.unary("exp", self.value(expr.args[0], place))
        if isinstance(expr, Pow):
            return self._power(expr, place)
        if isinstance(expr, BRANCHED):
            return self._branches(expr, place)
        if isinstance(expr, sp.tan) and sp.zoo in (self.at_end(expr, START), self.at_end(expr, END)):
            # Beside a pole the cosine keeps its digits, the tangent's argument does not.
            return self.value(sp.sin(expr.args[0]) / sp.cos(expr.args[0]), place)
        name = name_of(expr)
        if name is None:
            return self.value(by_sines(expr), place)
        return build.unary(name, self.value(expr.args[0], place))

    def _product(self, expr: Expr, place: Symbol) -> Node:
        build = self.build
        above, below = [], []
        for factor in expr.args:
            base, exponent = factor.as_base_exp()
            if base is not E and exponent.is_number and exponent.is_negative:
                below.append(self.value(base**-exponent, place))
            else:
                above.append(self.value(factor, place))
        top = build.mul(*above) if above else build.const(1)
        return build.div(top, build.mul(*below)) if below else top

    def _power(self, expr: Expr, place: Symbol) -> Node:
        base, exponent = expr.args
        if exponent.has(t):
            return self.build.unary("exp", self.value(exponent * sp.log(base), place))
        if exponent.free_symbols:
            return self.build.real_power(self.value(base, place), self.value(exponent, place))
        return self.build.power(self.value(base, place), exponent)

    def _branches(self, expr: Expr, place: Symbol) -> Node:
        *first, last = cases(expr)
        node = self.value(last.branch, place)
        for case in reversed(first):
            then = self.value(case.branch, place)
            other = node
            for comparison in reversed(case.when):
                then = self.build.select(self.condition(comparison, place), then, other)
            node = then
        return node

    def condition(self, comparison: Comparison, place: Place) -> Node:
        """A comparison at a place."""
        sides = (self.value(side, place) for side in (comparison.left, comparison.right))
        return self.build.compare("gt" if comparison.strict else "ge", *sides)


def _number(value: Expr) -> float:
    """Roughly the number; NaN where there is none.  By balls: a branch may be astronomical where it is not taken."""
    with working_precision(_BITS):
        try:
            return float(enclose(value, {}).mid())
        except (BallError, UndefinedValueError, OverflowError):
            return nan
