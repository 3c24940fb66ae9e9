"""All claims of the paper, in the order of the paper, and how they are found by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import backward, forward, nonmarkov, sampling, setting, snr_space
from .claim import Claim, PropertyClaim

__all__ = ["CLAIMS", "UnknownClaimError", "select"]

AnyClaim = Claim | PropertyClaim

_summary = tuple(c for c in snr_space.CLAIMS if c.id.startswith("summary"))

CLAIMS: tuple[AnyClaim, ...] = (
    *setting.CLAIMS,
    *forward.CLAIMS,
    *backward.CLAIMS,
    *nonmarkov.CLAIMS,
    *(c for c in snr_space.CLAIMS if c not in _summary),
    *sampling.CLAIMS,
    *_summary,
)


class UnknownClaimError(ValueError):
    """No claim has this id."""


def select(ids: Iterable[str], claims: Sequence[AnyClaim] = CLAIMS) -> tuple[AnyClaim, ...]:
    """The claims with these ids, in ledger order; ``thm3-noise`` takes all its readings.

    Raises
    ------
    UnknownClaimError
        Naming the closest ids.

    Examples
    --------
    >>> [claim.id for claim in select(["thm3-noise"])]
    ['thm3-noise/a', 'thm3-noise/b']
    """
    from difflib import get_close_matches

    wanted = list(ids)
    known = {c.id for c in claims} | {c.id.split("/")[0] for c in claims}
    for name in wanted:
        if name not in known:
            close = get_close_matches(name, sorted(known), n=3)
            hint = f"; did you mean {', '.join(close)}?" if close else "; `s2n verify` lists them all"
            raise UnknownClaimError(f"no claim has the id {name!r}{hint}")
    return tuple(c for c in claims if c.id in wanted or c.id.split("/")[0] in wanted)
