r"""p-values, their correction for the size of the family, and the power of a test.

Every statistic is a mean over independent samples with a known expectation under the claim, so its distance in standard
errors is normal for many samples; sums of squares of exactly normal numbers are tested by the $\chi^2$ law itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import torch

__all__ = ["FALSE_ALARM", "chi_square_p", "critical_z", "holm", "normal_p", "power", "uniformity_p"]

# The probability that any derived formula is rejected although all of them are right.
FALSE_ALARM = 1e-6


def normal_p(z: float) -> float:
    """The two-sided p-value of a standard normal number.

    Examples
    --------
    >>> round(normal_p(1.959963985), 9)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2)) if math.isfinite(z) else 0.0


def chi_square_p(total: float, freedom: int) -> float:
    """The two-sided p-value of a chi-square number: twice the smaller tail."""
    if not math.isfinite(total):
        return 0.0
    shape, half = (torch.tensor(v, dtype=torch.float64) for v in (freedom / 2, total / 2))
    upper, lower = torch.special.gammaincc(shape, half), torch.special.gammainc(shape, half)
    return min(1.0, 2 * float(torch.minimum(upper, lower)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values: rejecting those below a level keeps the family's false alarms below it.

    Valid whatever the dependence between the tests (Holm 1979).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, running = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = running
    return adjusted


def critical_z(tests: int, level: float = FALSE_ALARM) -> float:
    """The number of standard errors at which one of so many tests is rejected even as the only one."""
    return -NormalDist().inv_cdf(level / tests / 2)


def power(shift: float, standard_error: float, tests: int, level: float = FALSE_ALARM) -> float:
    """The probability to reject, if the expectation is off by `shift`."""
    if standard_error == 0:
        return float(shift != 0)
    return NormalDist().cdf(abs(shift) / standard_error - critical_z(tests, level))


def uniformity_p(p_values: Sequence[float]) -> float:
    """The p-value of Kolmogorov and Smirnov's test that numbers are uniform on [0, 1].

    The limit law with Stephens' correction (1970), good to two digits from 10 numbers on.
    """
    ordered, count = sorted(p_values), len(p_values)
    distance = max(max((i + 1) / count - p, p - i / count) for i, p in enumerate(ordered))
    root = math.sqrt(count)
    x = (root + 0.12 + 0.11 / root) * distance
    if x < 0.3:
        return 1.0  # the alternating series needs many terms here, and its value is 1 - 1e-5
    return max(0.0, min(1.0, 2 * math.fsum((-1.0) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, 101))))
