"""Philox against its authors' vectors and against Python's integers; streams that do not depend on company."""

from __future__ import annotations

import pytest
import torch

from numerics.montecarlo import philox
from numerics.montecarlo.significance import normal_p, uniformity_p
from numerics.montecarlo.streams import _seed, open_source

CPU = torch.device("cpu")
# kat_vectors of Random123 (philox 4x32 10): counter, key, output.
KNOWN = (
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)


def reference(counter, key):
    """The same rounds in Python's unbounded integers."""
    c, k = list(counter), list(key)
    for _ in range(10):
        left, right = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(right >> 32) ^ c[1] ^ k[0], right % 2**32, (left >> 32) ^ c[3] ^ k[1], left % 2**32]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return tuple(c)


@pytest.mark.parametrize(("counter", "key", "output"), KNOWN)
def test_philox_gives_the_known_answers(counter, key, output):
    words = philox.philox(tuple(torch.tensor([c]) for c in counter), key)
    assert tuple(int(w) for w in words) == output == reference(counter, key)


def test_philox_agrees_with_integers_of_python():
    counters = torch.randint(0, 2**32, (4, 500), generator=torch.Generator().manual_seed(1))
    words = torch.stack(philox.philox(tuple(counters), (123, 456)))
    assert all(tuple(words[:, i].tolist()) == reference(counters[:, i].tolist(), (123, 456)) for i in range(500))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 1001])
def test_philox_gives_as_many_numbers_as_asked_for(count):
    streams = torch.tensor([0, 2**33])
    for draw in (philox.normal, philox.uniform):
        numbers = draw(count, 1, streams, (1, 2))
        assert numbers.shape == (2, count)
        # A longer draw begins with the same numbers.
        assert torch.equal(draw(count + 8, 1, streams, (1, 2))[:, :count], numbers)
        assert not torch.equal(numbers[0], numbers[1])


@pytest.mark.parametrize("generator", ["torch", "philox"])
def test_numbers_have_their_laws(generator):
    source = open_source(0, "laws", 0, 1, CPU, generator)
    normal = source.normal_(source.empty(20_000), 3.0, 2.0)[0].double()
    uniform = source.uniform_(source.empty(20_000))[0].double()
    assert normal_p(float(normal.mean() - 3) / 2 * 20_000**0.5) > 1e-4
    assert uniformity_p(torch.special.ndtr((normal - 3) / 2).tolist()) > 1e-4
    assert uniformity_p(uniform.tolist()) > 1e-4
    assert 0 <= float(uniform.min()) <= float(uniform.max()) < 1


@pytest.mark.parametrize("generator", ["torch", "philox"])
def test_rows_have_the_same_numbers_alone_and_in_company(generator):
    together = open_source(5, "rows", 3, 4, CPU, generator)
    block = [together.normal_(together.empty(1001)), together.uniform_(together.empty(7))]
    for i in range(4):
        alone = open_source(5, "rows", 3 + i, 1, CPU, generator)
        assert torch.equal(alone.normal_(alone.empty(1001))[0], block[0][i])
        assert torch.equal(alone.uniform_(alone.empty(7))[0], block[1][i])


@pytest.mark.parametrize("generator", ["torch", "philox"])
def test_streams_differ_by_seed_and_experiment_and_number(generator):
    def first(seed, key, number):
        source = open_source(seed, key, number, 1, CPU, generator)
        return tuple(source.normal_(source.empty(16))[0].tolist())

    assert len({first(s, k, n) for s in (0, 1) for k in ("a", "b") for n in (0, 1)}) == 8


def test_no_two_sub_chunks_of_an_experiment_share_a_seed():
    assert len({_seed(0, "x", n, CPU) for n in range(200_000)}) == 200_000


def test_tails_of_philox_normals_are_finite():
    """The words 0 and 2**32 - 1 are the ends of the radius."""
    for word in (0, 2**32 - 1):
        radius = torch.sqrt(-2 * torch.log(torch.tensor((word + 0.5) * 2.0**-32, dtype=torch.float64)))
        assert torch.isfinite(radius)
        assert 0 <= float(radius) < 6.8


@pytest.mark.skipif(not torch.cuda.is_available(), reason="compares a GPU with the CPU, and there is no GPU")
def test_philox_is_the_same_on_a_gpu():
    for draw in (philox.uniform, philox.normal):
        here, there = (draw(1000, 1, torch.arange(3, device=d), (1, 2)).cpu() for d in ("cpu", "cuda"))
        assert torch.allclose(here, there, rtol=1e-14, atol=1e-14)
