"""azula's samplers beside ours, in float64 and float32, on its own schedules."""

import pytest
import torch

from numerics.adapters.denoisers import from_azula, from_karras
from numerics.sampler import Sampler, sample
from s2n_proofs import catalogue
from s2n_proofs.schedule import ScheduleError

azula = pytest.importorskip("azula.sample", reason="the extra interop is not installed")
noise = pytest.importorskip("azula.noise")
denoise = pytest.importorskip("azula.denoise")

from numerics.adapters.azula_schedules import from_azula_schedule  # noqa: E402  (needs azula)

SCHEDULES = {
    "VESchedule": {"sigma_min": 0.02, "sigma_max": 50.0}, "VPSchedule": {}, "CosineSchedule": {}, "RectifiedSchedule": {},
}  # fmt: skip
STATES = torch.linspace(-2, 2, 8, dtype=torch.float64)[:, None]


class Known(denoise.Denoiser):
    """The best denoiser for data N(1/2, 1/4), in azula's form."""

    def __init__(self, schedule):
        super().__init__()
        self.schedule = schedule

    def forward(self, x_t, t):
        alpha, sigma = self.schedule(t)
        mean = 0.5 + alpha * 0.25 / (alpha**2 * 0.25 + sigma**2) * (x_t - alpha * 0.5)
        return denoise.DiracPosterior(mean)


def both(name, sampler, dtype, options, ours, steps=10):
    schedule = getattr(noise, name)(**SCHEDULES[name])
    model = Known(schedule)
    peer = getattr(azula, sampler)(model, steps=steps, silent=True, dtype=dtype, **options)
    times = peer.timesteps
    z = (STATES * float(schedule.sigma(torch.tensor(1.0)))).to(dtype)
    torch.manual_seed(0)
    theirs = peer(z)
    mine = sample(from_azula(model), from_azula_schedule(schedule), times, z_T=z, prediction="x", seed=0, **ours)
    return theirs, mine


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize(
    ("sampler", "options", "ours"),
    [
        ("EulerSampler", {}, {}),
        ("DDIMSampler", {"eta": 0.0}, {}),
        # azula multiplies the variance with its eta, DDIM the standard deviation.
        ("DDIMSampler", {"eta": 0.25}, {"kind": "nonmarkov", "eta": "1/2"}),
        ("DDPMSampler", {}, {"kind": "ancestral"}),
    ],
    ids=str,
)
def test_their_samplers_are_ours(name, sampler, options, ours):
    theirs, mine = both(name, sampler, torch.float64, options, ours)
    assert (theirs - mine).abs().max() <= 1e-10 * mine.abs().max()
    theirs, mine = both(name, sampler, torch.float32, options, ours)
    # 1 - (ratio)**2 and sqrt(1 - alpha**2) lose up to 3 of float32's 7 digits in their coefficients; ours lose none.
    assert (theirs - mine).abs().max() <= 1e4 * torch.finfo(torch.float32).eps * mine.abs().max()


def test_their_eta_is_the_square_of_ddims():
    theirs, mine = both("VPSchedule", "DDIMSampler", torch.float64, {"eta": 0.5}, {"kind": "nonmarkov", "eta": "1/2"})
    assert (theirs - mine).abs().max() > 1e-2


def test_another_schedule_is_refused():
    with pytest.raises(ScheduleError, match="DecaySchedule is none of azula's"):
        from_azula_schedule(noise.DecaySchedule())


def test_a_karras_denoiser_gets_one_sigma_for_each_sample():
    seen = []

    def network(x, sigma):
        seen.append(tuple(sigma.shape))
        return x / (1 + sigma[:, None] ** 2)

    z = torch.randn(3, 2, generator=torch.Generator().manual_seed(0)) * 80
    found = Sampler(catalogue["edm"], [80, 10, 1], prediction="edm").run(from_karras(network), z).z
    assert seen == [(3,), (3,)]
    plain = Sampler(catalogue["edm"], [80, 10, 1], prediction="x").run(lambda x, t: x / (1 + t**2), z).z
    assert torch.allclose(found, plain)
