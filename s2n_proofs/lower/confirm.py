"""Every graph against the formula that it computes, in ball arithmetic at random points: a misused rule is found here."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from flint import arb, fmpq
from sympy import Expr, Rational, Symbol, nan

from s2n_proofs.proof.ball import UndefinedValueError, enclose, working_precision
from s2n_proofs.symbols import beta, delta, gamma, rho, s, t

from .candidates import p
from .graph import UNARY, Node, order, to_sympy

__all__ = ["POINTS", "MismatchError", "confirm"]

POINTS = 6
_BITS = 256


class MismatchError(AssertionError):
    """A graph does not compute its formula: an error of this package."""


def confirm(
    node: Node, formula: Expr, domain: tuple[Expr, Expr], *, sigma_at_s: Expr | None = None, seed: int = 0
) -> int:
    r"""Compare a graph with its formula at :data:`POINTS` random points, $t_0<s<t<T$.

    Parameters
    ----------
    node : Node
    formula : sympy.Expr
        In t, s and the parameters of a step.
    domain : pair of sympy.Expr
    sigma_at_s : sympy.Expr, optional
        $\sigma(s)$: beta is drawn below it.
    seed : int

    Returns
    -------
    int
        At how many points both were defined, enclosed to 60 digits and found to overlap.

    Raises
    ------
    MismatchError
        If they provably differ, or no point could tell.

    Examples
    --------
    >>> from sympy import Integer, exp
    >>> from .graph import Builder
    >>> from .places import Places
    >>> node = Places(Builder(), (Integer(0), Integer(1))).value(1 - exp(-t), t)
    >>> confirm(node, 1 - exp(-t), (Integer(0), Integer(1)))
    6
    >>> confirm(node, 1 - exp(-2 * t), (Integer(0), Integer(1)))
    Traceback (most recent call last):
    ...
    s2n_proofs.lower.confirm.MismatchError: the code computes -expm1(-t), not 1 - exp(-2*t): they differ at t = 11/12
    """
    draw = random.Random(seed)
    told = 0
    with working_precision(_BITS):
        for _ in range(POINTS):
            point = _point(draw, domain, sigma_at_s)
            balls = {name: enclose(value, {}) for name, value in point.items()}
            try:
                ours, theirs = _computed(node, balls), enclose(formula, balls)
            except UndefinedValueError:
                continue
            if not ours.overlaps(theirs):
                place = ", ".join(f"{name} = {point[name]}" for name in (s, t) if name in formula.free_symbols)
                raise MismatchError(f"the code computes {to_sympy(node)}, not {formula}: they differ at {place}")
            told += all(_tight(ball) for ball in (ours, theirs))
    if told == 0:
        raise MismatchError(f"no point could tell whether the code computes {formula}")
    return told


def _computed(node: Node, balls: Mapping[Symbol, arb]) -> arb:
    """What the graph computes, operation by operation."""
    done: dict[int, arb | bool | None] = {}
    for each in order([node]):
        done[id(each)] = _operation(each, [done[id(arg)] for arg in each.args], balls)
    return done[id(node)]


def _operation(node: Node, args: list[Any], balls: Mapping[Symbol, arb]) -> arb | bool | None:
    op = node.op
    if op == "input":
        return balls[node.value]
    if op == "const":
        return arb.nan() if node.value is nan else enclose(node.value, {})
    if op in ("ge", "gt"):
        a, b = args
        apart = a >= b if op == "ge" else a > b
        return True if apart else False if (a < b if op == "ge" else a <= b) else None
    if op == "select":
        condition, then, otherwise = args
        return arb.nan() if condition is None else then if condition else otherwise
    return _ARB[op](*args) if op != "pow" else args[0] ** enclose(node.value, {})


_ARB: Mapping[str, Callable[..., arb]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "neg": lambda a: -a, "powr": lambda a, b: a**b, "max": lambda a, b: a.max(b),
    "phi": lambda p, h, r: (1 - r**p) / p,
    **{name: getattr(arb, name) for name in UNARY},
}  # fmt: skip


def _tight(ball: arb) -> bool:
    return bool(ball.is_finite() and (ball.is_exact() or ball.rad() < arb(2) ** -200 * (1 + abs(ball.mid()))))


def _point(draw: random.Random, domain: tuple[Expr, Expr], sigma_at_s: Expr | None) -> dict[Symbol, Expr]:
    start, end = domain
    parts = sorted(draw.sample(range(1, 60), 2))
    first, last = (start + (end - start) * Rational(k, 60) for k in parts)
    g, d, r = (Rational(draw.randint(1, 9), 4) for _ in range(3))
    point = {s: first, t: last, gamma: g, p: 1 + g, delta: d, rho: r}
    if sigma_at_s is not None:
        with working_precision(64):
            bound = enclose(sigma_at_s, {s: enclose(first, {})})
        # Exactly representable, and safely below sigma(s).
        below = fmpq(int(float(bound.mid()) * 2**40), 2**41)
        point[beta] = Rational(int(below.p), int(below.q))
    return point
