r"""Exponentials as variables: with $X=e^{A}$ for the common part of the exponents, formulas become rational.

On rational functions ``cancel`` and ``factor`` take milliseconds instead of seconds.
"""

from __future__ import annotations

from functools import lru_cache, reduce

from sympy import Add, Dummy, Expr, Function, Integer, Mul, Pow, Rational, Symbol, exp, factor, gcd

from ..symbols import s, t

__all__ = ["Letters"]


class Letters:
    """Positive letters for the exponentials and symbolic powers in an expression, and the way back."""

    def __init__(self, expr: Expr) -> None:
        self._shown: dict[tuple[Expr, Expr], Expr] = {}  # a part of an exponent as it was written
        powers = {node: self._parts(node) for node in expr.atoms(exp, Pow) if not node.exp.is_Rational}
        contents: dict[tuple[Expr, Expr], list[Rational]] = {}
        for parts in powers.values():
            for key, content in parts:
                contents.setdefault(key, []).append(content)
        self._unit = {key: abs(reduce(gcd, found)) for key, found in contents.items()}
        self._letter = {key: Dummy(f"X{i}", positive=True) for i, key in enumerate(contents)}
        self._key = {letter: key for key, letter in self._letter.items()}
        # xreplace stops at what it replaced, going from the top: an exponential in an exponent stays there.
        letters = {
            node: Mul(*(self._letter[k] ** (c / self._unit[k]) for k, c in parts)) for node, parts in powers.items()
        }
        # Any other function is a letter as it stands, lest its argument be expanded.
        others = expr.atoms(Function) - expr.atoms(exp)
        self._functions = {Dummy("F", real=True, positive=node.is_positive): node for node in others}
        self.expr = expr.xreplace({**letters, **{node: letter for letter, node in self._functions.items()}})

    def _parts(self, power: Expr) -> list[tuple[tuple[Expr, Expr], Rational]]:
        """The exponent as rational multiples of primitive parts, one part for each set of times."""
        groups: dict[frozenset[Symbol], list[Expr]] = {}
        for term in Add.make_args(power.exp.expand()):
            groups.setdefault(frozenset(term.free_symbols & {s, t}), []).append(term)
        parts = []
        for terms in groups.values():
            content, part = Add(*terms).primitive()
            if part.could_extract_minus_sign():
                content, part = -content, -part
            key = (power.base, part)
            self._shown.setdefault(key, power.exp / content if len(groups) == 1 else part)
            parts.append((key, content))
        return parts

    def back(self, expr: Expr) -> Expr:
        """Put everything back; a product of powers of one base becomes one power."""
        return self._back(expr).xreplace(self._functions)

    def _back(self, expr: Expr) -> Expr:
        if expr in self._key:
            return self._power({expr: Integer(1)})
        if isinstance(expr, Pow) and expr.base in self._key and expr.exp.is_Rational:
            return self._power({expr.base: expr.exp})
        if not isinstance(expr, Mul):
            return expr.func(*map(self._back, expr.args)) if expr.args else expr
        powers, others = {}, []
        for item in expr.args:
            base, exponent = item.as_base_exp()
            if base in self._key and exponent.is_Rational:
                powers[base] = exponent
            else:
                others.append(self._back(item))
        return Mul(self._power(powers), *others)

    def _power(self, powers: dict[Expr, Rational]) -> Expr:
        exponents: dict[Expr, list[Expr]] = {}
        for letter, count in powers.items():
            key = self._key[letter]
            exponents.setdefault(key[0], []).append(count * self._unit[key] * self._shown[key])
        return Mul(*(Pow(base, _joined(Add(*parts))) for base, parts in exponents.items()))


@lru_cache(maxsize=1024)
def _joined(total: Expr) -> Expr:
    """A sum of exponents; u(s) - u(t) with s - t taken out, so that it is exactly 0 at s = t in floats too."""
    difference = {s, t} <= total.free_symbols and total.subs(s, t).expand() == 0
    return factor(total) if difference else total
