"""What an experiment refuses."""

from __future__ import annotations

__all__ = ["ExperimentError"]


class ExperimentError(ValueError):
    """An experiment cannot be run, or its results cannot be used.  One sentence: what, and what is allowed."""
