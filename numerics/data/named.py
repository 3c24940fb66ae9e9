"""Laws by name, for commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from .empirical import digits
from .gaussian import Gaussian, PointMass
from .law import DataError, Law
from .mixture import GaussianMixture

__all__ = ["NAMES", "named"]

_MAKERS: dict[str, Callable[[], Law]] = {
    "point": lambda: PointMass([1.0]),
    "gaussian": lambda: Gaussian([1.0], 0.25),
    "gaussian-2d": lambda: Gaussian([1.0, -0.5], [[1.0, 0.6], [0.6, 0.5]]),
    "mixture": lambda: GaussianMixture([0.4, 0.6], [[-1.5], [1.0]], [0.09, 0.25]),
    "mixture-2d": lambda: GaussianMixture([0.5, 0.5], [[-1.0, 0.5], [1.0, -0.5]], [0.1, 0.1]),
    "digits": digits,
}
NAMES = tuple(_MAKERS)


def named(name: str, also: Sequence[str] = ()) -> Law:
    """The law of this name.

    Parameters
    ----------
    name : str
    also : sequence of str
        What else the caller knows, for the message.

    Raises
    ------
    DataError
        If there is none.

    Examples
    --------
    >>> named("mixture")
    GaussianMixture(parts=2, dimension=1)
    """
    if name not in _MAKERS:
        known = (*also, *NAMES)
        close = get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise DataError(f"no data are called {name[:40]!r}; there are {', '.join(known)}{hint}")
    return _MAKERS[name]()
