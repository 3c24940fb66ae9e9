r"""From functions to jets: the step after which only algebra is left.

The value and the derivatives of an unknown function at a point are independent variables (its
*jet*), so an identity that holds for all schedules is an identity between polynomials in jets.
:func:`to_jets` replaces $\lambda \to 2\log\alpha - 2\log\sigma$ and $\mathrm{snr} \to \alpha^2/\sigma^2$, carries out
all derivatives, and then names every $\partial^n F(\text{arguments})$ by one symbol.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Derivative, Expr, Subs, Symbol, log, preorder_traversal
from sympy.core.function import AppliedUndef

from ..symbols import VOCABULARY, alpha, lam, sigma, snr

__all__ = ["Jet", "JetError", "to_jets", "without_lambda"]


class JetError(ValueError):
    """An expression holds something that is no jet, e.g. an unevaluated limit or integral."""


@dataclass(frozen=True)
class Jet:
    """What a jet symbol stands for: a partial derivative of a named function at given arguments."""

    function: str
    orders: tuple[int, ...]
    arguments: tuple[Expr, ...]


def to_jets(expr: Expr) -> tuple[Expr, dict[Symbol, Jet]]:
    """Replace every unknown function and derivative in `expr` by a jet symbol.

    Parameters
    ----------
    expr : sympy.Expr
        In the generic functions of :mod:`s2n_proofs.symbols`.

    Returns
    -------
    expr : sympy.Expr
        Without any unknown function.  A symbol for the value of a positive function is positive.
    jets : dict
        What each new symbol stands for.

    Raises
    ------
    JetError
        If an unevaluated integral, limit or derivative is left over.
    """
    flat, table = _flatten(expr)
    return flat, dict(table)


@lru_cache(maxsize=8192)
def _flatten(expr: Expr) -> tuple[Expr, tuple[tuple[Symbol, Jet], ...]]:
    expanded = _expand_snr(expr)
    table: dict[Symbol, Jet] = {}
    mapping: dict[Any, Symbol] = {}
    for symbol in expanded.free_symbols:
        # The same name with other assumptions is another variable to SymPy, and the same to every reader.
        if VOCABULARY.get(symbol.name, symbol) != symbol:
            raise JetError(f"the symbol {symbol} has the name of one of the vocabulary and other assumptions")
    # Outermost first: Subs and Derivative nodes contain the bare function, which must not be named alone.
    for node in expanded.atoms(Subs):
        mapping[node] = _name(*_from_subs(node), table)
    rest = expanded.xreplace(mapping)
    mapping = {node: _name(*_from_derivative(node), table) for node in rest.atoms(Derivative)}
    rest = rest.xreplace(mapping)
    while applied := rest.atoms(AppliedUndef):
        # Innermost last would rename an argument first: take only functions whose arguments are plain.
        plain = [node for node in applied if not any(a.has(AppliedUndef) for a in node.args)]
        rest = rest.xreplace({n: _name(n.func, (0,) * len(n.args), n.args, table) for n in plain})
    if clash := table.keys() & expanded.free_symbols:
        raise JetError(f"a symbol is called like a value of a function: {sorted(map(str, clash))[0]}")
    return rest, tuple(table.items())


def without_lambda(expr: Expr) -> Expr:
    """The expression with lambda and snr written in alpha and sigma.

    Examples
    --------
    >>> from sympy import exp
    >>> from s2n_proofs.symbols import t
    >>> without_lambda(exp(-lam(t)))
    sigma(t)**2/alpha(t)**2
    """

    def log_ratio(argument: Expr) -> Expr:
        return 2 * log(alpha(argument)) - 2 * log(sigma(argument))

    if expr.has(lam):
        expr = expr.replace(lam, log_ratio)
    if expr.has(snr):
        expr = expr.replace(snr, lambda a: alpha(a) ** 2 / sigma(a) ** 2)
    return expr


def _expand_snr(expr: Expr) -> Expr:
    """Write lambda and snr out and carry out every derivative that can be."""
    expr = without_lambda(expr)
    expr = expr.doit()
    for kind in ("Integral", "Limit", "Sum"):
        if any(type(node).__name__ == kind for node in preorder_traversal(expr)):
            raise JetError(f"an unevaluated {kind.lower()} is left in {expr}")
    return expr


def _from_derivative(node: Derivative) -> tuple[Any, tuple[int, ...], tuple[Expr, ...]]:
    inner = node.expr
    if not isinstance(inner, AppliedUndef):
        raise JetError(f"an unevaluated derivative is left: {node}")
    orders = [0] * len(inner.args)
    for variable, count in node.variable_count:
        places = [i for i, a in enumerate(inner.args) if a == variable]
        if len(places) != 1 or not count.is_Integer:
            raise JetError(f"cannot name the derivative {node}")
        orders[places[0]] += int(count)
    return inner.func, tuple(orders), inner.args


def _from_subs(node: Subs) -> tuple[Any, tuple[int, ...], tuple[Expr, ...]]:
    if not isinstance(node.expr, Derivative):
        raise JetError(f"cannot name {node}")
    function, orders, arguments = _from_derivative(node.expr)
    point = dict(zip(node.variables, node.point, strict=True))
    return function, orders, tuple(a.xreplace(point) for a in arguments)


def _name(function: Any, orders: tuple[int, ...], arguments: tuple[Expr, ...], table: dict[Symbol, Jet]) -> Symbol:
    if any(a.has(Derivative, Subs) for a in arguments):
        raise JetError(f"{function} is evaluated at a derivative")
    positive = not any(orders) and bool(function(*arguments).is_positive)
    nonnegative = not any(orders) and bool(function(*arguments).is_nonnegative)
    inside = ", ".join(map(str, arguments))
    order = "" if not any(orders) else "^(" + ",".join(map(str, orders)) + ")"
    assumptions: dict[str, bool] = (
        {"positive": True} if positive else ({"nonnegative": True} if nonnegative else {"real": True})
    )
    symbol = Symbol(f"{function.__name__}{order}({inside})", **assumptions)
    jet = Jet(function.__name__, orders, arguments)
    if table.setdefault(symbol, jet) != jet:
        raise JetError(f"two different values are both called {symbol}")
    return symbol
