"""The kernels of random schedules, on every backend, against the derived formulas to 60 digits."""

from __future__ import annotations

from random import Random

import mpmath
import numpy as np
import pytest
import torch
from sympy import Rational

from numerics import compile_kernels
from s2n_proofs.formulas import derive
from s2n_proofs.symbols import delta as delta_symbol
from s2n_proofs.symbols import gamma, rho, s, t
from s2n_proofs.testing import Kinds, random_schedules
from s2n_proofs.testing.kernel_mutants import kernel_points
from s2n_proofs.testing.worlds import World

SCHEDULES = random_schedules(3, seed=8, kinds=Kinds(shapes=("smooth", "piecewise")))
PAIRS = ("transition_factor", "transition_variance")
SINGLES = ("alpha", "sigma", "f", "g_squared")
# The kernels promise 8 eps where they were measured; the machine's elementary functions may add as much elsewhere.
UNITS = 64
BACKENDS = [("numpy", "float64"), ("numpy", "float32"), ("torch", "float64"), ("torch", "float32")]


@pytest.fixture(scope="module")
def formulas():
    return derive()


def exact(value) -> Rational:
    return Rational(*float(value).as_integer_ratio())


def from_float(value) -> object:
    numerator, denominator = float(value).as_integer_ratio()
    return mpmath.mpf(numerator) / denominator


@pytest.mark.parametrize(("backend", "dtype"), BACKENDS)
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.name)
def test_a_kernel_has_the_value_of_its_formula_and_is_never_nan(schedule, backend, dtype, formulas):
    kernels = compile_kernels(schedule, backend, dtype)
    points = kernel_points(schedule, 16, seed=3)
    early, late = (np.array([point[symbol] for point in points], dtype=dtype) for symbol in (s, t))
    keep = early < late  # two times that are one in float32 are no step
    early, late = early[keep], late[keep]
    assert len(early) >= 8
    make = torch.from_numpy if backend == "torch" else np.asarray
    values = {name: getattr(kernels, name)(make(late)) for name in SINGLES}
    values |= {name: getattr(kernels, name)(make(early), make(late)) for name in PAIRS}
    parts = kernels.step(make(early), make(late), 0.5, 0.25, 1.5)
    values |= {f"step.{name}": part for name, part in zip(("a_z", "a_eps", "a_noise"), parts, strict=True)}
    world, flat = World(schedule, Random(0)), formulas.items()
    numbers = {gamma: 1 / 2, delta_symbol: 1 / 4, rho: 3 / 2}
    for name, given in values.items():
        found = np.asarray(given, dtype=np.float64)
        assert np.isfinite(found).all(), name
        for k, value in enumerate(found):
            at = {s: exact(early[k]), t: exact(late[k]), **{key: exact(number) for key, number in numbers.items()}}
            right = world.value(flat[name], at)
            scale = max(abs(right), np.finfo(dtype).tiny / np.finfo(dtype).eps)
            error = float(abs(from_float(value) - right) / scale)
            assert error <= UNITS * np.finfo(dtype).eps, (name, at)
