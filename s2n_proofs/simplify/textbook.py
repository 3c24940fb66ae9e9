r"""The form a textbook would print: shorter, and *proved* equal to what the derivation gave.

A simplifier is never trusted.  Candidates are made by cheap rewrites and ordered by length; the first that
both proof engines show to be equal to a given form is taken.  If none is, the shortest given form stays.
"""

from __future__ import annotations

import time

from sympy import Abs, Add, Expr, Integer, Mul, Pow, exp, log, preorder_traversal

from .evidence import UNIT, Domain, Points, points_in, proved_equal
from .rewrites import REWRITES

__all__ = ["textbook", "weight"]

_ROUNDS = 2  # of rewriting; a third changes no formula of the catalogue
_BEAM = 2  # forms that are rewritten in a round, beside the given ones in the first
_TRIES = 6  # candidates shown to the engines
_LARGEST = 250  # operations; SymPy would need seconds on a larger form


def textbook(expr: Expr, *equal: Expr, domain: Domain = UNIT, seconds: float = 3.0) -> Expr:
    r"""The simplest form of an expression that is provably the same function on the domain.

    Parameters
    ----------
    expr : sympy.Expr
        In t, parameters, and perhaps s with $t_0<s<t$.
    *equal : sympy.Expr
        Further forms that are *known* to equal `expr`, e.g. the same theorem written in other words.  A
        candidate is accepted when it is proved equal to any of them.
    domain : pair
        The open interval $(t_0,T)$ of times, exact.
    seconds : float
        After this much processor time no further candidate is made or tried.  It is far more than the
        catalogue needs, so that the result does not depend on the machine.

    Returns
    -------
    sympy.Expr
        One of the given forms, or a candidate proved equal to one of them by both engines.

    Examples
    --------
    >>> from sympy import cos, exp, pi, sin
    >>> from s2n_proofs.symbols import s, t
    >>> textbook(-pi * sin(pi * t / 2) / (2 * cos(pi * t / 2)))
    -pi*tan(pi*t/2)/2
    >>> textbook(1 - exp(-t) - exp(s - t) * (1 - exp(-s)))
    1 - exp(s - t)
    """
    deadline = time.thread_time() + seconds
    forms = list(dict.fromkeys((expr, *equal)))
    points = points_in(domain, frozenset().union(*(form.free_symbols for form in forms)))
    weights = {form: weight(form, points) for form in forms}
    best = min(forms, key=weights.__getitem__)
    _propose(weights, points, deadline)
    tries = 0
    for candidate in sorted(weights, key=weights.__getitem__):
        if candidate in forms or tries == _TRIES or time.thread_time() > deadline:
            break
        if not points.agree(candidate, forms):
            continue
        tries += 1
        if any(proved_equal(candidate, form, domain) for form in forms):
            return candidate
    return best


def weight(expr: Expr, points: Points | None = None) -> float:
    """Operations, with a surcharge for what a person would not write: -1/(1 - t) comes before 1/(t - 1).

    Examples
    --------
    >>> from s2n_proofs.symbols import t
    >>> round(weight(t**2 + 1))
    2
    """
    count = float(expr.count_ops())
    for node in preorder_traversal(expr):
        count += 0.001
        if isinstance(node, Abs):
            count += 2
        elif isinstance(node, Integer):
            count += 0.5 * max(len(str(node)) - 4, 0)  # 5000**(2*t), not 25000000**t
        elif sums := _sums(node):
            count += 2 * sum(points is not None and points.sign(part) < 0 for part in sums)
        elif isinstance(node, Add):
            count += 1.25 * any(_divides(part) for term in node.args for part in Mul.make_args(term))
            count += 0.25 * sum(len(term.free_symbols) > 1 for term in node.args)
            # 1 - exp(-x) is what a person writes, and what expm1 computes without loss; not exp(x) - exp(y).
            count += 10 * (sum(isinstance(term.as_coeff_Mul()[1], exp) for term in node.args) > 1)
        elif isinstance(node, log):
            count += 0.5 * all(_divides(part) or part.is_number for part in Mul.make_args(node.args[0]))
    return count


def _divides(part: Expr) -> bool:
    return isinstance(part, Pow) and bool(part.exp.is_negative) and bool(part.free_symbols)


def _sums(node: Expr) -> list[Expr]:
    """The sums that are factors of a product, or raised to a power."""
    if isinstance(node, Pow) and node.exp.is_Integer:
        return [node.base] if isinstance(node.base, Add) else []
    return [part for part in node.args if isinstance(part, Add)] if isinstance(node, Mul) else []


def _propose(weights: dict[Expr, float], points: Points, deadline: float) -> None:
    """Add candidates with their weights, rewriting the given forms and then, if that helped, the shortest."""
    for form in [form for form in weights if form.count_ops() <= _LARGEST]:
        turned = _oriented(form, points)
        weights[turned] = weight(turned, points)
    done: set[Expr] = set()
    for _ in range(_ROUNDS):
        fresh = [form for form in sorted(weights, key=weights.__getitem__) if form not in done]
        for form in fresh[:_BEAM] if done else fresh:
            done.add(form)
            for rewrite in REWRITES if form.count_ops() <= _LARGEST else ():
                for candidate in rewrite(form):
                    if candidate not in weights:
                        for shape in (candidate, _oriented(candidate, points)):
                            weights[shape] = weight(shape, points)
                if time.thread_time() > deadline:
                    return
        if min(weights.values()) == min(weights[form] for form in done):
            return  # nothing shorter came out


def _oriented(expr: Expr, points: Points) -> Expr:
    """Multiply and divide by positive sums, drop needless bars: t/(t - 1) becomes -t/(1 - t)."""

    def turned(node: Expr) -> Expr:
        if isinstance(node, Abs):
            return node.args[0] * points.sign(node.args[0]) or node
        negative = [part for part in _sums(node) if points.sign(part) < 0]
        if isinstance(node, Mul):
            return Mul((-1) ** len(negative), *(-part if part in negative else part for part in node.args))
        return Mul((-1) ** node.exp, Pow(-node.base, node.exp)) if negative else node

    return expr.replace(lambda node: isinstance(node, Abs) or bool(_sums(node)), turned)
