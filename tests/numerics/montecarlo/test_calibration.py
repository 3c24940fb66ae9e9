"""p-values of true formulas are uniform: 200 seeds fixed beforehand, a thousandth of the default samples."""

from __future__ import annotations

import pytest
import torch

from numerics.montecarlo.moments import summarise
from numerics.montecarlo.results import judge
from numerics.montecarlo.session import plan_of
from numerics.montecarlo.significance import uniformity_p
from numerics.montecarlo.streams import Source, TorchSource
from numerics.montecarlo.work import one_thread

SEEDS = range(200)
SAMPLES = 2048


class ManySeeds(Source):
    """Row i draws as a run with seed i would: all seeds in one pass."""

    def __init__(self, key: str) -> None:
        super().__init__(len(SEEDS), torch.device("cpu"))
        self._each = [TorchSource(seed, key, 0, 1, self.device) for seed in SEEDS]

    def normal_(self, out, mean=0.0, std=1.0):
        for i, source in enumerate(self._each):
            source.normal_(out[i : i + 1], mean, std)
        return out

    def uniform_(self, out):
        for i, source in enumerate(self._each):
            source.uniform_(out[i : i + 1])
        return out


@pytest.fixture(scope="module")
def p_values():
    """For every row of a derived formula, its p-value for every seed."""
    found = {}
    with one_thread():
        for experiment in plan_of("fm-ot"):
            if experiment.rows[0].form == "printed":
                continue
            moments = summarise(experiment.program.statistics(ManySeeds(experiment.key), SAMPLES))
            for one in moments:
                for check in judge((experiment,), (one,), SAMPLES).checks:
                    found.setdefault(check.row.id, []).append(check.p_value)
    return found


def test_every_check_has_uniform_p_values(p_values):
    assert len(p_values) > 70
    measured = {name: uniformity_p(values) for name, values in p_values.items()}
    assert all(len(values) == len(SEEDS) for values in p_values.values())
    assert {name: p for name, p in measured.items() if p <= 1e-4} == {}


def test_calibration_sees_a_bias_of_one_standard_error():
    torch.manual_seed(0)
    z = torch.randn(len(SEEDS), dtype=torch.float64)
    for bias, seen in ((0.0, False), (1.0, True)):
        p = (2 * torch.special.ndtr(-(z + bias).abs())).tolist()
        assert (uniformity_p(p) <= 1e-4) is seen
