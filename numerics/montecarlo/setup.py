"""The setting of a schedule, with the b(t) of its non-Markovian model."""

from __future__ import annotations

from sympy import Rational

from s2n_proofs.schedule import Schedule

from .build import Setting

__all__ = ["setting_for"]


def setting_for(name: str, schedule: Schedule) -> Setting:
    r"""The schedule with $b=-\tfrac12\sigma^2/\alpha^2$, which falls for every schedule: $-b'=g^2/(2\alpha^2)$."""
    return Setting(name, schedule, -Rational(1, 2) * schedule.sigma**2 / schedule.alpha**2)
