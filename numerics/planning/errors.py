"""The exception of the planning stage."""

from __future__ import annotations

__all__ = ["PlanError"]


class PlanError(ValueError):
    """A plan is refused.  One sentence: what is wrong, where, what is allowed."""
