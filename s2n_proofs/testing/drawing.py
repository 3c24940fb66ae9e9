r"""Random valid schedules: a family, a shape, two ends and a domain, and what the grammar makes of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from sympy import Integer, Rational, Symbol

from ..certification.certificate import UncertifiedWarning
from ..schedule import Schedule
from ..symbols import t
from .chooser import Chooser, SeededChooser
from .families import FAMILIES, Family, pair
from .levels import ENDS, EndKind
from .shapes import SHAPES, Shape, paced, shaped

__all__ = ["Kinds", "draw_schedule", "random_schedules"]

_U = Symbol("u", positive=True)
_DOMAINS = (
    (Integer(0), Integer(1)),
    (Integer(0), Integer(1000)),
    (Integer(-1), Integer(1)),
    (Rational(1, 10), Integer(1)),
)
_ATTEMPTS = 100


@dataclass(frozen=True)
class Kinds:
    """Which schedules are drawn.

    Attributes
    ----------
    families : tuple of str
        Among ``affine``, ``ve``, ``vp``, ``sub-vp`` and ``free``.
    shapes : tuple of str
        Among ``smooth``, ``piecewise`` (corners) and ``clipped`` (the log-SNR stands still for a while).
    starts, ends : tuple of str
        Among ``infinite`` and ``finite``: the log-SNR at the first and at the last time.
    unit_domain : bool
        Only (0, 1), or other domains too.
    certified : bool
        Only schedules whose validity is proved.  Without it, some that are valid by construction alone.

    Raises
    ------
    ValueError
        If a kind is unknown or nothing is left to draw.

    Examples
    --------
    >>> Kinds(shapes=("round",))
    Traceback (most recent call last):
    ...
    ValueError: shapes must be some of smooth, piecewise, clipped, not round
    """

    families: tuple[Family, ...] = FAMILIES
    shapes: tuple[Shape, ...] = SHAPES
    starts: tuple[EndKind, ...] = ENDS
    ends: tuple[EndKind, ...] = ENDS
    unit_domain: bool = False
    certified: bool = True

    def __post_init__(self) -> None:
        known = {"families": get_args(Family), "shapes": get_args(Shape), "starts": ENDS, "ends": ENDS}
        for field, allowed in known.items():
            if isinstance(getattr(self, field), str) or not isinstance(getattr(self, field), Iterable):
                raise ValueError(f"{field} must be several of {', '.join(allowed)}, such as ({allowed[0]!r},)")
            given = tuple(getattr(self, field))
            wrong = [str(kind) for kind in given if kind not in allowed]
            if wrong or not given:
                raise ValueError(f"{field} must be some of {', '.join(allowed)}, not {', '.join(wrong) or 'none'}")


def draw_schedule(choose: Chooser, kinds: Kinds = Kinds()) -> Schedule:
    r"""Draw a schedule; its name says what was drawn.

    The log-SNR decreases by construction (see :mod:`s2n_proofs.testing.families`); the certificate of the schedule
    says whether that was also proved.

    Examples
    --------
    >>> draw_schedule(SeededChooser(3), Kinds(families=("ve",), unit_domain=True))
    Schedule('1', '3*Min(999/1000, t)/7', domain=(0, 1), name='ve, clipped, infinite start, finite end')
    """
    family, shape = choose.pick(kinds.families), choose.pick(kinds.shapes)
    start, end = choose.pick(kinds.starts), choose.pick(kinds.ends)
    low, high = _DOMAINS[0] if kinds.unit_domain else choose.pick(_DOMAINS)
    pace = shaped(choose, _U, shape, start, end)
    time = (t - low) / (high - low)
    # One complication at a time: a corner, a composed clock or a sum.  Two take seconds to certify.
    drawn = pair(choose, family, _U, start, end, rich=shape == "smooth")
    alpha, sigma = (paced(part, _U, pace, time) for part in drawn)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UncertifiedWarning)  # valid by construction all the same
        return Schedule(alpha, sigma, (low, high), name=f"{family}, {shape}, {start} start, {end} end")


def random_schedules(count: int, seed: int = 0, kinds: Kinds = Kinds()) -> list[Schedule]:
    """Draw valid schedules that depend on the seed alone; each has a generator of its own.

    Parameters
    ----------
    count : int
        How many; a longer list begins with the shorter one.
    seed : int
        The same seed gives the same schedules on every machine.
    kinds : Kinds
        Which schedules.

    Examples
    --------
    >>> [schedule.certified for schedule in random_schedules(3, seed=1)]
    [True, True, True]
    """
    return [_one(f"{seed}/{index}", kinds) for index in range(count)]


def _one(seed: str, kinds: Kinds) -> Schedule:
    for attempt in _attempts():
        schedule = draw_schedule(SeededChooser(f"{seed}/{attempt}"), kinds)
        if schedule.certified or not kinds.certified:
            return schedule
    raise ValueError(f"no schedule of {kinds} could be certified in {_ATTEMPTS} draws")


def _attempts() -> Iterator[int]:
    yield from range(_ATTEMPTS)
