"""The update in one pass: the same bits for any batch and any number of threads, and what leaves that path."""

import pytest
import torch

from numerics.sampling.update import Update

A, B = 0.7371, -0.3321


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def updated(z, output):
    z = z.clone()
    Update(z)(A, output, B)
    return z


@pytest.mark.parametrize(
    ("dtype", "size"),
    # In bfloat16 ATen's own add_ rounds the last elements otherwise, where a sample is no whole number of registers.
    [(dtype, size) for dtype in (torch.float32, torch.float64) for size in (64, 192, 3, 65)] + [(torch.bfloat16, 64)],
)
def test_a_sample_has_the_same_bits_in_every_batch_on_every_number_of_threads(threads, dtype, size):
    # 700 samples of 64 numbers are more than one thread's share, and no multiple of it.
    z, output = (torch.randn(2, 701, size, generator=torch.Generator().manual_seed(size), dtype=torch.float64)).to(
        dtype
    )
    threads(1)
    alone = torch.cat([updated(z[i : i + 1], output[i : i + 1].clone()) for i in range(len(z))])
    for count in (1, 2, 3):
        threads(count)
        assert torch.equal(updated(z, output), alone)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_error_is_three_roundings(dtype):
    z, output = torch.randn(2, 4, 64, generator=torch.Generator().manual_seed(1), dtype=dtype)
    exact = (A * z.double() + B * output.double()) if dtype == torch.float32 else A * z + B * output
    # The coefficients are rounded to the dtype, too: five roundings at most, each of half a unit.
    size = (A * z).abs() + (B * output).abs()
    assert ((updated(z, output) - exact).abs() <= 3 * torch.finfo(dtype).eps * size).all()


@pytest.mark.parametrize(
    "output", [torch.ones(64, 4).T, torch.ones(4, 64, dtype=torch.float64), torch.ones(4, 64).bfloat16()],
    ids=["transposed", "wider", "narrower"],
)  # fmt: skip
def test_outputs_of_another_layout_or_type_are_added(output):
    z = torch.full((4, 64), 2.0)
    Update(z)(0.5, output, 0.25)
    assert torch.equal(z, torch.full((4, 64), 1.25))
