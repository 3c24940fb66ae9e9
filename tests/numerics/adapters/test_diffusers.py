"""S2NScheduler beside diffusers' own schedulers, in their pipelines, with the same noise."""

import sys

import pytest
import torch

from numerics.adapters.denoisers import from_flow
from numerics.sampler import Sampler, SamplerError
from numerics.step_plan import PlanError
from s2n_proofs import Schedule, catalogue

STEPS = 12
SHAPE = (2, 3, 8, 8)
EPS = {dtype: torch.finfo(dtype).eps for dtype in (torch.float32, torch.float64)}


@pytest.fixture(scope="module")
def adapter(diffusers):
    from numerics.adapters import diffusers_scheduler

    return diffusers_scheduler


@pytest.fixture(scope="module")
def unet(diffusers):
    torch.manual_seed(0)
    blocks = {"down_block_types": ("DownBlock2D",) * 2, "up_block_types": ("UpBlock2D",) * 2}
    return diffusers.UNet2DModel(
        sample_size=8, layers_per_block=1, block_out_channels=(8, 16), norm_num_groups=4, **blocks
    ).eval()


def wide(scheduler, theirs):
    """Their own arithmetic in double precision, on the same table."""
    if theirs:
        scheduler.alphas_cumprod = scheduler.alphas_cumprod.double()
        if hasattr(scheduler, "final_alpha_cumprod"):
            scheduler.final_alpha_cumprod = scheduler.final_alpha_cumprod.double()
        for name in ("betas", "alphas", "one"):
            if hasattr(scheduler, name):
                setattr(scheduler, name, getattr(scheduler, name).double())
        if hasattr(scheduler, "alphas"):
            before = torch.cat([torch.ones(1, dtype=torch.float64), scheduler.alphas_cumprod[:-1]])
            scheduler.alphas = scheduler.alphas_cumprod / before
            scheduler.betas = 1 - scheduler.alphas
    return scheduler


def run(scheduler, network, dtype, **options):
    """The loop that every pipeline has."""
    generator = torch.Generator().manual_seed(1)
    z = torch.randn(SHAPE, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)
    scheduler.set_timesteps(STEPS)
    for t in scheduler.timesteps:
        with torch.no_grad():
            output = network(z, t).sample
        z = scheduler.step(output, t, z, generator=generator, **options).prev_sample
    return z


PEERS = [
    ("DDIMScheduler", {"eta": 0.0}, {}, {}),
    ("DDIMScheduler", {"eta": 0.5}, {}, {}),
    ("DDIMScheduler", {"eta": 1.0}, {}, {}),
    ("DDIMScheduler", {"eta": 0.5, "use_clipped_model_output": True}, {"clip_sample": True}, {}),
    ("DDIMScheduler", {"eta": 0.0}, {"prediction_type": "v_prediction"}, {}),
    ("DDIMScheduler", {"eta": 1.0}, {"prediction_type": "sample", "beta_schedule": "squaredcos_cap_v2"}, {}),
    ("DDPMScheduler", {}, {}, {"kind": "ancestral"}),
    ("DDPMScheduler", {}, {"clip_sample": True}, {"kind": "ancestral"}),
]


@pytest.mark.parametrize(("name", "options", "config", "ours"), PEERS, ids=str)
def test_their_steps_are_ours_to_their_rounding(diffusers, adapter, unet, name, options, config, ours):
    # fixed_small of DDPMScheduler clamps a variance at 1e-20 in float32 and float64 alike; it is never reached here.
    common = {"clip_sample": False, **config}
    results = {}
    for dtype in (torch.float32, torch.float64):
        network = unet.to(dtype)
        theirs = getattr(diffusers, name)(**common)
        results[dtype, "theirs"] = run(wide(theirs, dtype == torch.float64), network, dtype, **options)
        results[dtype, "ours"] = run(adapter.S2NScheduler(**common, **ours), network, dtype, **options)
    unet.float()
    exact = results[torch.float64, "ours"]
    scale = exact.abs().max()
    assert (results[torch.float64, "theirs"] - exact).abs().max() <= 1e-10 * scale
    if options.get("eta", 0) or ours:
        return  # the generator's float32 noise is another sequence than its float64 noise
    error = {who: (results[torch.float32, who].double() - exact).abs().max() for who in ("ours", "theirs")}
    # The network amplifies roundings alike for both; ours are at most theirs up to chance, and far from a wrong formula.
    assert error["ours"] <= 4 * error["theirs"]
    assert error["theirs"] <= 1e4 * EPS[torch.float32] * scale


@pytest.mark.parametrize("eta", [0.5, 1.0])
def test_with_noise_every_single_float32_step_is_theirs_to_rounding(diffusers, adapter, eta):
    theirs, ours = diffusers.DDIMScheduler(clip_sample=False), adapter.S2NScheduler()
    z, output, noise = torch.randn(3, *SHAPE, generator=torch.Generator().manual_seed(2))
    for scheduler in (theirs, ours):
        scheduler.set_timesteps(STEPS)
    for t in ours.timesteps[:-1]:
        a = theirs.step(output, t, z, eta=eta, variance_noise=noise).prev_sample
        b = ours.step(output, t, z, eta=eta, variance_noise=noise).prev_sample
        # Theirs passes through x of size (|z| + sigma|output|)/alpha, up to 150 times larger at the first time, and back.
        size = (z.abs() + output.abs()) / ours.alphas_cumprod[t].sqrt() + noise.abs()
        assert ((a - b).abs() <= 16 * EPS[torch.float32] * size).all()


def test_another_eta_is_not_theirs(diffusers, adapter, unet):
    theirs = run(diffusers.DDIMScheduler(clip_sample=False), unet, torch.float32, eta=0.5)
    assert not torch.allclose(theirs, run(adapter.S2NScheduler(), unet, torch.float32, eta=0.6), atol=1e-3)


def test_in_the_pipelines(diffusers, adapter, unet, tmp_path):
    pipeline = diffusers.DDPMPipeline(unet, adapter.S2NScheduler(kind="corollary", gamma=0.1, rho=0.5, delta=1.0))
    pipeline.set_progress_bar_config(disable=True)

    def picture(pipe, **extra):
        return pipe(num_inference_steps=5, generator=torch.Generator().manual_seed(0), output_type="np", **extra).images

    before = picture(pipeline)
    pipeline.save_pretrained(tmp_path)
    again = adapter.S2NScheduler.from_pretrained(tmp_path, subfolder="scheduler")
    assert again.config.gamma == 0.1
    assert again.config.kind == "corollary"
    pipeline = diffusers.DDPMPipeline(diffusers.UNet2DModel.from_pretrained(tmp_path, subfolder="unet"), again)
    pipeline.set_progress_bar_config(disable=True)
    assert (picture(pipeline) == before).all()

    ddim = diffusers.DDIMPipeline(unet, diffusers.DDIMScheduler(clip_sample=False))
    ddim.set_progress_bar_config(disable=True)
    theirs = picture(ddim, eta=0.5)
    ddim.scheduler = adapter.S2NScheduler()
    assert abs(picture(ddim, eta=0.5) - theirs).max() < 1e-4
    assert abs(picture(ddim, eta=0.0) - theirs).max() > 1e-3


def test_from_their_configuration(diffusers, adapter):
    config = diffusers.DDPMScheduler(beta_schedule="scaled_linear", prediction_type="v_prediction").config
    ours = adapter.S2NScheduler.from_config(config, kind="ancestral")
    assert ours.config.prediction_type == "v_prediction"
    assert torch.equal(ours.alphas_cumprod, diffusers.DDPMScheduler.from_config(config).alphas_cumprod)


@pytest.mark.parametrize("saved", [False, True], ids=["in memory", "a file's"])
@pytest.mark.parametrize(("name", "kind"), [("DDPMScheduler", "ancestral"), ("DDIMScheduler", "corollary")])
def test_their_own_defaults_are_kept(diffusers, adapter, unet, name, kind, saved):
    theirs = getattr(diffusers, name)()
    config = {"_class_name": name, "num_train_timesteps": 1000} if saved else theirs.config
    ours = adapter.S2NScheduler.from_config(config, kind=kind)
    assert ours.config.clip_sample
    options = {"use_clipped_model_output": True} if name == "DDIMScheduler" else {}
    wanted = run(wide(theirs, True), unet.double(), torch.float64, **options)
    found = run(ours, unet, torch.float64, **options)
    unet.float()
    assert (found - wanted).abs().max() <= 1e-10 * wanted.abs().max()
    assert not adapter.S2NScheduler.from_config(config, kind=kind, clip_sample=False).config.clip_sample


def test_the_end_is_time_0_where_their_configuration_says_so(diffusers, adapter, unet):
    for steps_offset in (0, 1):
        theirs = diffusers.DDIMScheduler(set_alpha_to_one=False, steps_offset=steps_offset, clip_sample=False)
        ours = adapter.S2NScheduler.from_config(theirs.config)
        wanted = run(wide(theirs, True), unet.double(), torch.float64)
        found = run(ours, unet, torch.float64)
        assert (found - wanted).abs().max() <= 1e-10 * wanted.abs().max()
    unet.float()


@pytest.mark.parametrize(
    ("name", "config", "kind", "message"),
    [
        ("DDPMScheduler", {"thresholding": True}, "corollary", "thresholding=True"),
        ("DDPMScheduler", {"variance_type": "fixed_large"}, "ancestral", "variance_type='fixed_large'"),
        ("DDPMScheduler", {"variance_type": "learned_range"}, "corollary", "variance_type='learned_range'"),
        ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}, "corollary", "use_karras_sigmas=True"),
        ("FlowMatchEulerDiscreteScheduler", {}, "corollary", "no table of betas"),
    ],
)
def test_what_their_configuration_asks_for_in_vain_is_refused(diffusers, adapter, name, config, kind, message):
    theirs = getattr(diffusers, name)(**config).config
    with pytest.raises(SamplerError, match=message):
        adapter.S2NScheduler.from_config(theirs, kind=kind)
    if config:
        key = next(iter(config))
        plain = {"variance_type": "fixed_small"}.get(key, False)
        again = adapter.S2NScheduler.from_config(theirs, kind=kind, **{key: plain})
        assert adapter.S2NScheduler.from_config(again.config).config.kind == kind


@pytest.mark.parametrize(
    ("config", "eta", "told"),
    [
        ({}, 0.0, None),
        ({"kind": "ancestral"}, 0.0, "kind='ancestral'"),
        ({"kind": "ancestral"}, 1.0, None),
        ({"gamma": "1/10", "rho": 1.0}, 0.0, "gamma='1/10', rho=1.0"),
        ({"kind": "nonmarkov", "eta": 0.5}, 0.0, "eta=0.5"),
        ({"kind": "nonmarkov", "eta": 0.5}, 0.5, None),
    ],
)
def test_an_eta_that_overrides_the_configuration_is_told_once(adapter, recwarn, config, eta, told):
    scheduler = adapter.S2NScheduler(**config)
    scheduler.set_timesteps(3)
    for t in scheduler.timesteps:
        scheduler.step(torch.zeros(1, 2), t, torch.ones(1, 2), eta=eta)
    said = [str(warning.message) for warning in recwarn if "has no effect" in str(warning.message)]
    assert len(said) == (told is not None)
    assert told is None or told in said[0]


def test_add_noise_is_theirs(diffusers, adapter):
    x, noise = torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(3))
    times = torch.tensor([3, 990])
    theirs = diffusers.DDPMScheduler().add_noise(x, noise, times)
    found = adapter.S2NScheduler().add_noise(x, noise, times)
    assert ((theirs - found).abs() <= 4 * EPS[torch.float32] * (x.abs() + noise.abs())).all()


def test_a_unet_as_denoiser_of_the_sampler(diffusers, adapter, unet):
    from numerics.adapters.denoisers import from_diffusers

    scheduler = adapter.S2NScheduler()
    scheduler.set_timesteps(STEPS)
    sampler = Sampler(scheduler.schedule, [*scheduler.timesteps.tolist(), -1])
    z = torch.randn(SHAPE, generator=torch.Generator().manual_seed(0), dtype=torch.float64).float()
    with torch.no_grad():
        found = sampler.run(from_diffusers(unet), z).z
    assert torch.allclose(found, run(scheduler, unet, torch.float32), atol=1e4 * EPS[torch.float32])


def test_what_is_wrong_is_a_sentence(adapter):
    with pytest.raises(SamplerError, match="prediction_type must be one of"):
        adapter.S2NScheduler(prediction_type="flow")
    with pytest.raises(SamplerError, match="kind must be one of"):
        adapter.S2NScheduler(kind="exact")
    with pytest.raises(PlanError, match="gamma belongs to"):
        adapter.S2NScheduler(kind="ancestral", gamma=0.5)
    with pytest.raises(PlanError, match="eta belongs to"):
        adapter.S2NScheduler(kind="corollary", eta=0.5)
    scheduler = adapter.S2NScheduler()
    for count in (0, 1.5, 1001):
        with pytest.raises(SamplerError, match="whole number from 1 to 1000"):
            scheduler.set_timesteps(count)
    scheduler.set_timesteps(4)
    with pytest.raises(SamplerError, match="timestep 3 is none of this run's"):
        scheduler.step(torch.ones(1), 3, torch.ones(1))


class Wider:
    """torch, with double precision where the module says float32: the Euler steps cast their state to it, whatever they are given."""

    def __getattr__(self, name):
        return torch.float64 if name == "float32" else getattr(torch, name)


def widen(monkeypatch, scheduler, dtype):
    """Let their step compute in `dtype`, on the same noise levels."""
    if dtype == torch.float64:
        monkeypatch.setattr(sys.modules[type(scheduler).__module__], "torch", Wider())
        scheduler.sigmas = scheduler.sigmas.double()
    return scheduler


def steps_side_by_side(theirs, sampler, dtype, denoiser, scale=1.0):
    """Each step from the same state: theirs, ours, and what the state, the output and the noise are."""
    generator = torch.Generator().manual_seed(4)
    z, output, noise = torch.randn(3, *SHAPE, generator=generator, dtype=torch.float64).to(dtype)
    z *= scale
    for i, t in enumerate(theirs.timesteps):
        if hasattr(theirs, "scale_model_input"):
            theirs.scale_model_input(z, t)
        a = theirs.step(output, t, z, generator=torch.Generator().manual_seed(i)).prev_sample
        noise = torch.randn(SHAPE, generator=torch.Generator().manual_seed(i), dtype=dtype)
        b = sampler.step(i, sampler.begin(z), denoiser(output), noise)
        assert a.dtype == b.dtype == dtype
        yield i, a, b, z, output, noise
        z = a


def bound(dtype, size):
    """In double precision 1e-10 of the size; in float32 four roundings of it."""
    return (1e-10 if dtype == torch.float64 else 4 * EPS[dtype]) * size


# Their own call of NumPy on a tensor.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("dtype", EPS, ids=str)
def test_euler_on_karras_sigmas_is_the_deterministic_step_of_the_edm_schedule(diffusers, monkeypatch, dtype):
    theirs = diffusers.EulerDiscreteScheduler(use_karras_sigmas=True)
    theirs.set_timesteps(STEPS)
    sigmas = [float(sigma) for sigma in widen(monkeypatch, theirs, dtype).sigmas]
    sampler = Sampler(Schedule("1", "t", domain=(0, 200)), sigmas, dtype=dtype)
    for i, a, b, z, output, _ in steps_side_by_side(theirs, sampler, dtype, lambda o: lambda z, t: o, sigmas[0]):
        # Theirs takes x = z - sigma eps and gets eps back from it: three roundings at the size of z + sigma eps.
        assert ((a - b).abs() <= bound(dtype, z.abs() + sigmas[i] * output.abs())).all()


@pytest.mark.parametrize("dtype", EPS, ids=str)
@pytest.mark.parametrize(
    ("config", "options"),
    [({}, {}), ({"stochastic_sampling": True}, {"kind": "nonmarkov", "beta": "sigma(s)"})],
    ids=["deterministic", "stochastic"],
)
def test_flow_match_euler_is_a_step_of_fm_ot(diffusers, monkeypatch, config, options, dtype):
    theirs = diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0, **config)
    theirs.set_timesteps(STEPS)
    sigmas = [float(sigma) for sigma in widen(monkeypatch, theirs, dtype).sigmas]
    sampler = Sampler(catalogue["fm-ot"], sigmas, prediction="x", dtype=dtype, **options)

    def flow(velocity):
        return from_flow(lambda z, t: velocity)

    for _, a, b, z, velocity, noise in steps_side_by_side(theirs, sampler, dtype, flow):
        assert ((a - b).abs() <= bound(dtype, z.abs() + velocity.abs() + noise.abs())).all()


def test_another_level_is_not_theirs(diffusers, monkeypatch):
    theirs = diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0)
    theirs.set_timesteps(STEPS)
    sigmas = [float(sigma) * (1 - 1e-8) for sigma in widen(monkeypatch, theirs, torch.float64).sigmas]
    sampler = Sampler(catalogue["fm-ot"], sigmas, prediction="x", dtype=torch.float64)
    rows = steps_side_by_side(theirs, sampler, torch.float64, lambda o: from_flow(lambda z, t: o))
    assert any(((a - b).abs() > bound(a.dtype, z.abs() + o.abs())).any() for _, a, b, z, o, _ in rows)
