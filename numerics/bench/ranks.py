"""What every process under torchrun does in the benchmark: its share of one experiment, timed between barriers."""

from __future__ import annotations

import time

import torch.distributed as dist

from numerics.montecarlo.distributed import ranks
from numerics.montecarlo.experiment import Experiment, Row
from numerics.montecarlo.runner import Share, finish
from numerics.montecarlo.tied import TwoGaussians
from numerics.montecarlo.work import Task

__all__ = ["main"]

_SAMPLES = 2**27
_ROUNDS = 5


def main() -> None:
    """Print the seconds that the slowest process took, in the shortest of some rounds."""
    row = Row("mmse", "mmse-optimal", "derived", "bench", 0, 0.0)
    experiment = Experiment("bench", TwoGaussians(1.1, 0.1, 2, 0.7, 0.6), (row,))
    with ranks(cuda=False) as group:
        shortest = float("inf")
        for _ in range(_ROUNDS):
            if group.world > 1:
                dist.barrier()
            began = time.perf_counter()
            group.gather(finish((experiment,), Task(0, _SAMPLES), share=Share(group.rank, group.world)))
            if group.world > 1:
                dist.barrier()
            shortest = min(shortest, time.perf_counter() - began)
        if group.rank == 0:
            print(shortest)


if __name__ == "__main__":
    main()
