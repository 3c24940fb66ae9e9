"""The schedulers of diffusers and the samplers of azula, as installed."""

from __future__ import annotations

import inspect
import textwrap
from importlib.util import find_spec

import pytest

from numerics.audit import audit_target
from numerics.audit.convergence import convergence
from numerics.audit.diffusers_scheduler import DiffusersScheduler
from numerics.audit.families import ETA
from numerics.audit.implementation import AuditError
from numerics.audit.probing import readings
from numerics.audit.resolve import resolve
from numerics.audit.run import inspect_implementation

diffusers = pytest.importorskip("diffusers", reason="needs the extra interop")
azula = pytest.importorskip("azula.sample", reason="needs the extra interop")
needs_k_diffusion = pytest.mark.skipif(
    find_spec("k_diffusion") is None, reason="k-diffusion is not installed: pip install --no-deps k-diffusion"
)
pytestmark = pytest.mark.filterwarnings("ignore")  # what other packages warn of is theirs


@pytest.mark.parametrize(
    ("name", "options", "step_options", "family"),
    [
        ("DDIMScheduler", {}, {}, "ddim"),
        ("DDIMScheduler", {"prediction_type": "v_prediction"}, {}, "ddim"),
        ("DDIMScheduler", {"prediction_type": "sample"}, {}, "ddim"),
        ("DDIMScheduler", {}, {"eta": 0.5}, "eta"),
        ("DDPMScheduler", {}, {}, "ancestral"),
        ("EulerDiscreteScheduler", {}, {}, "ddim"),
        ("EulerAncestralDiscreteScheduler", {}, {}, "ancestral"),
        ("DPMSolverMultistepScheduler", {"solver_order": 1}, {}, "ddim"),
        ("DPMSolverMultistepScheduler", {"solver_order": 1, "algorithm_type": "sde-dpmsolver++"}, {}, "ancestral"),
        ("FlowMatchEulerDiscreteScheduler", {}, {}, "ddim"),
    ],
)
def test_the_first_order_schedulers_of_diffusers_are_right(name, options, step_options, family):
    found = inspect_implementation(resolve(f"diffusers:{name}", options=options, step_options=step_options))
    assert found.verdict == "right", found.problems
    assert found.computes.family == family
    assert found.computes.worst < 8
    assert found.computes.compared >= 9


@pytest.mark.parametrize(
    ("name", "verdict", "family"),
    [
        ("EDMEulerScheduler", "right", "ddim"),  # its network's output is preconditioned
        ("DDPMParallelScheduler", "right", "ancestral"),
        ("HeunDiscreteScheduler", "unrecognised", None),  # two stages, every level twice
        ("LMSDiscreteScheduler", "unrecognised", None),
    ],
)
def test_a_scheduler_of_which_nothing_is_known_is_not_blamed(name, verdict, family):
    found = inspect_implementation(resolve(f"diffusers:{name}"))
    assert (found.verdict, found.computes and found.computes.family) == (verdict, family), found.problems
    assert found.order.claimed is None


def test_the_order_that_a_user_claims_for_heun_is_judged():
    implementation = resolve("diffusers:HeunDiscreteScheduler", order=3)
    assert implementation.multistep
    assert inspect_implementation(implementation).verdict == "wrong"


def test_the_second_order_of_dpm_solver_is_measured():
    found = inspect_implementation(resolve("diffusers:DPMSolverMultistepScheduler", options={"solver_order": 2}))
    assert (found.verdict, found.order.claimed) == ("right", 2), found.problems


@pytest.mark.parametrize(
    ("name", "options", "family"),
    [
        ("DDPMSampler", {}, "ancestral"),
        ("DDIMSampler", {}, "ddim"),
        ("DDIMSampler", {"eta": 0.5}, "eta"),
        ("EulerSampler", {}, "ddim"),
        ("ItoSampler", {"eta": 0.5}, "eq7"),
    ],
)
def test_the_one_step_samplers_of_azula_are_right(name, options, family):
    found = inspect_implementation(resolve(f"azula.sample:{name}", options=options))
    assert found.verdict == "right", found.problems
    assert found.computes.family == family
    assert found.computes.worst < 8


@needs_k_diffusion
@pytest.mark.parametrize(
    ("name", "options", "family"),
    [
        ("sample_euler", {}, "ddim"),
        ("sample_euler_ancestral", {}, "ancestral"),
        ("sample_euler_ancestral", {"dtype": "float32"}, "ancestral"),
        ("sample_euler_ancestral", {"eta": 0.5}, "eta"),
    ],
)
def test_the_one_step_samplers_of_k_diffusion_are_right(name, options, family):
    found = inspect_implementation(resolve(f"k_diffusion.sampling:{name}", options=options))
    assert (found.verdict, found.computes.family) == ("right", family), found.problems


@needs_k_diffusion
def test_another_eta_than_claimed_is_wrong_in_k_diffusion():
    found = inspect_implementation(
        resolve("k_diffusion.sampling:sample_euler_ancestral", family="ancestral", options={"eta": 0.99})
    )
    assert found.verdict == "wrong"


@needs_k_diffusion
@pytest.mark.parametrize("name", ["sample_heun", "sample_dpmpp_2m"])
def test_the_second_order_of_k_diffusion_is_measured(name):
    found = inspect_implementation(resolve(f"k_diffusion.sampling:{name}"))
    assert found.verdict == "right"
    assert found.order.claimed == 2


def test_the_eta_of_azula_is_the_square_of_ours():
    implementation = resolve("azula.sample:DDIMSampler", options={"eta": 0.25})
    assert implementation.numbers == {ETA: 0.5}


@pytest.mark.parametrize("order", [2, 3, 4])  # the fourth order settles at 256 steps only
@pytest.mark.parametrize("name", ["zABSampler", "vABSampler", "zEABSampler", "xEABSampler"])
def test_the_multistep_samplers_of_azula_have_the_order_that_they_claim(name, order):
    found = inspect_implementation(resolve(f"azula.sample:{name}", options={"order": order}))
    assert (found.verdict, found.order.claimed) == ("right", order), found.problems


D2 = "D2 = (1.0 / (r0 + r1)) * (D1_0 - D1_1)"
THIRD_ORDER = diffusers.DPMSolverMultistepScheduler.multistep_dpm_solver_third_order_update


@pytest.mark.skipif(D2 not in inspect.getsource(THIRD_ORDER), reason="this diffusers is mended")
def test_a_factor_two_costs_the_third_order_of_dpm_solver():
    """The second divided difference is half of the second derivative, which is what the weight of D2 is made for."""
    found = inspect_implementation(resolve("diffusers:DPMSolverMultistepScheduler", options={"solver_order": 3}))
    assert found.verdict == "wrong"
    assert found.order.measured < 2.5
    module = dict(vars(inspect.getmodule(THIRD_ORDER)))
    exec(textwrap.dedent(inspect.getsource(THIRD_ORDER)).replace(D2, D2.replace("1.0", "2.0")), module)
    mended = type(
        "Mended", (diffusers.DPMSolverMultistepScheduler,), {THIRD_ORDER.__name__: module[THIRD_ORDER.__name__]}
    )
    assert inspect_implementation(DiffusersScheduler(mended, 10, None, {"solver_order": 3})).verdict == "right"


PREVIOUS = "timestep - self.config.num_train_timesteps // self.num_inference_steps"


@pytest.mark.skipif(
    PREVIOUS not in inspect.getsource(diffusers.DDIMScheduler.step), reason="this diffusers steps to its next time"
)
def test_ddim_steps_beside_its_own_grid_where_the_steps_do_not_divide_the_table():
    """With trailing times, 64 steps are 15 or 16 long; each goes 1000 // 64 = 15 down."""
    options = {"timestep_spacing": "trailing"}
    good, bad = (
        inspect_implementation(resolve("diffusers:DDIMScheduler", options=options, steps=steps)) for steps in (50, 64)
    )
    assert good.against.right
    assert not bad.against.right
    assert bad.verdict == "wrong"


REAB = "torch.sqrt(alpha_s**2 + sigma_t**2) * integral"


@pytest.mark.skipif(REAB not in inspect.getsource(azula.REABSampler), reason="this azula is mended")
@pytest.mark.parametrize("order", [2, 3])
def test_one_letter_costs_azulas_reab_its_order(order):
    """Its documentation has sqrt(1 + e^(2s)) before the sum; the code takes sigma at t for sigma at s."""
    implementation = resolve("azula.sample:REABSampler", options={"order": order})
    found = inspect_implementation(implementation)
    assert found.verdict == "wrong"
    assert found.order.measured == pytest.approx(1, abs=0.15)
    module = dict(vars(azula))
    exec(inspect.getsource(azula.REABSampler).replace(REAB, REAB.replace("sigma_t", "sigma_s")), module)
    mended = type(implementation)(module["REABSampler"], 10, None, {"order": order})
    assert convergence(mended, stochastic=False).right


class Planted(diffusers.DDPMScheduler):
    """The larger of the two variances of DDPM, which is no posterior's."""

    def _get_variance(self, t, predicted_variance=None, variance_type=None):
        return super()._get_variance(t, predicted_variance, "fixed_large")


class Sign(azula.DDPMSampler):
    def step(self, x_t, t, s, **kwargs):
        return -super().step(x_t, t, s, **kwargs)


@pytest.mark.parametrize(
    ("target", "coefficients"),
    [(f"{__name__}:Planted", ["a_noise"]), (f"{__name__}:Sign", ["a_z", "a_eps"])],
)
def test_a_spoiled_subclass_is_named_with_what_is_off(target, coefficients):
    found = audit_target(target)
    assert found.verdict == "wrong"
    assert [finding.coefficient for finding in found.findings] == coefficients
    assert "import torch" in found.script


def test_every_script_runs_and_prints_what_was_measured():
    targets = ["diffusers:DDPMScheduler", "diffusers:EulerAncestralDiscreteScheduler", "azula.sample:DDPMSampler"]
    if find_spec("k_diffusion") is not None:
        targets.append("k_diffusion.sampling:sample_euler_ancestral")
    for target in targets:
        implementation = resolve(target)
        measured = readings(implementation)[3]
        for coefficient in ("a_z", "a_eps", "a_noise"):
            printed = []
            exec(implementation.script(3, coefficient), {"print": printed.append})
            expected = getattr(measured, coefficient)
            if coefficient == "a_noise" or measured.a_noise == 0:
                assert printed[0] == pytest.approx(expected, rel=1e-5), (target, coefficient)


@pytest.mark.parametrize(
    ("target", "given", "said"),
    [
        ("diffusers", {}, "module:Name"),
        ("nowhere:Thing", {}, "no module"),
        ("diffusers:NoSuchScheduler", {}, "has no"),
        ("os:getcwd", {}, "schedule must be given"),
        ("collections:Counter", {}, "has neither"),
        ("diffusers:DDIMInverseScheduler", {}, "no sampler"),
        ("sys:path", {}, "neither a class nor a function"),
        ("diffusers:DDIMScheduler", {"options": {"colour": "red"}}, "no option 'colour'"),
        ("azula.sample:DDIMSampler", {"options": {"colour": "red"}}, "cannot be made"),
        ("__import__('os').system('true'):x", {}, "module:Name"),
    ],
)
def test_bad_targets_are_refused_in_a_sentence(target, given, said):
    with pytest.raises(AuditError, match=said):
        audit_target(target, **given)
