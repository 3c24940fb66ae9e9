"""What is run and what is compared: an experiment is a program of statistics, a row compares one with its expectation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from torch import Tensor

from .streams import Source

__all__ = ["DEFAULT_SAMPLES", "Experiment", "Form", "LawOfEstimate", "Program", "Row"]

Form = Literal["derived", "printed"]
# How an estimate is distributed under the claim: a mean of many, an exact normal, or a sum of squares of normals.
LawOfEstimate = Literal["mean", "normal", "chi-square"]


DEFAULT_SAMPLES = 2**21


class Program(Protocol):
    """Makes samples of several statistics."""

    def statistics(self, source: Source, paths: int) -> Sequence[Tensor]:
        """One tensor of shape (rows of the source, paths) for every statistic."""


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes
    ----------
    id : str
        With the claim, unique within a schedule and form.
    claim : str
        Id in the ledger.
    form : "derived" or "printed"
        Whose formula is simulated.
    schedule : str
    statistic : int
        Which statistic of the program.
    expected : float
        Its expectation, computed without simulating.
    law : str
    scale : float
        Known standard deviation (``normal``) or variance (``chi-square``) of a sample.
    shifts : mapping
        For every coefficient that the row tests, how far the expectation moves when the coefficient is wrong by 1 %; a
        string names the extra statistic whose mean is that shift.
    limit, exact : float or None
        Where a step size is involved: the expectation extrapolated to step 0, and the value of the process itself.
    scaled_to : str
        What 1 % refers to where the coefficient is 0.
    allowed : float
        How far `limit` (or `expected`) may be from `exact`: what the extrapolation or a finite step leaves.
    """

    id: str
    claim: str
    form: Form
    schedule: str
    statistic: int
    expected: float
    law: LawOfEstimate = "mean"
    scale: float = 0.0
    shifts: Mapping[str, float | int] = field(default_factory=dict)
    limit: float | None = None
    exact: float | None = None
    scaled_to: str = ""
    allowed: float = 0.0


@dataclass(frozen=True)
class Experiment:
    """A program with the rows that read it.

    Attributes
    ----------
    key : str
        Names the random streams; unique.
    program : Program
    rows : tuple of Row
    weight : float
        Samples in units of the run's.
    """

    key: str
    program: Program
    rows: tuple[Row, ...]
    weight: float = 1.0
