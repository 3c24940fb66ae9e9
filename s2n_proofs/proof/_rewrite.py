r"""Sums of power products: the arithmetic under :mod:`s2n_proofs.proof.normal_form`.

An element is a finite sum $\sum_j c_j \prod_i g_i^{e_{ij}}$ with rational coefficients *and exponents*
over generators $g_i$.  A generator may have a value, $g^n = v$ with $v$ built from earlier ones.  What
a fractional power means depends on the generator: $e^{e m}$ for $g = e^m$, the principal power
otherwise.  Both obey $g^a g^b = g^{a+b}$, so products only add exponents, and nothing else is assumed.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm

from sympy import ZZ, factorint
from sympy.polys.rings import PolyRing

__all__ = [
    "MINUS_ONE", "ONE", "PI", "Element", "Generator", "Generators", "I", "Monomial", "NormalFormError",
    "Sign", "plus", "raised", "times",
]  # fmt: skip

Exponent = int | Fraction
Monomial = tuple[tuple[int, Exponent], ...]  # (generator, nonzero exponent), sorted by generator
Element = dict[Monomial, Fraction]
Terms = tuple[tuple[tuple[int, ...], int], ...]

WORK_LIMIT = 500_000  # products of two terms; two seconds
FACTOR_LIMIT = (60, 36)  # terms and degree beyond which a sum is taken as irreducible: only incomplete
MINUS_ONE, PI = 0, 1  # two generators that are always there: -1 = e^(i pi), so i is its power 1/2
ONE: Element = {(): Fraction(1)}
I: Element = {((MINUS_ONE, Fraction(1, 2)),): Fraction(1)}


class NormalFormError(ValueError):
    """The expression is too large, defined nowhere, or holds a node that has no normal form."""


class Sign(Enum):
    """What is known of a generator at every point where the expression is defined."""

    POSITIVE = 0
    NONNEGATIVE = 1
    REAL = 2
    PHASE = 3  # of modulus 1
    UNKNOWN = 4


@dataclass(frozen=True)
class Generator:
    """One generator $g$: its meaning (`key`), and if `value` is given, the relation g^order = value."""

    key: tuple[Hashable, ...]
    sign: Sign
    order: int = 1
    value: Element | None = None


def times(a: Monomial, b: Monomial) -> Monomial:
    """The product of two power products."""
    if not a or not b:
        return a or b
    exponents = dict(a)
    for g, e in b:
        exponents[g] = exponents.get(g, 0) + e
    return tuple(sorted((g, e) for g, e in exponents.items() if e))


def raised(m: Monomial, c: Exponent) -> Monomial:
    """All exponents of `m` times `c`; the caller knows why that is the power he wants."""
    return tuple((g, e * c) for g, e in m) if c else ()


def plus(p: Element, q: Element, factor: Fraction | int = 1) -> Element:
    """The sum p + factor * q."""
    total = dict(p)
    for m, c in q.items():
        coefficient = total.pop(m, Fraction(0)) + factor * c
        if coefficient:
            total[m] = coefficient
    return total


class Generators:
    """The generators met so far, and the operations on elements that need to know them."""

    def __init__(self) -> None:
        minus_one = Generator(("minus one",), Sign.PHASE, 1, {(): Fraction(-1)})
        self.table = [minus_one, Generator(("pi",), Sign.POSITIVE)]
        self._index = {generator.key: i for i, generator in enumerate(self.table)}
        self._work = 0

    def add(self, generator: Generator) -> int:
        """The number of the generator with this key, new or old."""
        if generator.key not in self._index:
            self._index[generator.key] = len(self.table)
            self.table.append(generator)
        return self._index[generator.key]

    def named(self, p: Element) -> int:
        """A generator with value p, whose fractional powers are principal powers of p."""
        ((m, c),) = p.items() if len(p) == 1 else (((), Fraction(0)),)
        if c == 1 and len(m) == 1 and m[0][1] == 1 and self._is_principal(m[0][0]):
            return m[0][0]
        return self.add(Generator(("value", frozenset(p.items())), self.sign(p), 1, p))

    def _is_principal(self, g: int) -> bool:
        # (e^m)^c is written for e^(c m): a principal power if m is real, but not in general.
        return self.table[g].key[0] != "exp" or self.table[g].sign is Sign.POSITIVE

    def _charge(self, steps: int) -> None:
        self._work += steps
        if self._work > WORK_LIMIT:
            raise NormalFormError("the expression is too large for a normal form")

    # Products.

    def mul(self, p: Element, q: Element) -> Element:
        """The product, not reduced."""
        self._charge(len(p) * len(q))
        total: Element = {}
        for m, c in p.items():
            for n, d in q.items():
                key = times(m, n)
                total[key] = total.get(key, Fraction(0)) + c * d
        return {m: c for m, c in total.items() if c}

    def int_power(self, p: Element, n: int) -> Element:
        """The power n of p; if p has several terms, n must not be negative."""
        if len(p) == 1:
            ((m, c),) = p.items()
            if abs(n) * max(c.numerator.bit_length(), c.denominator.bit_length()) > 10_000 and abs(c) != 1:
                raise NormalFormError(f"the power {n} of the number {c} is too large")
            return {raised(m, n): c**n}
        assert n >= 0
        result = ONE
        for bit in bin(n)[2:]:
            result = self.mul(result, result)
            result = self.mul(result, p) if bit == "1" else result
        return result

    # Relations.

    def reduce(self, p: Element) -> tuple[Element, Monomial]:
        """Return (q, m) with p = q m, where q uses every relation: exponents in [0, order).

        A negative power of a sum is cleared into m.  It stands in p, so the sum is not 0 there.
        """
        divisor: Monomial = ()
        while (g := self._latest_reducible(p)) >= 0:
            self._charge(len(p))
            n, value = self.table[g].order, self.table[g].value
            assert value is not None
            exponents = [dict(m).get(g, 0) for m in p]
            # A value of one term has an inverse of its own; only a sum must be cleared.
            shift = max(0, -(min(exponents) // n) * n) if len(value) > 1 else 0
            by_power: dict[int, Element] = {}
            for (m, c), e in zip(p.items(), exponents, strict=True):
                k = (e + shift) // n
                part = by_power.setdefault(k, {})
                key = times(m, ((g, shift - n * k),)) if shift != n * k else m
                part[key] = part.get(key, Fraction(0)) + c
            p = {}
            for k, part in by_power.items():
                p = plus(p, self.mul(part, self.int_power(value, k)))
            divisor = times(divisor, ((g, -shift),)) if shift else divisor
        return p, divisor

    def _latest_reducible(self, p: Element) -> int:
        # Latest first: a value holds earlier generators only, so each is expanded once.
        table = self.table
        reducible = (g for m in p for g, e in m if table[g].value is not None and not 0 <= e < table[g].order)
        return max(reducible, default=-1)

    def canonical(self, p: Element) -> Element:
        """Reduced, and divided: with remainder by every sum in a denominator, a/(a+b) = 1 - b/(a+b)."""
        q, divisor = self.reduce(p)
        todo = self.mul(q, {divisor: Fraction(1)})
        done: Element = {}
        while todo:
            self._charge(len(todo) + len(done))
            m, c = todo.popitem()
            for g in [g for g, e in m if e <= -1 and len(self.table[g].value or ()) > 1]:
                value = self.table[g].value
                assert value is not None
                top = max(value, key=_lex)
                have = dict(m)
                if all(e > 0 for n in value for _, e in n) and all(have.get(i, 0) >= e for i, e in top):
                    # c m = (c / lead) m/top (g - rest), where g = lead top + rest
                    rest = {n: d for n, d in value.items() if n != top}
                    quotient = {times(m, raised(top, -1)): c / value[top]}
                    todo = plus(todo, self.mul(quotient, plus({((g, 1),): Fraction(1)}, rest, -1)))
                    break
            else:
                done = plus(done, {m: c})
        return done

    # Signs.

    def conjugate(self, p: Element) -> Element | None:
        """The complex conjugate, reduced; None if not known."""
        total: Element = {}
        for m, c in p.items():
            image: Monomial = ()
            for g, e in m:
                sign = self.table[g].sign
                if sign is Sign.UNKNOWN or (sign is Sign.REAL and e.denominator != 1):
                    return None
                image = times(image, ((g, -e if sign is Sign.PHASE else e),))
            total = plus(total, {image: c})
        q, divisor = self.reduce(total)
        return self.mul(q, {divisor: Fraction(1)})

    def sign(self, p: Element) -> Sign:
        """Positive or nonnegative if every term is; real if equal to its conjugate."""
        terms = [self._monomial_sign(m) if c > 0 else Sign.UNKNOWN for m, c in p.items()]
        if all(s in (Sign.POSITIVE, Sign.NONNEGATIVE) for s in terms):
            return Sign.POSITIVE if Sign.POSITIVE in terms else Sign.NONNEGATIVE
        return Sign.REAL if self.conjugate(p) == p else Sign.UNKNOWN

    def _monomial_sign(self, m: Monomial) -> Sign:
        signs = {self.table[g].sign if e % 2 else self._even(g) for g, e in m}
        if signs <= {Sign.POSITIVE}:
            return Sign.POSITIVE
        return Sign.NONNEGATIVE if signs <= {Sign.POSITIVE, Sign.NONNEGATIVE} else Sign.UNKNOWN

    def _even(self, g: int) -> Sign:
        return Sign.NONNEGATIVE if self.table[g].sign is Sign.REAL else self.table[g].sign

    # Factors.

    def factors(self, p: Element) -> tuple[Fraction, Monomial]:
        """Write p = c prod g^e, with a generator for every irreducible sum."""
        p, m = self.reduce(p)
        if not p:
            raise NormalFormError("a denominator, logarithm or power of 0: the expression is defined nowhere")
        c, content, rest = _primitive(p)
        m = times(m, content)
        for f, k in _irreducible(rest):
            balanced, unit = self._balanced(f)
            m = times(m, times(((self.named(balanced), k),), raised(unit, k)))
        half_turns = dict(m).get(MINUS_ONE, 0)
        if whole := half_turns // 1:
            c, m = c * (-1) ** (whole % 2), times(m, ((MINUS_ONE, -whole),))
        return c, m

    def _balanced(self, f: Element) -> tuple[Element, Monomial]:
        # e^(2ix) + 1 = 2 cos(x) e^(ix): take the phase out, so that the factor is seen to be real.
        unit: Monomial = ()
        for g in {g for m in f for g, _ in m if self.table[g].sign is Sign.PHASE and g != MINUS_ONE}:
            exponents = [dict(m).get(g, 0) for m in f]
            unit = times(unit, ((g, Fraction(min(exponents) + max(exponents)) / 2),))
        if not unit:
            return f, unit
        for turn in ((), ((MINUS_ONE, Fraction(1, 2)),)):
            full = times(unit, turn)
            balanced, divisor = self.reduce(self.mul(f, {raised(full, -1): Fraction(1)}))
            if not divisor and self.sign(balanced) is not Sign.UNKNOWN:
                return balanced, full
        return f, ()

    def separate(self, p: Element) -> Monomial:
        """Write p = prod g^e such that p^c = prod g^(ec) and log p = sum e log g, principal values.

        Nonnegative factors may leave a root; f^2 leaves as |f|^2 if f is real; all else stays together.
        """
        c, m = self.factors(p)
        parts = self.primes(abs(c))
        loose: Monomial = ()
        for g, e in m:
            sign = self.table[g].sign
            if sign in (Sign.POSITIVE, Sign.NONNEGATIVE):
                parts = times(parts, ((g, e),))
            elif sign is Sign.REAL and e.denominator == 1:
                parts = times(parts, ((self.modulus(g), e - e % 2),)) if e != e % 2 else parts
                loose = times(loose, ((g, 1),)) if e % 2 else loose
            else:
                loose = times(loose, ((g, e),))
        if c > 0 and not loose:
            return parts
        if c > 0 and len(loose) == 1 and 0 < loose[0][1] <= 1 and self._is_principal(loose[0][0]):
            return times(parts, loose)  # (w^e)^c = w^(ec), since e arg(w) stays in (-pi, pi]
        return times(parts, ((self.named(self.canonical({loose: Fraction(1 if c > 0 else -1)})), 1),))

    def modulus(self, g: int) -> int:
        """The generator |g| of a real g, with |g|^2 = g^2."""
        return self.add(Generator(("abs", g), Sign.NONNEGATIVE, 2, {((g, 2),): Fraction(1)}))

    def primes(self, c: Fraction) -> Monomial:
        """A positive number as a product of powers of primes; a factor too large to split stays whole."""
        m: Monomial = ()
        for number, e in ((c.numerator, 1), (c.denominator, -1)):
            for prime, k in factorint(number, limit=10_000).items():
                if prime != 1:
                    value: Element = {(): Fraction(int(prime))}
                    g = self.add(Generator(("prime", int(prime)), Sign.POSITIVE, 1, value))
                    m = times(m, ((g, e * int(k)),))
        return m


def _lex(m: Monomial) -> tuple[tuple[int, Exponent], ...]:
    return tuple((-g, e) for g, e in m)


def _primitive(p: Element) -> tuple[Fraction, Monomial, Element]:
    """Write p = c m q, with q of coprime integer coefficients, leading one positive, and no common power."""
    low: dict[int, Exponent] = {}
    for g in {g for m in p for g, _ in m}:
        low[g] = min(dict(m).get(g, 0) for m in p)
    content = tuple(sorted((g, e) for g, e in low.items() if e))
    q = {times(m, raised(content, -1)): c for m, c in p.items()}
    c = Fraction(gcd(*(c.numerator for c in q.values())), lcm(*(c.denominator for c in q.values())))
    c = c if q[max(q, key=_lex)] > 0 else -c
    return c, content, {m: d / c for m, d in q.items()}


def _irreducible(p: Element) -> list[tuple[Element, int]]:
    """Factors of a primitive p, with multiplicity; p^(1/2) counts as a variable of its own."""
    gens = sorted({g for m in p for g, _ in m})
    scale = [lcm(*(dict(m).get(g, 0).denominator for m in p)) for g in gens]
    rows = [[dict(m).get(g, 0) * n for g, n in zip(gens, scale, strict=True)] for m in p]
    terms = tuple(sorted((tuple(map(int, row)), int(c)) for row, c in zip(rows, p.values(), strict=True)))

    def back(exponents: tuple[int, ...]) -> Monomial:
        ratios = (Fraction(e, n) if n > 1 else e for e, n in zip(exponents, scale, strict=True))
        return tuple((g, e) for g, e in zip(gens, ratios, strict=True) if e)

    return [({back(m): Fraction(c) for m, c in f}, k) for f, k in _factor_terms(terms)]


@lru_cache(maxsize=4096)
def _factor_terms(terms: Terms) -> tuple[tuple[Terms, int], ...]:
    whole = ((terms, 1),)
    degrees = [max(column) for column in zip(*(m for m, _ in terms), strict=True)]
    if len(terms) == 1:
        return () if terms[0][1] == 1 and not any(terms[0][0]) else whole
    if len(terms) > FACTOR_LIMIT[0] or sum(degrees) > FACTOR_LIMIT[1]:
        return whole
    # a v + b with a one term and no common factor of a and b is irreducible: most denominators are.
    if any(d == 1 and sum(m[i] for m, _ in terms) == 1 for i, d in enumerate(degrees)):
        return whole
    ring = PolyRing([f"v{i}" for i in range(len(degrees))], ZZ)
    p = ring.from_dict({m: ZZ(c) for m, c in terms})
    unit, found = p.factor_list()
    product = ring.one * unit
    for f, k in found:
        product = product * f**k
    if unit != 1 or product != p:  # the factors are not trusted, only their product
        return whole
    return tuple((tuple((m, int(c)) for m, c in f.terms()), k) for f, k in found)
