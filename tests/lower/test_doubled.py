"""Exponentials and logarithms in two parts: 65 bits, what is infinite left so."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import torch
from mpmath import mpf

from numerics.arrays import TorchLibrary
from s2n_proofs.lower.doubled import Doubled
from s2n_proofs.lower.twofold import Twofold

TWO = Doubled(np)
RNG = np.random.default_rng(0)
WIDE = np.concatenate([RNG.uniform(-690, 690, 150), RNG.choice([-1, 1], 150) * 10 ** RNG.uniform(-12, 0, 150)])
POSITIVE = 10 ** RNG.uniform(-200, 200, 300)
ABOVE = np.concatenate([10 ** RNG.uniform(-12, 8, 200), -(10 ** RNG.uniform(-12, -0.01, 100))])


def _worst(two: Twofold, name: str, values: np.ndarray) -> float:
    lows = values * 2.0**-55
    high, low = getattr(two, name)((values, lows))
    with mpmath.workprec(250):
        true = [getattr(mpmath, name)(mpf(x) + mpf(e)) for x, e in zip(values, lows, strict=True)]
        found = [mpf(x) + mpf(e) for x, e in zip(high, low, strict=True)]
        return float(max(abs((a - b) / b) for a, b in zip(found, true, strict=True)))


@pytest.mark.parametrize(("name", "values"), [("exp", WIDE), ("expm1", WIDE), ("log", POSITIVE), ("log1p", ABOVE)])
def test_functions_have_65_bits_where_the_machines_have_53(name: str, values: np.ndarray) -> None:
    assert _worst(TWO, name, values) < 2.0**-65
    assert _worst(Twofold(np), name, values) > 2.0**-56


def test_powers_have_65_bits() -> None:
    high, low = TWO.powr((POSITIVE, 0 * POSITIVE), (np.full(300, 0.3), np.zeros(300)))
    with mpmath.workprec(250):
        true = [mpf(x) ** mpf(0.3) for x in POSITIVE]
        errors = [abs((mpf(a) + mpf(b)) / c - 1) for a, b, c in zip(high, low, true, strict=True)]
    assert max(errors) < 2.0**-65


def test_what_is_infinite_or_zero_stays_so() -> None:
    ends, zeros = np.array([np.inf, -np.inf, 800.0, -760.0]), np.zeros(4)
    with np.errstate(all="ignore"):
        assert TWO.exp((ends, zeros))[0].tolist() == [np.inf, 0, np.inf, 0]
        assert TWO.expm1((ends, zeros))[0].tolist() == [np.inf, -1, np.inf, -1]
        assert TWO.log((np.array([0.0, np.inf]), np.zeros(2)))[0].tolist() == [-np.inf, np.inf]
        assert TWO.powr((np.zeros(2), np.zeros(2)), (np.array([0.0, 2.0]), np.zeros(2)))[0].tolist() == [1, 0]


def test_torch_computes_the_same() -> None:
    two = Doubled(TorchLibrary(torch.float64))
    values = torch.from_numpy(WIDE)
    high, low = two.exp((values, torch.zeros_like(values)))
    expected = TWO.exp((WIDE, 0 * WIDE))
    # The sums of both parts agree to 65 bits; the parts may be cut differently.
    gap = (high - torch.from_numpy(expected[0])) + (low - torch.from_numpy(expected[1]))
    assert (gap.abs() <= 2.0**-64 * high.abs()).all()


def test_torch_gives_powers_of_two_exactly() -> None:
    exponents = torch.arange(-1010, 1011, dtype=torch.float64)
    assert (2.0**exponents).tolist() == [2.0 ** int(k) for k in exponents]
