"""The sections of the paper, as headings for the reports."""

from __future__ import annotations

from functools import cache

from ..ledger import backward, forward, nonmarkov, sampling, setting, snr_space
from ..ledger.claim import Claim, PropertyClaim

__all__ = ["section_of"]

_MODULES = (
    ("Setting", setting),
    ("Forward SDE", forward),
    ("Backward SDE", backward),
    ("Non-Markovian model", nonmarkov),
    ("Signal-to-noise space and information", snr_space),
    ("Sampling", sampling),
)


@cache
def _sections() -> dict[str, str]:
    found = {claim.id: title for title, module in _MODULES for claim in module.CLAIMS}
    return {claim: "Summary" if claim.startswith("summary") else title for claim, title in found.items()}


def section_of(claim: Claim | PropertyClaim) -> str | None:
    """The heading under which a claim of the paper stands; None for other claims.

    Examples
    --------
    >>> from s2n_proofs.ledger.registry import select
    >>> section_of(select(["thm1-mean"])[0])
    'Forward SDE'
    """
    return _sections().get(claim.id)
