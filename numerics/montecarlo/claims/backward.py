r"""Check 2: the reverse family for several $\rho$, with the exact score; only $\rho=\pm1$ has the forward path law."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sympy import Expr, Integer, Rational

from s2n_proofs.symbols import rho, t
from s2n_proofs.theory.backward import epsilon_form
from s2n_proofs.theory.nonmarkov import sde as nonmarkov_sde

from ..build import Data, Setting, euler, grid
from ..chain import Chain
from ..experiment import Experiment
from ..rows import ChainCheck, control, verified
from .common import EULER_STEPS, FINER, NO_DRIFT, has_no_drift, law_at, printed, telling

__all__ = ["experiments"]

_DATA = Data(6.0, 0.25)
_WIDE = Data(0.0, 4.0)


def experiments(setting: Setting) -> list[Experiment]:
    """All experiments about backward SDEs, Theorem 4's among them."""
    length = setting.late - setting.early
    share = (t - Rational(setting.early.numerator, setting.early.denominator)) / Rational(
        length.numerator, length.denominator
    )
    strengths = {"0": Integer(0), "1/2": Rational(1, 2), "1": Integer(1), "rising": Rational(1, 2) + share}
    families = [_marginals(setting, f"reverse rho={name}", _family(value)) for name, value in strengths.items()]
    return [*families, *_two_times(setting), *_theorem4(setting)]


def _family(strength: Expr) -> dict[str, Expr]:
    """Theorem 2 with the network, at a number or a function of t."""
    return {role: value.subs(rho, strength) for role, value in epsilon_form().result.items()}


def _build(setting: Setting, formulas: Mapping[str, Expr], data: Data, count: int = EULER_STEPS) -> Chain:
    return _scaled(setting, formulas, data, {}, count)


def _scaled(
    setting: Setting, formulas: Mapping[str, Expr], data: Data, scales: Mapping[str, float], count: int = EULER_STEPS
) -> Chain:
    return euler(setting, formulas, grid(setting.late, setting.early, count), data, scales=scales)


def _marginals(
    setting: Setting, key: str, formulas: Mapping[str, Expr], claims: tuple[str, str] = ("thm2-eps", "thm2-family/a")
) -> Experiment:
    checks, names = [], {}
    for name, share in (("early", 0.5), ("end", 1.0)):
        when = grid(setting.late, setting.early, 2)[round(2 * share)]
        mean, variance = law_at(setting, when, _DATA)
        checks += [
            ChainCheck(f"mean {name}", "mean", share, mean),
            ChainCheck(f"variance {name}", "square", share, variance),
        ]
        names[f"mean {name}"] = claims[0]
    used = [role for role, value in formulas.items() if value != 0]
    return verified(
        key, claims[1], setting.name, checks, lambda scales: _scaled(setting, formulas, _DATA, scales), used,
        finer=[_build(setting, formulas, _DATA, count) for count in FINER],
        claims=names, scaled_to=NO_DRIFT if has_no_drift(setting) else "",
    )  # fmt: skip


def _two_times(setting: Setting) -> list[Experiment]:
    """E z_s z_t is that of the forward process for rho = 1 and -1, and not for 1/2, which the print includes."""
    _, at_start = law_at(setting, setting.early, _WIDE)
    exact = setting.values.alpha(setting.late) / setting.values.alpha(setting.early) * at_start
    found = []
    for strength in (Integer(1), Integer(-1)):
        formulas = _family(strength)
        found.append(
            verified(
                f"path-law rho={strength}", "thm2-family/b", setting.name,
                (ChainCheck("covariance", "product", exact=exact),),
                partial(_scaled, setting, formulas, _WIDE), ("drift eps",),
                finer=[_build(setting, formulas, _WIDE, count) for count in FINER], weight=2.0,
            )
        )  # fmt: skip
    half, whole = (_build(setting, _family(strength), _WIDE) for strength in (Rational(1, 2), Integer(1)))
    return [*found, *telling(control("path-law", "thm2-family/b", setting.name, half, whole, kinds=("product",)))]


def _theorem4(setting: Setting) -> list[Experiment]:
    """The SDE of the non-Markovian model keeps the marginals; as printed it does not."""
    derived = nonmarkov_sde().result
    claim, _ = printed("thm4-sde")
    right, wrong = _build(setting, derived, _DATA), _build(setting, claim, _DATA)
    return [
        _marginals(setting, "nonmarkov-sde", derived, ("thm4-sde", "thm4-sde")),
        *telling(control("nonmarkov-sde", "thm4-sde", setting.name, wrong, right)),
    ]
