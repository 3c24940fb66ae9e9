"""k-diffusion's own samplers beside ours, on alpha = 1, sigma = t, with the same network and the same noise."""

import sys

import pytest
import torch

from numerics.adapters import k_diffusion
from numerics.adapters.denoisers import from_karras
from numerics.sampler import Sampler
from s2n_proofs import Schedule

SIGMAS = [40.0, 11.5, 3.25, 1.0, 0.375, 0.0625]
SCHEDULE = Schedule("1", "t", domain=(0, 100))
STATES = torch.linspace(-2, 2, 24, dtype=torch.float64).reshape(4, 6)
NOISE = torch.randn(len(SIGMAS), 4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
EPS = torch.finfo(torch.float32).eps


@pytest.fixture(scope="module")
def theirs():
    try:
        return k_diffusion.load_sampling()
    except k_diffusion.PeerError as error:
        pytest.skip(str(error))


def network(x, sigma):
    """The best denoiser for data N(1/2, 1/4)."""
    return 0.5 + 0.25 / (0.25 + sigma[:, None] ** 2) * (x - 0.5)


def their_run(sampler, dtype, denoiser=network, **options):
    """All steps; noise is drawn by the number of the step, whoever asks."""
    if options.pop("noisy", True):
        options["noise_sampler"] = lambda sigma, sigma_next: NOISE[SIGMAS.index(round(float(sigma), 5))].to(dtype)
    sigmas = torch.tensor(SIGMAS, dtype=dtype)
    return sampler(denoiser, (STATES * SIGMAS[0]).to(dtype), sigmas, disable=True, **options)


def our_run(dtype, denoiser=network, **options):
    sampler = Sampler(SCHEDULE, SIGMAS, prediction="edm", dtype=dtype, **options)
    z = sampler.begin((STATES * SIGMAS[0]).to(dtype))
    for i in range(len(sampler)):
        sampler.step(i, z, from_karras(denoiser), NOISE[i].to(dtype))
    return z


def agree(theirs, dtype, exact):
    """1e-10 in float64; in float32 their error is within rounding of the float64 values, which both have."""
    # float32: five steps, each of a few roundings at the size of the state; ends are smaller than starts by 40.
    bound = 1e-10 if dtype == torch.float64 else 64 * SIGMAS[0] * EPS
    return bool((theirs.double() - exact).abs().max() <= bound * exact.abs().max())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(
    ("name", "options", "ours"),
    [
        ("sample_euler", {"noisy": False}, {}),
        ("sample_heun", {"noisy": False}, {"method": "heun", "form": "eps"}),
        ("sample_euler_ancestral", {"eta": 0.0}, {}),
        ("sample_euler_ancestral", {"eta": 0.5}, {"kind": "nonmarkov", "eta": "1/2"}),
        ("sample_euler_ancestral", {"eta": 1.0}, {"kind": "ancestral"}),
        ("sample_euler_ancestral", {"eta": 1.0}, {"gamma": 1, "delta": 1, "rho": 1}),
    ],
    ids=str,
)
def test_their_samplers_are_ours(theirs, name, options, ours, dtype):
    exact = our_run(torch.float64, **ours)
    assert agree(their_run(getattr(theirs, name), dtype, **options), dtype, exact)
    assert agree(our_run(dtype, **ours), dtype, exact)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(
    ("eta", "ours"),
    [
        (1.0, {"gamma": 1, "delta": 1, "rho": 1}),
        (1.0, {"kind": "ancestral"}),
        (0.25, {"kind": "nonmarkov", "beta": "sigma(s)*sqrt(1 - (sigma(s)/sigma(t))**(2*1/4))"}),
        (0.0, {}),
    ],
    ids=str,
)
def test_dpm_solver_sde_of_first_order_is_ours(theirs, eta, ours, dtype):
    exact = our_run(torch.float64, **ours)

    def first_order(denoiser, x, sigmas, **options):
        for i in range(len(sigmas) - 1):  # each step alone: then it has no output before it
            x = theirs.sample_dpmpp_2m_sde(denoiser, x, sigmas[i : i + 2], **options)
        return x

    assert agree(their_run(first_order, dtype, eta=eta), dtype, exact)
    assert not agree(their_run(first_order, dtype, eta=eta + 0.01), dtype, exact)


@pytest.mark.parametrize("eta", [0.5, 1.0])
def test_dpm_solver_sde_moves_by_the_non_markovian_step(theirs, eta):
    """Its two outputs are equal here; what it does with them is the step of noise eta times the ancestral one's."""

    def constant(x, sigma):
        return torch.full_like(x, 0.75)

    exact = our_run(torch.float64, constant, kind="nonmarkov", eta=eta)

    def noise(sigma, sigma_next):
        # It asks twice in each step; what it draws for the middle is forgotten with a constant network.
        return NOISE[SIGMAS.index(min(SIGMAS, key=lambda known: abs(known - float(sigma))))]

    found = theirs.sample_dpmpp_sde(
        constant,
        STATES * SIGMAS[0],
        torch.tensor(SIGMAS, dtype=torch.float64),
        disable=True,
        eta=eta,
        noise_sampler=noise,
    )
    assert agree(found, torch.float64, exact)


def test_a_wrong_eta_is_told_apart(theirs):
    found = their_run(theirs.sample_euler_ancestral, torch.float64, eta=0.51)
    assert not agree(found, torch.float32, our_run(torch.float64, kind="nonmarkov", eta="1/2"))


def test_nothing_stays_behind_and_a_stand_in_fails_when_used(theirs):
    assert not any(name.partition(".")[0] == "k_diffusion" for name in sys.modules)
    assert not any(isinstance(module, k_diffusion._StandIn) for module in sys.modules.values())
    for name in theirs.s2n_stand_ins:
        assert name in k_diffusion.STAND_INS
    with pytest.raises(k_diffusion.PeerError, match="is a stand-in; install torchvision"):
        k_diffusion._StandIn("torchvision.transforms").Resize(8)
