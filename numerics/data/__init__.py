r"""Distributions of the data $x$ for which everything about $z=\alpha x+\sigma\epsilon$ is known exactly.

Every law gives samples, the log-density and score of $z$, and mean and covariance of $x$ given $z$; a coefficient is
anything that broadcasts against $z$, so every component may have a schedule of its own.
"""

from .empirical import Empirical, digits
from .gaussian import Gaussian, PointMass
from .law import DataError, Law
from .mixture import GaussianMixture
from .named import NAMES, named

__all__ = [
    "NAMES", "DataError", "Empirical", "Gaussian", "GaussianMixture", "Law", "PointMass", "digits", "named",
]  # fmt: skip
