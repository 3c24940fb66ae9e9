"""The torch module: values, shapes, dtypes, and what a training loop does to functions."""

from __future__ import annotations

import subprocess
import sys
import types
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import pytest
import torch
from mpmath import mpf

from s2n_proofs.formulas import derive
from s2n_proofs.report.formats import render
from s2n_proofs.schedule import Schedule

from .oracle import SCHEDULES, calls, derived

FUNCTIONS = (
    "alpha", "sigma", "log_snr", "f", "g_squared", "transition_factor", "transition_variance", "step",
    "ancestral_step", "nonmarkov_step",
)  # fmt: skip

# At times a tenth of the domain apart the cancellation costs at most 15 of the bits: 3e-12 in float64.
_CANCELLED = 2.0**15


@lru_cache
def module_of(name: str) -> types.ModuleType:
    module = types.ModuleType(f"printed_{name.replace('-', '_')}")
    sys.modules[module.__name__] = module  # where torch.compile looks for the globals of a function
    exec(compile(render(derived(name), "torch"), f"<{name}>", "exec"), module.__dict__)
    return module


def as_tuple(value) -> tuple[torch.Tensor, ...]:
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", SCHEDULES)
def test_module_agrees_with_the_definitions(name: str, dtype: torch.dtype) -> None:
    grouped = defaultdict(list)
    for call in calls(name):
        grouped[call.function].append(call)
    assert set(grouped) == set(FUNCTIONS)
    for function, group in grouped.items():
        columns = [torch.tensor(column, dtype=dtype) for column in zip(*(c.arguments for c in group), strict=True)]
        results = as_tuple(getattr(module_of(name), function)(*columns, **group[0].parameters))
        for position, found in enumerate(results):
            assert (found.shape, found.dtype) == (columns[0].shape, dtype)
            if dtype == torch.float32:
                # The times themselves are rounded; that the formulas are right is known from float64.
                again = [x.double() for x in columns]
                wanted = as_tuple(getattr(module_of(name), function)(*again, **group[0].parameters))[position].tolist()
            else:
                wanted = [c.expected[position] for c in group]
            for value, exact in zip(found.tolist(), wanted, strict=True):
                assert abs(mpf(value) - exact) <= _CANCELLED * torch.finfo(dtype).eps * abs(exact), (function, position)


def test_module_runs_without_anything_but_torch(tmp_path: Path) -> None:
    (tmp_path / "printed.py").write_text(render(derived("symbolic"), "torch"))
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); before = set(sys.modules); import torch\n"
        "with_torch = set(sys.modules)\n"
        "import printed as p\n"
        "step = p.step(torch.tensor([0.25]), 0.5, 0, 0, 1, beta_min=1/8, beta_d=20)\n"
        "assert len(step) == 3 and all(x.shape == (1,) for x in step)\n"
        "assert not {name.partition('.')[0] for name in sys.modules} & {'s2n_proofs', 'numerics'}\n"
        "assert set(sys.modules) - with_torch == {'printed'}, set(sys.modules) - with_torch\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_dtype_and_device_are_those_of_the_tensors_given() -> None:
    module = module_of("edm")  # alpha = 1: constants everywhere
    assert module.alpha(torch.full((2, 3), 0.5, dtype=torch.float64)).equal(torch.ones(2, 3, dtype=torch.float64))
    step = module.step(
        torch.rand(4, 1, device="meta") + 1, torch.rand(3, device="meta") + 3, rho=torch.tensor(0.5).to("meta")
    )
    assert all((x.shape, x.dtype, x.device.type) == ((4, 3), torch.float32, "meta") for x in step)
    assert module.f(1.0).dtype == torch.get_default_dtype()
    with pytest.raises(TypeError, match=r"a floating dtype, not torch\.int64"):
        module.alpha(torch.tensor([1, 2]))


@pytest.mark.parametrize("name", ["vp", "edm", "fm-ot"])
def test_vmap_compile_and_derivatives(name: str) -> None:
    module = module_of(name)
    s = torch.linspace(0.1, 0.4, 4, dtype=torch.float64)
    t = s + 0.5
    gamma = torch.tensor([-1.0, 0.0, -1.0, 0.5], dtype=torch.float64)

    def step(s, t, gamma):
        return module.step(s, t, gamma, 0.5, 0.5)

    plain = step(s, t, gamma)
    for mapped in (
        torch.func.vmap(step)(s, t, gamma),
        torch.compile(step, fullgraph=True, backend="aot_eager")(s, t, gamma),
    ):
        for found, wanted in zip(mapped, plain, strict=True):
            torch.testing.assert_close(found, wanted, rtol=4 * torch.finfo(torch.float64).eps, atol=0)
    slope = torch.func.vmap(torch.func.grad(lambda x: module.alpha(x).log()))(t)
    torch.testing.assert_close(slope, module.f(t))  # f is the derivative of log(alpha)
    inputs = [x.clone().requires_grad_() for x in (s, t, gamma)]
    gradients = torch.autograd.grad(
        sum(x.sum() for x in step(*inputs)), inputs, allow_unused=True, materialize_grads=True
    )
    assert all(torch.isfinite(x).all() for x in gradients)


def test_step_is_the_identity_when_s_equals_t() -> None:
    t = torch.linspace(0.05, 0.95, 1001)
    for name in ("vp", "fm-ot", "cosine", "iddpm", "odd"):
        a_z, a_eps, a_noise = module_of(name).step(t, t, 0.0, 0.0, 1.0)
        eps = torch.finfo(torch.float32).eps
        assert (a_z - 1).abs().max() <= 4 * eps
        assert a_eps.abs().max() <= 64 * eps
        # A root of the rounding error, and never NaN.
        assert a_noise.max() <= (64 * eps) ** 0.5


def test_beta_beyond_sigma_is_refused_and_at_sigma_is_the_end_of_the_family() -> None:
    module = module_of("vp")
    s, t = torch.tensor([0.25]), torch.tensor([0.5])
    largest = module.sigma(s)
    a_z, a_eps, a_noise = module.nonmarkov_step(s, t, largest)
    assert a_eps.item() == pytest.approx(-(a_z * module.sigma(t)).item(), rel=1e-3)
    assert a_noise == largest
    traced = torch.compile(module.nonmarkov_step, fullgraph=True, backend="aot_eager")
    for factor in (1.001, -0.001):
        with pytest.raises(ValueError, match="beta"):
            module.nonmarkov_step(s, t, largest * factor)
        assert traced(s, t, largest * factor)[1].isnan()


T = torch.tensor
WRONG = {  # and the word that the sentence must have
    "outside": (lambda m: m.alpha(T(1.5)), "t"),
    "not a number": (lambda m: m.f(T(float("nan"))), "t"),
    "s after t": (lambda m: m.transition_variance(T([0.1, 0.6]), T([0.2, 0.5])), "s"),
    "delta negative": (lambda m: m.step(T(0.25), T(0.5), 0.0, -1.0), "delta"),
    "gamma not finite": (lambda m: m.step(T(0.25), T(0.5), float("nan")), "gamma"),
    "rho too large": (lambda m: m.step(T(0.25), T(0.5), 0.0, 0.0, 1e300), "rho"),
    "overflow": (lambda m: m.step(T(0.25), T(0.5), 0.0, 0.0, 1e30), "step"),
    "no limit": (lambda m: m.step(T(0.0), T(0.5), -1.0), "step"),
    "shapes": (lambda m: m.step(torch.full((3,), 0.25), torch.full((2,), 0.5)), "shapes"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_admissible_is_a_value_error(case: str) -> None:
    call, word = WRONG[case]
    with pytest.raises(ValueError, match=rf"\b{word}\b"):
        call(module_of("vp"))


@pytest.mark.parametrize("given", ["0.5", None, True, T(1)])
def test_what_is_no_number_is_a_type_error(given: object) -> None:
    with pytest.raises(TypeError):
        module_of("vp").alpha(given)


def test_the_look_at_the_values_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_of("vp"), "CHECK", False)
    assert module_of("vp").f(T(float("nan"))).isnan()


def test_gamma_minus_one_has_the_derivative_of_the_family() -> None:
    def a_eps(gamma: torch.Tensor) -> torch.Tensor:
        return module_of("vp").step(T(0.3, dtype=torch.float64), T(0.6, dtype=torch.float64), gamma, 0.0, 1.0)[1]

    here, step = T(-1.0, dtype=torch.float64, requires_grad=True), 1e-5
    (slope,) = torch.autograd.grad(a_eps(here), here)
    with torch.no_grad():
        central = (a_eps(here + step) - a_eps(here - step)) / (2 * step)
    # A central difference is wrong by step**2 and eps/step.
    torch.testing.assert_close(slope, central, rtol=1e-8, atol=0)


def test_a_hostile_name_stays_in_the_docstring() -> None:
    name = '"""\nimport os\nos.abort()\n"""\\'
    for parameter in ("torch", "inputs", "v0", "START", "lambda_"):
        schedule = Schedule("1 - t", f"t*{parameter}", parameters={parameter: None}, name=name)
        module: dict[str, object] = {}
        exec(render(derive(schedule), "torch"), module)
        assert "os" not in module
