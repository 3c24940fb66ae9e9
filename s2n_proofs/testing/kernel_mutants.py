r"""Kernels against the derived formulas to 60 digits, and what that comparison rejects.

Mutants of a kernel's graph are run as the kernel is, in its own arithmetic, at times spread over the domain, close to
each other and close to both ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
from sympy import Expr, Rational, Symbol

from ..formulas import Formulas, derive
from ..lower.candidates import PAIR_INPUTS, SINGLE, STEPS, p
from ..lower.lowered import Lowered
from ..lower.search import evaluate
from ..schedule import Schedule
from ..symbols import beta, delta, gamma, rho, s, t
from .graph_mutants import Nodes, exact_values, graph_mutants
from .worlds import World, mp, same

__all__ = ["kernel_points", "run_kernel_mutants", "true_values"]

Point = Mapping[Symbol, float]

TOLERANCE = 1024 * float(np.finfo(np.float64).eps)
"""Of a value's size: a kernel is within some ten epsilons, so nothing that passes can be told from it in float32."""


def kernel_points(schedule: Schedule, count: int = 48, seed: int = 0) -> list[dict[Symbol, float]]:
    """Times s < t over the domain, close to each other and close to the ends, with parameters of a step."""
    random = Random(f"kernel {seed}")
    low, high = (float(end) for end in schedule.domain)
    found = []
    world = World(schedule, Random(0))
    for index in range(count):
        places = sorted(random.sample(range(1, 1000), 2))
        first, last = (low + (high - low) * place / 1000 for place in places)
        if index % 4 == 1:
            last = first + (high - first) * 1e-5
        elif index % 4 == 2:
            first = low + (high - low) * 1e-6 * places[0]
        elif index % 4 == 3:
            last = high - (high - last) * 1e-5
        share = random.choice((0.25, 0.5, 0.75))
        level = float(world.value(_generic().sigma, {t: _rational(first)}))
        found.append({s: first, t: last, p: random.choice((0.5, 1.0, 1.25)), delta: random.choice((0.25, 0.5)),
                      rho: random.choice((0.5, 1.5)), beta: share * level})  # fmt: skip
    return found


@lru_cache
def _generic() -> Formulas:
    """One run of the derivations."""
    return derive()


def _rational(value: float) -> Rational:
    return Rational(*value.as_integer_ratio())


def true_values(schedule: Schedule, quantity: str, points: Sequence[Point]) -> dict[str, list[Any]]:
    """The derived formulas of a quantity at the points, to 60 digits."""
    formulas = _formulas(quantity)
    world = World(schedule, Random(0))
    # What the graphs call p is 1 + gamma.
    exact = [
        {symbol: _rational(value) for symbol, value in point.items() if symbol != p} | {gamma: _rational(point[p]) - 1}
        for point in points
    ]
    return {name: [world.value(formula, at) for at in exact] for name, formula in formulas.items()}


def _formulas(quantity: str) -> dict[str, Expr]:
    found = getattr(_generic(), quantity)
    return dict(found._asdict()) if quantity in STEPS else {quantity: found}


def run_kernel_mutants(schedule: Schedule, quantity: str, dtype: str = "float64", seed: int = 0) -> dict[str, Any]:
    """Run every mutant of one kernel.

    Returns
    -------
    dict
        ``total``, ``equivalent`` (the same 60-digit values at every point), ``rejected`` and ``survivors``; and
        ``original``, whether the kernel itself passes.
    """
    lowered = Lowered(schedule)
    choice = lowered.choice(quantity, dtype)
    inputs = (t,) if quantity in SINGLE else PAIR_INPUTS if quantity in STEPS else (s, t)
    points = kernel_points(schedule, seed=seed)
    truth = true_values(schedule, quantity, points)
    arguments = [np.array([point[symbol] for point in points]) for symbol in inputs]
    exact = [{symbol: mp.mpf(value) for symbol, value in point.items()} for point in points]
    right = [exact_values(choice.nodes, at) for at in exact]

    def passes(nodes: Nodes) -> bool:
        values = evaluate(inputs, nodes, arguments, choice.chosen.arithmetic)
        return all(_close(values[name], truth[name]) for name in nodes)

    result: dict[str, Any] = {
        "total": 0, "equivalent": 0, "rejected": 0, "survivors": [], "original": passes(choice.nodes)
    }  # fmt: skip
    for mutant in graph_mutants(choice.nodes):
        result["total"] += 1
        if not passes(mutant.nodes):
            result["rejected"] += 1
        elif all(_equal(exact_values(mutant.nodes, at), value) for at, value in zip(exact, right, strict=True)):
            result["equivalent"] += 1
        else:
            result["survivors"].append({"quantity": quantity, "edit": mutant.what})
    return result


def _close(values: np.ndarray, expected: Sequence[Any]) -> bool:
    if not np.isfinite(values).all():
        return False
    pairs = zip(values, expected, strict=True)
    return all(abs(mp.mpf(float(value)) - right) <= TOLERANCE * abs(right) for value, right in pairs)


def _equal(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return all(same(left[name], right[name]) for name in right)
