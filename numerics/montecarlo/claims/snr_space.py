r"""Check 6: two schedules of one class have the same law in $\lambda$-space; the same $\lambda(t)$ is not enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import Rational

from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import t
from s2n_proofs.theory.transition import transition

from ..build import Data, Setting, grid, steps
from ..chain import Chain
from ..experiment import Experiment
from ..rows import ChainCheck, control, verified
from .common import law_at, telling

__all__ = ["experiments"]

_DATA = Data(3.0, 0.25)
_WIDE = Data(0.0, 100.0)


def experiments(setting: Setting) -> list[Experiment]:
    """All experiments about signal-to-noise space."""
    twin = _twin(setting)
    formulas = {"z": transition().result["factor"], "noise": transition().result["noise"]}

    def build(scales: object, data: Data) -> Chain:
        return steps(twin, formulas, grid(twin.early, twin.late, 2), data, scales=scales)  # type: ignore[arg-type]

    # Expected: the first schedule at the times of the same log-SNR.
    times = [setting.values.time_at(twin.values.log_snr(when)) for when in (twin.early, twin.late)]
    (_, start), (mean, variance) = law_at(setting, times[0], _WIDE), law_at(setting, times[1], _DATA)
    crossed = setting.values.alpha(times[1]) / setting.values.alpha(times[0]) * start
    name = setting.name
    marginals = verified(
        "same-class", "thm5-equivalence", name,
        (ChainCheck("mean", "mean", exact=mean), ChainCheck("variance", "square", exact=variance)),
        lambda scales: build(scales, _DATA), ("z", "noise"),
    )  # fmt: skip
    two_times = verified(
        "same-class-two-times", "thm5-equivalence", name, (ChainCheck("covariance", "product", exact=crossed),),
        lambda scales: build(scales, _WIDE), ("z",),
    )  # fmt: skip
    return [marginals, two_times, *_same_lambda(setting)]


def _twin(setting: Setting) -> Setting:
    """The same curve run through at another speed: t replaced by L u (1 + u)/2 with u the share of time passed."""
    low, high = setting.schedule.domain
    share = (t - low) / (high - low)
    clock = low + (high - low) * share * (1 + share) * Rational(1, 2)
    alpha, sigma = (f.subs(t, clock) for f in (setting.schedule.alpha, setting.schedule.sigma))
    return Setting(f"{setting.name} at another speed", Schedule(alpha, sigma, setting.schedule.domain))


def _same_lambda(setting: Setting) -> list[Experiment]:
    """Half of alpha and half of sigma have the same lambda; the law of z_t is another one."""
    nothing = np.array([])
    a, c = setting.values.alpha(setting.late), setting.values.sigma(setting.late)
    first = Chain(nothing, nothing, nothing, nothing, nothing, _DATA.mean, _DATA.variance, (a, c))
    second = replace(first, start=(a / 2, c / 2))
    return telling(control("same lambda", "summary-equivalence/a", setting.name, second, first))
