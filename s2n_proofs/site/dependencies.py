"""Which derivation builds on which: read off the steps that they share, typed nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..derivation import Step
from ..ledger.claim import Claim
from ..ledger.registry import CLAIMS

__all__ = ["Result", "neighbours", "results"]


@dataclass(frozen=True)
class Result:
    """A derivation with the claims that are judged against it.

    Attributes
    ----------
    name : str
        The derivation's name, the first where two have the same steps.
    claims : tuple of str
        Their ids.
    builds_on : tuple of int
        Positions of the results whose steps are the largest proper parts of its own.
    """

    name: str
    claims: tuple[str, ...]
    builds_on: tuple[int, ...]


def results(claims: Sequence[object] = CLAIMS) -> tuple[Result, ...]:
    """The results of the claims in ledger order.

    A result builds on another if it has all its steps and more, and on it directly if no third one stands
    between them.

    Examples
    --------
    >>> found = {claim: result for result in results() for claim in result.claims}
    >>> [results()[n].name for n in found["thm1-psi"].builds_on]
    ['coefficients of the forward SDE']
    """
    steps: dict[frozenset[Step], tuple[str, list[str]]] = {}
    for claim in claims:
        if isinstance(claim, Claim):
            derivation = claim.derive()
            # An assumption may be shared by derivations that have nothing else in common.
            own = frozenset(step for step in derivation.steps if step.kind != "assume")
            steps.setdefault(own, (derivation.name, []))[1].append(claim.id)
    sets = list(steps)
    return tuple(Result(name, tuple(ids), _direct(own, sets)) for own, (name, ids) in steps.items())


def _direct(own: frozenset[Step], sets: Sequence[frozenset[Step]]) -> tuple[int, ...]:
    below = [n for n, other in enumerate(sets) if other and other < own]
    return tuple(n for n in below if not any(sets[n] < sets[m] for m in below))


def neighbours(found: Sequence[Result]) -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each claim the claims of the results it builds on, and of those that build on it."""
    table: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for position, result in enumerate(found):
        down = tuple(claim for n in result.builds_on for claim in found[n].claims)
        up = tuple(claim for other in found if position in other.builds_on for claim in other.claims)
        table |= dict.fromkeys(result.claims, (down, up))
    return table
