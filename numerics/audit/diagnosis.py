"""Which single edit of the right formula gives what was measured: the term that is off, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Symbol

from s2n_proofs.symbols import beta, rho
from s2n_proofs.testing.mutating import Mutant, mutants
from s2n_proofs.testing.worlds import mp
from s2n_proofs.text import to_text

from .families import COEFFICIENTS, ETA, coefficients, evaluate, formulas_of, scales
from .fitting import TOLERANCE, Fit, comparable, units
from .implementation import Implementation
from .probing import Measured

__all__ = ["Finding", "diagnose", "formula_for"]


@dataclass(frozen=True)
class Finding:
    """A coefficient that is off.

    Attributes
    ----------
    coefficient : str
    step : int
        Where it is off most.
    measured, expected : float
    formula : str
        The right formula.
    edit : str or None
        The single edit of it that gives the measured values at every step; None where none does.
    kind : str or None
        The kind of that edit (see :mod:`s2n_proofs.testing.mutating`).
    computed : str or None
        The edited formula.
    """

    coefficient: str
    step: int
    measured: float
    expected: float
    formula: str
    edit: str | None
    kind: str | None
    computed: str | None


def formula_for(family: str, coefficient: str, numbers: Mapping[Symbol, Any]) -> Expr:
    """The generic formula of a coefficient with the family's own degenerate values put in."""
    found = getattr(formulas_of(family, numbers), coefficient)
    if family == "ddim":
        return found.subs(beta, 0)
    if family == "eta":
        return found.subs(beta, ETA * formulas_of("ancestral", numbers).a_noise)
    if family == "eq7":
        exact = {symbol: int(value) for symbol, value in numbers.items() if symbol != rho and value in (0, 1)}
        return found.subs(exact)
    return found


def diagnose(implementation: Implementation, measured: Sequence[Measured], fit: Fit, numbers: Any) -> list[Finding]:
    """Explain every coefficient of a fit that is off; numbers may be a list, step by step."""
    found = []
    for name in fit.wrong:
        formula = formula_for(fit.family, name, _at(numbers, 0))
        if name == "a_noise" and not any(read.a_noise for read in measured):
            mutant: Mutant | None = Mutant("term", "drop the noise", Integer(0))
        else:
            mutant = _explained_by(implementation, measured, name, formula, fit.family, numbers)
        miss = fit.misses[name]
        told = (None, None, None) if mutant is None else (mutant.what, mutant.kind, to_text(mutant.expr))
        found.append(Finding(name, miss.step, miss.measured, miss.expected, to_text(formula), *told))
    return found


def _at(numbers: Any, k: int) -> Mapping[Symbol, Any]:
    found: Mapping[Symbol, Any] = numbers[k] if isinstance(numbers, list) else numbers
    return found


def _explained_by(
    implementation: Implementation,
    measured: Sequence[Measured],
    name: str,
    formula: Expr,
    family: str,
    numbers: Any,
) -> Mutant | None:
    steps = [
        k
        for k, found in enumerate(measured)
        if found.finite and comparable(implementation, k) and implementation.levels[k + 1].sigma > 0
    ]
    for mutant in mutants(formula):
        if all(_same(implementation, measured[k], k, name, mutant.expr, family, numbers) for k in steps):
            return mutant
    return None


def _same(
    implementation: Implementation,
    found: Measured,
    k: int,
    name: str,
    expr: Expr,
    family: str,
    numbers: Any,
) -> bool:
    level_t, level_s = implementation.levels[k], implementation.levels[k + 1]
    numbers = _at(numbers, k)
    value = evaluate(expr, level_s, level_t, numbers)
    if value is None or not isinstance(value, mp.mpf):
        return False
    read = dict(zip(COEFFICIENTS, (found.a_z, found.a_eps, found.a_noise), strict=True))[name]
    if name == "a_noise":
        value, read = abs(value), abs(read)
    noise = coefficients(family, level_s, level_t, numbers)[2]
    size = max(scales(level_s, level_t, noise)[name], abs(value))
    error = found.noise_error if name == "a_noise" else 0.0
    return units(read, value, size, implementation.precision, error) <= TOLERANCE
