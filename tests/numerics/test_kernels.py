"""Kernels: accuracy against ball arithmetic, limits, errors as sentences, autograd and tracing."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import torch

from numerics import KernelError, Kernels, compile_kernels
from numerics.arrays import expm1_by_quotient
from numerics.bench.kernel_errors import kernel_errors
from s2n_proofs import Schedule, catalogue
from s2n_proofs.testing import random_schedules

DTYPES = (torch.float32, torch.float64)
VP = compile_kernels(catalogue["vp"])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", catalogue.names())
def test_every_kernel_reaches_its_goal(name: str, dtype: torch.dtype) -> None:
    found = kernel_errors(catalogue[name], dtype, 200, seed=5)
    assert [x for x in found if not x.worst <= x.goal] == []


@pytest.mark.parametrize("k", range(4))
def test_kernels_of_random_schedules_are_within_32_units(k: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schedule = random_schedules(1, seed=500 + k)[0]
    for dtype in DTYPES:
        found = kernel_errors(schedule, dtype, 60, seed=k, roots=True)
        assert [x for x in found if not x.worst <= 32] == []


def test_the_measurement_would_notice_a_naive_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def naive(self: Kernels, s: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return self.sigma(t) ** 2 - (self.alpha(t) / self.alpha(s) * self.sigma(s)) ** 2

    monkeypatch.setattr(Kernels, "transition_variance", naive)
    found = {x.quantity: x for x in kernel_errors(catalogue["vp"], torch.float32, 400, seed=5)}
    assert found["transition_variance"].worst > 1e4


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_numpy_and_torch_agree(dtype: torch.dtype) -> None:
    name = str(dtype).removeprefix("torch.")
    s, t = (torch.linspace(a, b, 50, dtype=dtype) for a, b in ((0.01, 0.8), (0.05, 0.99)))
    ours, theirs = compile_kernels(catalogue["iddpm"], dtype=dtype), compile_kernels(catalogue["iddpm"], "numpy", name)
    # Both libraries' functions are right to one unit or so.
    close = {"rtol": 8 * torch.finfo(dtype).eps, "atol": 0}
    for found, expected in zip(
        ours.step(s, t, 0.5, 0.5, 1.0), theirs.step(s.numpy(), t.numpy(), 0.5, 0.5, 1.0), strict=True
    ):
        np.testing.assert_allclose(found.numpy(), expected, **close)


def test_mpmath_gives_as_many_digits_as_asked_for() -> None:
    kernels = compile_kernels(catalogue["vp"], "mpmath")
    with mpmath.workdps(40):
        s, t = mpmath.mpf("0.5"), mpmath.mpf("0.5") + mpmath.mpf(2) ** -60
        u = lambda x: mpmath.mpf("9.95") * x**2 + x / 10  # noqa: E731
        expected = -mpmath.expm1(u(s) - u(t))
        assert abs(kernels.transition_variance(s, t) / expected - 1) < mpmath.mpf(10) ** -19  # what u keeps of it
        a_z, a_eps, a_noise = kernels.step(0.0, 0.5, 0, 1, 1)
        assert (a_noise, kernels.alpha(0)) == (0, 1)
        assert a_eps == pytest.approx(float(-2 * a_z * kernels.sigma(0.5)))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_results_have_the_shape_and_dtype_of_the_times(dtype: torch.dtype) -> None:
    kernels = compile_kernels(catalogue["fm-ot"], dtype=dtype)
    s, t = torch.full((3, 1), 0.25, dtype=dtype), torch.full((4,), 0.75, dtype=dtype)
    for value in (*kernels.step(s, t), kernels.transition_variance(s, t), *kernels.nonmarkov_step(s, t, 0.125)):
        assert (value.shape, value.dtype) == ((3, 4), dtype)
    assert kernels.f(torch.zeros(2, 0, dtype=dtype)).shape == (2, 0)


@pytest.mark.parametrize("name", ["edm", "ve"])
def test_a_constant_is_a_tensor_like_the_times(name: str) -> None:
    times = torch.full((2, 3), 0.5)
    found = compile_kernels(catalogue[name]).f(times)
    assert (found.shape, found.dtype, float(found.abs().max())) == ((2, 3), torch.float32, 0.0)


def test_the_limit_gamma_minus_one_is_reached_continuously() -> None:
    s, t = torch.tensor([0.2], dtype=torch.float64), torch.tensor([0.7], dtype=torch.float64)
    kernels = compile_kernels(catalogue["vp"], dtype=torch.float64)
    limit = kernels.step(s, t, -1.0)[1]
    near = kernels.step(s, t, -1.0 + 2.0**-40)[1]
    assert float((near / limit - 1).abs()) < 2.0**-38


def test_the_step_to_no_noise_is_the_limit() -> None:
    a_z, a_eps, a_noise = compile_kernels(catalogue["fm-ot"]).step(torch.tensor(0.0), torch.tensor(0.5), 0.0, 1.0, 1.0)
    assert [float(x) for x in (a_z, a_eps, a_noise)] == [2.0, -2.0, 0.0]
    assert float(VP.log_snr(torch.tensor(0.0))) == float("inf")
    assert [
        float(x) for x in compile_kernels(catalogue["fm-ot"]).nonmarkov_step(torch.tensor(0.0), torch.tensor(0.5))
    ] == [2.0, -1.0, 0.0]


def test_beta_equal_to_sigma_rounded_up_is_the_end_of_the_family() -> None:
    s, t = torch.linspace(0.1, 0.5, 100), torch.linspace(0.3, 0.9, 100)
    beta = torch.nextafter(VP.sigma(s), torch.tensor(1.0))
    _, a_eps, _ = VP.nonmarkov_step(s, t, beta)
    assert bool(a_eps.isfinite().all())


def test_rho_may_be_an_expression_of_t() -> None:
    s, t = torch.tensor([0.2, 0.3]), torch.tensor([0.5, 0.9])
    by_text, by_value = VP.step(s, t, 0.0, 0.0, "1 - t"), VP.step(s, t, 0.0, 0.0, 1 - t)
    # 1 - t is rounded once in float32 here, not there.
    for one, other in zip(by_text, by_value, strict=True):
        torch.testing.assert_close(one, other, rtol=4 * torch.finfo(torch.float32).eps, atol=0.0)


WRONG: dict[str, Callable[[], Any]] = {
    "s after t": lambda: VP.step(torch.tensor([0.1, 0.5]), torch.tensor([0.2, 0.4])),
    "s equal to t": lambda: VP.transition_variance(torch.tensor(0.5), torch.tensor(0.5)),
    "outside": lambda: VP.f(torch.tensor([0.5, 1.5])),
    "before": lambda: compile_kernels(catalogue["edm"]).sigma(torch.tensor(0.001)),
    "not a number": lambda: VP.f(torch.tensor([0.5, float("nan")])),
    "infinite": lambda: VP.f(torch.tensor(float("inf"))),
    "integers": lambda: VP.f(torch.tensor([0, 1])),
    "an int": lambda: VP.f(1),
    "another dtype": lambda: VP.f(torch.tensor(0.5, dtype=torch.float64)),
    "numpy to torch": lambda: VP.f(np.array(0.5, np.float32)),
    "another device": lambda: compile_kernels(catalogue["vp"], device="cuda").f(torch.tensor(0.5)),
    "shapes": lambda: VP.step(torch.rand(2), torch.rand(3)),
    "beta too large": lambda: VP.nonmarkov_step(torch.tensor(0.2), torch.tensor(0.5), 2.0),
    "beta negative": lambda: VP.nonmarkov_step(torch.tensor(0.2), torch.tensor(0.5), -0.1),
    "delta negative": lambda: VP.step(torch.tensor(0.2), torch.tensor(0.5), 0.0, -1.0),
    "gamma no number at t": lambda: VP.step(torch.tensor(0.3), torch.tensor(0.6), "log(t-1)"),
    "delta no number among others": lambda: VP.step(
        torch.tensor(0.3), torch.tensor(0.6), 0.0, torch.tensor([1.0, float("nan")]), 1.0
    ),
    "beta no number": lambda: VP.nonmarkov_step(torch.tensor(0.3), torch.tensor(0.6), torch.tensor(float("nan"))),
    "rho too large": lambda: VP.step(torch.tensor(0.3), torch.tensor(0.6), 0.0, 0.0, torch.tensor(float("inf"))),
    "no schedule": lambda: compile_kernels("vp"),
    "gamma no number": lambda: VP.step(torch.tensor(0.2), torch.tensor(0.5), float("nan")),
    "rho a word": lambda: VP.step(torch.tensor(0.2), torch.tensor(0.5), 0.0, 0.0, "__import__('os')"),
    "rho None": lambda: VP.step(torch.tensor(0.2), torch.tensor(0.5), 0.0, 0.0, None),
    "no limit at no noise": lambda: VP.step(torch.tensor(0.0), torch.tensor(0.5), -1.0),
    "no limit at no signal": lambda: compile_kernels(catalogue["fm-ot"]).step(torch.tensor(0.5), torch.tensor(1.0)),
    "no such device": lambda: compile_kernels(catalogue["vp"], device="foo"),
    "knobs do not broadcast": lambda: VP.step(torch.full((3,), 0.2), torch.full((3,), 0.5), torch.zeros(2)),
    "rho overflows": lambda: VP.step(torch.tensor(0.2), torch.tensor(0.5), 0.0, 0.0, 1e300),
    "a mask": lambda: compile_kernels(catalogue["vp"], "numpy").f(np.ma.array([0.5], mask=[1], dtype=np.float32)),
    "mpmath, beta too large": lambda: compile_kernels(catalogue["vp"], "mpmath").nonmarkov_step(0.25, 0.5, 3),
    "no such backend": lambda: compile_kernels(catalogue["vp"], "jax"),
    "no such dtype": lambda: compile_kernels(catalogue["vp"], dtype=torch.int32),
    "mpmath has no dtype": lambda: compile_kernels(catalogue["vp"], "mpmath", torch.float32),
    "a free parameter": lambda: compile_kernels(Schedule("1", "b*t", parameters={"b": None})),
    "mpmath, s after t": lambda: compile_kernels(catalogue["vp"], "mpmath").step(0.5, 0.25),
    "mpmath, outside": lambda: compile_kernels(catalogue["vp"], "mpmath").f(2),
    "mpmath, text": lambda: compile_kernels(catalogue["vp"], "mpmath").f("x"),
    "mpmath, no limit": lambda: compile_kernels(catalogue["fm-ot"], "mpmath").f(1),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_is_refused_in_one_sentence(case: str) -> None:
    with pytest.raises(KernelError) as caught:
        WRONG[case]()
    assert "\n" not in str(caught.value)


def test_gradients_are_right_and_pass_twofold_arithmetic() -> None:
    kernels = compile_kernels(catalogue["vp"], dtype=torch.float64)
    s = torch.tensor([0.2, 0.5], dtype=torch.float64, requires_grad=True)
    t = torch.tensor([0.4, 0.9], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda a, b: kernels.step(a, b, 0.5, 0.5, 1.0), (s, t))
    assert torch.autograd.gradcheck(kernels.log_snr, (t,))


def test_gamma_minus_one_has_the_derivative_of_the_family() -> None:
    def a_eps(gamma: torch.Tensor) -> torch.Tensor:
        times = torch.tensor(0.25, dtype=gamma.dtype), torch.tensor(0.625, dtype=gamma.dtype)  # exact in both
        return compile_kernels(catalogue["vp"], dtype=gamma.dtype).step(*times, gamma, 0.0, 1.0)[1]

    slopes = []
    for dtype in (torch.float64, torch.float32):
        here = torch.tensor(-1.0, dtype=dtype, requires_grad=True)
        slopes.append(torch.autograd.grad(a_eps(here), here)[0].double())
    here, step = torch.tensor(-1.0, dtype=torch.float64), 1e-5
    central = (a_eps(here + step) - a_eps(here - step)) / (2 * step)
    # A central difference is wrong by the square of the step, and by eps over it.
    torch.testing.assert_close(slopes[0], central, rtol=1e-8, atol=0)
    torch.testing.assert_close(slopes[1], slopes[0], rtol=64 * torch.finfo(torch.float32).eps, atol=0)


@pytest.mark.parametrize("name", ["fm-ot", "sub-vp", "vp", "iddpm"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_derivatives_at_an_end_are_those_beside_it(name: str, dtype: torch.dtype) -> None:
    kernels = compile_kernels(catalogue[name], dtype=dtype)
    t = torch.tensor(0.5, dtype=dtype)
    slopes = []
    for start in (0.0, 2.0**-30):
        s = torch.tensor(start, dtype=dtype, requires_grad=True)
        slopes.append(torch.autograd.grad(kernels.transition_variance(s, t), s)[0])
    assert slopes[0].isfinite()
    # The slope itself changes by some 2**-30 of its size on the way.
    torch.testing.assert_close(slopes[0], slopes[1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_what_is_infinite_at_an_end_is_infinite(dtype: torch.dtype) -> None:
    for name in ("iddpm", "fm-ot"):
        kernels = compile_kernels(catalogue[name], dtype=dtype)
        start, end = torch.tensor(0.0, dtype=dtype), torch.tensor(1.0, dtype=dtype)
        inf = float("inf")
        assert (kernels.log_snr(end), kernels.f(end), kernels.g_squared(end)) == (-inf, -inf, inf)
        if name == "fm-ot":
            assert kernels.log_snr(start) == inf


# torch.func.jvp calls torch.jit.script, of which torch itself warns.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")
@pytest.mark.parametrize("quantity", ["f", "sigma", "log_snr", "g_squared"])
def test_forward_derivatives_have_the_dtype_of_the_kernels(quantity: str) -> None:
    t = torch.tensor(0.5)
    value, slope = torch.func.jvp(getattr(VP, quantity), (t,), (torch.ones(()),))
    assert (value.dtype, slope.dtype, slope.shape) == (torch.float32, torch.float32, ())
    backward = torch.func.grad(getattr(VP, quantity))(t)
    torch.testing.assert_close(slope, backward)


def test_torch_compile_needs_no_call_before() -> None:
    kernels = compile_kernels(Schedule("1 - t/2", "t + 1/8"), dtype=torch.float64)  # compiled by nobody else
    compiled = torch.compile(lambda a, b: kernels.transition_variance(a, b), fullgraph=True, backend="eager")
    s, t = torch.tensor(0.25, dtype=torch.float64), torch.tensor(0.5, dtype=torch.float64)
    # expm1 is a quotient while compiling.
    rtol = 8 * torch.finfo(torch.float64).eps
    torch.testing.assert_close(compiled(s, t), kernels.transition_variance(s, t), rtol=rtol, atol=0)


def test_mpmath_takes_beta_up_to_sigma_and_reports() -> None:
    kernels = compile_kernels(catalogue["vp"], "mpmath")
    largest = kernels.sigma(0.25)
    assert kernels.nonmarkov_step(0.25, 0.5, largest)[2] == largest
    assert str(mpmath.mp.prec) in kernels.report()


def test_vmap_and_the_meta_device() -> None:
    s, t = torch.rand(5, 3) / 3 + 0.1, torch.rand(5, 3) / 3 + 0.6
    mapped = torch.func.vmap(lambda a, b: VP.step(a, b, 0.5, 0.5, 1.0))(s, t)
    for one, other in zip(mapped, VP.step(s, t, 0.5, 0.5, 1.0), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
    gammas, (early, late) = torch.tensor([-1.0, 0.0, 0.5]), (torch.tensor(0.25), torch.tensor(0.5))
    by_parameter = torch.func.vmap(lambda gamma: VP.step(early, late, gamma, 0.5, 1.0)[1])(gammas)
    assert by_parameter.tolist() == [VP.step(early, late, float(gamma), 0.5, 1.0)[1].item() for gamma in gammas]
    meta = compile_kernels(catalogue["vp"], device="meta")
    assert meta.step(torch.empty(4, device="meta"), torch.empty(4, device="meta"))[1].shape == (4,)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_torch_compile_takes_the_whole_graph(dtype: torch.dtype) -> None:
    kernels = compile_kernels(catalogue["vp"], dtype=dtype)
    compiled = torch.compile(lambda a, b: kernels.step(a, b, 0.5, 0.5, 1.0), fullgraph=True, backend="aot_eager")
    s, t = torch.tensor([0.2, 0.5], dtype=dtype), torch.tensor([0.4, 0.9], dtype=dtype)
    for one, other in zip(compiled(s, t), kernels.step(s, t, 0.5, 0.5, 1.0), strict=True):
        torch.testing.assert_close(one, other, rtol=8 * torch.finfo(dtype).eps, atol=0.0)


# Inductor imports torch.jit.script, of which torch itself warns.
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
@pytest.mark.slow  # a C++ compiler
@pytest.mark.parametrize("name", ["vp", "fm-ot"])
def test_inductor_keeps_the_digits(name: str) -> None:
    torch._dynamo.reset()
    for dtype in DTYPES:
        kernels = compile_kernels(catalogue[name], dtype=dtype)
        s = torch.full((64,), 0.5, dtype=dtype)
        t = s + torch.logspace(-6, -1, 64, dtype=dtype)
        for quantity in ("transition_variance", "transition_factor"):
            plain = getattr(kernels, quantity)
            found = torch.compile(lambda a, b, plain=plain: plain(a, b), fullgraph=True)(s, t)
            torch.testing.assert_close(found, plain(s, t), rtol=16 * torch.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_the_quotient_for_expm1_has_a_few_units(dtype: torch.dtype) -> None:
    small = torch.logspace(-40, 1.9, 400, dtype=torch.float64)
    x = torch.cat([small, -small, torch.zeros(1)]).to(dtype).requires_grad_()
    found = expm1_by_quotient(x)
    torch.testing.assert_close(found, torch.expm1(x), rtol=6 * torch.finfo(dtype).eps, atol=0)
    (slope,) = torch.autograd.grad(found.sum(), x)
    assert slope.isfinite().all()


def test_kernels_are_made_once() -> None:
    assert compile_kernels(catalogue["vp"], "torch", torch.float32) is VP
    assert compile_kernels(catalogue["vp"], dtype="float32") is VP


def test_the_report_names_every_quantity() -> None:
    lines = VP.report().splitlines()
    assert len(lines) == 11
    assert any("transition_variance" in line and "float32" in line for line in lines)
