r"""The first proof engine: an expression is zero if its normal form is.

**Normal form.**  After :func:`~s2n_proofs.proof.jets.to_jets` an expression is made of real symbols, exact
numbers, $+$, $\times$, powers and elementary functions.  It is read from the leaves up into a sum of
power products $\sum_j c_j \prod_i g_i^{e_{ij}}$, $c_j, e_{ij} \in \mathbb{Q}$, over *generators* $g_i$:

========================  =======================================================================
generator                 facts used
========================  =======================================================================
symbol, $\pi$             its sign, if its assumptions tell; else none
prime number $p$          $p^1$ is the number; $\sqrt6 = 2^{1/2}\,3^{1/2}$
$P$, a sum                $P = $ that sum, irreducible; so $1/P$, $\sqrt P$ are power products
$W$, what has no sign     $W = $ that product; $\sqrt W$ is kept whole, up to positive factors
$\log g$                  $\log$ of a generator; a log is split over factors known positive
$e^m$, $m$ a monomial     $e^{\sum c_m m} = \prod (e^m)^{c_m}$; $e^{c \log g} = g^c$; $e^{i\pi} = -1$
$|g|$                     $|g|^2 = g^2$, $g$ real; hence $\sqrt{g^2} = |g|$
$w^k$, $\arctan w$, ...   none (sign of $w$ not known; inverse functions)
========================  =======================================================================

So $B^k = e^{k \log B}$ for positive $B$ and any exponent $k$, and sine, cosine and the hyperbolic
functions are exponentials: angle sums and $s^2 + c^2 = 1$ need no rule.  At the end negative powers of sums
are multiplied away and every $g^n$ that has a value is replaced by it; the expression is proved zero if
no term is left.

**Soundness.**  Fix a real point where the expression is *defined*: all its parts are real numbers there
(no division by 0, no even root or logarithm outside its domain).  Every generator has a value at that
point, perhaps complex, and every rewriting keeps the value of every part, because it is an instance of

1. $g^a g^b = g^{a+b}$ for powers $e^{am}$, and for principal powers $e^{a \log g}$, $g \ne 0$;
   for $g = 0$ only $a, b > 0$ occur, as a negative power of 0 is defined nowhere;
2. $(pw)^c = p^c w^c$ and $\log pw = \log p + \log w$ for $p > 0$ and complex $w$;
   also $(pw)^c = p^c w^c$ for $p = 0$, as then $c > 0$;
3. $e^{a+b} = e^a e^b$, $\log e^m = m$ for real $m$; $(w^e)^c = w^{ec}$ for $0 < e \le 1$;
4. the relation of a generator to its value.

A generator counts as positive, nonnegative or real only by its assumptions or by its shape (a sum of
nonnegative terms; equal to its conjugate), never because a root of it was written.  What is multiplied
away is a negative power that occurs, hence not 0.  So zero terms left means value 0 at that point.
The converse does not hold: ``False`` refutes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from ._rewrite import (
    MINUS_ONE,
    ONE,
    PI,
    Element,
    Generator,
    Generators,
    I,
    Monomial,
    NormalFormError,
    Sign,
    plus,
    raised,
    times,
)

__all__ = ["NormalFormError", "proves_zero"]

DEPTH_LIMIT = 100
HALF = Fraction(1, 2)


def proves_zero(expr: sp.Expr) -> bool:
    r"""Whether the normal form of an expression is 0.

    Parameters
    ----------
    expr : sympy.Expr
        In real symbols, exact numbers, powers and elementary functions, as
        :func:`~s2n_proofs.proof.jets.to_jets` leaves it.

    Returns
    -------
    bool
        True only if `expr` is 0 at every real point where it is defined and the assumptions of its
        symbols hold.  False means "not proved".

    Raises
    ------
    NormalFormError
        If `expr` holds a node that has no normal form (a float, a piecewise function, an unevaluated
        derivative), divides by what is identically 0, or is too large.

    Examples
    --------
    >>> from sympy import log, sqrt, symbols
    >>> A, S = symbols("A S", positive=True)
    >>> dA, dS = symbols("dA dS", real=True)
    >>> left = A * sqrt(-(S**2) / A**2 * (2 * dA / A - 2 * dS / S))
    >>> proves_zero(left - sqrt(2 * S * dS - 2 * S**2 * dA / A))
    True
    >>> proves_zero(sqrt(dA**2) - dA)
    False
    """
    reader = _Reader()
    return not reader.generators.reduce(reader.read(sp.sympify(expr, strict=True)))[0]


class _Reader:
    """Reads one expression, from the leaves up, into an element over its generators."""

    def __init__(self) -> None:
        self.generators = Generators()
        self._known: dict[sp.Basic, Element] = {}
        self._depth = 0

    def read(self, node: sp.Basic) -> Element:
        """The element of a node."""
        if node not in self._known:
            self._depth += 1
            if self._depth > DEPTH_LIMIT:
                raise NormalFormError(f"the expression is nested deeper than {DEPTH_LIMIT}")
            self._known[node] = self._read(node)
            self._depth -= 1
        return self._known[node]

    def _read(self, node: sp.Basic) -> Element:
        if isinstance(node, sp.Rational):
            return {(): Fraction(int(node.p), int(node.q))} if node != 0 else {}
        if isinstance(node, sp.Symbol) and node.is_commutative:
            return self._opaque(("symbol", node), _assumed_sign(node))
        if node is sp.pi:
            return {((PI, 1),): Fraction(1)}
        if node is sp.E:
            return self.exp(ONE)
        if isinstance(node, sp.Add):
            total: Element = {}
            for argument in node.args:
                total = plus(total, self.read(argument))
            return total
        if isinstance(node, sp.Mul):
            product = ONE
            for argument in node.args:
                product = self.generators.mul(product, self.read(argument))
            return product
        if isinstance(node, sp.Pow):
            return self._symbolic_power(self.read(node.base), self.read(node.exp))
        if len(node.args) == 1:
            if rule := _FUNCTIONS.get(node.func):
                return rule(self, self.read(node.args[0]))
            if node.func in (sp.asin, sp.acos, sp.atan):
                argument = frozenset(self.generators.canonical(self.read(node.args[0])).items())
                return self._opaque((node.func.__name__, argument), Sign.REAL)
        raise NormalFormError(f"no normal form for {type(node).__name__}: {node}")

    def _opaque(self, key: tuple[object, ...], sign: Sign) -> Element:
        return {((self.generators.add(Generator(key, sign)), 1),): Fraction(1)}

    def power(self, p: Element, c: Fraction) -> Element:
        """The principal power p^c."""
        if c.denominator == 1 and (c >= 0 or len(p) == 1):
            return self.generators.int_power(p, int(c))
        if c > 0 and not self.generators.reduce(p)[0]:
            return {}
        if c.denominator == 1:
            number, m = self.generators.factors(p)
            return self.generators.int_power({m: number}, int(c))
        return {raised(self.generators.separate(p), c): Fraction(1)}

    def _symbolic_power(self, base: Element, exponent: Element) -> Element:
        exponent = self.generators.canonical(exponent)
        if exponent.keys() <= {()}:
            return self.power(base, exponent.get((), Fraction(0)))
        parts = self.generators.separate(base)
        positive = tuple(pair for pair in parts if self.generators.table[pair[0]].sign is Sign.POSITIVE)
        result = self.exp(self.generators.mul(exponent, self._log_of(positive)))
        if rest := tuple(pair for pair in parts if pair not in positive):
            # No rule for these: 0^k 0^(1-k) is not 0 for every k where the left side is defined.
            opaque = ("power", rest, frozenset(exponent.items()))
            result = self.generators.mul(result, self._opaque(opaque, Sign.REAL))
        return result

    def log(self, p: Element) -> Element:
        """The logarithm, split over the factors that are known to be positive."""
        return self._log_of(self.generators.separate(p))

    def _log_of(self, m: Monomial) -> Element:
        total: Element = {}
        for g, e in m:
            kind, *meaning = self.generators.table[g].key
            if kind == "exp":  # of a real number, else `separate` had given it another name
                term: Element = {meaning[0]: Fraction(1)}  # type: ignore[dict-item]
            else:
                term = self._opaque(("log", g), Sign.REAL)
            total = plus(total, term, Fraction(e))
        return total

    def exp(self, p: Element) -> Element:
        """The exponential, a product over the terms of p."""
        result = ONE
        for m, c in self.generators.canonical(p).items():
            result = self.generators.mul(result, self._exp_term(m, c))
        return result

    def _exp_term(self, m: Monomial, c: Fraction) -> Element:
        if m == ((MINUS_ONE, HALF), (PI, 1)):
            return self._half_turns(c)
        kind, *meaning = self.generators.table[m[0][0]].key if m else ("number",)
        if kind == "log" and m[0][1] == 1 and len(m) == 1:
            return {((meaning[0], c),): Fraction(1)}  # type: ignore[dict-item]
        conjugate = self.generators.conjugate({m: Fraction(1)})
        real, imaginary = conjugate == {m: Fraction(1)}, conjugate == {m: Fraction(-1)}
        sign = Sign.POSITIVE if real else Sign.PHASE if imaginary else Sign.UNKNOWN
        return {((self.generators.add(Generator(("exp", m), sign)), c),): Fraction(1)}

    def _half_turns(self, c: Fraction) -> Element:
        r"""$e^{i\pi c}$, by $e^{i\pi/3} = (1+i\sqrt3)/2$, $e^{i\pi/4} = (1+i)/\sqrt2$ if 12c is whole."""
        if 12 % c.denominator or c.denominator <= 2:
            return {((MINUS_ONE, c),): Fraction(1)}
        thirds = int(12 * c) % 3
        quarters = (int(12 * c) - 4 * thirds) // 3
        root = self.power({(): Fraction(3)}, HALF)
        sixth = plus({(): HALF}, self.generators.mul(I, root), HALF)
        eighth = self.generators.mul(plus(ONE, I), self.power({(): Fraction(2)}, -HALF))
        powers = [self.generators.int_power(sixth, thirds), self.generators.int_power(eighth, quarters % 8)]
        return self.generators.reduce(self.generators.mul(*powers))[0]

    def waves(self, p: Element, unit: Element, sign: int) -> Element:
        r"""$(e^{up} \pm e^{-up})/2$ for the unit u = 1 or i; divided by u for the minus sign."""
        u = self.generators.mul(unit, p)
        total = plus(self.exp(u), self.exp(plus({}, u, -1)), sign)
        divisor = ONE if sign > 0 else self.power(unit, Fraction(-1))
        return plus({}, self.generators.mul(total, divisor), HALF)

    def absolute(self, p: Element) -> Element:
        """The absolute value of a real p, factor by factor where the factors are known to be real."""
        table = self.generators.table
        if not self.generators.reduce(p)[0]:
            return {}
        number, m = self.generators.factors(p)
        signed = [(g, e) for g, e in m if table[g].sign not in (Sign.POSITIVE, Sign.NONNEGATIVE)]
        if any(table[g].sign is not Sign.REAL or e.denominator != 1 for g, e in signed):
            g = self.generators.named(self.generators.canonical(p))
            return {((self.generators.modulus(g), 1),): Fraction(1)}
        for g, e in signed:
            m = times(m, ((self.generators.modulus(g), e), (g, -e)))
        return {m: abs(number)}


def _assumed_sign(symbol: sp.Symbol) -> Sign:
    if symbol.is_positive:
        return Sign.POSITIVE
    if symbol.is_nonnegative:
        return Sign.NONNEGATIVE
    return Sign.REAL if symbol.is_real else Sign.UNKNOWN


def _wave(unit: Element, sign: int) -> Callable[[_Reader, Element], Element]:
    return lambda reader, p: reader.waves(p, unit, sign)


_SIN, _COS, _SINH, _COSH = _wave(I, -1), _wave(I, 1), _wave(ONE, -1), _wave(ONE, 1)


def _ratio(
    top: Callable[[_Reader, Element], Element] | None, bottom: Callable[[_Reader, Element], Element]
) -> Callable[[_Reader, Element], Element]:
    def rule(reader: _Reader, p: Element) -> Element:
        inverse = reader.power(bottom(reader, p), Fraction(-1))
        return reader.generators.mul(top(reader, p), inverse) if top else inverse

    return rule


_FUNCTIONS: dict[object, Callable[[_Reader, Element], Element]] = {
    sp.exp: _Reader.exp, sp.log: _Reader.log, sp.Abs: _Reader.absolute,
    sp.sin: _SIN, sp.cos: _COS, sp.tan: _ratio(_SIN, _COS), sp.cot: _ratio(_COS, _SIN),
    sp.sec: _ratio(None, _COS), sp.csc: _ratio(None, _SIN),
    sp.sinh: _SINH, sp.cosh: _COSH, sp.tanh: _ratio(_SINH, _COSH), sp.coth: _ratio(_COSH, _SINH),
    sp.sech: _ratio(None, _COSH), sp.csch: _ratio(None, _SINH),
}  # fmt: skip
