"""Rows of a chain: expectations by the exact recursion, and which statistic tells of which coefficient."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .chain import Chain, ChainProgram, Prediction, Snapshot, predict
from .experiment import DEFAULT_SAMPLES, Experiment, LawOfEstimate, Row

__all__ = ["CONTROL_WEIGHT", "ChainCheck", "control", "extrapolate", "verified"]

# A shift that is found for certain at the default number of samples, in standard deviations of a sample.
RESOLVED = 10 / math.sqrt(DEFAULT_SAMPLES)
# Printed forms that are wrong are wrong by far more than 1 %: they need fewer samples.
CONTROL_WEIGHT = 1 / 8
LEFT_OVER = 1e-3  # of a sample's standard deviation: what extrapolation may leave, a few standard errors
ERROR = 0.01  # the error of a coefficient that every check has to find
# In standard deviations of a sample: rounding noise of the coefficients, not a difference of two formulas.
_TELLING = 1e-9

Build = Callable[[Mapping[str, float]], Chain]
Kind = Literal["mean", "square", "product"]


@dataclass(frozen=True)
class ChainCheck:
    """What is looked at: a kind of statistic after a share of the steps.

    `exact` is the value for the process itself, where the chain only tends to it.
    """

    name: str
    kind: Kind
    share: float = 1.0
    exact: float | None = None


def verified(
    key: str,
    claim: str,
    schedule: str,
    checks: Sequence[ChainCheck],
    build: Build,
    coefficients: Sequence[str],
    *,
    finer: Sequence[Chain] = (),
    claims: Mapping[str, str] | None = None,
    scaled_to: str = "",
    weight: float = 1.0,
) -> Experiment:
    """The experiment for a derived formula.

    Parameters
    ----------
    build : callable
        The chain for given scales of the coefficients; ``{}`` is the derived one.
    coefficients : sequence of str
        A check tests the one to which it is most sensitive, and all others that it resolves.
    finer : sequence of Chain
        The same chain with more steps, twice as many each, where the expectation is to be extrapolated to step 0; the
        last three of them and `build` are used.
    claims : mapping
        Claims of checks by name, where they differ from `claim`.
    """
    chain = build({})
    base = predict(chain)
    snapshots = [_snapshot(check, base) for check in checks]
    values = [_value(check, base) for check in checks]
    spreads = [_spread(check, base) for check in checks]
    moved = {name: predict(build({name: 1 + ERROR})) for name in coefficients}
    shifts: list[dict[str, float]] = []
    for check, spread in zip(checks, spreads, strict=True):
        effects = {name: _shift(check, base, other) for name, other in moved.items()}
        best = max(effects, key=lambda name: abs(effects[name]))
        # Beside the one to which it is most sensitive, a check tests every coefficient that it resolves.
        shifts.append({k: v for k, v in effects.items() if k == best or abs(v) > RESOLVED * spread})
    finest = [predict(one) for one in finer]
    rows = []
    for i, check in enumerate(checks):
        levels = [values[i], *(_value(check, p) for p in finest)][-3:]
        limit = extrapolate(*levels) if finest else None
        law, scale = _law(check, base)
        rows.append(
            Row(
                f"{key}/{check.name}", (claims or {}).get(check.name, claim), "derived", schedule, i, values[i],
                law, scale, shifts[i], limit, check.exact, scaled_to, LEFT_OVER * spreads[i],
            )
        )  # fmt: skip
    return Experiment(f"{schedule}/{key}", ChainProgram(chain, tuple(snapshots)), tuple(rows), weight)


def control(
    key: str,
    claim: str,
    schedule: str,
    printed: Chain,
    derived: Chain,
    kinds: Sequence[Kind] = ("mean", "square"),
) -> Experiment | None:
    """The experiment for a printed formula: the statistic that it gets most wrong, expected as the derived formula has it.

    None where both give the same law, so that there is nothing to catch for this schedule.
    """
    base, other = predict(derived), predict(printed)
    checks = [ChainCheck(kind, kind) for kind in kinds]
    effects = [abs(_shift(check, base, other)) / _spread(check, base) for check in checks]
    best = max(range(len(checks)), key=lambda i: effects[i])
    if effects[best] < _TELLING:
        return None
    check = checks[best]
    law, scale = _law(check, base)
    row = Row(
        f"{key}/{check.name}", claim, "printed", schedule, 0, _value(check, base), law, scale,
        {"printed form": _shift(check, base, other)},
    )  # fmt: skip
    about = Snapshot(check.kind, len(other.mean) - 1, float(base.mean[-1]), float(base.mean[0]))
    return Experiment(f"{schedule}/{key}/{claim}", ChainProgram(printed, (about,)), (row,), CONTROL_WEIGHT)


def extrapolate(coarse: float, fine: float, finest: float) -> float:
    """The value at step 0 from three step sizes, each half the last, of a scheme of order 1 (Richardson)."""
    return (8 * finest - 6 * fine + coarse) / 3


def _after(check: ChainCheck, prediction: Prediction) -> int:
    return round(check.share * (len(prediction.mean) - 1))


def _snapshot(check: ChainCheck, base: Prediction) -> Snapshot:
    k = _after(check, base)
    return Snapshot(check.kind, k, float(base.mean[k]), float(base.mean[0]))


def _value(check: ChainCheck, prediction: Prediction) -> float:
    k = _after(check, prediction)
    column = {"mean": prediction.mean, "square": prediction.variance, "product": prediction.covariance}[check.kind]
    return float(column[k])


def _shift(check: ChainCheck, base: Prediction, other: Prediction) -> float:
    """The expectation of the statistic, centred as `base` has it, under another law."""
    gap = float(other.mean[_after(check, other)] - base.mean[_after(check, base)])
    gap_of_start = float(other.mean[0] - base.mean[0])
    extra = {"mean": 0.0, "square": gap**2, "product": gap * gap_of_start}[check.kind]
    return _value(check, other) - _value(check, base) + extra


def _spread(check: ChainCheck, base: Prediction) -> float:
    """The standard deviation of one sample of the statistic, for normal states."""
    k = _after(check, base)
    v, v0, c = base.variance[k], base.variance[0], base.covariance[k]
    return float({"mean": math.sqrt(v), "square": math.sqrt(2) * v, "product": math.sqrt(v * v0 + c**2)}[check.kind])


def _law(check: ChainCheck, base: Prediction) -> tuple[LawOfEstimate, float]:
    variance = float(base.variance[_after(check, base)])
    if variance == 0 or check.kind == "product":
        return "mean", 0.0
    return ("normal", math.sqrt(variance)) if check.kind == "mean" else ("chi-square", variance)
