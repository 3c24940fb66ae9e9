"""The smallest edit that mends a printed formula, found by search.

Every single edit of the tree is tried, then every pair.  A quick floating-point evaluation sorts out the hopeless
ones; an edit
counts only when the judge's two engines prove the edited formula equal to the derived one.  Nothing here is trusted.
"""

from __future__ import annotations

import cmath
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isclose

from flint import arb
from sympy import Add, Expr, Function, I, Integer, Mul, Pow, Rational, Symbol, sqrt
from sympy.core.function import AppliedUndef, Derivative, Subs

from ..proof.ball import BallError, UndefinedValueError, enclose, working_precision
from ..proof.jets import JetError, to_jets, without_lambda
from ..proof.points import OutsideDomainError, jet_values, points
from ..proof.prove import EngineDisagreementError, prove
from ..proof.statement import Equation, Instance
from ..symbols import Delta, alpha, log_snr_value, mmse, mmse_point, s, sigma, t, x, z_0, z_s, z_t
from ..text import to_text

__all__ = ["single_edits", "smallest_edit"]

_TOLERANCE = 1e-9  # double rounding over some hundred operations stays far below
_MAX_PAIRS = 4_000  # all pairs of an expression with some 60 places

Edit = tuple[str, Expr]


def smallest_edit(equation: Equation, instances: Sequence[Instance]) -> Edit | None:
    """The smallest edit of ``equation.printed`` that makes the equation true; None if two don't do.

    Parameters
    ----------
    equation : Equation
        A refuted one.
    instances : sequence of Instance
        Where candidates are tried before they are proved.
    """
    values = _Values(equation, instances)
    singles = list(single_edits(equation.printed))
    for sentence, edited in singles:
        if values.agrees(edited) and _proved(equation, edited):
            return sentence, edited
    missing = _missing_term(equation)
    if missing is not None:
        return missing
    tried = 0
    for first, edited in singles:
        for second, twice in single_edits(edited):
            tried += 1
            if tried > _MAX_PAIRS:
                return None
            if values.agrees(twice) and _proved(equation, twice):
                return f"{first}; and {second}", twice
    return None


def single_edits(expr: Expr) -> Iterator[Edit]:
    """All single edits of `expr`, each with a sentence, without repetition."""
    seen = {expr}
    for sentence, edited in _all(expr):
        if edited not in seen:
            seen.add(edited)
            yield sentence, edited


def _all(expr: Expr) -> Iterator[Edit]:
    yield "change the sign", -expr
    yield from _inside(expr)
    yield "exchange s and t", expr.xreplace({s: t, t: s})
    yield "a factor 2 is missing", 2 * expr
    yield "a factor 2 is too much", expr / 2
    yield "drop the term", Integer(0)
    yield "take the square root", sqrt(expr)
    yield "subtract it from 1", 1 - expr


def _inside(expr: Expr) -> Iterator[Edit]:
    """Edits at one place of the tree, the smallest subtrees first."""
    if not isinstance(expr, (Derivative, Subs)):
        for i, child in enumerate(expr.args):
            if isinstance(child, Expr):
                for sentence, edited in _inside(child):
                    changed = expr.func(*expr.args[:i], edited, *expr.args[i + 1 :])
                    # "alpha(t) should be alpha(s)" says where; "t should be s" does not.
                    named = isinstance(expr, AppliedUndef) and isinstance(child, Symbol)
                    yield (f"{to_text(expr)} should be {to_text(changed)}" if named else sentence), changed
    yield from _here(expr)


def _here(expr: Expr) -> Iterator[Edit]:
    if isinstance(expr, Symbol):
        yield from _renamed(expr)
    elif expr.is_Add:
        for term in expr.args:
            yield f"change the sign of the term {to_text(term)}", expr - 2 * term
            yield f"drop the term {to_text(term)}", expr - term
        if Delta in expr.args:
            yield f"the argument {to_text(expr)} should be {to_text(expr - Delta)}", expr - Delta
    elif expr.is_Mul:
        yield from _product(expr)
    elif expr.is_Pow:
        root = expr.base ** (expr.exp / 2)
        for other in (root, expr.base, 1 / expr, expr**2, expr * expr.base, expr / expr.base):
            yield f"{to_text(expr)} should be {to_text(other)}", other
        if expr.exp == Rational(1, 2) and expr.base.is_Mul:
            for factor in expr.base.args:
                yield f"{to_text(factor)} belongs outside the root", sqrt(expr.base / factor) * factor
    elif isinstance(expr, AppliedUndef):
        yield from _other_function(expr)


def _renamed(symbol: Symbol) -> Iterator[Edit]:
    groups: tuple[tuple[Expr, ...], ...] = ((s, t, t + Delta), (z_0, z_s, z_t))
    for group in groups:
        if symbol in group:
            for other in group:
                if other != symbol:
                    yield f"{symbol} should be {other}", other


def _product(expr: Mul) -> Iterator[Edit]:
    def without(*gone: Expr) -> Expr:
        return Mul(*(a for a in expr.args if a not in gone))

    for factor in expr.args:
        if not factor.is_Add:  # a sum is mended term by term
            yield f"drop the factor {to_text(factor)}", without(factor)
    for root in (a for a in expr.args if a.is_Pow and a.exp == Rational(1, 2)):
        for factor in expr.args:
            if factor != root:
                under = sqrt(root.base * factor)
                yield f"{to_text(factor)} belongs under the root", without(root, factor) * under


def _other_function(applied: AppliedUndef) -> Iterator[Edit]:
    swaps: dict[Function, Function] = {alpha: sigma, sigma: alpha}
    other = swaps.get(applied.func)
    if other is not None:
        yield f"{to_text(applied)} should be {to_text(other(*applied.args))}", other(*applied.args)
    if applied == mmse(log_snr_value):
        yield "the average should be over p(z | x), not p(z, x)", mmse_point(x, log_snr_value)


def _missing_term(equation: Equation) -> Edit | None:
    """If printed and derived differ by one product, that product is the missing term."""
    left, right = equation.sides
    difference = without_lambda(right) - without_lambda(left)
    term = difference.expand().factor()
    if term == 0 or any(a.is_Add for a in Mul.make_args(term)):
        return None
    if len(Add.make_args(without_lambda(right).expand())) < 2:
        return None
    if equation.squared:
        return f"the term {to_text(term)} of the variance is missing", sqrt(equation.printed**2 + term)
    return f"the term {to_text(term)} is missing", equation.printed + term


def _proved(equation: Equation, edited: Expr) -> bool:
    candidate = replace(equation, printed=edited)
    try:
        return prove(*candidate.sides, equation.name).proof is not None
    except EngineDisagreementError:
        return False


class _Values:
    """Fast floating-point values of edited trees at two points; only a sieve."""

    def __init__(self, equation: Equation, instances: Sequence[Instance]) -> None:
        self.squared = equation.squared
        self.places = list(_places(equation, instances))[:2]
        self.memo: list[dict[Expr, complex]] = [{} for _ in self.places]
        self.target = [self._value(equation.derived, k) for k in range(len(self.places))]

    def agrees(self, expr: Expr) -> bool:
        """Whether `expr` has the derived side's value at every place."""
        if not self.places:
            return False
        for k, target in enumerate(self.target):
            value = self._value(expr, k)
            if self.squared:
                value, target = value**2, target**2
            if not isclose(abs(value - target), 0, abs_tol=_TOLERANCE * max(1e-6, abs(target))):
                return False
        return True

    def _value(self, expr: Expr, k: int) -> complex:
        memo = self.memo[k]
        if expr not in memo:
            try:
                memo[expr] = self._compute(expr, k)
            except (ArithmeticError, ValueError, KeyError, BallError, JetError, TypeError):
                memo[expr] = complex("nan")
        return memo[expr]

    def _compute(self, expr: Expr, k: int) -> complex:
        if expr is I:
            return 1j
        if expr.is_Number or expr.is_NumberSymbol or expr.is_Symbol:
            return complex(self.places[k][0][expr] if expr.is_Symbol else expr)
        if isinstance(expr, (AppliedUndef, Derivative, Subs)):
            return self._unknown(expr, k)
        children = [self._value(a, k) for a in expr.args]
        if expr.is_Add:
            return sum(children)
        if expr.is_Mul:
            product: complex = 1
            for child in children:
                product *= child
            return product
        if isinstance(expr, Pow):
            return children[0] ** children[1]
        operation = getattr(cmath, type(expr).__name__, None)
        if operation is None:
            raise ValueError(f"no floating-point value for {expr}")
        return complex(operation(*children))

    def _unknown(self, expr: Expr, k: int) -> complex:
        point, instance = self.places[k]
        flat, jets = to_jets(expr)
        with working_precision(64):
            ball: arb = enclose(flat, jet_values(jets, point, instance))
        return complex(float(ball.mid()))


def _places(equation: Equation, instances: Sequence[Instance]) -> Iterator[tuple[dict[Symbol, Rational], Instance]]:
    flat, jets = to_jets(equation.printed - equation.derived)
    symbols = {s, t, Delta, z_0, z_s, z_t, x, *flat.free_symbols} - set(jets)
    for jet in jets.values():
        for argument in jet.arguments:
            symbols |= argument.free_symbols - set(jets)
    needed = frozenset(symbols)
    for instance in instances:
        if any(jet.function not in instance.functions for jet in jets.values()):
            continue
        # The second simple point: generic enough, and no coincidence of a schedule at its middle.
        for k, point in enumerate(points(instance, needed, 2)):
            if k == 1:
                try:
                    jet_values(jets, point, instance)
                except (UndefinedValueError, OutsideDomainError):
                    continue
                yield point, instance
