"""The libraries of the kernels take what constants make of a condition."""

import pytest
import torch

from numerics.arrays import TorchLibrary


@pytest.mark.parametrize("condition", [True, False])
def test_a_condition_on_constants_chooses_as_one_on_tensors_does(condition: bool) -> None:
    library = TorchLibrary(torch.float64)
    values = torch.tensor([1.0, 2.0], dtype=torch.float64)
    for pair in ((values, 3.0), (3.0, values), (values, -values), (3.0, 4.0)):
        chosen = library.where(condition, *pair)
        expected = library.where(torch.tensor([condition, condition]), *pair)
        torch.testing.assert_close(chosen.expand(2), expected, rtol=0, atol=0)
