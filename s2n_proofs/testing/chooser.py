"""Where random choices come from: the grammar asks a chooser, and never a source of randomness.

A grammar written over :class:`Chooser` runs on Hypothesis, which shrinks what fails, and on a plain seeded
generator, which needs nothing installed.  Options are listed simplest first: that is what Hypothesis shrinks to.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

__all__ = ["Chooser", "SeededChooser"]

T = TypeVar("T")


class Chooser(Protocol):
    """A source of choices."""

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options; the simplest comes first."""

    def integer(self, low: int, high: int) -> int:
        """Return an integer from `low`, the simplest, to `high`, both included."""


class SeededChooser:
    """Choices from ``random.Random``: the same seed, the same choices, on every machine.

    Parameters
    ----------
    seed : str or int
        What the choices depend on.

    Examples
    --------
    >>> [SeededChooser("a").integer(0, 99) for _ in range(2)]
    [34, 34]
    """

    def __init__(self, seed: str | int) -> None:
        self._random = Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options, each as likely."""
        return options[self._random.randrange(len(options))]

    def integer(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, each as likely."""
        return self._random.randint(low, high)
