"""What :meth:`Kernels.report` says: the forms in use, or everything that was tried for one quantity."""

from __future__ import annotations

from s2n_proofs.lower.lowered import Lowered
from s2n_proofs.lower.search import GOALS
from s2n_proofs.lower.trial import Trial

__all__ = ["forms_of_all", "trials_of_one"]


def forms_of_all(lowered: Lowered, dtype: str, searched: str) -> str:
    """The form, arithmetic and largest measured error of every quantity."""
    lines = [f"{_title(lowered)}: forms for {dtype}"]
    chosen = {name: lowered.choice(name, searched).chosen for name in GOALS}
    lines += [f"  {name:<20} {_measured(x)} (goal {GOALS[name]:g})  {x.candidate}" for name, x in chosen.items()]
    return "\n".join(lines)


def trials_of_one(lowered: Lowered, dtype: str, searched: str, quantity: str) -> str:
    """Every candidate in every arithmetic, measured anew, the best first."""
    used = lowered.choice(quantity, searched).chosen
    lines = [f"{_title(lowered)}: what was tried for {quantity} in {dtype}, goal {GOALS[quantity]:g} eps"]
    for trial in sorted(lowered.measured(quantity, searched), key=lambda x: x.error):
        where = ", ".join(
            f"{name} = {time:.6g}" for name, time in zip("ts"[: len(trial.at)][::-1], trial.at, strict=True)
        )
        mark = "  <- chosen" if (trial.candidate, trial.arithmetic) == (used.candidate, used.arithmetic) else ""
        lines.append(f"  {_measured(trial)} at {where:<32}  cost {trial.cost:<5g} {trial.candidate}{mark}")
    return "\n".join(lines)


def _title(lowered: Lowered) -> str:
    return str(lowered.schedule.name or lowered.schedule)


def _measured(trial: Trial) -> str:
    return f"{trial.arithmetic:<8} {trial.error:7.3g} eps"
