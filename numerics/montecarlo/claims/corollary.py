r"""Check 3: the step of Corollary 1 over $(\gamma,\delta,\rho)$: marginals, orders, exactness for a point, printed readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer
from torch import Tensor

from s2n_proofs.symbols import delta, gamma, rho, s, t, tau
from s2n_proofs.theory import solution

from ..build import Data, Setting, euler, grid, steps
from ..chain import Chain, Coupled
from ..experiment import Experiment, Row
from ..rows import ChainCheck, control, verified
from ..streams import Source
from .common import EULER_STEPS, FINER, law_at, order_experiment, printed, telling

__all__ = ["experiments", "step_formulas"]

_DATA = Data(6.0, 0.25)
_STEPS = 8
_FAMILY = ((0, 0, 0), (0, 0, 1), (1, 1, 1), (-1, 0, Fraction(1, 2)), (Fraction(1, 2), Fraction(1, 2), 1))
# Without noise the gaps of two step sizes are proportional to each other, path by path, and their ratio is no random number.
_NOISY = ((0, 0, 1), (1, 1, 1), (-1, 0, Fraction(1, 2)))
_EXACT_FOR_A_POINT = ((0, 0, 0), (0, 1, 0), (1, 1, 1), (1, 1, -1))
_INEXACT_FOR_A_POINT = ((0, 0, 1), (1, 0, 1), (1, 1, Fraction(1, 2)))

Knobs = tuple[Fraction | int, Fraction | int, Fraction | int]


def step_formulas(knobs: Knobs) -> dict[str, Expr]:
    r"""The derived step at $(\gamma,\delta,\rho)$; at $\gamma=-1$ its limit."""
    values = {symbol: _exact(value) for symbol, value in zip((gamma, delta, rho), knobs, strict=True)}
    found = dict(solution.step().result)
    if knobs[0] == -1:
        found["eps"] = solution.step_limit().result["eps"]
    return {role: formula.subs(values) for role, formula in found.items()}


def _exact(value: Fraction | int) -> Expr:
    return Integer(Fraction(value).numerator) / Integer(Fraction(value).denominator)


def experiments(setting: Setting) -> list[Experiment]:
    """All experiments about the step of Corollary 1."""
    return [
        *(_marginals(setting, knobs) for knobs in _FAMILY),
        *(_point(setting, knobs, exact=True) for knobs in _EXACT_FOR_A_POINT),
        *(_point(setting, knobs, exact=False) for knobs in _INEXACT_FOR_A_POINT),
        *(_orders(setting, knobs) for knobs in _NOISY),
        _local_order(setting),
        _noise_integral(setting),
        *_controls(setting),
    ]


def _name(knobs: Knobs) -> str:
    return ",".join(str(k) for k in knobs)


def _marginals(setting: Setting, knobs: Knobs) -> Experiment:
    formulas = step_formulas(knobs)

    def build(scales: Mapping[str, float], count: int = _STEPS) -> Chain:
        return steps(setting, formulas, grid(setting.late, setting.early, count), _DATA, scales=scales)

    mean, variance = law_at(setting, setting.early, _DATA)
    checks = (ChainCheck("mean", "mean", exact=mean), ChainCheck("variance", "square", exact=variance))
    used = [role for role in ("z", "eps", "noise") if formulas[role] != 0]
    # Eight steps are coarse; the extrapolation starts from 32.
    finer = [build({}, count) for count in (32, 64, 128)]
    return verified(f"step {_name(knobs)}", "cor1-noise/b", setting.name, checks, build, used, finer=finer)


def _point(setting: Setting, knobs: Knobs, *, exact: bool) -> Experiment:
    """One large step for a point mass, for which the network is the noise itself."""
    formulas, data = step_formulas(knobs), Data(6.0, 0.0)
    mean, variance = law_at(setting, setting.early, data)
    checks = (
        ChainCheck("mean", "mean", exact=mean),
        ChainCheck("variance", "square", exact=variance if exact else None),
    )
    used = [role for role in ("z", "eps", "noise") if formulas[role] != 0]
    key = f"{'exact' if exact else 'inexact'} for a point {_name(knobs)}"
    return verified(
        key, "cor1-noise/b", setting.name, checks,
        lambda scales: steps(setting, formulas, (setting.late, setting.early), data, scales=scales), used,
    )  # fmt: skip


def _orders(setting: Setting, knobs: Knobs) -> Experiment:
    """Strong and weak order, all step sizes on one Brownian path."""
    formulas = step_formulas(knobs)

    def coupled(counts: tuple[int, int, int]) -> Coupled:
        chains = tuple(
            steps(setting, formulas, grid(setting.late, setting.early, count), Data(0.0, 36.0)) for count in counts
        )
        weights = tuple(_ito_weights(setting, count) for count in counts[:2])
        return Coupled(chains, weights)  # type: ignore[arg-type]

    return order_experiment(f"step order {_name(knobs)}", "step-order", setting.name, (coupled,))


def _ito_weights(setting: Setting, count: int) -> NDArray[np.float64]:
    r"""How the exact noise of a step consists of its halves': $n=\frac{\alpha_s}{\alpha_m}n_1+n_2$, to unit variance."""
    noise = solution.step_noise_variance().result["noise"].subs(rho, 1)
    times = grid(setting.late, setting.early, 2 * count)
    rows = []
    for k in range(count):
        high, middle, low = times[2 * k : 2 * k + 3]
        carried = setting.values.alpha(low) / setting.values.alpha(middle)
        parts = carried * setting.values(noise, {s: middle, t: high}), setting.values(noise, {s: low, t: middle})
        rows.append(np.array(parts) / np.hypot(*parts))
    return np.array(rows)


@dataclass(frozen=True, eq=False)
class LocalErrors:
    r"""Gaps $pz+q$ between one deterministic step and the exact flow, for two step lengths; half the log of their ratio.

    The order of the local error is $\tfrac12\log_2(E_1/E_2)$, $E_i=E(p_iz+q_i)^2$, linearised at its exact value.
    """

    law: tuple[float, float]
    gaps: tuple[tuple[float, float], tuple[float, float]]

    def exact(self) -> tuple[float, float]:
        """The two mean squares."""
        mean, variance = self.law
        first, second = ((p * mean + q) ** 2 + p**2 * variance for p, q in self.gaps)
        return first, second

    def statistics(self, source: Source, paths: int) -> Sequence[Tensor]:
        """The linearised order, from independent states for the two step lengths."""
        first, second = self.exact()
        squares = []
        for p, q in self.gaps:
            z = source.normal_(source.empty(paths), self.law[0], self.law[1] ** 0.5).double()
            squares.append((p * z + q) ** 2)
        slope = 1 / (2 * np.log(2))
        return [float(np.log2(first / second)) / 2 + slope * (squares[0] / first - squares[1] / second)]


def _local_order(setting: Setting) -> Experiment:
    """The claim that the step of rho = 0 has a local error of second order, at gamma = 1."""
    formulas, data = step_formulas((1, 0, 0)), _DATA
    here, length = setting.between(Fraction(1, 2)), setting.late - setting.early
    gaps = []
    for parts in (64, 128):
        there = here - length / parts
        (slope,), (offset,) = steps(setting, formulas, (here, there), data).affine()
        (m0, v0), (m1, v1) = (law_at(setting, time, data) for time in (here, there))
        stretch = (v1 / v0) ** 0.5  # the flow of the deterministic equation maps one Gaussian to the other
        gaps.append((slope - stretch, offset - (m1 - stretch * m0)))
    program = LocalErrors(law_at(setting, here, data), (gaps[0], gaps[1]))
    first, second = program.exact()
    order = float(np.log2(first / second)) / 2
    row = Row(
        "local-order", "step-order", "derived", setting.name, 0, order, shifts={"order": 0.02},
        exact=2.0, limit=order, allowed=0.1,
    )  # fmt: skip
    return Experiment(f"{setting.name}/local-order", program, (row,))


def _noise_integral(setting: Setting) -> Experiment:
    """The noise of the exact solution as an Ito sum, against its variance."""
    kernel = solution.exact_solution().result["noise kernel"].subs({rho: 1, tau: t}, simultaneous=True)
    exact = setting.values(
        solution.step_noise_variance().result["variance"].subs(rho, 1), {s: setting.early, t: setting.late}
    )

    def build(scales: Mapping[str, float], count: int = EULER_STEPS) -> Chain:
        times = grid(setting.late, setting.early, count)
        chain = euler(
            setting, {"diffusion": kernel}, times, Data(0.0, 0.0), parameters={s: setting.early}, scales=scales
        )
        return replace(chain, start=(1.0, 0.0))

    return verified(
        "noise-integral", "thm3-noise/a", setting.name, (ChainCheck("variance", "square", exact=exact),), build,
        ("diffusion",), finer=[build({}, count) for count in FINER],
    )  # fmt: skip


def _controls(setting: Setting) -> list[Experiment]:
    times = grid(setting.late, setting.early, _STEPS)
    found: list[Experiment | None] = []

    def simulate(formulas: Mapping[str, Expr], network_at: str = "start") -> Chain:
        return steps(setting, formulas, times, _DATA, network_at=network_at)  # type: ignore[arg-type]

    def printed_step(name: str, knobs: Knobs) -> dict[str, Expr]:
        values = {symbol: _exact(value) for symbol, value in zip((gamma, delta, rho), knobs, strict=True)}
        return {**step_formulas(knobs), **{role: f.subs(values) for role, f in printed(name)[0].items()}}

    stochastic, deterministic = (0, 0, 1), (0, 0, 0)
    found.append(
        control(
            "step", "cor1-eps", setting.name, simulate(printed_step("cor1-eps", stochastic)),
            simulate(step_formulas(stochastic)),
        )
    )  # fmt: skip
    for claim, knobs in (("cor1-arguments", stochastic), ("eq12-arguments", deterministic)):
        formulas = step_formulas(knobs)
        found.append(control("step", claim, setting.name, simulate(formulas, "end"), simulate(formulas)))
    # The noise by itself: as printed at delta = 1, against the exact one.
    noise = printed("cor1-noise/a")
    whole = (setting.late, setting.early)
    at_one, exact = (
        steps(setting, {"z": Integer(0), "noise": f["noise"].subs({delta: 1, rho: 1})}, whole, _DATA) for f in noise
    )
    found.append(control("noise", "cor1-noise/a", setting.name, at_one, exact))
    # One print against another: the second column is what the claim compares the first with.
    for claim, at in (("eq12-step/a", {gamma: 0}), ("eq12-euler/a", {})):
        first, second = ({role: f.subs(at) for role, f in side.items()} for side in printed(claim))
        found.append(control("step", claim, setting.name, simulate(first), simulate(second)))
    return [experiment for one in found for experiment in telling(one)]
