r"""The second opinion on an algebraic identity: multivariate polynomials in FLINT.

An expression in jets, parameters, roots, symbolic powers, exponentials, logarithms and trigonometric
functions is written as one fraction N/D of polynomials over *generators* (:mod:`._flint_atoms` says what
those are and why the fraction is equal to the expression at every point).  It is zero where it is
defined if N reduces to 0 modulo the relations between the generators.

**Where an expression is defined.**  At the real points that satisfy the symbols' assumptions and at which
every node of the tree is a real number: no division by 0, nothing negative under a root (of any order) or
in a logarithm.  That a node is defined is itself used: where $\sqrt{x}$ occurs, x >= 0.  So
$\sqrt{xy} = \sqrt x\sqrt y$ and $\log x^2 = 2\log x$ are proved for real x and y: both sides agree where
both are defined.  Whether they are defined on a claim's domain is for the refuter, which goes first.
Opposite demands, $\sqrt{x}$ and $\sqrt{-x}$, are an error: nothing holds "wherever that is defined".

The rules, each valid at every such point:

- $\sqrt[n]{v}$, $\log v$: v is factored; factors known positive leave the root or logarithm one by one,
  even powers leave as $|f|$, the rest stays together (:meth:`._flint_atoms.Field.split`).
- $e^{\sum c\,m}$, c rational, m a monomial fraction: $(e^{m})^{c}$ if m holds no single logarithm,
  $(B^{k})^{c}$ if $m = k\log B$.
- $b^{E} = e^{E \log b}$ for b > 0 and E not a rational number.
- $\cos\sum c\,m$, $\sin\sum c\,m$: addition theorems over a common part of each angle m, then
  $s^2 = 1 - c^2$; multiples of $\pi/12$ have their algebraic values; tan, cot, sec and csc are quotients.
- sinh, cosh, tanh (and reciprocals) are written in exponentials.
- asin, acos, atan, and powers of things of unknown sign, are functions of which nothing is known.

SymPy only lends its tree (``func``, ``args``, assumptions of symbols); no algebra of SymPy is used, so
that a mistake of its simplifiers, on which the first engine stands, cannot be repeated here.
"""

from __future__ import annotations

from fractions import Fraction

import sympy

from ._flint_atoms import NONNEGATIVE, POSITIVE, UNKNOWN, EngineError, Field, Plan, Restart, Value, key_of

__all__ = ["EngineError", "proves_zero"]

# Quotients of cosine c and sine s, of an angle or a hyperbolic one.
CIRCULAR = {
    sympy.cos: ("c", "1"), sympy.sin: ("s", "1"), sympy.tan: ("s", "c"),
    sympy.cot: ("c", "s"), sympy.sec: ("1", "c"), sympy.csc: ("1", "s"),
}  # fmt: skip
HYPERBOLIC = {
    sympy.cosh: ("c", "1"), sympy.sinh: ("s", "1"), sympy.tanh: ("s", "c"),
    sympy.coth: ("c", "s"), sympy.sech: ("1", "c"), sympy.csch: ("1", "s"),
}  # fmt: skip
OPAQUE = {
    sympy.asin, sympy.acos, sympy.atan, sympy.acot, sympy.asec, sympy.acsc,
    sympy.asinh, sympy.acosh, sympy.atanh,
}  # fmt: skip
MAX_RESTARTS = 64
MAX_MULTIPLE = 500  # of a base angle; cos(n x) is a polynomial of degree n


def proves_zero(expr: sympy.Expr) -> bool:
    """Whether FLINT proves that `expr` is 0 at every real point where it is defined.

    Parameters
    ----------
    expr : sympy.Expr
        What :func:`.jets.to_jets` returns: symbols, exact numbers, elementary functions.

    Returns
    -------
    bool
        True: `expr` is identically zero.  False: not proved, which refutes nothing.

    Raises
    ------
    EngineError
        If `expr` holds a node the engine does not know (a float, an integral, an unknown function),
        divides by something identically zero, or is too large.

    Examples
    --------
    >>> from sympy import Symbol, log, sqrt, exp
    >>> A, S = Symbol("A", positive=True), Symbol("S", positive=True)
    >>> x = Symbol("x", real=True)
    >>> proves_zero(exp(-(2 * log(A) - 2 * log(S)) / 2) - S / A)
    True
    >>> proves_zero(A * sqrt(1 - x**2 / S**2) * S - A * sqrt(S**2 - x**2))
    True
    >>> proves_zero(sqrt(x**2) - x)
    False
    """
    plan = Plan()
    try:
        for _ in range(MAX_RESTARTS):
            try:
                return _proves_zero(expr, Field(plan))
            except Restart:
                continue
    except RecursionError:
        raise EngineError("the expression is nested too deeply") from None
    raise EngineError("the generators did not settle")


def _proves_zero(expr: sympy.Expr, field: Field) -> bool:
    if _Reader(field).read(expr).num.is_zero():
        return True
    # A sign learned late (x >= 0, from a sqrt(x) further on) may settle what was read before it.
    return field.learned and bool(_Reader(field).read(expr).num.is_zero())


class _Reader:
    """Reads a SymPy tree bottom-up into values of a field."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.read_before: dict[sympy.Basic, Value] = {}

    def read(self, expr: sympy.Basic) -> Value:
        if expr not in self.read_before:
            self.read_before[expr] = self._read(expr)
        return self.read_before[expr]

    def _read(self, expr: sympy.Basic) -> Value:
        field = self.field
        if isinstance(expr, sympy.Rational):
            return field.constant(Fraction(int(expr.p), int(expr.q)))
        if isinstance(expr, sympy.Symbol):
            return self._symbol(expr)
        if expr == sympy.pi:
            return self._pi()
        if expr == sympy.E:
            return self.exp([field.one])
        if isinstance(expr, sympy.Add):
            return field.add(self.read(a) for a in expr.args)
        if isinstance(expr, sympy.Mul):
            return field.mul(*(self.read(a) for a in expr.args))
        if isinstance(expr, sympy.Pow):
            return self._pow(*expr.args)
        if len(expr.args) == 1 and isinstance(expr, sympy.Function):
            return self._function(expr)
        raise EngineError(f"the FLINT engine does not know {type(expr).__name__}: {expr}")

    def _symbol(self, symbol: sympy.Symbol) -> Value:
        if symbol.is_real is False or symbol.is_finite is False or not symbol.is_commutative:
            raise EngineError(f"the symbol {symbol} is not a real number")
        sign = POSITIVE if symbol.is_positive else NONNEGATIVE if symbol.is_nonnegative else UNKNOWN
        return self.field.symbol(symbol, sign)

    def _pi(self) -> Value:
        return self.field.symbol(sympy.pi, POSITIVE)

    def _summands(self, expr: sympy.Basic) -> list[Value]:
        """Read the summands apart, so that each keeps its own denominator."""
        return [self.read(a) for a in (expr.args if isinstance(expr, sympy.Add) else (expr,))]

    # Powers, exponentials, logarithms -------------------------------------------------------------

    def _pow(self, base: sympy.Basic, exponent: sympy.Basic) -> Value:
        field = self.field
        if base == sympy.E:
            return self.exp(self._summands(exponent))
        b, e = self.read(base), self.read(exponent)
        if e.num.is_constant() and e.den.is_constant():
            c = e.num.leading_coefficient()
            ratio = Fraction(int(c.p), int(c.q))
            return field.integer_power(b, int(ratio)) if ratio.denominator == 1 else self.root(b, ratio)
        if b.num.is_zero():
            raise EngineError(f"0 to the power {exponent}")
        # (f r)**E = f**E r**E for f > 0, whatever r is.
        constant, factors = field.factor(b)
        positive = field.primes(abs(constant))
        rest = field.constant(Fraction(1 if constant > 0 else -1))
        for f, n in factors:
            if field.sign(f) == POSITIVE:
                positive.append(field.atom(f, POSITIVE, n))
            else:
                rest = field.mul(rest, field.integer_power(Value(f, field.one.den), n))
        logs = [field.mul(field.constant(c), self.log_of_atom(slot)) for slot, c in positive]
        power = self.exp([field.mul(s, v) for s in self._summands(exponent) for v in logs])
        return power if key_of(rest) == key_of(field.one) else field.mul(power, field.opaque("pow", rest, e))

    def root(self, v: Value, e: Fraction) -> Value:
        """Return ``v ** e`` for a rational number e that is no integer; so v >= 0 where it is defined."""
        if v.num.is_zero():
            if e < 0:
                raise EngineError("0 to a negative power")
            return v
        return self.field.mul(*(self.field.power(slot, k * e) for slot, k in self.field.split(v, e < 0)))

    def exp(self, summands: list[Value]) -> Value:
        """Return the exponential of a sum."""
        field = self.field
        product = []
        for c, k in field.terms(summands):
            base, rest = self._log_factor(k)
            if base is None:
                slot, new = field.generator("exp", *key_of(k), sign=POSITIVE, unit=abs(c))
                log = k
            elif rest.num.is_one() and rest.den.is_one():
                product.append(field.power(base, c))
                continue
            else:
                slot, new = field.generator("pow", str(base), *key_of(rest), sign=POSITIVE, unit=abs(c))
                log = field.mul(rest, self.log_of_atom(base))
            if new:
                field.generators[slot].log = log
            product.append(field.power(slot, c))
        return field.mul(*product)

    def _log_factor(self, k: Value) -> tuple[int | None, Value]:
        """Split the monomial k into log(B) and the rest, if it holds exactly one logarithm, once."""
        degrees = list(reversed(k.num.degrees()))
        logs = [i for i, g in enumerate(self.field.generators) if g.log_of is not None and degrees[i]]
        if len(logs) != 1 or degrees[logs[0]] != 1:
            return None, k
        return self.field.generators[logs[0]].log_of, Value(k.num // self.field.x[logs[0]], k.den)

    def log(self, v: Value) -> Value:
        """Return log v; so v > 0 where it is defined."""
        if v.num.is_zero():
            raise EngineError("log(0)")
        parts = self.field.split(v, nonzero=True)
        return self.field.add(self.field.mul(self.field.constant(e), self.log_of_atom(slot)) for slot, e in parts)

    def log_of_atom(self, slot: int) -> Value:
        """Return the logarithm of an atom that is positive wherever the expression is defined."""
        field, generator = self.field, self.field.generators[slot]
        if generator.log is None:
            log_slot, _ = field.generator("log", str(slot))
            field.generators[log_slot].log_of = slot
            generator.log = field.power(log_slot, Fraction(1))
        return generator.log

    # Other functions ------------------------------------------------------------------------------

    def _function(self, expr: sympy.Function) -> Value:
        field, function, argument = self.field, expr.func, expr.args[0]
        if function is sympy.exp:
            return self.exp(self._summands(argument))
        if function is sympy.log:
            return self.log(self.read(argument))
        if function is sympy.Abs:
            return self._absolute(self.read(argument))
        if function in OPAQUE:
            return field.opaque(function.__name__, self.read(argument))
        if function in CIRCULAR:
            over, under = CIRCULAR[function]
            c, s = self.cos_sin(self._summands(argument))
        elif function in HYPERBOLIC:
            over, under = HYPERBOLIC[function]
            up = self.exp(self._summands(argument))
            down, half = field.integer_power(up, -1), field.constant(Fraction(1, 2))
            c = field.mul(half, field.add([up, down]))
            s = field.mul(half, field.add([up, field.mul(field.constant(Fraction(-1)), down)]))
        else:
            raise EngineError(f"the FLINT engine does not know the function {function.__name__}: {expr}")
        parts = {"1": field.one, "c": c, "s": s}
        return field.mul(parts[over], field.integer_power(parts[under], -1))

    def _absolute(self, v: Value) -> Value:
        field = self.field
        if v.num.is_zero():
            return v
        constant, factors = field.factor(v)
        product = [field.constant(abs(constant))]
        for f, e in factors:
            if field.sign(f):
                product.append(field.integer_power(Value(f, field.one.den), e))
            else:
                parts = field.absolute(f, POSITIVE if e < 0 else NONNEGATIVE, e)
                product += [field.power(slot, k) for slot, k in parts]
        return field.mul(*product)

    def cos_sin(self, summands: list[Value]) -> tuple[Value, Value]:
        """Return the cosine and the sine of a sum, by the addition theorems."""
        total = (self.field.one, self.field.zero)
        for c, k in self.field.terms(summands):
            total = self._rotate(total, self._angle(c, k))
        return total

    def _angle(self, c: Fraction, k: Value) -> tuple[Value, Value]:
        """Return the cosine and the sine of c k, k a monomial fraction."""
        field = self.field
        if key_of(k) == key_of(self._pi()):
            c %= 2
            if 12 % c.denominator == 0:
                return self._multiple(self._twelfth(), int(12 * c))
        slot, _ = field.generator("cos", *key_of(k), unit=abs(c))
        n = field.steps(slot, c)
        sin_slot, new = field.generator("sin", *key_of(k))
        if new:
            field.relate(sin_slot, 2, 1 - field.x[slot] ** 2)
        one = field.one.den
        return self._multiple((Value(field.x[slot], one), Value(field.x[sin_slot], one)), n)

    def _twelfth(self) -> tuple[Value, Value]:
        """Return the cosine and the sine of pi/12: (sqrt(6) + sqrt(2))/4 and (sqrt(6) - sqrt(2))/4."""
        field = self.field
        root_6, root_2 = (self.root(field.constant(Fraction(n)), Fraction(1, 2)) for n in (6, 2))
        quarter, minus = field.constant(Fraction(1, 4)), field.constant(Fraction(-1))
        cos = field.mul(quarter, field.add([root_6, root_2]))
        return cos, field.mul(quarter, field.add([root_6, field.mul(minus, root_2)]))

    def _multiple(self, angle: tuple[Value, Value], n: int) -> tuple[Value, Value]:
        """Return the cosine and the sine of n times an angle, by repeated doubling."""
        if abs(n) > MAX_MULTIPLE:
            raise EngineError(f"a multiple of an angle, {n}, is too large")
        total = (self.field.one, self.field.zero)
        if n < 0:
            angle = angle[0], self.field.mul(self.field.constant(Fraction(-1)), angle[1])
        for bit in bin(abs(n))[2:]:
            total = self._rotate(total, total)
            if bit == "1":
                total = self._rotate(total, angle)
        return total

    def _rotate(self, p: tuple[Value, Value], q: tuple[Value, Value]) -> tuple[Value, Value]:
        """Return the cosine and the sine of the sum of two angles."""
        field = self.field
        minus = field.constant(Fraction(-1))
        cos = field.add([field.mul(p[0], q[0]), field.mul(minus, p[1], q[1])])
        return cos, field.add([field.mul(p[0], q[1]), field.mul(p[1], q[0])])
