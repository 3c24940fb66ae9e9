"""Kernels over drawn schedules: a number wherever the formula has one, and that number."""

from __future__ import annotations

from random import Random

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational

from numerics import compile_kernels
from s2n_proofs.formulas import derive
from s2n_proofs.named_schedules import catalogue
from s2n_proofs.symbols import delta, gamma, rho, s, t
from s2n_proofs.testing import schedules
from s2n_proofs.testing.kernel_mutants import kernel_points
from s2n_proofs.testing.worlds import World

SINGLES = ("alpha", "sigma", "log_snr", "f", "g_squared")
PAIRS = ("transition_factor", "transition_variance")
PARTS = ("a_z", "a_eps", "a_noise")
KNOBS = {gamma: 0.5, delta: 0.25, rho: 1.5}
# As for the three schedules of test_random_schedules.
UNITS = 64


def exact(value) -> Rational:
    return Rational(*float(value).as_integer_ratio())


def all_values(schedule, backend, dtype, early, late):
    """Every kernel at the same times, and its formula by name."""
    make = torch.from_numpy if backend == "torch" else np.asarray
    kernels = compile_kernels(schedule, backend, dtype)
    early, late = make(early), make(late)
    values = {name: getattr(kernels, name)(late) for name in SINGLES}
    values |= {name: getattr(kernels, name)(early, late) for name in PAIRS}
    values |= {f"step.{n}": part for n, part in zip(PARTS, kernels.step(early, late, *KNOBS.values()), strict=True)}
    limit = kernels.step(early, late, -1.0, *list(KNOBS.values())[1:])
    values |= {f"step_limit.{name}": part for name, part in zip(PARTS, limit, strict=True)}
    return {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}


def wrong_values(schedule, backend, dtype, seed):
    """The kernels that have no number where their formula has one, or another number; with the place."""
    points = kernel_points(schedule, 16, seed=seed)
    early, late = (np.array([point[symbol] for point in points], dtype=dtype) for symbol in (s, t))
    low, high = (float(end) for end in schedule.domain)
    keep = (early < late) & (low < early) & (late < high)  # float32 may round two times to one, or to an end
    world, formulas, info = World(schedule, Random(0)), derive().items(), np.finfo(dtype)

    def representable(moment):
        return all(world.value(formulas[name], {t: exact(moment)}) > float(info.tiny) for name in ("alpha", "sigma"))

    # Where alpha or sigma is less than the smallest number of the dtype, their quotients are no numbers of it.
    keep[keep] = [representable(a) and representable(b) for a, b in zip(early[keep], late[keep], strict=True)]
    early, late = early[keep], late[keep]
    knobs = {symbol: exact(value) for symbol, value in KNOBS.items()}
    tiny = Rational(1, 10**20)
    found = []
    for name, values in all_values(schedule, backend, dtype, early, late).items():
        for k, value in enumerate(values):
            right, beside = (
                world.value(formulas[name], {s: exact(early[k]) + shift, t: exact(late[k]) + shift, **knobs})
                for shift in (0, tiny)
            )
            if not np.isfinite(value):
                fine = abs(right) > float(info.max) / UNITS and not np.isnan(value)
            else:
                # The log-SNR may pass zero in a sum of terms of size 1; 60 digits have an error of their own.
                scale = max(abs(right), float(info.tiny) / float(info.eps), 1 if name == "log_snr" else 0)
                # What is steep in time (a cosine near its zero) owes that to the rounding of the time itself; both
                # times are moved together, so that a difference of close times is not excused.
                steep = abs(beside - right) / tiny * max(abs(low), abs(high))
                allowed = UNITS * float(info.eps) * (scale + steep) + mpmath.mpf(10) ** -55
                fine = abs(mpmath.mpf(float(value)) - right) <= allowed
            if not fine:
                found.append((name, float(early[k]), float(late[k]), float(value), mpmath.nstr(right, 17)))
    return found


@pytest.mark.slow
@given(schedules(), st.sampled_from(["numpy", "torch"]), st.sampled_from(["float64", "float32"]), st.integers(0, 9))
def test_a_kernel_is_a_number_inside_the_domain_and_the_right_one(schedule, backend, dtype, seed):
    assert wrong_values(schedule, backend, dtype, seed) == []


@pytest.mark.parametrize("spoil", [lambda value: value * (1 + 1e-12), lambda value: value * np.nan], ids=["off", "nan"])
def test_a_kernel_that_is_off_or_no_number_is_noticed(spoil, monkeypatch):
    right = all_values
    monkeypatch.setitem(globals(), "all_values", lambda *given: {n: spoil(v) for n, v in right(*given).items()})
    found = wrong_values(catalogue["fm-ot"], "numpy", "float64", 0)
    assert {name for name, *_ in found} == {
        *SINGLES,
        *PAIRS,
        *(f"{k}.{n}" for k in ("step", "step_limit") for n in PARTS),
    }


def test_the_kernels_of_a_schedule_of_the_catalogue_pass():
    assert wrong_values(catalogue["fm-ot"], "numpy", "float64", 0) == []
