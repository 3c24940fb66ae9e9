"""Check 1: the forward SDE by Euler's scheme, exact transitions, two-time covariance, Chapman and Kolmogorov."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Literal

import numpy as np
from sympy import Expr

from s2n_proofs.symbols import alpha, s, t, t_0
from s2n_proofs.theory.forward import coefficients
from s2n_proofs.theory.transition import transition

from ..build import Data, Setting, euler, grid, steps
from ..chain import Chain, Coupled
from ..experiment import Experiment
from ..rows import ChainCheck, control, verified
from .common import (
    EULER_STEPS,
    FINER,
    NO_DRIFT,
    equal_weights,
    has_no_drift,
    law_at,
    order_experiment,
    printed,
    telling,
)

__all__ = ["experiments"]

_DATA = Data(3.0, 0.25)
_WIDE = Data(0.0, 100.0)  # so that the state at the end still depends on the start


def experiments(setting: Setting) -> list[Experiment]:
    """All experiments about the forward process."""
    return [*_euler(setting), *_transitions(setting), *_start(setting), *_small_step(setting)]


def _euler(setting: Setting) -> list[Experiment]:
    found = coefficients().result
    sde = {"drift z": found["f"], "diffusion": found["g"]}
    still = has_no_drift(setting)

    def build(scales: Mapping[str, float], count: int = EULER_STEPS, data: Data = _DATA) -> Chain:
        return euler(setting, sde, grid(setting.early, setting.late, count), data, scales=scales)

    mean, variance = law_at(setting, setting.late, _DATA)
    _, at_start = law_at(setting, setting.early, _WIDE)
    factor = setting.values.alpha(setting.late) / setting.values.alpha(setting.early)
    checks = (ChainCheck("mean", "mean", exact=mean), ChainCheck("variance", "square", exact=variance))
    scaled = NO_DRIFT if still else ""
    names = {"mean": "thm1-f", "variance": "thm1-g"}
    main = verified(
        "forward-sde", "eq3-sde", setting.name, checks, build, ("drift z", "diffusion"),
        finer=[build({}, count) for count in FINER],
        claims=names, scaled_to=scaled,
    )  # fmt: skip
    two_times = verified(
        "forward-sde-two-times", "eq3-sde", setting.name,
        (ChainCheck("covariance", "product", exact=factor * at_start),),
        lambda scales: build(scales, data=_WIDE), ("drift z",),
        finer=[build({}, count, _WIDE) for count in FINER], scaled_to=scaled,
    )  # fmt: skip

    def coupled(counts: tuple[int, int, int], mean: float, observable: Literal["state", "square"]) -> Coupled:
        chains = tuple(build({}, count, Data(mean, 0.0)) for count in counts)
        return Coupled(chains, (equal_weights(counts[0]), equal_weights(counts[1])), observable)  # type: ignore[arg-type]

    # A large mean makes its own error stand out; where the mean has none (alpha affine) that of the variance may.
    candidates = (lambda counts: coupled(counts, 100.0, "state"), lambda counts: coupled(counts, 0.0, "square"))
    order = order_experiment("forward-sde-order", "eq3-sde", setting.name, candidates, weight=4.0 if still else 1.5)
    return [main, two_times, order]


def _transitions(setting: Setting) -> list[Experiment]:
    found = transition().result
    formulas = {"z": found["factor"], "noise": found["noise"]}
    middle = setting.between(Fraction(1, 2))
    mean, variance = law_at(setting, setting.late, _DATA)
    _, at_start = law_at(setting, setting.early, _WIDE)
    values = setting.values

    def one(scales: Mapping[str, float], data: Data = _DATA) -> Chain:
        return steps(setting, formulas, (setting.early, setting.late), data, scales=scales)

    def five(scales: Mapping[str, float]) -> Chain:
        chain = steps(setting, formulas, grid(setting.early, setting.late, 5), Data(3.0, 0.0), scales=scales)
        return replace(chain, start=(1.0, 0.0))  # z_s is the number 3

    checks = (ChainCheck("mean", "mean", exact=mean), ChainCheck("variance", "square", exact=variance))
    crossed = ChainCheck(
        "covariance", "product", exact=at_start * values.alpha(setting.late) / values.alpha(setting.early)
    )
    at = {s: setting.early, t: setting.late}
    direct = (
        ChainCheck("mean", "mean", exact=3.0 * values(found["factor"], at)),
        ChainCheck("variance", "square", exact=values(found["noise"] ** 2, at)),
    )
    # The mean as printed starts from z_0 where it should from z_s.
    whole = steps(setting, formulas, (setting.early, middle, setting.late), _DATA)
    skipped = steps(setting, formulas, (middle, setting.late), _DATA, start=setting.early)
    return [
        verified(
            "forward-transition", "thm1-var", setting.name, checks, one, ("z", "noise"), claims={"mean": "thm1-psi"}
        ),
        verified("two-times", "psi-moments", setting.name, (crossed,), lambda scales: one(scales, _WIDE), ("z",)),
        verified("chapman-kolmogorov", "psi-moments", setting.name, direct, five, ("z", "noise")),
        *telling(control("forward-transition", "thm1-mean", setting.name, skipped, whole)),
    ]


def _start(setting: Setting) -> list[Experiment]:
    """The law of z_t given where the process starts, which is not that given the data unless sigma is 0 there."""
    start = setting.schedule.start
    if start.sigma in (None, 0) or start.alpha != 1:
        return []
    first = setting.values.domain[0]
    later = setting.values.time_at(setting.values.log_snr(first) - 1.0)
    claim, derived = printed("marginal-z0/b")
    given = {alpha(t_0): 1}
    at_start = {"z": transition().result["factor"].subs(s, t_0).subs(given)}

    def law(noise: Expr) -> Chain:
        chain = steps(setting, {**at_start, "noise": noise}, (first, later), Data(3.0, 0.0), parameters={t_0: first})
        return replace(chain, start=(1.0, 0.0))

    return telling(
        control("start", "marginal-z0/b", setting.name, law(claim["noise"]), law(derived["noise"].subs(given)))
    )


def _small_step(setting: Setting) -> list[Experiment]:
    claim, derived = printed("limit-forward-step")
    times = grid(setting.early, setting.late, 4)
    wrong, right = (steps(setting, formulas, times, _DATA) for formulas in (claim, derived))
    if np.allclose(wrong.by_xi, right.by_xi, rtol=1e-12):
        return []
    return telling(control("small-step", "limit-forward-step", setting.name, wrong, right))
