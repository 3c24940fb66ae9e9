"""Arithmetic of expansions with a rigorous remainder, in a variable 0 < h <= h0.

A model stands for a function that is h**order * (c_0 + c_1 h + ... + c_{n-1} h**(n-1) + r(h) h**n), with r(h)
in one ball for *every* such h.  A leading coefficient is dropped as zero only when it is exactly so: the
rational 0, or a constant whose symbolic value is 0; never because it is small.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq
from sympy import E, Expr, Rational, Symbol, pi

from ..proof.ball import UndefinedValueError, enclose
from .taylor import (
    AT_ZERO,
    QUOTIENTS,
    ZERO,
    Coefficient,
    GaveUpError,
    at_quarter_turns,
    binomial,
    power_of,
    taylor,
    times,
    whole_power,
)
from .zero import exactly_zero

__all__ = ["Algebra", "Model", "NeedsRootError"]

_ORDER = 8  # coefficients kept; the worst catalogue entry needs 2, sin(t)**2 - t**2 + t**4/3 needs 6

_LONGEST = 64  # coefficients of a sum, leading zeros among them


class NeedsRootError(ArithmeticError):
    """The expansion needs a finer variable: h must be replaced by a power of it."""

    def __init__(self, factor: int) -> None:
        super().__init__(f"h must be replaced by h**{factor}")
        self.factor = factor


@dataclass
class Model:
    """h**order * (sum of head[i] h**i + rest * h**len(head)), `rest` a ball good for every h in (0, h0]."""

    order: int
    head: list[Coefficient]
    rest: arb


class Algebra:
    """Arithmetic of the models over h in (0, h0]; `span` is the ball [0, h0]."""

    def __init__(self, h: Symbol, span: arb) -> None:
        self.h = h
        self.span = span
        self.memo: dict[Expr, Model] = {}

    # --- the tree ------------------------------------------------------------------------------------

    def walk(self, node: Expr) -> Model:
        """Expand a node of the tree."""
        found = self.memo.get(node)
        if found is None:
            found = self.memo[node] = self._node(node)
        return found

    def _node(self, node: Expr) -> Model:
        if not node.has(self.h):
            return self.constant(_number(node))
        if node == self.h:
            return Model(1, [fmpq(1)] + [ZERO] * (_ORDER - 1), arb(0))
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
        if name in QUOTIENTS:
            above, below = QUOTIENTS[name](argument)
            return self.multiply(self.walk(above), self.power(below, self.walk(below), Fraction(-1)))
        if name == "Abs":
            model = self.settle(argument, self.walk(argument))
            bracket = self.bracket(model)
            if bracket > 0:
                return model
            if bracket < 0:
                return self.scale(model, fmpq(-1))
            raise GaveUpError
        if len(node.args) == 1 or node.is_Pow:
            return self.compose(name, argument, self.walk(argument))
        raise GaveUpError

    def _power_node(self, node: Expr) -> Model:
        base, exponent = node.args
        if exponent.is_Rational:
            return self.power(base, self.walk(base), Fraction(int(exponent.p), int(exponent.q)))
        log_base = self.compose("log", base, self.walk(base))
        product = self.multiply(self.walk(exponent), log_base)
        return self.compose("exp", None, product)

    # --- ring operations -----------------------------------------------------------------------------

    def constant(self, value: Coefficient) -> Model:
        """Expand a constant."""
        return Model(0, [value] + [ZERO] * (_ORDER - 1), arb(0))

    def bracket(self, model: Model) -> arb:
        """Enclose the bracket of a model on the whole range of h."""
        total = model.rest
        for c in reversed(model.head):
            total = total * self.span + c
        return total

    def cut(self, model: Model, length: int) -> Model:
        """Fold the coefficients from `length` on into the remainder."""
        if len(model.head) <= length:
            return model
        tail = Model(0, model.head[length:], model.rest)
        return Model(model.order, model.head[:length], self.bracket(tail))

    def scale(self, model: Model, factor: Coefficient) -> Model:
        """Multiply by a constant."""
        return Model(model.order, [times(c, factor) for c in model.head], model.rest * factor)

    def add(self, a: Model, b: Model) -> Model:
        """Add two models, on their common order.

        What has no remainder is known to any length, so 1 + h**9 keeps both its terms.
        """
        order = min(a.order, b.order)
        ends = [m.order + len(m.head) for m in (a, b)]
        open_ends = [end for m, end in zip((a, b), ends, strict=True) if not m.rest.is_zero()]
        length = min(min(open_ends, default=max(ends)) - order, _LONGEST)
        heads = []
        rest = arb(0)
        for m in (a, b):
            padded = self.cut(Model(order, [ZERO] * (m.order - order) + m.head, m.rest), length)
            heads.append(padded.head + [ZERO] * (length - len(padded.head)))
            rest += padded.rest
        return Model(order, [x + y for x, y in zip(*heads, strict=True)], rest)

    def multiply(self, a: Model, b: Model) -> Model:
        """Multiply two models; what is cut off goes into the remainder."""
        a, b = self.stripped(a), self.stripped(b)
        known = [len(m.head) for m in (a, b) if not m.rest.is_zero()]
        n = min(min(known, default=max(_ORDER, _degree(a.head) + _degree(b.head) + 1)), _LONGEST)
        a, b = self.cut(a, n), self.cut(b, n)
        a, b = (Model(m.order, m.head + [ZERO] * (n - len(m.head)), m.rest) for m in (a, b))
        full: list[Coefficient] = [ZERO] * (2 * n - 1)
        for i, x in enumerate(a.head):
            for j, y in enumerate(b.head):
                full[i + j] = full[i + j] + times(x, y)
        above = self.bracket(Model(0, full[n:], arb(0)))
        poly_a = self.bracket(Model(0, a.head, arb(0)))
        rest = above + poly_a * b.rest + a.rest * self.bracket(b)
        return Model(a.order + b.order, full[:n], rest)

    def stripped(self, model: Model) -> Model:
        """Leave out leading coefficients that are the rational 0, all but the last."""
        zeros = 0
        while zeros < len(model.head) - 1 and isinstance(first := model.head[zeros], fmpq) and first == 0:
            zeros += 1
        return Model(model.order + zeros, model.head[zeros:], model.rest)

    # --- orders --------------------------------------------------------------------------------------

    def settle(self, node: Expr | None, model: Model) -> Model:
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
                raise GaveUpError
            head.pop(0)
            order += 1
        if not head:
            raise GaveUpError
        return Model(order, head, model.rest)

    def _coefficient_is_zero(self, node: Expr | None, order: int) -> bool:
        # Only a ball here, so ask the exact tree: the coefficient is the order-th derivative at h = 0 over
        # order!.  Where the tree is not smooth at 0, SymPy gives nan or zoo there and nothing is claimed.
        if node is None or order < 0:
            return False
        derivative = node.diff(self.h, order) if order else node
        return exactly_zero(derivative.subs(self.h, 0))

    # --- functions -----------------------------------------------------------------------------------

    def power(self, node: Expr, model: Model, exponent: Fraction) -> Model:
        """Raise a model to a rational power."""
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
            raise NeedsRootError(order.denominator)
        if exponent.denominator != 1 and not arb(first) > 0:
            raise UndefinedValueError(f"the root of a negative number in {node}")
        ratio = self.scale(Model(0, model.head, model.rest), 1 / first)
        ratio.head[0] = fmpq(1)
        increment = Model(1, ratio.head[1:], ratio.rest)
        n = len(ratio.head)
        binomials = [binomial(exponent, j) for j in range(n + 1)]
        around = self.bracket(ratio)
        if not around > 0:
            raise GaveUpError
        e = exponent - n
        remainder = binomials[n] * power_of(around, e)
        result = self._horner(binomials[:n], arb(remainder), increment)
        result = self.scale(result, power_of(first, exponent))
        return Model(int(order) + result.order, result.head, result.rest)

    def compose(self, name: str, node: Expr | None, model: Model) -> Model:
        """f(model) for a function analytic at the model's value at h = 0."""
        if model.order < 0:
            model = self.settle(node, model)
            if model.order < 0:
                raise GaveUpError  # an essential singularity, or a growth that no power matches
        model = self.stripped(model)
        if not model.head:
            raise GaveUpError
        centre = model.head[0] if model.order == 0 else ZERO
        increment = model if model.order else Model(1, model.head[1:], model.rest)
        if centre == 0 and isinstance(centre, fmpq) and name in AT_ZERO:
            at_centre = [AT_ZERO[name](j) for j in range(_ORDER)]
        elif name in ("sin", "cos") and (quarters := self._quarter_turns(node, centre)):
            at_centre = at_quarter_turns(name, quarters, _ORDER)
        else:
            at_centre = taylor(name, arb(centre), _ORDER)
        around = centre + self.bracket(increment) * whole_power(self.span, increment.order)
        remainder = arb(taylor(name, around, _ORDER + 1)[_ORDER])
        return self._horner(at_centre[:_ORDER], remainder, increment)

    def _quarter_turns(self, node: Expr | None, centre: Coefficient) -> int:
        """Which multiple of pi/2 the centre is exactly; 0 where it is none."""
        quarters = (arb(centre) * 2 / arb.pi()).unique_fmpz()
        if node is None or not quarters or node.subs(self.h, 0) != int(quarters) * pi / 2:
            return 0
        return int(quarters)

    def _horner(self, coefficients: list[Coefficient], remainder: arb, increment: Model) -> Model:
        """Sum of c_j y**j + remainder*y**n, y = `increment`, which has an order of 1 at least."""
        n = len(coefficients)
        result = self.constant(coefficients[-1])
        for c in reversed(coefficients[:-1]):
            result = self.add(self.multiply(result, increment), self.constant(c))
        last = remainder * whole_power(self.bracket(increment), n)
        return self.add(result, Model(n * increment.order, [], last))


def _degree(head: list[Coefficient]) -> int:
    return max((i for i, c in enumerate(head) if not (isinstance(c, fmpq) and c == 0)), default=0)


def _number(node: Expr) -> Coefficient:
    if isinstance(node, Rational):
        return fmpq(int(node.p), int(node.q))
    ball = enclose(node, {})
    if not ball.is_finite():
        raise GaveUpError
    return ZERO if ball.contains(0) and exactly_zero(node) else ball
