r"""Values and differences of a schedule's functions, formed without cancellation.

A function is looked at in *places*: the times $s<t$ and the two ends of the domain.  Its difference between two
places is built from the differences of its parts,

$$\Delta(ab)=a_1\Delta b+b_0\Delta a,\quad \Delta e^a=e^{a_0}\,\mathrm{expm1}(\Delta a),\quad
\Delta\log a=\mathrm{log1p}(\Delta a/a_0),\quad \Delta\sin a=2\cos\tfrac{a_0+a_1}2\sin\tfrac{\Delta a}2,\ \dots$$

down to $\Delta t$, one exact subtraction.  A value that vanishes at an end of the domain is the difference from
there, so it keeps its digits where it is small: $\cos\frac{\pi t}2$ becomes a sine of $1-t$, $1-e^{-u}$ an expm1.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import sympy as sp
from sympy import Add, E, Expr, Integer, Mul, Piecewise, Pow, Rational, S, Symbol
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from s2n_proofs.symbols import s, t

from .graph import UNARY, Builder, LoweringError, Node, convert, name_of

__all__ = ["END", "START", "Places"]

START, END = "start", "end"
Place: TypeAlias = Any  # a sympy.Symbol, or the name of an end


class Places:
    r"""The functions of one schedule at the times s, t and at the ends of its domain.

    Parameters
    ----------
    build : Builder
    domain : pair of sympy.Expr
        The ends $t_0<T$, exact.
    anchor : bool
        Whether what vanishes at an end is taken as the difference from there.

    Examples
    --------
    >>> from sympy import cos, exp, pi
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
        self._anchor = anchor
        self._ends = dict(zip((START, END), domain, strict=True))
        self._values: dict[tuple[Expr, Place], Node] = {}
        self._gaps: dict[tuple[Expr, Place, Place], Node] = {}
        start, end = domain
        later = start + (end - start) * Rational(2, 3)
        self._sample = {START: start, END: end, t: later, s: start + (end - start) / 4}

    # --- values ---------------------------------------------------------------------------------

    def value(self, expr: Expr, place: Place) -> Node:
        """The function of t at a place."""
        key = (expr, place)
        if key not in self._values:
            self._values[key] = self._value(expr, place)
        return self._values[key]

    def _value(self, expr: Expr, place: Place) -> Node:
        build = self.build
        if not expr.has(t):
            return self._constant(expr)
        if isinstance(place, str):
            return self._constant(_at(expr, self._ends[place]))
        if expr == t:
            return build.input(place)
        if self._anchor and not isinstance(expr, Mul | Pow | sp.exp | Piecewise):
            zeros = [end for end in (START, END) if _at(expr, self._ends[end]) == 0]
            if len(zeros) == 2:
                return self._split(expr, place)
            if zeros:
                return self._from_end(expr, zeros[0], place)
        return self._direct(expr, place)

    def _from_end(self, expr: Expr, end: Place, place: Place) -> Node:
        if isinstance(expr, sp.sin | sp.cos):
            return self._circular_from_end(expr, end, self._distance(expr.args[0], end, place))
        return self._distance(expr, end, place)

    def _distance(self, expr: Expr, end: Place, place: Place) -> Node:
        """The function minus its value at an end."""
        return self.gap(expr, START, place) if end == START else self.build.neg(self.gap(expr, place, END))

    def _circular_from_end(self, expr: Expr, end: Place, distance: Node) -> Node:
        """sin(w + d) = cos(w) sin(d) where sin(w) = 0, and cos(w + d) = -sin(w) sin(d) where cos(w) = 0."""
        whole = _at(expr.args[0], self._ends[end])
        slope = sp.cos(whole) if isinstance(expr, sp.sin) else -sp.sin(whole)
        return self.build.mul(self.build.unary("sin", distance), self.build.const(slope))

    def _split(self, expr: Expr, place: Symbol) -> Node:
        middle = self.build.const(sum(self.domain) / 2)
        late = self.build.compare("ge", self.build.input(place), middle)
        return self.build.select(late, self._from_end(expr, END, place), self._from_end(expr, START, place))

    def _direct(self, expr: Expr, place: Symbol) -> Node:
        build = self.build
        if isinstance(expr, Add):
            return build.add(*(self.value(term, place) for term in expr.args))
        if isinstance(expr, Mul):
            return self._product(expr, place)
        if isinstance(expr, sp.exp):
            return build.unary("exp", self.value(expr.args[0], place))
        if isinstance(expr, Pow):
            base, exponent = expr.args
            if exponent.has(t):
                return build.unary("exp", self.value(exponent * sp.log(base), place))
            if exponent.free_symbols:
                return build.real_power(self.value(base, place), self.value(exponent, place))
            return build.power(self.value(base, place), exponent)
        if isinstance(expr, sp.tan | sp.cot) and any(_at(expr, end) == sp.zoo for end in self.domain):
            return self.value(_quotient(expr), place)
        if isinstance(expr, Piecewise):
            return self._branches(expr, place)
        name = name_of(expr)
        if name is None:
            return self.value(_rewritten(expr), place)
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

    def _branches(self, expr: Piecewise, place: Symbol) -> Node:
        *first, (last, _) = expr.args
        node = self.value(last, place)
        for branch, condition in reversed(first):
            node = self.build.select(self._condition(condition, place), self.value(branch, place), node)
        return node

    def _condition(self, condition: Expr, place: Place) -> Node:
        build = self.build
        if isinstance(condition, sp.And):
            first, *rest = [self._condition(part, place) for part in condition.args]
            for part in rest:
                first = build.both(first, part)
            return first
        kinds = {GreaterThan: ("ge", 1), StrictGreaterThan: ("gt", 1), LessThan: ("ge", -1), StrictLessThan: ("gt", -1)}
        if not isinstance(condition, Relational) or type(condition) not in kinds:
            raise LoweringError(f"the condition {condition} of a piecewise formula has no code")
        op, way = kinds[type(condition)]
        sides = [self.value(side, place) for side in (condition.lhs, condition.rhs)]
        return build.compare(op, *sides[::way])

    def _constant(self, expr: Expr) -> Node:
        return convert(self.build, expr, {})

    # --- differences ----------------------------------------------------------------------------

    def gap(self, expr: Expr, a: Place, b: Place) -> Node:
        """The function at the later place b minus that at a, without cancellation where a rule is known."""
        key = (expr, a, b)
        if key not in self._gaps:
            self._gaps[key] = self._gap(expr, a, b)
        return self._gaps[key]

    def _gap(self, expr: Expr, a: Place, b: Place) -> Node:
        build = self.build
        if not expr.has(t):
            return build.const(0)
        if expr == t:
            return build.sub(self.value(t, b), self.value(t, a))
        if isinstance(expr, Add):
            return self._gap_of_sum(expr, a, b)
        if isinstance(expr, Mul):
            return self._gap_of_product(expr, a, b)
        if isinstance(expr, sp.exp):
            return self._gap_of_exp(expr.args[0], a, b)
        if isinstance(expr, Pow):
            return self._gap_of_power(expr, a, b)
        if isinstance(expr, Piecewise):
            return self._gap_of_branches(expr, a, b)
        inner = expr.args[0]
        if isinstance(expr, sp.log):
            return self._gap_of_log(inner, a, b)
        name = name_of(expr)
        if name is None:
            return self.gap(_rewritten(expr), a, b)
        return self._gap_of_circular(name, inner, a, b)

    def _plain(self, expr: Expr, a: Place, b: Place) -> Node:
        return self.build.sub(self.value(expr, b), self.value(expr, a))

    def _gap_of_sum(self, expr: Expr, a: Place, b: Place) -> Node:
        build = self.build
        number = expr.as_coefficients_dict()
        if not any(term.has(*_FUNCTIONS) for term in number) and expr.is_polynomial(t):
            return self._gap_of_polynomial(expr, a, b)
        return build.add(*(self.gap(term, a, b) for term in expr.args if term.has(t)))

    def _gap_of_polynomial(self, expr: Expr, a: Place, b: Place) -> Node:
        """(b - a) times the divided difference, in which terms of one sign stay of one sign."""
        build = self.build
        first, last = self.value(t, a), self.value(t, b)
        divided = []
        for (power,), coefficient in sp.Poly(expr, t).terms():
            if power == 0:
                continue
            terms = [build.mul(build.power(first, Integer(i)), build.power(last, power - 1 - i)) for i in range(power)]
            divided.append(build.mul(build.add(*terms), self._constant(coefficient)))
        return build.mul(build.sub(last, first), build.add(*divided))

    def _gap_of_product(self, expr: Expr, a: Place, b: Place) -> Node:
        build = self.build
        number, rest = expr.as_independent(t, as_Add=False)
        if number != 1:
            return build.mul(self.gap(rest, a, b), self._constant(number))
        head, *tail = expr.args
        other = Mul(*tail)
        return build.add(
            build.mul(self.value(head, b), self.gap(other, a, b)), build.mul(self.value(other, a), self.gap(head, a, b))
        )

    def _gap_of_exp(self, inner: Expr, a: Place, b: Place) -> Node:
        build, gap = self.build, self.gap(inner, a, b)
        # Both forms are equal; the one whose expm1 has a negative argument does not amplify the error of the gap.
        if self._rises(inner, a, b):
            return build.neg(build.mul(build.unary("exp", self.value(inner, b)), build.unary("expm1", build.neg(gap))))
        return build.mul(build.unary("exp", self.value(inner, a)), build.unary("expm1", gap))

    def _gap_of_log(self, inner: Expr, a: Place, b: Place) -> Node:
        build, gap = self.build, self.gap(inner, a, b)
        if self._rises(inner, a, b):
            return build.unary("log1p", build.div(gap, self.value(inner, a)))
        return build.neg(build.unary("log1p", build.neg(build.div(gap, self.value(inner, b)))))

    def _gap_of_power(self, expr: Expr, a: Place, b: Place) -> Node:
        build = self.build
        base, exponent = expr.args
        if exponent.has(t):
            return self._gap_of_exp(exponent * sp.log(base), a, b)
        if exponent.is_negative:
            below = build.mul(self.value(base**-exponent, a), self.value(base**-exponent, b))
            return build.neg(build.div(self.gap(base**-exponent, a, b), below))
        if exponent.is_Integer and exponent <= 8:
            first, last = self.value(base, a), self.value(base, b)
            n = int(exponent)
            terms = [build.mul(build.power(first, Integer(i)), build.power(last, Integer(n - 1 - i))) for i in range(n)]
            return build.mul(self.gap(base, a, b), build.add(*terms))
        if exponent == S.Half:
            return build.div(self.gap(base, a, b), build.add(self.value(expr, a), self.value(expr, b)))
        if exponent.is_Rational and exponent.q == 2 and exponent.p <= 8:
            return self._gap_of_power(Pow(Pow(base, S.Half, evaluate=False), Integer(exponent.p), evaluate=False), a, b)
        # b**p - a**p = sign * larger * (1 - exp(-p * gap of the logarithm))
        low, high = (a, b) if self._rises(base, a, b) else (b, a)
        difference = build.mul(
            build.mul(self._gap_of_log(base, a, b), self._constant(exponent)),
            build.const(-1 if low == a else 1),
        )
        return build.mul(
            build.mul(self.value(expr, high), build.unary("expm1", difference)), build.const(-1 if low == a else 1)
        )

    def _gap_of_branches(self, expr: Piecewise, a: Place, b: Place) -> Node:
        """Within a branch its own difference, across branches the plain one."""
        build = self.build
        node = self._plain(expr, a, b)
        for branch, condition in reversed(expr.args):
            if isinstance(condition, BooleanTrue | BooleanFalse):
                continue
            inside = build.both(self._condition(condition, a), self._condition(condition, b))
            node = build.select(inside, self.gap(branch, a, b), node)
        last, always = expr.args[-1]
        if isinstance(always, BooleanTrue) and len(expr.args) == 2:
            # Neither place is in the first branch.
            condition = sp.Not(expr.args[0][1])
            outside = build.both(self._condition(condition, a), self._condition(condition, b))
            node = build.select(outside, self.gap(last, a, b), node)
        return node

    def _gap_of_circular(self, name: str, inner: Expr, a: Place, b: Place) -> Node:
        build = self.build
        if name in ("asin", "acos"):
            # asin(x) = 2 atan(x/(1 + sqrt(1 - x**2))), whose differences have a rule.
            twice = self.gap(2 * sp.atan(inner / (1 + sp.sqrt(1 - inner**2))), a, b)
            return twice if name == "asin" else build.neg(twice)
        gap = self.gap(inner, a, b)
        half, two = build.const(S.Half), build.const(2)
        if name in ("sin", "cos", "sinh", "cosh"):
            turned = {"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"}[name]
            middle = self._middle(turned, inner, a, b)
            small = build.unary("sin" if name in ("sin", "cos") else "sinh", build.mul(gap, half))
            product = build.mul(middle, small, two)
            return build.neg(product) if name == "cos" else product
        if name == "atan":
            product = build.mul(self.value(inner, a), self.value(inner, b))
            return build.unary("atan", build.div(gap, build.add(build.const(1), product)))
        top, below = ("sin", "cos") if name == "tan" else ("sinh", "cosh")
        under = [self.value(UNARY[below](inner), place) for place in (a, b)]
        return build.div(build.unary(top, gap), build.mul(*under))

    def _middle(self, name: str, inner: Expr, a: Place, b: Place) -> Node:
        """A circular function at the mean of both arguments, by the distance from an end where it vanishes there."""
        build = self.build
        half, function = build.const(S.Half), UNARY[name](inner)
        for end in (END, START):
            if name in ("sin", "cos") and _at(function, self._ends[end]) == 0:
                distances = [self._distance(inner, end, place) for place in (a, b)]
                return self._circular_from_end(function, end, build.mul(build.add(*distances), half))
        return build.unary(name, build.mul(build.add(self.value(inner, a), self.value(inner, b)), half))

    def _rises(self, expr: Expr, a: Place, b: Place) -> bool:
        """A guess from one pair of times: it chooses between equal forms."""
        values = [_at(expr, self._sample[place]).evalf(15) for place in (a, b)]
        return bool((values[1] - values[0]).is_nonnegative) if all(v.is_real for v in values) else bool(values[1] > 0)


_FUNCTIONS = (sp.Function, E)


def _at(expr: Expr, time: Expr) -> Expr:
    return expr.subs(t, time)


def _quotient(expr: Expr) -> Expr:
    inner = expr.args[0]
    parts = sp.sin(inner), sp.cos(inner)
    return parts[0] / parts[1] if isinstance(expr, sp.tan) else parts[1] / parts[0]


def _rewritten(expr: Expr) -> Expr:
    """A function without code of its own by those that have it."""
    if isinstance(expr, sp.Max | sp.Min | sp.Abs | sp.Heaviside):
        return expr.rewrite(Piecewise)
    if isinstance(expr, sp.cot):
        return sp.cos(expr.args[0]) / sp.sin(expr.args[0])
    other = {sp.sec: sp.cos, sp.csc: sp.sin, sp.sech: sp.cosh, sp.csch: sp.sinh}
    for function, inverse in other.items():
        if isinstance(expr, function):
            return 1 / inverse(expr.args[0])
    if isinstance(expr, sp.coth):
        return sp.cosh(expr.args[0]) / sp.sinh(expr.args[0])
    raise LoweringError(f"{type(expr).__name__} has no code")
