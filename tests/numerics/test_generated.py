"""Torch code from programs: values, shapes, dtypes, devices, derivatives, vmap, compile, meta."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from mpmath import mpf
from sympy import Eq, Heaviside, Integer, Max, Min, Piecewise, Rational, Symbol, exp, log, pi, sin, sqrt
from sympy.codegen.cfunctions import expm1

from numerics.generated import compile_torch
from s2n_proofs.lower.printers.compiled import compile_program
from s2n_proofs.lower.printers.errors import PrinterError
from s2n_proofs.lower.program import Program, program
from tests.lower.printers.nodes import BRANCHES, CASES, Case, P, X, Y
from tests.lower.printers.test_nodes import expected, units
from tests.lower.printers.test_random_trees import POINT, trees

DTYPES = [torch.float32, torch.float64]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
dtypes = pytest.mark.parametrize("dtype", DTYPES, ids=["float32", "float64"])


def compiled_case(case: Case, dtype: torch.dtype):
    return compile_torch(program([X, Y, P], {"value": case.expr}), dtype)


def columns(case: Case, dtype: torch.dtype) -> list[torch.Tensor]:
    return [torch.tensor([float(c) for c in column], dtype=dtype) for column in zip(*case.points, strict=True)]


@dtypes
@every_case
def test_value_shape_and_dtype(case: Case, dtype: torch.dtype) -> None:
    inputs = columns(case, dtype)
    (found,) = compiled_case(case, dtype)(*inputs)
    assert found.dtype == dtype
    assert found.shape == inputs[0].shape
    for value, exact in zip(found.tolist(), expected(case), strict=True):
        assert abs(mpf(value) - exact) <= units(case) * torch.finfo(dtype).eps * abs(exact)


@every_case
def test_meta_device_has_the_shape(case: Case) -> None:
    x = torch.empty(5, 1, device="meta")
    y = torch.empty(3, device="meta")
    (found,) = compiled_case(case, torch.float32)(x, y, 0.5)
    assert found.device.type == "meta"
    assert found.shape == (5, 3)
    assert found.dtype == torch.float32


@every_case
def test_vmap_is_the_same_element_by_element(case: Case) -> None:
    function = compiled_case(case, torch.float64)
    inputs = columns(case, torch.float64)
    (plain,) = function(*inputs)
    (mapped,) = torch.func.vmap(function)(*inputs)
    torch.testing.assert_close(mapped, plain, rtol=0, atol=0)


@every_case
def test_derivative_is_the_symbolic_one(case: Case) -> None:
    if case.name in ("dirac",):
        return  # the derivative of what a derivative leaves at a corner is no function
    inputs = [x.requires_grad_() for x in columns(case, torch.float64)]
    (found,) = compiled_case(case, torch.float64)(*inputs)
    if not found.requires_grad:
        found = found + 0 * inputs[0]
    gradients = torch.autograd.grad(found.sum(), inputs, allow_unused=True, materialize_grads=True)
    for symbol, gradient in zip((X, Y, P), gradients, strict=True):
        derivative = compile_program(program([X, Y, P], {"d": case.expr.diff(symbol)}), "numpy")
        (exact,) = derivative(*(x.detach().numpy() for x in inputs))
        for got, wanted, x, y, p in zip(
            gradient.tolist(), exact.tolist(), *map(torch.Tensor.tolist, inputs), strict=True
        ):
            if x in (0, y) or p == 1:
                continue  # a corner of |x|, of Max or of a branch
            assert got == pytest.approx(wanted, rel=units(case) * 2.0**-48, abs=2.0**-48)


# One whole program: dynamo takes seconds for the first graph and little for what is in it.
_ALL = program([X, Y, P], {case.name: case.expr for case in CASES})


def test_compile_makes_one_graph() -> None:
    function = compile_torch(_ALL, torch.float32)
    inputs = [torch.tensor([0.25, 0.75, -0.5]), torch.tensor([0.5, 0.25, 2.0]), torch.tensor([0.5, 1.0, 2.0])]
    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
    for found, plain in zip(compiled(*inputs), function(*inputs), strict=True):
        torch.testing.assert_close(found, plain, rtol=0, atol=0, equal_nan=True)


# --- constants


@dtypes
def test_constants_have_shape_dtype_and_storage_of_their_own(dtype: torch.dtype) -> None:
    function = compile_torch(program([X, Y], {"one": Integer(1), "third": Rational(1, 3), "x": X + 1}), dtype)
    one, third, x = function(torch.zeros(4, 1, dtype=dtype), torch.zeros(3, dtype=dtype))
    for value in (one, third, x):
        assert (value.shape, value.dtype, value.device.type) == ((4, 3), dtype, "cpu")
        value.add_(1)  # no element may share its place with another
        assert value.unique().numel() == 1
    assert third[0, 0].item() == torch.tensor(4 / 3, dtype=dtype).item()


@pytest.mark.parametrize("dtype", DTYPES)
def test_constants_are_rounded_once(dtype: torch.dtype) -> None:
    # The nearest float64 is a tie of float32, which would be rounded down; the number lies above it.
    above = 1 + Rational(1, 2**24) + Rational(1, 2**60)
    (found,) = compile_torch(program([X], {"value": X * above}), dtype)(torch.ones((), dtype=dtype))
    assert found.item() == (1 + 2.0**-23 if dtype == torch.float32 else 1 + 2.0**-24)
    (twice,) = compile_torch(program([X], {"value": X * above}), torch.float64)(torch.ones((), dtype=torch.float64))
    assert twice.float().item() == 1.0


def test_two_python_floats_in_a_branch_keep_the_dtype() -> None:
    branch = Piecewise((Rational(1, 10), X > 0), (pi, True))
    (found,) = compile_torch(program([X], {"value": branch}), torch.float64)(
        torch.tensor([1.0, -1.0], dtype=torch.float64)
    )
    assert found.tolist() == [0.1, 3.141592653589793]


# --- derivatives of what is not taken


def gradient(expr, points: list[float]) -> list[float]:
    x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    (value,) = compile_torch(program([X], {"value": expr}), torch.float64)(x)
    assert torch.isfinite(value).all()
    (first,) = torch.autograd.grad(value.sum(), x, create_graph=True)
    if first.requires_grad:
        (second,) = torch.autograd.grad(first.sum(), x)
        assert torch.isfinite(second).all()
    return first.tolist()


@pytest.mark.parametrize(
    ("expr", "points", "slopes"),
    [
        (Piecewise((sqrt(X), X > 0), (X, True)), [0.0, -1.0, 4.0], [1.0, 1.0, 0.25]),
        (Piecewise((log(X), X > 0), (X, True)), [0.0, -1.0, 4.0], [1.0, 1.0, 0.25]),
        (Piecewise((X, X <= 0), (1 / X, True)), [0.0, -1.0, 2.0], [1.0, 1.0, -0.25]),
        (Piecewise((exp(X), X < 1), (X, True)), [1e4, 0.0], [1.0, 1.0]),
        (Piecewise((sqrt(X - 80), X > 80), (X, True)), [0.0, 80.0, 84.0], [1.0, 1.0, 0.25]),
        (Piecewise((0, X <= 0), (sqrt(X), X < 4), (log(X) + sqrt(X - 4), True)), [0.0, 1.0, 5.0], [0.0, 0.5, 0.7]),
        (Max(sqrt(Max(X, 0)), Rational(1, 2)), [-1.0, 0.0, 4.0], [0.0, 0.0, 0.25]),
        (Min(1 / X, 2) + Min(X, 3), [0.0625, 4.0], [1.0, -0.0625]),
        (Heaviside(X) * X, [-1.0, 2.0], [0.0, 1.0]),
        (Piecewise((X, Eq(X, 0)), (expm1(X) / X * X, True)), [0.0, 1.0], [1.0, 2.718281828459045]),
        (Piecewise((X, X < 1), (exp(X * 1000), True)) / 1000, [0.5], [0.001]),
    ],
    ids=str,
)
def test_no_nan_comes_from_a_branch_that_is_not_taken(expr, points, slopes) -> None:
    assert gradient(expr, points) == pytest.approx(slopes, rel=2.0**-50)


def test_a_step_shared_with_another_output_has_its_own_copy_in_the_branch() -> None:
    made = program([X], {"root": sqrt(X), "branch": Piecewise((sqrt(X), X > 0), (X, True))})
    assert made.steps[0][1] == sqrt(X)
    x = torch.tensor([0.0, 4.0], dtype=torch.float64, requires_grad=True)
    _, branch = compile_torch(made, torch.float64)(x)
    assert torch.autograd.grad(branch.sum(), x)[0].tolist() == [1.0, 0.25]


def test_a_branch_of_many_steps_is_printed_without_putting_them_into_each_other() -> None:
    steps, last = [], X
    for number in range(60):  # put into each other they would be 4**60 nodes
        symbol = Symbol(f"step{number}", real=True)
        steps.append((symbol, sin(last) * last / 4 + exp(-last)))
        last = symbol
    made = Program((X,), tuple(steps), (("value", Piecewise((sqrt(last), X > 0), (X, True))),))
    x = torch.tensor([-1000.0, 1.0], dtype=torch.float64, requires_grad=True)  # where exp(1000) overflows
    (value,) = compile_torch(made, torch.float64)(x)
    slopes = torch.autograd.grad(value.sum(), x)[0]
    assert slopes[0] == 1
    assert torch.isfinite(slopes).all()


def test_only_what_does_harm_is_replaced() -> None:
    phi = Piecewise((Y, Eq(X, 0)), (-expm1(-X * Y) / X, True))
    source = compile_torch(program([X, Y], {"phi": phi}), torch.float64).source
    assert source.count("torch.where") == 2  # one for the value, one for X; none for Y
    x = torch.tensor([0.0, 0.5], dtype=torch.float64, requires_grad=True)
    y = torch.tensor([3.0, 0.0], dtype=torch.float64, requires_grad=True)
    (value,) = compile_torch(program([X, Y], {"phi": phi}), torch.float64)(x, y)
    assert value.tolist() == [3.0, 0.0]
    slopes = torch.autograd.grad(value.sum(), (x, y))
    assert slopes[1].tolist() == [1.0, 1.0]
    assert torch.isfinite(slopes[0]).all()


def test_the_plain_where_would_have_given_nan() -> None:
    """Else the tests above could be asleep."""
    x = torch.tensor(0.0, requires_grad=True)
    (slope,) = torch.autograd.grad(torch.where(x > 0, torch.sqrt(x), x), x)
    assert slope.isnan()


# torch imports its own jit.script where jvp is first used.
@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
def test_forward_mode_and_vmap_of_a_derivative() -> None:
    case = next(case for case in BRANCHES if case.name == "shared in branches")
    function = compiled_case(case, torch.float64)
    inputs = columns(case, torch.float64)
    slopes = torch.func.vmap(torch.func.grad(lambda *args: function(*args)[0]))(*inputs)
    one = torch.ones_like(inputs[0])
    _, tangents = torch.func.jvp(lambda x: function(x, *inputs[1:])[0], (inputs[0],), (one,))
    assert torch.isfinite(slopes).all()
    torch.testing.assert_close(slopes, tangents)


# --- what is refused


def test_bad_input_is_a_sentence() -> None:
    one = program([X], {"value": X})
    with pytest.raises(TypeError, match=r"the inputs must be of dtype torch\.float64, not torch\.float32"):
        compile_torch(one, torch.float64)(torch.ones(2))
    with pytest.raises(TypeError, match="1 inputs are needed, not 2"):
        compile_torch(one, torch.float64)(1.0, 2.0)
    with pytest.raises(PrinterError, match=r"the dtype must be torch\.float32 or torch\.float64, not torch\.int64"):
        compile_torch(one, torch.int64)
    with pytest.raises(PrinterError, match="without inputs"):
        compile_torch(program([], {"value": Integer(1)}))


@dtypes
def test_random_trees_keep_their_signs_and_parentheses(dtype: torch.dtype) -> None:
    inputs = [torch.tensor(float(x), dtype=dtype) for x in POINT]
    for tree, exact, error in trees():
        (found,) = compile_torch(program([X, Y, P], {"value": tree}), dtype)(*inputs)
        assert abs(Fraction(found.item()) - exact) <= 2 * error * Fraction(torch.finfo(dtype).eps), tree
