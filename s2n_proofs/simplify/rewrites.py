r"""Cheap rewrites that propose shorter forms; none is trusted, :mod:`s2n_proofs.simplify.textbook` proves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import reduce
from itertools import islice
from itertools import product as cartesian
from math import comb, prod

from sympy import (
    Add,
    Dummy,
    Expr,
    Integer,
    Mul,
    Poly,
    PolynomialError,
    Pow,
    Symbol,
    cancel,
    cos,
    exp,
    expand,
    expand_mul,
    factor,
    factor_terms,
    fraction,
    gcd,
    log,
    sin,
    tan,
    together,
)  # fmt: skip
from sympy.core.function import AppliedUndef
from sympy.simplify.fu import TR2i

from ..symbols import alpha, lam, s, sigma, t
from .letters import Letters

__all__ = ["REWRITES", "logs_combined", "powers_merged", "root_of"]

Rewrite = Callable[[Expr], Iterator[Expr]]
_DEGREE, _TERMS = 24, 150  # of a polynomial that is multiplied out, factored or cancelled


def _small(expr: Expr) -> bool:
    """Whether SymPy multiplies it out and factors it in milliseconds: the cost is in the terms, not in the length."""
    if max((abs(int(p.exp)) for p in expr.atoms(Pow) if p.exp.is_Integer), default=0) > _DEGREE:
        return False
    if expr.count_ops() > 300 or _terms(expr) > _TERMS:
        return False
    above, below = fraction(together(expr))
    return _terms(above) + _terms(below) <= _TERMS


def _terms(expr: Expr) -> int:
    """About how many terms a sum has when it is multiplied out; a quotient counts with both its parts."""
    if isinstance(expr, Add):
        return sum(_terms(part) for part in expr.args)
    if isinstance(expr, Mul):
        return prod(_terms(part) for part in expr.args)
    if isinstance(expr, Pow) and expr.exp.is_Integer:
        kinds, power = _terms(expr.base), abs(int(expr.exp))
        return comb(kinds + power - 1, power) if kinds > 1 else 1
    # What is under a root is multiplied out there.
    return _terms(expr.base) if isinstance(expr, Pow) and expr.exp.is_Rational else 1


def algebra(expr: Expr) -> Iterator[Expr]:
    """As a rational function of its letters: expanded, cancelled, factored, numerator over denominator."""
    letters = Letters(expr)
    if not _small(letters.expr):
        return
    with suppress(PolynomialError, NotImplementedError, ZeroDivisionError):
        yield letters.back(letters.expr)
        yield letters.back(expand(letters.expr))
        cancelled = cancel(letters.expr)
        yield letters.back(cancelled)
        yield letters.back(expand(cancelled))
        factored = factor(cancelled)
        yield letters.back(factored)
        yield letters.back(_regrouped(factored))
        for shared in _shared_out(factored):
            yield letters.back(shared)


def _regrouped(product: Expr) -> Expr:
    """Multiply factors of the same letters out again: (1 - X)(1 + X)(1 + t) becomes (1 - X^2)(1 + t)."""
    groups: dict[frozenset[Symbol], Expr] = {}
    for item in Mul.make_args(product):
        key = frozenset(item.free_symbols) if isinstance(item, Add) else frozenset({Symbol("_")})
        groups[key] = groups.get(key, Integer(1)) * item
    return Mul(*(expand(group) if len(group.free_symbols) == 1 else group for group in groups.values()))


def _shared_out(product: Expr) -> Iterator[Expr]:
    """Divide each sum by the monomial of one of its terms: (X - Y)(X - Z)/X^2 becomes (1 - Y/X)(1 - Z/X)."""
    items = Mul.make_args(product)
    rest = Mul(*(item for item in items if not isinstance(item, Add)))
    choices = []
    for total in items:
        if isinstance(total, Add) and len(total.args) <= 4:
            monomials = dict.fromkeys((Integer(1), *(term.as_coeff_Mul()[1] for term in total.args)))
            choices.append([(expand(total / m), m) for m in monomials if not isinstance(m, Add)])
        elif isinstance(total, Add):
            choices.append([(total, Integer(1))])
    for choice in islice(cartesian(*choices), 16):
        yield Mul(rest, *(m for _, m in choice), *(total for total, _ in choice))


def trigonometry(expr: Expr) -> Iterator[Expr]:
    """Only one of sine and cosine squared, then cancelled; a quotient of the two is a tangent."""
    waves = expr.atoms(sin, cos, tan)
    if not waves or not _small(expr):
        return
    angles = {angle: Dummy(f"a{i}", real=True) for i, angle in enumerate({wave.args[0] for wave in waves})}
    back = {letter: angle for angle, letter in angles.items()}
    plain = expr.xreplace({wave: wave.func(angles[wave.args[0]]) for wave in waves})
    for candidate in _wave_forms(plain):
        yield candidate.xreplace(back)


def _wave_forms(expr: Expr) -> Iterator[Expr]:
    yield TR2i(expr)
    numerator, denominator = fraction(together(expr.replace(tan, lambda angle: sin(angle) / cos(angle))))
    pairs = dict.fromkeys(
        tuple(expand(_reduced(part, keep, drop)) for part in (numerator, denominator))
        for keep, drop in ((cos, sin), (sin, cos))
    )
    for above, below in pairs:
        with suppress(PolynomialError):
            # exp(199 x/40) is a power of degree 199 to SymPy's polynomials.
            if any(Poly(part).total_degree() > _DEGREE for part in (above, below) if part.free_symbols):
                continue
            reduced = cancel(above / below)
            yield reduced
            yield TR2i(factor(reduced))
            yield expand(reduced)


def _reduced(expr: Expr, keep: Callable[[Expr], Expr], drop: type[Expr]) -> Expr:
    def even(base: Expr, power: Expr) -> Expr:
        half, odd = divmod(int(power), 2)
        return (1 - keep(base.args[0]) ** 2) ** half * base**odd

    return expr.replace(
        lambda node: isinstance(node, Pow) and isinstance(node.base, drop) and node.exp.is_Integer and node.exp > 1,
        lambda node: even(node.base, node.exp),
    )


def logs_combined(expr: Expr) -> Iterator[Expr]:
    """A sum of logarithms as one: c log(product), the product simplified, an outer power pulled out."""
    expr = expr.replace(lam, lambda time: 2 * log(alpha(time)) - 2 * log(sigma(time)))
    if not expr.has(log) or expr.has(sin, cos, tan):  # on logarithms of waves the engines need seconds, and fail
        return
    terms: dict[Expr, Expr] = {}
    rest = Integer(0)
    for term in Add.make_args(expand(expr, deep=False)):
        coefficient, logs = term.as_independent(log)
        if isinstance(logs, log) and coefficient.is_Rational:
            for base, power in _log_factors(logs.args[0]):
                terms[base] = terms.get(base, Integer(0)) + coefficient * power
        else:
            rest += term
    terms = {base: c for base, c in terms.items() if c != 0}
    if not terms or not all(c.is_Rational for c in terms.values()):
        return
    common = reduce(gcd, terms.values())
    inside = Mul(*(base ** (c / common) for base, c in terms.items()))
    yield rest + common * log(inside)
    whole = inside * exp(rest / common) if rest else inside
    for sign, product in ((1, whole), (-1, 1 / whole)):
        for form in dict.fromkeys((product, *algebra(product), *trigonometry(product))):
            base, power = root_of(form)
            yield sign * common * power * log(base)


def _log_factors(argument: Expr) -> Iterator[tuple[Expr, Expr]]:
    for factor_ in Mul.make_args(argument):
        base, power = factor_.as_base_exp()
        if isinstance(factor_, exp) or not power.is_Rational:
            yield factor_, Integer(1)
        else:
            yield base, power


def root_of(product: Expr) -> tuple[Expr, int]:
    """A product of whole powers as a power: x^4/y^2 as (x^2/y, 2); the sign of the root is not checked."""
    powers = product.as_powers_dict()
    if not all(p.is_Integer for p in powers.values()):
        return product, 1
    common = int(reduce(gcd, powers.values()))
    return Mul(*(b ** (p / common) for b, p in powers.items())), common


def _as_powers(exponent: Expr) -> Expr:
    """exp(a log b + c) as b^a exp(c)."""
    product = Integer(1)
    for term in Add.make_args(expand_mul(exponent)):
        coefficient, logs = term.as_independent(log)
        product *= logs.args[0] ** coefficient if isinstance(logs, log) else exp(term)
    return product


def powers_merged(expr: Expr) -> Iterator[Expr]:
    r"""Collect what is raised to one symbol: $a^{1+\gamma}b^{-\gamma}$ becomes $a\,(a/b)^\gamma$."""
    hidden: dict[Expr, Expr] = {}
    spread = expand_mul(_hide(expr.replace(exp, _as_powers), hidden))
    symbolic = {symbol for node in spread.atoms(Pow) for symbol in node.exp.free_symbols}
    if len(symbolic) != 1:
        return
    (index,) = symbolic
    terms = []
    for term in Add.make_args(spread):
        inside, outside = Integer(1), Integer(1)
        for item in Mul.make_args(term):
            slope = item.exp.diff(index) if isinstance(item, Pow) else Integer(0)
            if slope.is_Rational and slope != 0 and not item.base.has(index):
                inside *= item.base**slope
                outside *= item.base ** (item.exp - slope * index)
            else:
                outside *= item
        terms.append(outside * inside**index)
    yield factor_terms(factor_terms(Add(*terms)).xreplace(hidden))


def _hide(expr: Expr, hidden: dict[Expr, Expr]) -> Expr:
    """Letters for the sums of parameters such as 1 + rho^2, lest they be multiplied out."""
    if isinstance(expr, Add) and not expr.has(AppliedUndef, s, t):
        letter = Dummy("c")
        hidden[letter] = expr
        return letter
    if isinstance(expr, Add | Mul):
        return expr.func(*(_hide(part, hidden) for part in expr.args))
    if isinstance(expr, Pow) and expr.exp.is_Integer:
        return Pow(_hide(expr.base, hidden), expr.exp)
    return expr


def shapes(expr: Expr) -> Iterator[Expr]:
    """The same with a common number or factor outside, the first term of the sum positive."""
    if not expr.has(exp):  # an exponent stays as it was written
        yield factor_terms(expr)
    number, parts = Integer(1), []
    for part in Mul.make_args(expr):
        if isinstance(part, Add):
            content, part = part.primitive()
            sign = -1 if part.could_extract_minus_sign() else 1
            number, part = number * content * sign, sign * part
        parts.append(part)
    rest = Mul(*parts)
    # Two factors only: SymPy would multiply the number into the sum again.
    yield Mul(number, rest, evaluate=not isinstance(rest, Add))


REWRITES: Sequence[Rewrite] = (shapes, algebra, trigonometry, logs_combined)
