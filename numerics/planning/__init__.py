"""The parts of :mod:`numerics.step_plan`: exact times, exact parameters, balls, limits, and one rounding."""
