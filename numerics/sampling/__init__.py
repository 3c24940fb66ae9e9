"""The parts of the reference sampler: noise, time grids, conventions of denoisers, second-order steps."""
