"""What a sampler refuses."""

from __future__ import annotations

__all__ = ["SamplerError"]


class SamplerError(ValueError):
    """A sampler was given something it cannot use, or a network returned it.  One sentence: what, where, what is allowed."""
