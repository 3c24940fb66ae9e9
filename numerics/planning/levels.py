r"""What a sampler needs beside its steps: functions of $\alpha$ and $\sigma$ at the times, each correctly rounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

import torch
from flint import arb

from s2n_proofs.proof.ball import working_precision

from .cases import FIRST_BITS
from .errors import PlanError
from .exact import CAP_BITS
from .rounding import FORMATS, Format, round_ball

__all__ = ["format_of", "round_when_decided"]

_FORMATS = {getattr(torch, name): form for name, form in FORMATS.items()}


def format_of(dtype: torch.dtype) -> Format:
    """The format of a dtype; PlanError if it is none of a plan's."""
    if dtype not in _FORMATS:
        raise PlanError(f"dtype must be one of {', '.join(map(str, _FORMATS))}; it is {dtype}")
    return _FORMATS[dtype]


def round_when_decided(balls: Callable[[], Sequence[arb]], form: Format) -> list[float]:
    """Round each ball to nearest, at rising precision until all are decided.

    Parameters
    ----------
    balls : callable
        Encloses the values at the precision in force.
    form : Format

    Returns
    -------
    list of float
        Where 4096 bits do not decide (an exact tie), the middle is rounded: it is then within half a unit, too.

    Raises
    ------
    PlanError
        If a value has no finite enclosure.

    Examples
    --------
    >>> round_when_decided(lambda: [arb(2).sqrt(), arb(1) / 3], FORMATS["float64"])
    [1.4142135623730951, 0.3333333333333333]
    """
    bits = FIRST_BITS
    while True:
        with working_precision(bits):
            found = balls()
            # A ball of one point is decided even where it is a tie; a zero is exact only as such a ball.
            rounded = [round_ball(ball, form) for ball in found]
            if not any(map(isnan, rounded)):
                return rounded
            if bits >= CAP_BITS:
                if not all(ball.is_finite() for ball in found):
                    raise PlanError(f"a value of the schedule has no enclosure with {CAP_BITS} bits")
                middles = [round_ball(ball.mid(), form) for ball in found]
                return [m if isnan(y) else y for y, m in zip(rounded, middles, strict=True)]
        bits *= 2
