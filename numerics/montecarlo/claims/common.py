"""What several parts of the theory share: exact marginals, printed forms from the ledger, orders of convergence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from s2n_proofs.ledger.claim import Claim
from s2n_proofs.ledger.registry import select
from s2n_proofs.symbols import t
from s2n_proofs.theory.forward import coefficients

from ..build import Data, Setting
from ..chain import Coupled
from ..experiment import Experiment, Row

__all__ = [
    "EULER_STEPS",
    "FINER",
    "NO_DRIFT",
    "equal_weights",
    "has_no_drift",
    "law_at",
    "order_experiment",
    "printed",
    "telling",
]

EULER_STEPS = 32
FINER = (2 * EULER_STEPS, 4 * EULER_STEPS)  # to extrapolate to step 0
NO_DRIFT = "f is 0 and is moved by 0.01 over the time taken"


def has_no_drift(setting: Setting) -> bool:
    """Whether alpha is constant, so that 1 % of f is nothing."""
    return not any(setting.values(coefficients().result["f"], {t: setting.between(Fraction(k, 4))}) for k in range(5))


def law_at(setting: Setting, time: Fraction, data: Data) -> tuple[float, float]:
    """Mean and variance of z_t, from the definition of the model alone."""
    a, c = setting.values.alpha(time), setting.values.sigma(time)
    return a * data.mean, a**2 * data.variance + c**2


@lru_cache
def printed(name: str) -> tuple[Mapping[str, Expr], Mapping[str, Expr]]:
    """The formulas of a claim as printed, and as derived for it, by role."""
    (claim,) = select([name])
    if not isinstance(claim, Claim):
        raise TypeError(f"the claim {name} has no formulas")
    return claim.printed, claim.derive().result


def telling(experiment: Experiment | None) -> list[Experiment]:
    """The experiment, or nothing where the printed form is right for this schedule."""
    return [] if experiment is None else [experiment]


def equal_weights(count: int) -> NDArray[np.float64]:
    """How the noise of a step consists of its halves', where every Brownian increment counts the same."""
    return np.full((count, 2), np.sqrt(0.5))


def order_experiment(
    key: str,
    claim: str,
    schedule: str,
    candidates: Sequence[Callable[[tuple[int, int, int]], Coupled]],
    weight: float = 1.0,
) -> Experiment:
    """Strong and weak order of a scheme, each against the value that the exact recursion gives for these step sizes.

    With eight times as many steps the recursion has to come near the whole number, which is 1.  The first candidate
    whose weak error stands out from its noise is taken; if none does, the last, for its strong order alone.
    """
    programs = [make((8, 16, 32)) for make in candidates]
    telling_ones = [i for i, program in enumerate(programs) if program.gaps()[2] > _STANDS_OUT]
    chosen = telling_ones[0] if telling_ones else -1
    names = ("strong", "weak") if telling_ones else ("strong",)
    expected, limits = _orders(programs[chosen]), _orders(candidates[chosen]((64, 128, 256)))
    rows = tuple(
        Row(
            f"{key}/{name}", claim, "derived", schedule, i, expected[i], shifts={"order": 0.01},
            limit=limits[i], exact=1.0, allowed=ORDER_GAP,
        )
        for i, name in enumerate(names)
    )  # fmt: skip
    return Experiment(f"{schedule}/{key}", programs[chosen], rows, weight)


def _orders(program: Coupled) -> tuple[float, float]:
    strong, weak, _ = program.gaps()
    return float(np.log2(strong[0] / strong[1]) / 2), float(np.log2(weak[0] / weak[1])) if weak.all() else 0.0


# The weak error in standard deviations of a sample; below, 1 % of the order is lost in the noise.
_STANDS_OUT = 0.5
# How far an order at 64 to 256 steps may be from the whole number that it tends to.
ORDER_GAP = 0.1
