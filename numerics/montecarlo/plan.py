"""All experiments for some schedules, and the failing claims that no simulation can reach."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from s2n_proofs.schedule import Schedule

from .claims import ancestral, backward, corollary, forward, information, nonmarkov, snr_space
from .experiment import Experiment
from .setup import setting_for

__all__ = ["NOT_SIMULABLE", "fingerprint", "plan_for"]

_PARTS = (forward, backward, corollary, ancestral, nonmarkov, snr_space, information)

# Failing or conditional claims without a process or a moment to simulate.
NOT_SIMULABLE = {
    "table1-vp/b": "a definition of sigma: there is no second definition of the same process to compare it with",
    "snr-definition": "a definition of lambda: nothing random depends on its name",
    "thm3-noise/b": "the printed noise is the root of a negative number: there is nothing to draw",
    "assume-vp": "a property of the schedule at the ends of the interval",
    "assume-iddpm": "a property of the schedule at the ends of the interval",
    "assume-fmot": "a property of the schedule at the ends of the interval",
}


def plan_for(name: str, schedule: Schedule) -> tuple[Experiment, ...]:
    """Every experiment for one schedule, in a fixed order."""
    setting = setting_for(name, schedule)
    return tuple(experiment for part in _PARTS for experiment in part.experiments(setting))


def fingerprint(experiments: Iterable[Experiment]) -> str:
    """A digest of what is expected of which experiment; two runs that share it can share results."""
    lines = [
        f"{e.key} {e.weight!r} {row.id} {row.claim} {row.form} {row.expected!r}" for e in experiments for row in e.rows
    ]
    return sha256("\n".join(lines).encode()).hexdigest()
