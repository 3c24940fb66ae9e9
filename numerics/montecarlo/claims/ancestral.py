"""Check 4: the ancestral step, Eq. (8), against the posterior of the forward process, for data that are not normal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sympy import Expr, Rational

from numerics.data import GaussianMixture
from s2n_proofs.symbols import rho, s, t
from s2n_proofs.theory import ancestral
from s2n_proofs.theory.transition import transition

from ..build import Data, Setting, steps
from ..coefficients import UndefinedCoefficientError
from ..experiment import Experiment, Form, Row
from ..joint import Joint, Mean
from ..rows import CONTROL_WEIGHT, control
from .common import printed, telling

__all__ = ["LAW", "experiments", "joint_of"]

LAW = GaussianMixture([0.4, 0.6], [[-1.5], [1.0]], [0.09, 0.25])
_STATISTIC = {"z": 0, "eps": 1}
_SHIFT = {"z": 2, "eps": 3}
_POSTERIOR = 4


def joint_of(setting: Setting) -> Joint:
    """The forward process at the early and the late time."""
    at = {s: setting.early, t: setting.late}
    exact, values = transition().result, setting.values
    return Joint(
        values.alpha(setting.early), values.sigma(setting.early), values.alpha(setting.late),
        values.sigma(setting.late), values(exact["factor"], at), values(exact["noise"], at),
    )  # fmt: skip


def experiments(setting: Setting) -> list[Experiment]:
    """All experiments about the ancestral step."""
    at = {s: setting.early, t: setting.late}
    derived, posterior = ancestral.step_with_network().result, ancestral.posterior().result
    joint = joint_of(setting)
    mean_of_x = sum(w * part.mean.item() for w, part in zip(LAW.weights.tolist(), LAW.parts, strict=True))

    def program(formulas: Mapping[str, Expr]) -> Mean:
        eps = setting.values(formulas["eps"], at)
        pair = setting.values(posterior["z"], at), setting.values(posterior["x"], at)
        return Mean(LAW, joint, setting.values(formulas["z"], at), eps, pair, joint.alpha_t * mean_of_x)

    def orthogonal(role: str, claim: str, form: Form, key: str) -> Row:
        shifts = {role: _SHIFT[role]} if form == "derived" else {}
        return Row(f"{key}/{role}", claim, form, setting.name, _STATISTIC[role], 0.0, shifts=shifts,
                   scaled_to="the coefficient times a second moment")  # fmt: skip

    variance = setting.values(derived["noise"] ** 2, at)
    spread = Row(
        "ancestral/variance", "vdm-var", "derived", setting.name, _POSTERIOR, variance, "chi-square", variance,
        {"noise": 0.0201 * variance},
    )  # fmt: skip
    right = program(derived)
    rows = (
        orthogonal("z", "vdm-mean-1", "derived", "ancestral"),
        orthogonal("eps", "eq8-step/a", "derived", "ancestral"),
        spread,
    )
    found = [Experiment(f"{setting.name}/ancestral", right, rows, weight=2.0)]
    key = "ancestral mean"
    row = orthogonal("z", "vdm-mean-2", "printed", key)
    found.append(
        Experiment(f"{setting.name}/{key}/vdm-mean-2", program(printed("vdm-mean-2")[0]), (row,), CONTROL_WEIGHT)
    )
    row = orthogonal("eps", "vdm-arguments", "printed", key)
    found.append(
        Experiment(f"{setting.name}/{key}/vdm-arguments", replace(right, network_at_s=True), (row,), CONTROL_WEIGHT)
    )
    return [*found, *_noise(setting, right, variance), *_special_cases(setting)]


def _noise(setting: Setting, right: Mean, variance: float) -> list[Experiment]:
    """Eq. (8)'s noise with the root's bar running on: what it prints, against what the posterior does."""
    at = {s: setting.early, t: setting.late}
    try:
        wrong = setting.values(printed("eq8-step/b")[0]["noise"] ** 2, at)
    except UndefinedCoefficientError:
        return []
    if wrong <= 0:
        return []
    row = Row(
        "ancestral noise/variance", "eq8-step/b", "printed", setting.name, _POSTERIOR, wrong,
        shifts={"printed form": wrong - variance},
    )  # fmt: skip
    return [Experiment(f"{setting.name}/ancestral noise/eq8-step/b", right, (row,), CONTROL_WEIGHT)]


def _special_cases(setting: Setting) -> list[Experiment]:
    """Eq. (8) is no special case of Eq. (7): as printed at rho = 1, and as derived at another rho."""
    found = []
    times, data = (setting.late, setting.early), Data(6.0, 0.25)
    for claim, strength in (("eq8-special-case/a", Rational(1)), ("eq8-special-case/b", Rational(1, 2))):
        eq8, eq7 = (
            steps(setting, {role: f.subs(rho, strength) for role, f in side.items()}, times, data)
            for side in printed(claim)
        )
        found += telling(control("ancestral step", claim, setting.name, eq8, eq7))
    return found
