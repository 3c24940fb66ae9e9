"""Plans over a table: against fractions and mpmath at the entries, limits at both ends."""

from itertools import pairwise

import mpmath
import pytest
import torch

from numerics import compile_kernels, plan_steps
from numerics.arguments import KernelError
from numerics.step_plan import PlanError
from s2n_proofs import Schedule

BETAS = [float(b) for b in torch.linspace(1e-4**0.5, 0.02**0.5, 1000, dtype=torch.float32) ** 2]
TABLE = Schedule.from_table(betas=BETAS)


def cumulative(k):
    return mpmath.mpf(1) if k < 0 else mpmath.fprod(1 - mpmath.mpf(b) for b in BETAS[: k + 1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_ddim_and_ddpm_coefficients_are_correctly_rounded(dtype):
    times = [999, 940, 501, 500, 20, 0, -1]
    with mpmath.workdps(50):
        levels = [cumulative(k) for k in times]
        pairs = list(pairwise(levels))
        a_z = [mpmath.sqrt(s / t) for t, s in pairs]
        a_eps = [mpmath.sqrt(1 - s) - mpmath.sqrt(s / t * (1 - t)) for t, s in pairs]
        noise = [mpmath.sqrt((1 - s) / (1 - t) * (1 - t / s)) for t, s in pairs]
        plan = plan_steps(TABLE, times, dtype=dtype)
        ancestral = plan_steps(TABLE, times, kind="ancestral", dtype=dtype)
        half = torch.finfo(dtype).eps / 2
        for found, wanted in ((plan.a_z, a_z), (plan.a_eps, a_eps), (ancestral.a_noise, noise)):
            assert all(abs(mpmath.mpf(x) - y) <= half * abs(y) for x, y in zip(found.tolist(), wanted, strict=True))


def test_zero_terminal_snr_starts_from_pure_noise():
    table = Schedule.from_table(alphas_cumprod=["1/2", "1/4", 0])
    plan = plan_steps(table, [2, 1, 0, -1], prediction="v")
    # At alpha = 0 the network's v is -x: z_1 = sqrt(1/4) x + sqrt(3/4) z.
    assert plan.a_eps[0] == -0.5
    assert plan.a_z[0].item() == torch.tensor(0.75**0.5).item()
    with pytest.raises(PlanError, match="tells nothing of x"):
        plan_steps(table, [2, 1])


def test_times_between_entries_are_planned():
    plan = plan_steps(TABLE, [700.5, "1/2", "-1/2"], 0.1, 1, [0.5, 0.25])
    assert torch.isfinite(torch.stack([plan.a_z, plan.a_eps, plan.a_noise])).all()


def test_words_of_a_formula_and_kernels_are_refused():
    with pytest.raises(PlanError, match="the schedule is a table"):
        plan_steps(TABLE, [999, 0], rho="sigma(t)")
    with pytest.raises(KernelError, match="a table has no formulas"):
        compile_kernels(TABLE)
