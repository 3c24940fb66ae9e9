r"""Formula mutants: every single edit of an expression, of the kinds that people make by hand.

=========== ====================================================================================
kind        edit
=========== ====================================================================================
sign        a term, a factor or an exponent changes its sign
two         a factor 2 or ½ too much
power       an exponent one higher or lower, a square or a root dropped, an inverse
term        a term dropped or doubled
factor      a factor dropped
time        s and t exchanged, throughout or at one place
function    α for σ and σ for α, throughout or at one place; a derivative not taken
lambda      the sign of λ
=========== ====================================================================================

A mutant may say the same as the original: ``-x`` inside a square does.  What it is worth is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from sympy import Expr, Integer, Rational, Symbol, nan, oo, zoo
from sympy.core.function import AppliedUndef, Derivative, Subs

from ..symbols import alpha, alpha_tilde, lam, s, sigma, sigma_tilde, t, tau
from ..text import to_text

__all__ = ["Mutant", "MutationKind", "mutants"]

MutationKind = Literal["sign", "two", "power", "term", "factor", "time", "function", "lambda"]

_HALF = Rational(1, 2)
_PARTNERS = {alpha: sigma, sigma: alpha, alpha_tilde: sigma_tilde, sigma_tilde: alpha_tilde}
_TIMES = (s, t, tau)


class Mutant(NamedTuple):
    """An edited expression, the kind of the edit, and what was done where."""

    kind: MutationKind
    what: str
    expr: Expr


def mutants(expr: Expr) -> list[Mutant]:
    """Every single edit of `expr`, none of them twice, none structurally equal to `expr`.

    Parameters
    ----------
    expr : sympy.Expr
        In the functions and symbols of :mod:`s2n_proofs.symbols`, or any other.

    Examples
    --------
    >>> from s2n_proofs.symbols import alpha, s, t
    >>> for mutant in mutants(alpha(t) / alpha(s))[:4]:
    ...     print(mutant.kind, "|", mutant.what, "|", mutant.expr)
    sign | change the sign of alpha(t)/alpha(s) | -alpha(t)/alpha(s)
    two | double alpha(t)/alpha(s) | 2*alpha(t)/alpha(s)
    two | halve alpha(t)/alpha(s) | alpha(t)/(2*alpha(s))
    time | exchange s and t throughout | alpha(s)/alpha(t)
    """
    found: dict[Expr, Mutant] = {}
    for mutant in _all(expr):
        edited = mutant.expr
        if edited != expr and edited not in found and not edited.has(nan, zoo, oo, -oo):
            found[edited] = mutant
    return list(found.values())


def _all(expr: Expr) -> Iterator[Mutant]:
    yield from _scaled(expr)
    yield Mutant("time", "exchange s and t throughout", expr.xreplace({s: t, t: s}))
    exchanged = expr.replace(
        lambda node: isinstance(node, AppliedUndef) and node.func in _PARTNERS,
        lambda node: _PARTNERS[node.func](*node.args),
    )
    yield Mutant("function", "exchange alpha and sigma throughout", exchanged)
    yield Mutant("lambda", "change the sign of every lambda", expr.replace(lam, lambda *at: -lam(*at)))
    yield from _inside(expr)


def _inside(expr: Expr) -> Iterator[Mutant]:
    """Edits at this node, then at every node below it."""
    yield from _here(expr)
    if isinstance(expr, Derivative | Subs):
        return  # edited whole
    for index, child in enumerate(expr.args):
        if isinstance(child, Expr):
            for kind, what, edited in _inside(child):
                yield Mutant(kind, what, expr.func(*expr.args[:index], edited, *expr.args[index + 1 :]))


def _scaled(expr: Expr) -> Iterator[Mutant]:
    name = to_text(expr)
    yield Mutant("sign", f"change the sign of {name}", -expr)
    yield Mutant("two", f"double {name}", 2 * expr)
    yield Mutant("two", f"halve {name}", expr / 2)


def _here(expr: Expr) -> Iterator[Mutant]:
    name = to_text(expr)
    if expr.is_Add:
        for term in expr.args:
            yield Mutant("term", f"drop the term {to_text(term)}", expr - term)
            yield Mutant("term", f"double the term {to_text(term)}", expr + term)
            yield Mutant("two", f"halve the term {to_text(term)}", expr - term / 2)
            yield Mutant("sign", f"change the sign of the term {to_text(term)}", expr - 2 * term)
    elif expr.is_Mul:
        for factor in expr.args:
            yield Mutant("factor", f"drop the factor {to_text(factor)}", expr / factor)
    elif expr.is_Pow:
        yield from _powers(expr)
    elif isinstance(expr, AppliedUndef | Derivative):
        yield Mutant("power", f"square {name}", expr**2)
        yield from _functions(expr)
    elif isinstance(expr, Symbol):
        if expr in _TIMES:
            for other in _TIMES[:2]:
                if other != expr:
                    yield Mutant("time", f"{name} should not be {other}", other)
        else:
            yield Mutant("power", f"square {name}", expr**2)
            yield Mutant("sign", f"change the sign of {name}", -expr)
    elif type(expr).__name__ in ("exp", "log"):
        inner = expr.args[0]
        yield Mutant("sign", f"change the sign inside {name}", expr.func(-inner))
        yield Mutant("two", f"double the argument of {name}", expr.func(2 * inner))
        yield Mutant("two", f"halve the argument of {name}", expr.func(inner / 2))


def _powers(expr: Expr) -> Iterator[Mutant]:
    name = to_text(expr)
    base, exponent = expr.args
    for step, word in ((1, "raise"), (-1, "lower")):
        yield Mutant("power", f"{word} the exponent of {name} by 1", base ** (exponent + step))
    if exponent == _HALF:
        yield Mutant("power", f"drop the root of {name}", base)
    elif exponent == -_HALF:
        yield Mutant("power", f"drop the root of {name}", 1 / base)
    elif exponent == Integer(2):
        yield Mutant("power", f"drop the square of {name}", base)
    yield Mutant("power", f"invert {name}", 1 / expr)
    yield Mutant("power", f"take the root of {name}", base ** (exponent / 2))


def _functions(expr: Expr) -> Iterator[Mutant]:
    name = to_text(expr)
    applied = expr.expr if isinstance(expr, Derivative) else expr
    if not isinstance(applied, AppliedUndef):
        return
    if applied.func in _PARTNERS:
        other = _PARTNERS[applied.func](*applied.args)
        yield Mutant("function", f"{name} becomes that of {other.func}", expr.xreplace({applied: other}))
    if applied.func == lam:
        yield Mutant("lambda", f"change the sign of {name}", -expr)
    if isinstance(expr, Derivative):
        yield Mutant("function", f"{name} without the derivative", applied)
        for time in _TIMES:
            for other in _TIMES[:2]:
                if expr.has(time) and other != time:
                    yield Mutant("time", f"{name} at {other}", expr.xreplace({time: other}))
