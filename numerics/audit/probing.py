r"""Reading the coefficients of a real step function: $z_s=a_zz_t+a_\epsilon\hat\epsilon+a_n\xi$ by probes.

Every element of an array is an experiment of its own.  The noise is separated by its seed: the same draw with
everything else 0.  Where that draw is not one multiple of the generator's numbers, the noise level is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .implementation import Array, Implementation

__all__ = ["Measured", "measure", "readings"]

_SIZE = 256  # elements; the smallest noise among them is some 0.4 % of one standard deviation
_SEED = 20240804
_MANY = 1 << 16  # for an estimated noise level: its relative standard error is 0.3 %


@dataclass(frozen=True)
class Measured:
    """One step, read.

    Attributes
    ----------
    a_z, a_eps, a_noise : float
    noise_error : float
        Relative standard error of an estimated noise level; 0 where it is read exactly.
    offset, offset_error : float
        What is added whatever is given, and the standard error of its estimate beside noise that is not read exactly.
    linear : bool
        Whether a state and a prediction together, at two magnitudes, do what they do apart.
    finite : bool
        Whether every output was finite.
    """

    a_z: float
    a_eps: float
    a_noise: float
    noise_error: float
    linear: bool
    finite: bool
    offset: float = 0.0
    offset_error: float = 0.0


def measure(implementation: Implementation, index: int) -> Measured:
    """Read one step."""
    zero, one = np.zeros(_SIZE), np.ones(_SIZE)

    def outcome(z: Array, eps: Array) -> Array:
        return implementation.step(index, z, eps, _SEED)

    still = outcome(zero, zero)
    quiet = int(np.argmin(np.abs(still)))  # where the noise disturbs the other readings least
    by_state, by_prediction = outcome(one, zero), outcome(zero, one)
    a_z, a_eps = ((found - still)[quiet] for found in (by_state, by_prediction))
    noise, error, offset, doubt = _noise(implementation, index, still)
    linear = True
    for size in (1.0, 30.0):
        together = outcome(0.7 * size * one, -1.3 * size * one) - still
        expected = size * (0.7 * a_z - 1.3 * a_eps)
        margin = 1e4 * np.finfo(implementation.precision).eps * size * (abs(a_z) + abs(a_eps) + abs(still).max())
        linear &= bool(abs(together[quiet] - expected) <= margin)
    finite = bool(np.isfinite([*still, *by_state, *by_prediction]).all())
    return Measured(float(a_z), float(a_eps), noise, error, linear, finite, offset, doubt)


def readings(implementation: Implementation) -> list[Measured]:
    """Every step, read; one that starts without signal or without noise has nothing to be read."""
    levels = implementation.levels[:-1]
    return [measure(implementation, k) if v.alpha > 0 and v.sigma > 0 else _UNREAD for k, v in enumerate(levels)]


_UNREAD = Measured(0.0, 0.0, 0.0, 0.0, True, True)


def _noise(implementation: Implementation, index: int, still: Array) -> tuple[float, float, float, float]:
    """The level of the noise and its relative error, the offset and its error."""
    if not still.any() or not np.isfinite(still).all():
        return 0.0, 0.0, 0.0, 0.0
    if (still == still[0]).all():
        return 0.0, 0.0, float(still[0]), 0.0
    for xi in implementation.noises(_SEED, _SIZE):
        loud = int(np.argmax(np.abs(xi)))
        level = float(still[loud] / xi[loud])
        # Two draws of different numbers differ in the first digit; one draw agrees to rounding.
        if np.allclose(still, level * xi, rtol=1e-4, atol=1e-4 * abs(level)):
            return level, 0.0, float(np.polyfit(xi, still, 1)[1]), 0.0
        # The same beside an offset, which is what is left at every element.
        level, offset = (float(x) for x in np.polyfit(xi, still, 1))
        if np.allclose(still - offset, level * xi, rtol=1e-4, atol=1e-4 * abs(level)):
            return level, 0.0, offset, 0.0
    many = np.zeros(_MANY)
    drawn = implementation.step(index, many, many, _SEED)
    level = float(drawn.std())
    return level, float(1 / np.sqrt(2 * _MANY)), float(drawn.mean()), level / float(np.sqrt(_MANY))
