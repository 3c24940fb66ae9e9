r"""The arithmetic under :mod:`.flint_engine`: fractions of polynomials over *generators*.

A generator is a variable of a FLINT polynomial ring that stands for a real number, namely for
$\mathrm{atom}^{u}$ with a rational *unit* $u$ ($u = 1/n$ where roots of the atom occur).  What is known
of a generator is its sign, and for most kinds a relation that it satisfies:

==============  ==================================  =========================
key             atom                                relation, with $u = 1/n$
==============  ==================================  =========================
``symbol``      a symbol, or $\pi$                  none
``prime``       a prime number $p$                  $g^n = p$
``poly``        a polynomial $R \ge 0$              $g^n = R$
``abs``         $|f|$, f a polynomial               $g^{2n} = f^2$
``exp``         $e^k$ (real unit, see ``power``)    none
``pow``         $B^k$, B an atom $> 0$              none
``log``         $\log B$, B an atom $> 0$           none
``cos, sin``    of one angle                        $s^2 = 1 - c^2$
``opaque``      some function of given values       none
==============  ==================================  =========================

**Soundness.**  Fix a point at which the symbols' assumptions hold and every node of the input is a real
number ("an admissible point").  Then, for every value this module makes, (1) each generator is a real
number, has the sign recorded for it and satisfies its relation; (2) the denominator is not 0; (3)
numerator / denominator is the number meant.  Every step keeps these three facts *pointwise*, so no
property of the ring (no zero divisors, complete relations) is ever needed: a missing relation can only
make a true identity go unproved.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb, gcd, prod
from typing import Any, NamedTuple

from flint import Ordering, fmpq, fmpq_mpoly_ctx, fmpz

__all__ = ["EngineError", "Field", "Plan", "Restart", "Value", "key_of"]

MAX_TERMS = 200_000  # of a product or a power, before like terms are collected
MAX_DEGREE = 10_000
MAX_BITS = 100_000  # of a coefficient
MAX_FACTORED_TERMS = 2_000  # of a polynomial to factor
MAX_PRIME_BITS = 100  # of an integer to factor
MAX_SLOTS = 256
POSITIVE, NONNEGATIVE, UNKNOWN = 2, 1, 0


class EngineError(ValueError):
    """The expression holds a node the engine does not know, is undefined, or is too large."""


class Restart(Exception):  # noqa: N818 - not an error
    """A generator's unit or the number of generators was too coarse; the plan is mended, start again."""


@dataclass
class Plan:
    """What a run must know before it starts: the number of generators, and their units by slot.

    Units only decide which rational powers can be written; a useless one costs a restart, not truth.
    """

    slots: int = 16
    units: dict[int, Fraction] = field(default_factory=dict)


class Value(NamedTuple):
    """A fraction of two FLINT polynomials without common factor; the denominator is monic."""

    num: Any
    den: Any


@dataclass
class Generator:
    """A variable of the polynomial ring: ``atom ** unit``."""

    sign: int
    unit: Fraction
    log: Value | None = None  # log(atom), where that is not a generator of its own
    log_of: int | None = None  # the slot of B, if the atom is log(B)


class Field:
    """The generators of one run, and arithmetic with fractions over them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        # Lexicographic, the youngest generator greatest: the leading term of g**n - R is then g**n, as R
        # holds older generators only.
        self.ctx = fmpq_mpoly_ctx.get([f"g{i}" for i in reversed(range(plan.slots))], Ordering.lex)
        self.x = list(reversed(self.ctx.gens()))
        self.generators: list[Generator] = []
        self.slot_of: dict[tuple[Hashable, ...], int] = {}
        self.relations: list[tuple[int, int, Any, int]] = []  # slot, degree n, g**n - R, terms of R
        self._slot_of_name = {str(x): slot for slot, x in enumerate(self.x)}
        self.learned = False  # whether being defined has told the sign of something
        self.zero, self.one = self.constant(Fraction(0)), self.constant(Fraction(1))

    # Fractions ------------------------------------------------------------------------------------

    def constant(self, q: Fraction) -> Value:
        """Return the rational number `q`."""
        return Value(self.ctx.constant(fmpq(q.numerator, q.denominator)), self.ctx.constant(1))

    def fraction(self, num: Any, den: Any) -> Value:
        """Return num/den, reduced by the relations and in lowest terms; den is not 0 at admissible points."""
        num, den = self._reduce(num), self._reduce(den)
        if den.is_zero():
            raise EngineError("a denominator is identically zero")
        if num.is_zero():
            return self.zero
        if not den.is_constant():
            common = num.gcd(den)
            if not common.is_constant():
                (num, rest_num), (den, rest_den) = divmod(num, common), divmod(den, common)
                if not (rest_num.is_zero() and rest_den.is_zero()):
                    raise EngineError("FLINT returned a common divisor that does not divide")
        lead = den.leading_coefficient()
        return Value(num / lead, den / lead)

    def add(self, values: Iterable[Value]) -> Value:
        """Return the sum of `values`."""
        total = self.zero
        for v in values:
            if total.den == v.den:
                total = self.fraction(total.num + v.num, v.den)
            else:
                num = self._times(total.num, v.den) + self._times(v.num, total.den)
                total = self.fraction(num, self._times(total.den, v.den))
        return total

    def mul(self, *values: Value) -> Value:
        """Return the product of `values`."""
        total = self.one
        for v in values:
            total = self.fraction(self._times(total.num, v.num), self._times(total.den, v.den))
        return total

    def integer_power(self, v: Value, n: int) -> Value:
        """Return ``v ** n``; for n < 0 the caller knows that v is defined there, hence not 0."""
        num, den = (v.num, v.den) if n >= 0 else (v.den, v.num)
        if den.is_zero():
            raise EngineError("a denominator is identically zero")
        for p in (num, den):
            bits = max((int(c.p).bit_length() + int(c.q).bit_length() - 2 for c in p.coeffs()), default=0)
            if bits * abs(n) > MAX_BITS or max(p.degrees()) * abs(n) > MAX_DEGREE:
                raise EngineError(f"the power {n} is too large")
            _check_power(len(p), abs(n))
        return self.fraction(num ** abs(n), den ** abs(n))

    def terms(self, values: Iterable[Value]) -> list[tuple[Fraction, Value]]:
        """Split the sum of `values` into rational multiples of different monomial fractions m/D.

        A numerator is first divided by its D, so that the split is linear: x/(x + y) + y/(x + y) gives 1.
        """
        found: dict[tuple[str, str], tuple[Fraction, Value]] = {}
        one = self.one.num
        for v in values:
            quotient, rest = divmod(v.num, v.den) if len(v.den) > 1 else (0 * one, v.num)
            for poly, den in ((quotient, one), (rest, v.den)):
                for exponents, c in poly.terms():
                    k = self.fraction(self.ctx.term(coeff=1, exp_vec=exponents), den)
                    before = found.get(key_of(k), (Fraction(0), k))[0]
                    found[key_of(k)] = (before + Fraction(int(c.p), int(c.q)), k)
        return [(c, k) for c, k in found.values() if c]

    def _times(self, p: Any, q: Any) -> Any:
        if len(p) * len(q) > MAX_TERMS:
            raise EngineError(f"a product has more than {MAX_TERMS} terms")
        return p * q

    def _reduce(self, p: Any) -> Any:
        """Return the remainder of p modulo the relations, of which the youngest may hold older generators."""
        for slot, n, relation, width in reversed(self.relations):
            degree = int(p.degrees()[-1 - slot])
            if degree >= n:
                _check_power(width, degree // n)
                p = p % relation
        return p

    # Generators -----------------------------------------------------------------------------------

    def generator(self, *key: Hashable, sign: int = UNKNOWN, unit: Fraction | None = None) -> tuple[int, bool]:
        """Return the slot of the generator with this key, and whether it is new.

        Without `unit` the unit is 1/n, so that the atom itself is a power of the generator.
        """
        if key in self.slot_of:
            return self.slot_of[key], False
        slot = len(self.generators)
        if slot == self.plan.slots:
            self.plan.slots *= 2
            if self.plan.slots > MAX_SLOTS:
                raise EngineError(f"more than {MAX_SLOTS} generators are needed")
            raise Restart
        planned = self.plan.units.get(slot, unit or Fraction(1))
        if unit is None:
            # x = g**2 would claim that x >= 0: an atom of unknown sign is its own generator.
            planned = Fraction(1, planned.denominator) if sign else Fraction(1)
        self.slot_of[key] = slot
        self.generators.append(Generator(sign, planned))
        return slot, True

    def relate(self, slot: int, degree: int, right: Any) -> None:
        """Record that ``generator ** degree == right`` at every admissible point."""
        self.relations.append((slot, degree, self.x[slot] ** degree - right, len(right)))

    def power(self, slot: int, e: Fraction) -> Value:
        """Return ``atom ** e``; if e is negative the atom is not 0 at admissible points."""
        n = self.steps(slot, e)
        if abs(n) > MAX_DEGREE:
            raise EngineError(f"the power {e} is too large")
        p = self.x[slot] ** abs(n)
        return self.fraction(p, self.one.num) if n >= 0 else self.fraction(self.one.num, p)

    def steps(self, slot: int, e: Fraction) -> int:
        """Return e in units of the generator; if that is no integer, refine the unit and restart."""
        unit = self.generators[slot].unit
        if (e / unit).denominator > 1:
            common = gcd(e.numerator * unit.denominator, unit.numerator * e.denominator)
            self.plan.units[slot] = Fraction(common, e.denominator * unit.denominator)
            raise Restart
        return int(e / unit)

    def symbol(self, symbol: Hashable, sign: int) -> Value:
        """Return the value of a symbol, which is told from others by equality, not by its name."""
        return self.power(self.generator("symbol", symbol, sign=sign)[0], Fraction(1))

    def prime(self, p: int) -> int:
        """Return the slot of the prime number p."""
        slot, new = self.generator("prime", str(p), sign=POSITIVE)
        if new:
            self.relate(slot, self.generators[slot].unit.denominator, self.ctx.constant(p))
        return slot

    def atom(self, f: Any, sign: int, e: int) -> tuple[int, Fraction]:
        """Return slot and exponent of the atom that is f ** e, where f has this sign at admissible points."""
        if self.sign(f) < sign:
            self.learned = True
        slot = self._slot_of_name.get(str(f))
        if slot is not None and self.generators[slot].sign:
            exponent = e * self.generators[slot].unit
        else:
            slot, new = self.generator("poly", str(f), sign=sign)
            if new:
                self.relate(slot, self.generators[slot].unit.denominator, f)
            exponent = Fraction(e)
        self.generators[slot].sign = max(sign, self.generators[slot].sign)
        return slot, exponent

    def absolute(self, f: Any, sign: int, e: int) -> list[tuple[int, Fraction]]:
        """Write ``|f| ** e`` in atoms, where ``|f|`` has this sign at admissible points."""
        square = self._reduce(f**2)
        if square != f**2:  # |s| for a sine s is the root of 1 - c**2, an atom of its own
            parts = self.split(self.fraction(square, self.one.den), nonzero=sign == POSITIVE)
            return [(slot, k * e / 2) for slot, k in parts]
        slot, new = self.generator("abs", str(f), sign=sign)
        if new:
            self.relate(slot, 2 * self.generators[slot].unit.denominator, square)
        self.generators[slot].sign = max(sign, self.generators[slot].sign)
        return [(slot, Fraction(e))]

    def opaque(self, name: str, *arguments: Value) -> Value:
        """Return a function of which only this is used: equal arguments give equal values."""
        key = [part for v in arguments for part in key_of(v)]
        return self.power(self.generator("opaque", name, *key)[0], Fraction(1))

    # Signs and factors ----------------------------------------------------------------------------

    def sign(self, f: Any) -> int:
        """Return 2 or 1 if f is known positive or nonnegative, -2 or -1 if -f is, else 0."""
        for flip in (1, -1):
            slot = self.slot_of.get(("poly", str(flip * f)))
            if slot is not None:
                return flip * self.generators[slot].sign
        weakest, strongest, flips = POSITIVE, UNKNOWN, set()
        for exponents, c in f.terms():
            powers = zip(reversed(exponents), self.generators, strict=False)
            # An even power is at least nonnegative, whatever its base.
            signs = (g.sign if e % 2 else max(g.sign, NONNEGATIVE) for e, g in powers if e)
            term = min(signs, default=POSITIVE)
            weakest, strongest = min(weakest, term), max(strongest, term)
            flips.add(1 if c > 0 else -1)
        return flips.pop() * strongest if weakest and len(flips) == 1 else UNKNOWN

    def factor(self, v: Value) -> tuple[Fraction, list[tuple[Any, int]]]:
        """Write v as a rational number times powers of polynomials, each of unknown sign or known >= 0."""
        if v.num.is_zero():
            raise EngineError("something to factor is identically zero")
        constant, factors = Fraction(1), []
        for p, side in ((v.num, 1), (v.den, -1)):
            lead, found = self._factor_polynomial(p)
            constant *= lead**side
            factors += [(f, side * e) for f, e in found]
        for i, (f, e) in enumerate(factors):
            if self.sign(f) < 0:
                factors[i] = (-f, e)
                constant *= -1 if e % 2 else 1
        return constant, factors

    def _factor_polynomial(self, p: Any) -> tuple[Fraction, list[tuple[Any, int]]]:
        if len(p) > MAX_FACTORED_TERMS:
            raise EngineError(f"a polynomial to factor has more than {MAX_FACTORED_TERMS} terms")
        content = p.term_content()
        factors = [
            (self.x[i], int(e)) for i, e in enumerate(reversed(content.degrees())) if e
        ]  # a monomial: its degrees are its exponents
        core = p // content
        if not core.is_constant():
            # In A itself rather than in its root a: a**4 + 4*s**4 splits into factors of unclear sign.
            found, _ = core.deflation_index()
            units = [1] * (self.plan.slots - len(self.generators))
            units += [g.unit.denominator for g in reversed(self.generators)]
            strides = [n if index % n == 0 else 1 for n, index in zip(units, found, strict=True)]
            for f, e in core.deflate(strides).factor()[1]:
                f = f.inflate(strides)
                factors.append((f / f.leading_coefficient(), int(e)))
        lead = p.leading_coefficient()
        if prod((f**e for f, e in factors), start=self.ctx.constant(lead)) != p:
            raise EngineError("FLINT returned a factorisation that does not multiply out")
        return Fraction(int(lead.p), int(lead.q)), factors

    def split(self, v: Value, nonzero: bool = False) -> list[tuple[int, Fraction]]:
        r"""Write v, which is >= 0 at admissible points, as a product of powers of nonnegative atoms.

        With the factors of v sorted by what is known of their signs, and $R = \pm\prod_{\text{odd}} f$,

        $$v = \prod_{\text{positive}} f^e \prod_{\text{even}} |f|^e \prod_{\text{odd}} |f|^{e-1} \cdot R.$$

        If all odd exponents are equal that is simply $R^e$.

        From v >= 0 follows R >= 0 where the other factors are not 0.  One that may be 0 where R is not (an
        even one, or a nonnegative symbol, with e > 0) stays inside R, unless R >= 0 is known anyway:
        $\sqrt{x^2 y}$ is 0 at x = 0 for all y, but $|x|\sqrt y$ is undefined there for y < 0.

        Parameters
        ----------
        v : Value
            Not identically 0.
        nonzero : bool
            Whether v is known to be > 0 at admissible points.

        Returns
        -------
        list of (slot, exponent)
        """
        constant, factors = self.factor(v)
        signs = [self.sign(f) for f, _ in factors]
        odd = [(f, e) for (f, e), sign in zip(factors, signs, strict=True) if sign == UNKNOWN and e % 2]
        radicand = prod((f for f, _ in odd), start=self.ctx.constant(1 if constant > 0 else -1))
        known = nonzero or self.sign(radicand) >= NONNEGATIVE
        parts = self.primes(abs(constant))
        held = self.one.num
        for (f, e), sign in zip(factors, signs, strict=True):
            f_sign = POSITIVE if nonzero or e < 0 else NONNEGATIVE
            if sign == UNKNOWN and e % 2:
                continue
            if sign == POSITIVE or e < 0 or known:
                parts += [self.atom(f, max(sign, f_sign), e)] if sign else self.absolute(f, f_sign, e)
            else:
                _check_power(len(f), e)
                held = self._times(held, f**e)
        radicand = self._times(radicand, held)
        if self.sign(radicand) < 0:
            raise EngineError("a root or a logarithm is defined nowhere, or only where its argument is 0")
        # (+-f g)**e for f**e g**e, where that is possible: R = +-f g >= 0.
        exponents = {e for _, e in odd}
        power = exponents.pop() if len(exponents) == 1 and held.is_one() else 1
        for f, e in odd:
            if e != power:
                parts += self.absolute(f, POSITIVE if nonzero or e < 0 else NONNEGATIVE, e - power)
        if not radicand.is_one():
            parts.append(self.atom(radicand, POSITIVE if nonzero or power < 0 else NONNEGATIVE, power))
        return parts

    def primes(self, q: Fraction) -> list[tuple[int, Fraction]]:
        """Write a positive rational number as a product of powers of primes."""
        if max(q.numerator.bit_length(), q.denominator.bit_length()) > MAX_PRIME_BITS:
            raise EngineError(f"a number to factor has more than {MAX_PRIME_BITS} bits")
        sides = ((q.numerator, 1), (q.denominator, -1))
        return [(self.prime(int(p)), Fraction(e * side)) for n, side in sides for p, e in fmpz(n).factor()]


def key_of(v: Value) -> tuple[str, str]:
    """Return what names a value: FLINT prints the terms of a polynomial in one fixed order."""
    return str(v.num), str(v.den)


def _check_power(terms: int, n: int) -> None:
    if terms > 1 and (n > MAX_TERMS or comb(n + terms - 1, terms - 1) > MAX_TERMS):
        raise EngineError(f"a power has more than {MAX_TERMS} terms")
