"""Formulas of a schedule, derived once for all pages that show them."""

from __future__ import annotations

from functools import lru_cache

from ..formulas import Formulas, derive
from ..schedule import Schedule

__all__ = ["formulas_of"]


@lru_cache(maxsize=32)
def formulas_of(schedule: Schedule | None = None) -> Formulas:
    """As :func:`s2n_proofs.formulas.derive`, kept.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> formulas_of(catalogue["edm"]) is formulas_of(catalogue["edm"])
    True
    """
    return derive(schedule)
