"""What a printer raises."""

from __future__ import annotations

__all__ = ["PrinterError"]


class PrinterError(ValueError):
    """An expression cannot be printed as code: a node, a constant or a name that the language does not have."""
