"""One candidate in one arithmetic, as it was measured."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Trial"]


@dataclass(frozen=True)
class Trial:
    """One candidate in one arithmetic.

    Attributes
    ----------
    candidate, arithmetic : str
    error : float
        The largest found, in machine epsilons of the dtype.
    at : tuple of float
        Where: (t,) or (s, t).
    cost : float
        A rough count of operations; it orders what is accurate enough.
    """

    candidate: str
    arithmetic: str
    error: float
    at: tuple[float, ...]
    cost: float
