"""The reference sampler: what it computes, in place, whatever the noise's source; what it refuses."""

import pytest
import torch

from numerics.sampler import Sampler, SamplerError, sample
from numerics.sampling.grids import edm_times, log_snr_times, uniform_times
from numerics.step_plan import PlanError, plan_steps
from s2n_proofs import catalogue

from .laws import LAW, network

TIMES = ["9/10", "2/3", "1/2", "1/4", "1/8"]
STATES = torch.linspace(-2, 2, 8, dtype=torch.float64)[:, None]


def by_hand(plan, denoiser, z, generator):
    for i in range(len(plan)):
        output = denoiser(z, plan.times[i])
        z = plan.a_z[i] * z + plan.a_eps[i] * output
        if plan.a_noise[i]:
            z = z + plan.a_noise[i] * torch.randn(z.shape, generator=generator, dtype=z.dtype)
    return z


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("prediction", ["eps", "x", "score", "v"])
@pytest.mark.parametrize(
    "options",
    [
        {"gamma": 0.1, "delta": 0.5, "rho": "sigma(t)"},
        {"kind": "ancestral"},
        {"kind": "nonmarkov", "eta": "1/2"},
        {"kind": "nonmarkov", "beta": "s/10"},
        {"kind": "deterministic"},
        {"rho": [0, 1, 0, 1]},
    ],
    ids=str,
)
def test_the_run_is_the_plan_applied(options, prediction, dtype):
    planned = {**options, "kind": "corollary"} if options.get("kind") == "deterministic" else options
    plan = plan_steps(catalogue["fm-ot"], TIMES, **planned, prediction=prediction, dtype=dtype)
    denoiser = network("fm-ot", prediction)
    states = STATES.to(dtype)
    wanted = by_hand(plan, denoiser, states, torch.Generator().manual_seed(3))
    found = sample(denoiser, catalogue["fm-ot"], TIMES, z_T=states, prediction=prediction, seed=3, **options)
    assert found.dtype == dtype
    # One fused multiply-add more or less in each of the four steps; the errors grow with the network's slope.
    assert torch.allclose(found, wanted, rtol=64 * torch.finfo(dtype).eps, atol=64 * torch.finfo(dtype).eps)


@pytest.mark.parametrize("prediction", ["x", "score", "v"])
def test_every_prediction_of_one_network_gives_one_result(prediction):
    eps = sample(network("vp", "eps"), catalogue["vp"], TIMES, z_T=STATES)
    other = sample(network("vp", prediction), catalogue["vp"], TIMES, z_T=STATES, prediction=prediction)
    assert torch.allclose(eps, other, rtol=1e4 * torch.finfo(torch.float64).eps, atol=0)


@pytest.mark.parametrize("name", ["fm-ot", "vp", "edm"])
def test_an_edm_denoiser_works_on_every_schedule(name):
    plain = sample(network(name, "x"), catalogue[name], TIMES, z_T=STATES, prediction="x")
    edm = sample(network(name, "edm"), catalogue[name], TIMES, z_T=STATES, prediction="edm")
    assert torch.allclose(plain, edm, rtol=1e4 * torch.finfo(torch.float64).eps, atol=0)


def test_the_ends_are_limits():
    run = sample(network("fm-ot", "x"), catalogue["fm-ot"], [1, "1/2", 0], z_T=STATES, prediction="x")
    z_half = STATES / 2 + LAW.posterior_mean(STATES, 0.0, 1.0) / 2
    assert torch.allclose(run, LAW.posterior_mean(z_half, 0.5, 0.5))


@pytest.mark.parametrize("method", ["first", "heun", "multistep"])
@pytest.mark.parametrize("form", ["eps", "x"])
def test_a_point_mass_is_hit_at_sigma_0_by_every_method(method, form):
    run = sample(lambda z, t: torch.full_like(z, 0.75), catalogue["fm-ot"], uniform_times(catalogue["fm-ot"], 6, "7/8"),
                 z_T=STATES, prediction="x", method=method, form=form)  # fmt: skip
    assert torch.allclose(run, torch.full_like(STATES, 0.75))


def test_a_sample_with_its_own_seed_does_not_depend_on_the_batch_or_on_threads():
    sampler = Sampler(catalogue["fm-ot"], TIMES, rho=1.0, dtype=torch.float64)
    denoiser = network("fm-ot", "eps")
    whole = sampler.run(denoiser, STATES, seed=5, per_sample=True).z
    part = sampler.run(denoiser, STATES[2:5], seed=5, per_sample=True, first=2, workers=2).z
    assert torch.equal(whole[2:5], part)
    assert not torch.equal(whole, sampler.run(denoiser, STATES, seed=6, per_sample=True).z)


def test_a_generator_is_continued_and_a_seed_begins_anew():
    sampler = Sampler(catalogue["fm-ot"], TIMES, kind="ancestral", dtype=torch.float64)
    denoiser, generator = network("fm-ot", "eps"), torch.Generator().manual_seed(1)
    first = sampler.run(denoiser, STATES, generator=generator).z
    assert not torch.equal(first, sampler.run(denoiser, STATES, generator=generator).z)
    assert torch.equal(first, sampler.run(denoiser, STATES, seed=1).z)


def test_the_first_state_is_left_alone_and_the_trajectory_is_kept():
    sampler = Sampler(catalogue["fm-ot"], TIMES, dtype=torch.float64)
    before, seen = STATES.clone(), []
    run = sampler.run(
        network("fm-ot", "eps"), STATES, trajectory=True, callback=lambda i, z: seen.append((i, z.clone()))
    )
    assert torch.equal(STATES, before)
    assert torch.equal(run.trajectory[0], before)
    assert torch.equal(run.trajectory[-1], run.z)
    assert [i for i, _ in seen] == [0, 1, 2, 3]
    assert all(torch.equal(run.trajectory[i + 1], z) for i, z in seen)
    assert run.evaluations == 4


def test_steps_one_by_one_are_the_run():
    sampler = Sampler(catalogue["fm-ot"], TIMES, method="multistep", dtype=torch.float64)
    denoiser = network("fm-ot", "eps")
    z = sampler.begin(STATES)
    for i in range(len(sampler)):
        assert sampler.step(i, z, denoiser) is z
    assert torch.equal(z, sampler.run(denoiser, STATES).z)
    with pytest.raises(SamplerError, match="goes in order"):
        sampler.step(2, z, denoiser)


@pytest.mark.parametrize("method", ["heun", "multistep"])
def test_second_order_starts_where_alpha_vanishes_if_x_is_predicted(method):
    times = uniform_times(catalogue["fm-ot"], 200)
    found = sample(network("fm-ot", "x"), catalogue["fm-ot"], times, z_T=STATES, prediction="x", method=method)
    wanted = sample(network("fm-ot", "x"), catalogue["fm-ot"], times, z_T=STATES, prediction="x")
    # The first-order method is off by about one step of 200.
    assert (found - wanted).abs().max() < 0.05


@pytest.mark.parametrize("view", [lambda z: z, lambda z: z[:]], ids=["same", "slice"])
def test_a_denoiser_that_returns_its_input_is_not_overwritten_while_read(view):
    plan = plan_steps(catalogue["fm-ot"], TIMES, dtype=torch.float64)
    found = sample(lambda z, t: view(z), catalogue["fm-ot"], TIMES, z_T=STATES)
    assert torch.allclose(found, STATES * torch.prod(plan.a_z + plan.a_eps))


def test_any_shape_and_low_precision():
    z = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0)).bfloat16()
    found = sample(lambda z, t: z.clone(), catalogue["fm-ot"], TIMES, z_T=z, rho=0.5)
    assert found.shape == z.shape
    assert found.dtype == torch.bfloat16


def test_a_step_allocates_nothing_beyond_the_output():
    sampler = Sampler(catalogue["fm-ot"], uniform_times(catalogue["fm-ot"], 40, "9/10", "1/10"), rho=1.0)
    z, output = torch.ones(64, 64), torch.ones(64, 64)
    with torch.profiler.profile(profile_memory=True) as profile:
        sampler.run(lambda z, t: output, z, check=False)
    sizes = [event.self_cpu_memory_usage for event in profile.events() if event.self_cpu_memory_usage >= z.nbytes]
    assert len(sizes) == 2  # the copy of the first state, and the buffer of the noise


@pytest.mark.parametrize("method", ["first", "heun", "multistep"])
def test_nan_is_located_by_a_second_run(method):
    def denoiser(z, t):
        output = torch.zeros_like(z)
        if float(t) < 0.6:
            output[0] = float("nan")
        return output

    with pytest.raises(SamplerError, match="not finite in 1 of 8 numbers at step"):
        sample(denoiser, catalogue["fm-ot"], TIMES, z_T=STATES, method=method)


def test_overflow_and_an_inconstant_denoiser_are_told_apart_from_nan():
    with pytest.raises(SamplerError, match="the state overflows float32 in 3 of 3 numbers in step 0"):
        sample(lambda z, t: torch.full_like(z, -3e38), catalogue["edm"], [80, 1], z_T=torch.ones(3))
    calls = []

    def moody(z, t):
        calls.append(t)
        return torch.full_like(z, float("nan")) if len(calls) == 1 else torch.zeros_like(z)

    with pytest.raises(SamplerError, match="not deterministic"):
        sample(moody, catalogue["fm-ot"], TIMES, z_T=STATES)


ZERO = torch.zeros(2)


def nothing(z, t):
    return torch.zeros_like(z)


@pytest.mark.parametrize(
    ("message", "error", "options"),
    [
        ("times must strictly decrease", PlanError, {"times": [0.1, 0.5]}),
        ("must be at most sigma", PlanError, {"kind": "nonmarkov", "beta": 2}),
        ("gamma must be greater than -1", PlanError, {"times": ["1/2", 0], "gamma": -2}),
        ("kind must be one of", SamplerError, {"kind": "ddim"}),
        ("method must be one of", SamplerError, {"method": "rk4"}),
        ("prediction must be one of", SamplerError, {"prediction": "noise"}),
        ("the deterministic step has no rho", SamplerError, {"kind": "deterministic", "rho": 1}),
        ("the method 'heun' has no rho", SamplerError, {"method": "heun", "rho": 1}),
        ('it has no kind="ancestral"', SamplerError, {"method": "heun", "kind": "ancestral"}),
        ("gamma must not be -1", SamplerError, {"method": "multistep", "gamma": -1}),
        ('form="x" has no gamma', SamplerError, {"method": "heun", "form": "x", "gamma": 1}),
        ("form must be eps or x", SamplerError, {"method": "heun", "form": "y"}),
        ("generator or a seed", SamplerError, {"rho": 1, "seed": 1, "generator": torch.Generator()}),
        ("seed must be a whole number, at least 0", SamplerError, {"rho": 1, "seed": -1}),
        ("seed must be a whole number, at least 0", SamplerError, {"rho": 1, "seed": 1.5}),
        ("seed must be a whole number, at least 0", SamplerError, {"rho": 1, "seed": "a"}),
        ("below 2", SamplerError, {"rho": 1, "seed": 10**30}),
        ("workers must be a whole number", SamplerError, {"rho": 1, "per_sample": True, "workers": 1.5}),
        ("generator must be one torch.Generator", SamplerError, {"rho": 1, "generator": [torch.Generator()]}),
        ("must return real numbers", SamplerError, {"denoiser": lambda z, t: z + 1j}),
        ("must return a tensor; it returned a tuple", SamplerError, {"denoiser": lambda z, t: (z,)}),
        ("must be callable as", SamplerError, {"denoiser": "net"}),
        ("must return the state's shape", SamplerError, {"denoiser": lambda z, t: z[:1]}),
        ("z_T must be a tensor", SamplerError, {"z_T": [1.0]}),
        ("z_T is not finite in 1 of 2", SamplerError, {"z_T": torch.tensor([1.0, float("inf")])}),
        ("overflows float16", SamplerError, {"z_T": ZERO.half(), "times": ["999999/1000000", "1/2"]}),
        ("sigma/alpha is infinite", SamplerError, {"times": [1, "1/2"], "prediction": "edm"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_bad_input_is_a_sentence(message, error, options):
    given = {"denoiser": nothing, "times": TIMES, "z_T": ZERO, **options}
    denoiser, times = given.pop("denoiser"), given.pop("times")
    with pytest.raises(error, match=message) as caught:
        sample(denoiser, catalogue["fm-ot"], times, **given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("zero", ["0", "0.0", [0.0] * 4, ["0"] * 4], ids=str)
@pytest.mark.parametrize("options", [{"method": "heun"}, {"kind": "deterministic"}, {"kind": "ancestral"}], ids=str)
def test_a_zero_is_a_zero_however_it_is_written(options, zero):
    denoiser = network("fm-ot", "x")
    plain = sample(denoiser, catalogue["fm-ot"], TIMES, z_T=STATES, prediction="x", **options)
    for knob in ("gamma", "delta", "rho"):
        found = sample(denoiser, catalogue["fm-ot"], TIMES, z_T=STATES, prediction="x", **options, **{knob: zero})
        assert torch.equal(found, plain)


@pytest.mark.parametrize("method", ["first", "heun", "multistep"])
def test_a_step_asks_for_the_state_that_the_sampler_was_made_for(method):
    sampler = Sampler(catalogue["fm-ot"], TIMES, method=method)
    z = sampler.begin(torch.ones(2, 64))
    sampler.step(0, z, nothing)
    for wrong, message in ((z.double(), "z is torch.float64"), ([1.0], "z must be a tensor"), (z.T, "contiguous")):
        with pytest.raises(SamplerError, match=message):
            sampler.step(1, wrong, nothing)
    if method == "multistep":
        with pytest.raises(SamplerError, match=r"shape \(2, 64\); this one has \(3, 64\)"):
            sampler.step(1, torch.ones(3, 64), nothing)
    noisy = Sampler(catalogue["fm-ot"], TIMES, rho=1.0, delta=1.0)
    before = noisy.begin(z)
    with pytest.raises(SamplerError, match="needs noise of shape"):
        noisy.step(0, before, nothing, torch.ones(3))
    assert torch.equal(before, z)  # refused before the step


def test_a_callback_that_spoils_the_state_is_suspected():
    sampler = Sampler(catalogue["fm-ot"], TIMES)
    with pytest.raises(SamplerError, match="the callback changes the state"):
        sampler.run(nothing, ZERO, callback=lambda i, z: z.fill_(torch.nan))
    with pytest.raises(SamplerError, match="first must be a whole number"):
        sampler.run(nothing, ZERO, per_sample=True, first=-1)


@pytest.mark.parametrize("rho", [0.001, "7", float("inf"), 0], ids=str)
def test_an_exponent_that_makes_no_grid_is_refused(rho):
    with pytest.raises(SamplerError, match="rho"):
        edm_times(catalogue["edm"], 4, rho=rho)


def test_grids():
    edm = edm_times(catalogue["edm"], 17)
    k = torch.arange(18, dtype=torch.float64) / 17
    karras = (80 ** (1 / 7) + k * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7
    found = torch.tensor([float(time) for time in edm], dtype=torch.float64)
    assert torch.allclose(found, karras, rtol=1e-12, atol=0)
    levels = [float(catalogue["vp"].log_snr_at(str(t))) for t in log_snr_times(catalogue["vp"], 8, 1, "1/100")]
    gaps = torch.tensor(levels, dtype=torch.float64).diff()
    assert torch.allclose(gaps, gaps[0].expand(8), rtol=1e-9, atol=0)
    with pytest.raises(SamplerError, match="infinite at t = 0"):
        log_snr_times(catalogue["fm-ot"], 3, "1/2")
    with pytest.raises(SamplerError, match="steps must be a whole number"):
        uniform_times(catalogue["fm-ot"], 0)
    with pytest.raises(SamplerError, match="alpha is 0"):
        edm_times(catalogue["fm-ot"], 3)


def test_a_compiled_denoiser_is_the_denoiser():
    sampler = Sampler(catalogue["fm-ot"], TIMES, dtype=torch.float64)

    def plain(z, t):
        return z * 0.5 + t

    compiled = torch.compile(plain, backend="eager")
    assert torch.equal(sampler.run(compiled, STATES).z, sampler.run(plain, STATES).z)


COMPILED = [
    {"rho": 1.0, "delta": 1.0}, {"prediction": "edm"}, {"method": "heun", "prediction": "v"}, {"method": "multistep"},
]  # fmt: skip
TWELVE = uniform_times(catalogue["vp"], 12, "9/10", 0)


def compiled_beside_plain(options, network_=lambda z, t: torch.tanh(z) * 0.5 + t, backend=None):
    """All steps by one compiled function of the index, and by the plain one; how often it was traced."""
    torch._dynamo.reset()
    sampler = Sampler(catalogue["vp"], TWELVE, dtype=torch.float64, **options)
    noise = torch.randn(len(sampler), *STATES.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    graphs = []

    def counted(graph, inputs):
        graphs.append(graph)
        return graph

    def step(index, z, xi):
        return sampler.step(index, z, network_, xi)

    found = []
    for function in (torch.compile(step, backend=backend or counted, fullgraph=True), step):
        z = sampler.begin(STATES)
        for index in range(len(sampler)):
            function(index, z, noise[index])
        found.append(z)
    return *found, len(graphs)


@pytest.mark.parametrize("options", COMPILED, ids=str)
def test_a_step_is_traced_whole_and_once_for_nearly_all_indices(options):
    traced, plain, graphs = compiled_beside_plain(options)
    assert torch.allclose(traced, plain, rtol=1e3 * torch.finfo(torch.float64).eps, atol=0)
    # An index that is a constant and one that is not, the first and the last step of second order: not twelve.
    assert graphs <= 5


@pytest.mark.parametrize("method", ["first", "heun", "multistep"])
def test_a_traced_denoiser_may_return_its_input(method):
    traced, plain, _ = compiled_beside_plain({"method": method}, lambda z, t: z[:])
    assert torch.allclose(traced, plain, rtol=1e3 * torch.finfo(torch.float64).eps, atol=0)


def test_a_traced_step_with_noise_asks_for_it():
    torch._dynamo.reset()
    sampler = Sampler(catalogue["vp"], TWELVE, dtype=torch.float64, rho=1.0)
    z = sampler.begin(STATES)
    with pytest.raises(Exception, match="needs noise at every step"):
        torch.compile(lambda z: sampler.step(0, z, nothing), backend="eager", fullgraph=True)(z)


# Inductor's own imports.
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
@pytest.mark.slow
@pytest.mark.parametrize("options", COMPILED, ids=str)
def test_inductor_compiles_the_step(options):
    traced, plain, _ = compiled_beside_plain(options, backend="inductor")
    assert torch.allclose(traced, plain, rtol=1e3 * torch.finfo(torch.float64).eps, atol=0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="CUDA graphs need a GPU")
@pytest.mark.parametrize("options", COMPILED, ids=str)
def test_a_run_in_a_cuda_graph_is_the_run(options):
    sampler = Sampler(catalogue["vp"], TWELVE, device="cuda", **options)
    start, noise = torch.randn(2, 64, device="cuda"), torch.randn(len(sampler), 2, 64, device="cuda")

    def network_(z, t):
        return torch.tanh(z) * 0.5 + t

    def all_steps(z):
        for index in range(len(sampler)):
            sampler.step(index, z, network_, noise[index])

    wanted, z = sampler.begin(start), sampler.begin(start)
    all_steps(wanted)
    aside = torch.cuda.Stream()
    with torch.cuda.stream(aside):
        all_steps(z)  # once before, for what allocates at its first use
    torch.cuda.synchronize()
    sampler.begin(start)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        all_steps(z)
    z.copy_(start)
    graph.replay()
    assert torch.equal(z, wanted)
