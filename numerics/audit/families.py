r"""The named steps, and their coefficients at given noise levels to 60 digits.

=========== =====================================================================================
ddim        the non-Markovian step at $\beta=0$; also Euler's method in $\sigma/\alpha$ and DPM-Solver-1
ancestral   the posterior's step (DDPM; "Euler ancestral" in $\sigma/\alpha$; SDE-DPM-Solver++ 1)
eta         the non-Markovian step with $\beta=\eta\,\sigma_Q$, $\sigma_Q$ the posterior's noise (DDIM's own $\eta$)
eq7         the step of Corollary 1 with numbers $\gamma,\delta,\rho$
nonmarkov   the non-Markovian step with some $\beta$ at each step
=========== =====================================================================================

The formulas are those of :func:`s2n_proofs.formulas.derive`; nothing is typed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from random import Random
from typing import Any

from sympy import Expr, Symbol

from s2n_proofs.formulas import Formulas, StepCoefficients, derive
from s2n_proofs.named_schedules import catalogue
from s2n_proofs.symbols import alpha, beta, gamma, lam, s, sigma, snr, t
from s2n_proofs.testing.worlds import World, mp

from .implementation import Level

__all__ = ["COEFFICIENTS", "ETA", "FAMILIES", "coefficients", "evaluate", "formulas_of", "scales"]

FAMILIES = ("ddim", "ancestral", "eta", "eq7", "nonmarkov")
COEFFICIENTS = ("a_z", "a_eps", "a_noise")
Numbers = Mapping[Symbol, Any]
ETA = Symbol("eta", nonnegative=True)


@lru_cache
def _generic() -> Formulas:
    return derive()


def formulas_of(family: str, numbers: Numbers) -> StepCoefficients:
    """The generic formulas of a family; of eq7 at gamma = -1, its limit."""
    found = _generic()
    if family == "ancestral":
        return found.ancestral_step
    if family == "eq7":
        return found.step_limit if numbers[gamma] == -1 else found.step
    return found.nonmarkov_step


class _Levels(World):
    """A world that knows alpha and sigma at two times only."""

    def __init__(self, level_s: Level, level_t: Level, numbers: Numbers) -> None:
        self._at = {0: level_s, 1: level_t}
        self._given = numbers
        super().__init__(catalogue["fm-ot"], Random(0))

    def _point(self) -> dict[Symbol, Any]:
        return {s: mp.mpf(0), t: mp.mpf(1), **{symbol: mp.mpf(value) for symbol, value in self._given.items()}}

    def _unknown(self, function: Any, orders: tuple[int, ...], arguments: tuple[Any, ...]) -> Any:
        (time,) = arguments
        if any(orders) or time not in self._at:
            raise ValueError("only alpha and sigma at s and t have values here")
        level = self._at[int(time)]
        if function in (lam, snr):
            ratio = (level.alpha / level.sigma) ** 2
            return mp.log(ratio) if function == lam else ratio
        if function not in (alpha, sigma):
            raise ValueError(f"{function} has no value here")
        return level.alpha if function == alpha else level.sigma


def evaluate(expr: Expr, level_s: Level, level_t: Level, numbers: Numbers | None = None) -> Any:
    """The value of a formula in alpha, sigma and lambda at s and t; None where it has none."""
    return _Levels(level_s, level_t, numbers or {}).value(expr)


def coefficients(family: str, level_s: Level, level_t: Level, numbers: Numbers | None = None) -> tuple[Any, Any, Any]:
    """The three coefficients of a step from t to s.

    Examples
    --------
    >>> a_z, a_eps, a_noise = coefficients("ddim", Level(mp.mpf(1), mp.mpf(1)), Level(mp.mpf(1), mp.mpf(3)))
    >>> int(a_z), int(a_eps), int(a_noise)
    (1, -2, 0)
    """
    numbers = dict(numbers or {})
    if family == "ddim":
        numbers = {beta: 0}
    elif family == "eta":
        posterior = _generic().ancestral_step.a_noise
        numbers = {beta: numbers[ETA] * evaluate(posterior, level_s, level_t)}
    if level_s.sigma == 0 and family in ("ddim", "ancestral", "eta", "nonmarkov"):
        # lambda is infinite there; these steps then end at the predicted data.
        a_z = level_s.alpha / level_t.alpha
        return a_z, -a_z * level_t.sigma, mp.mpf(0)
    world = _Levels(level_s, level_t, numbers)
    a_z, a_eps, a_noise = (world.value(part) for part in formulas_of(family, numbers))
    return a_z, a_eps, a_noise


def scales(level_s: Level, level_t: Level, noise: Any) -> dict[str, Any]:
    """What the rounding of a straightforward evaluation is proportional to, for each coefficient.

    a_eps is a difference of two terms, and a_noise the root of a difference of two squares: their rounding errors are those
    of the terms, the second's divided by the root.
    """
    kept, rest = level_s.alpha / level_t.alpha, level_s.sigma / level_t.sigma
    drawn = abs(noise)
    spread = kept**2 * level_t.sigma**2 + level_s.sigma**2
    return {
        "a_z": kept + rest,
        "a_eps": kept * level_t.sigma + level_s.sigma,
        "a_noise": drawn + spread / drawn if drawn else level_s.sigma + kept * level_t.sigma,
    }
