"""The sign of an expression right beside a point, by expansions with a rigorous remainder.

Beside a point t0 where a quantity vanishes, has a root or a pole, no ball is ever small enough: bisection
towards t0 does not end.  With t = t0 +- h**k (k clears the denominators of rational exponents) it is

    h**v (c_0 + c_1 h + ... + c_{n-1} h**(n-1) + r(h) h**n),     r(h) in a ball for *every* 0 < h <= h0,

and where the ball of the bracket excludes zero the sign is that of the bracket on all of 0 < h <= h0.  The
order v is exact: a leading coefficient counts as zero only when it is the rational number 0 or its exact
symbolic value is 0, never because it is small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial, lcm
from typing import TypeAlias

from flint import arb, arb_series, fmpq
from sympy import Dummy, E, Expr, Integer, Pow, Rational, Symbol, cos, cosh, expand, simplify, sin, sinh

from .proof.ball import BallError, UndefinedValue, enclose

__all__ = ["Leading", "exactly_zero", "expand_beside", "sign_beside"]

_ORDER = 8  # coefficients kept; the worst catalogue entry needs 2, sin(t)**2 - t**2 + t**4/3 needs 6
_MAX_ROOT = 24  # the largest k in t = t0 +- h**k
_SIMPLIFY_OPS = 150  # a bigger number is not simplified: its zero test is left undecided

Coefficient: TypeAlias = "fmpq | arb"  # a rational is exact, a ball is not
ZERO = fmpq(0)


class _GaveUpError(ArithmeticError):
    """No expansion of this form was found (which proves nothing about the expression)."""


@dataclass(frozen=True)
class Leading:
    """The expansion h**order * (coefficient + ...), with t = t0 +- h**root, and its bracket's enclosure.

    Attributes
    ----------
    order : fractions.Fraction
        The exact order in ``|t - t0|``, v/k: positive where the limit is 0, negative at a pole.
    coefficient : flint.arb
        The leading coefficient, which excludes 0: the limit itself where `order` is 0.
    bracket : flint.arb
        Encloses the bracket for every h in (0, h0].
    """

    order: Fraction
    coefficient: arb
    bracket: arb


def exactly_zero(number: Expr) -> bool:
    """Whether an exact constant is proven to be 0: its ball holds 0, and simplification gives 0.

    Examples
    --------
    >>> from sympy import cos, sqrt, Rational
    >>> exactly_zero(sqrt(2) * sqrt(3) - sqrt(6)), exactly_zero(Rational(1, 10**30))
    (True, False)
    """
    if number.is_Rational:
        return bool(number == 0)
    if number.free_symbols or number.is_finite is False:
        return False
    try:
        if not enclose(number, {}).contains(0):
            return False
    except (UndefinedValue, BallError):
        return False
    if expand(number) == 0:
        return True
    return bool(number.count_ops() <= _SIMPLIFY_OPS and simplify(number) == 0)


def sign_beside(expr: Expr, variable: Symbol, point: Expr, side: int, width: Fraction) -> int | None:
    """Return the sign that `expr` provably has at every t with 0 < side*(t - point) <= width; None: unknown.

    Examples
    --------
    >>> from sympy import Symbol, exp, sqrt, Integer
    >>> t = Symbol("t")
    >>> sign_beside(sqrt(1 - exp(-t)), t, Integer(0), +1, Fraction(1, 4))
    1
    """
    leading = expand_beside(expr, variable, point, side, width)
    if leading is None:
        return None
    return 1 if leading.bracket > 0 else -1 if leading.bracket < 0 else None


def expand_beside(expr: Expr, variable: Symbol, point: Expr, side: int, width: Fraction) -> Leading | None:
    """Expand `expr` on the given side (+1: t > point, -1: t < point) of `point`, up to a distance `width`."""
    h = Dummy("h", positive=True)
    k = _common_root(expr, variable)
    for _ in range(4):  # a root of a root can show that a larger k is needed
        if k > _MAX_ROOT:
            return None
        reach = arb(fmpq(width.numerator, width.denominator)).root(k).upper()
        algebra = _Algebra(h, arb(0).union(reach))
        inner = expr.xreplace({variable: point + side * h**k})
        try:
            model = algebra.settle(inner, algebra.walk(inner))
        except _NeedsRootError as need:
            k *= need.factor
            continue
        except (_GaveUpError, UndefinedValue, BallError):
            return None
        return Leading(Fraction(model.order, k), arb(model.head[0]), algebra.bracket(model))
    return None


def _common_root(expr: Expr, variable: Symbol) -> int:
    denominators = [
        int(node.exp.q)
        for node in expr.atoms(Pow)
        if node.exp.is_Rational and not node.exp.is_Integer and node.base.has(variable)
    ]
    return lcm(*denominators) if denominators else 1


class _NeedsRootError(ArithmeticError):
    def __init__(self, factor: int) -> None:
        super().__init__(f"h must be replaced by h**{factor}")
        self.factor = factor


@dataclass
class _Model:
    """h**order * (sum of head[i] h**i + rest * h**len(head)), `rest` a ball good for every h in (0, h0]."""

    order: int
    head: list[Coefficient]
    rest: arb


class _Algebra:
    """Arithmetic of the models over h in (0, h0]; `span` is the ball [0, h0]."""

    def __init__(self, h: Symbol, span: arb) -> None:
        self.h = h
        self.span = span
        self.memo: dict[Expr, _Model] = {}

    # --- the tree ------------------------------------------------------------------------------------

    def walk(self, node: Expr) -> _Model:
        found = self.memo.get(node)
        if found is None:
            found = self.memo[node] = self._node(node)
        return found

    def _node(self, node: Expr) -> _Model:
        if not node.has(self.h):
            return self.constant(_number(node))
        if node == self.h:
            return _Model(1, [fmpq(1)] + [ZERO] * (_ORDER - 1), arb(0))
        if node.is_Add:
            total = self.walk(node.args[0])
            for term in node.args[1:]:
                total = self.add(total, self.walk(term))
            return total
        if node.is_Mul:
            product = self.walk(node.args[0])
            for factor in node.args[1:]:
                product = self.multiply(product, self.walk(factor))
            return product
        if node.is_Pow and node.base != E:
            return self._power_node(node)
        name = "exp" if node.is_Pow else type(node).__name__
        argument = node.exp if node.is_Pow else node.args[0]
        if name in _QUOTIENTS:
            above, below = _QUOTIENTS[name](argument)
            return self.multiply(self.walk(above), self.power(below, self.walk(below), Fraction(-1)))
        if name == "Abs":
            model = self.settle(argument, self.walk(argument))
            bracket = self.bracket(model)
            if bracket > 0:
                return model
            if bracket < 0:
                return self.scale(model, fmpq(-1))
            raise _GaveUpError
        if len(node.args) == 1 or node.is_Pow:
            return self.compose(name, argument, self.walk(argument))
        raise _GaveUpError

    def _power_node(self, node: Expr) -> _Model:
        base, exponent = node.args
        if exponent.is_Rational:
            return self.power(base, self.walk(base), Fraction(int(exponent.p), int(exponent.q)))
        log_base = self.compose("log", base, self.walk(base))
        product = self.multiply(self.walk(exponent), log_base)
        return self.compose("exp", None, product)

    # --- ring operations -----------------------------------------------------------------------------

    def constant(self, value: Coefficient) -> _Model:
        return _Model(0, [value] + [ZERO] * (_ORDER - 1), arb(0))

    def bracket(self, model: _Model) -> arb:
        total = model.rest
        for c in reversed(model.head):
            total = total * self.span + c
        return total

    def cut(self, model: _Model, length: int) -> _Model:
        """Fold the coefficients from `length` on into the remainder."""
        if len(model.head) <= length:
            return model
        tail = _Model(0, model.head[length:], model.rest)
        return _Model(model.order, model.head[:length], self.bracket(tail))

    def scale(self, model: _Model, factor: Coefficient) -> _Model:
        return _Model(model.order, [_times(c, factor) for c in model.head], model.rest * factor)

    def add(self, a: _Model, b: _Model) -> _Model:
        order = min(a.order, b.order)
        end = min(a.order + len(a.head), b.order + len(b.head))
        heads = []
        rest = arb(0)
        for m in (a, b):
            padded = _Model(order, [ZERO] * (m.order - order) + m.head, m.rest)
            padded = self.cut(padded, end - order)
            heads.append(padded.head)
            rest += padded.rest
        return _Model(order, [x + y for x, y in zip(*heads, strict=True)], rest)

    def multiply(self, a: _Model, b: _Model) -> _Model:
        n = min(len(a.head), len(b.head))
        a, b = self.cut(a, n), self.cut(b, n)
        full: list[Coefficient] = [ZERO] * (2 * n - 1)
        for i, x in enumerate(a.head):
            for j, y in enumerate(b.head):
                full[i + j] = full[i + j] + _times(x, y)
        above = self.bracket(_Model(0, full[n:], arb(0)))
        poly_a = self.bracket(_Model(0, a.head, arb(0)))
        rest = above + poly_a * b.rest + a.rest * self.bracket(b)
        return _Model(a.order + b.order, full[:n], rest)

    # --- orders --------------------------------------------------------------------------------------

    def settle(self, node: Expr | None, model: _Model) -> _Model:
        """Drop leading coefficients proven zero, until one excludes zero."""
        order, head = model.order, list(model.head)
        while head:
            first = head[0]
            if isinstance(first, fmpq):
                if first != 0:
                    break
            elif not first.contains(0):
                break
            elif first.is_zero():
                pass
            elif not first.is_finite() or not self._coefficient_is_zero(node, order):
                raise _GaveUpError
            head.pop(0)
            order += 1
        if not head:
            raise _GaveUpError
        return _Model(order, head, model.rest)

    def _coefficient_is_zero(self, node: Expr | None, order: int) -> bool:
        # Only a ball here, so ask the exact tree: the coefficient is the order-th derivative at h = 0 over
        # order!.  Where the tree is not smooth at 0, SymPy gives nan or zoo there and nothing is claimed.
        if node is None or order < 0:
            return False
        derivative = node.diff(self.h, order) if order else node
        return exactly_zero(derivative.subs(self.h, 0))

    # --- functions -----------------------------------------------------------------------------------

    def power(self, node: Expr, model: _Model, exponent: Fraction) -> _Model:
        if exponent.denominator == 1 and exponent >= 0:
            result = self.constant(fmpq(1))
            for bit in bin(int(exponent))[2:]:
                result = self.multiply(result, result)
                result = self.multiply(result, model) if bit == "1" else result
            return result
        model = self.settle(node, model)
        first = model.head[0]
        order = model.order * exponent
        if order.denominator != 1:
            raise _NeedsRootError(order.denominator)
        if exponent.denominator != 1 and not arb(first) > 0:
            raise UndefinedValue(f"the root of a negative number in {node}")
        ratio = self.scale(_Model(0, model.head, model.rest), 1 / first)
        ratio.head[0] = fmpq(1)
        increment = _Model(0, [ZERO, *ratio.head[1:]], ratio.rest)
        n = len(ratio.head)
        binomials = [_binomial(exponent, j) for j in range(n + 1)]
        around = self.bracket(ratio)
        if not around > 0:
            raise _GaveUpError
        e = exponent - n
        remainder = binomials[n] * _power_of(around, e)
        result = self._horner(binomials[:n], arb(remainder), increment)
        result = self.scale(result, _power_of(first, exponent))
        return _Model(int(order), result.head, result.rest)

    def compose(self, name: str, node: Expr | None, model: _Model) -> _Model:
        """f(model) for a function analytic at the model's value at h = 0."""
        if model.order < 0:
            model = self.settle(node, model)
            if model.order < 0:
                raise _GaveUpError  # an essential singularity, or a growth that no power matches
        head = [ZERO] * model.order + model.head
        model = self.cut(_Model(0, head, model.rest), _ORDER)
        centre, n = model.head[0], len(model.head)
        increment = _Model(0, [ZERO, *model.head[1:]], model.rest)
        at_centre = _taylor(name, arb(centre), n)
        if centre == 0 and isinstance(centre, fmpq) and name in _AT_ZERO:
            at_centre = [_AT_ZERO[name](j) for j in range(n)]
        remainder = arb(_taylor(name, self.bracket(model), n + 1)[n])
        return self._horner(at_centre[:n], remainder, increment)

    def _horner(self, coefficients: list[Coefficient], remainder: arb, increment: _Model) -> _Model:
        """Sum of c_j y**j + remainder*y**n, y = `increment` without constant term."""
        n = len(coefficients)
        result = self.constant(coefficients[-1])
        for c in reversed(coefficients[:-1]):
            result = self.add(self.multiply(result, increment), self.constant(c))
        result = self.cut(result, n)
        slope = self.bracket(_Model(0, increment.head[1:], increment.rest))
        return _Model(0, result.head, result.rest + remainder * _whole_power(slope, n))


def _number(node: Expr) -> Coefficient:
    if isinstance(node, Rational):
        return fmpq(int(node.p), int(node.q))
    ball = enclose(node, {})
    if not ball.is_finite():
        raise _GaveUpError
    return ZERO if ball.contains(0) and exactly_zero(node) else ball


def _times(x: Coefficient, y: Coefficient) -> Coefficient:
    for c in (x, y):
        if isinstance(c, fmpq) and c == 0:
            return ZERO
    return x * y


def _power_of(value: Coefficient, exponent: Fraction) -> Coefficient:
    if exponent.denominator == 1 and (isinstance(value, fmpq) or exponent < 0):
        return value ** int(exponent)
    if exponent.denominator == 1:
        return _whole_power(value, int(exponent))
    if value == 1 and isinstance(value, fmpq):
        return value
    return arb(value) ** arb(fmpq(exponent.numerator, exponent.denominator))


def _whole_power(ball: arb, exponent: int) -> arb:
    # python-flint's ball**n is nan where the midpoint is 0.
    result = arb(1)
    for _ in range(exponent):
        result *= ball
    return result


def _binomial(e: Fraction, j: int) -> fmpq:
    value = Fraction(1)
    for i in range(j):
        value *= (e - i) / Fraction(i + 1)
    return fmpq(value.numerator, value.denominator)


def _taylor(name: str, centre: arb, count: int) -> list[Coefficient]:
    """Enclose f, f', f''/2, ... at every point of `centre`."""
    if name in ("sinh", "cosh"):
        up, down = _taylor("exp", centre, count), _taylor("exp", -centre, count)
        sign = -1 if name == "sinh" else 1
        return [(u + sign * (-1) ** j * d) / 2 for j, (u, d) in enumerate(zip(up, down, strict=True))]
    if name not in _SERIES:
        raise _GaveUpError
    if (name == "log" and not centre > 0) or (name in ("asin", "acos") and not abs(centre) < 1):
        raise _GaveUpError
    series = getattr(arb_series([centre, 1], prec=count), name)()
    if series.prec < count:  # flint.ctx.cap was lowered: what is beyond it reads as 0
        raise _GaveUpError
    coefficients = [series[j] for j in range(count)]
    if not all(c.is_finite() for c in coefficients):
        raise _GaveUpError
    return coefficients


# tan and its like as quotients, so that their poles are found as exact zeros of the denominator.
_QUOTIENTS: dict[str, Callable[[Expr], tuple[Expr, Expr]]] = {
    "tan": lambda x: (sin(x), cos(x)), "cot": lambda x: (cos(x), sin(x)),
    "sec": lambda x: (Integer(1), cos(x)), "csc": lambda x: (Integer(1), sin(x)),
    "tanh": lambda x: (sinh(x), cosh(x)), "coth": lambda x: (cosh(x), sinh(x)),
    "sech": lambda x: (Integer(1), cosh(x)), "csch": lambda x: (Integer(1), sinh(x)),
}  # fmt: skip

_SERIES = frozenset({"exp", "log", "sin", "cos", "atan", "asin", "acos"})


def _cycle(values: tuple[int, int, int, int]) -> Callable[[int], Coefficient]:
    return lambda j: fmpq(values[j % 4], factorial(j))


# Exact coefficients at 0, so that 1 - cos(h) or exp(h) - 1 - h loses its leading terms exactly.
_AT_ZERO: dict[str, Callable[[int], Coefficient]] = {
    "exp": _cycle((1, 1, 1, 1)), "sin": _cycle((0, 1, 0, -1)), "cos": _cycle((1, 0, -1, 0)),
    "sinh": _cycle((0, 1, 0, 1)), "cosh": _cycle((1, 0, 1, 0)),
    "atan": lambda j: fmpq(0) if j % 2 == 0 else fmpq((-1) ** (j // 2), j),
    "asin": lambda j: fmpq(0) if j % 2 == 0 else fmpq(comb(j - 1, j // 2), 2 ** (j - 1) * j),
}  # fmt: skip
