r"""Check 5: the non-Markovian step keeps the marginals, for every admissible $\beta$ (its SDE is in ``backward``)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sympy import Expr, Integer, Rational

from s2n_proofs.symbols import beta, s, sigma
from s2n_proofs.theory import nonmarkov

from ..build import Data, Setting, grid, steps
from ..chain import Chain
from ..experiment import Experiment
from ..rows import ChainCheck, control, verified
from .common import law_at, printed, telling

__all__ = ["experiments"]

# For a point mass the prediction of x is x itself, so the step is the kernel q(z_s | z_t, x).
_DATA = Data(6.0, 0.0)
_STEPS = 4


def experiments(setting: Setting) -> list[Experiment]:
    """All experiments about the non-Markovian step."""
    shares = {"0": Integer(0), "sigma/2": Rational(1, 2), "sigma": Integer(1)}
    found = [
        _keeps_marginals(setting, f"nonmarkov beta={name}", "nonmarkov-marginal", nonmarkov.step().result, share)
        for name, share in shares.items()
    ]
    half = Rational(1, 2)
    found.append(
        _keeps_marginals(setting, "nonmarkov prediction", "eq9-substitution/a", nonmarkov.substitution().result, half)
    )
    for claim in ("eq9-substitution/b", "eq9-step"):
        wrong, right = (_chain(setting, side, half, {}) for side in printed(claim))
        found += telling(control("nonmarkov", claim, setting.name, wrong, right))
    return found


def _chain(setting: Setting, formulas: Mapping[str, Expr], share: Expr, scales: Mapping[str, float]) -> Chain:
    at = {role: formula.subs(beta, share * sigma(s)) for role, formula in formulas.items()}
    return steps(setting, at, grid(setting.late, setting.early, _STEPS), _DATA, scales=scales)


def _keeps_marginals(setting: Setting, key: str, claim: str, formulas: Mapping[str, Expr], share: Expr) -> Experiment:
    checks, names = [], (("halfway", Fraction(1, 2)), ("end", Fraction(1)))
    for name, passed in names:
        mean, variance = law_at(setting, setting.between(1 - passed), _DATA)
        checks += [
            ChainCheck(f"mean {name}", "mean", float(passed), mean),
            ChainCheck(f"variance {name}", "square", float(passed), variance),
        ]
    used = [role for role in formulas if share != 0 or role != "noise"]
    return verified(key, claim, setting.name, checks, lambda scales: _chain(setting, formulas, share, scales), used)
