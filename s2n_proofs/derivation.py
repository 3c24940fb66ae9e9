"""Derivations as plain data: steps, and the obligation that makes each step valid.

A derivation may be found by any means.  What counts is the re-check: every step carries identities
(:class:`Obligation`) that anyone can verify without trusting how the step was found.  What algebra
cannot show is an ``assume`` step, printed beside the verdict and never folded into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sympy import Expr

__all__ = ["Derivation", "Obligation", "Step", "StepKind"]

StepKind = Literal["solve", "antiderivative", "flux", "complete_square", "ode", "small_step", "substitute", "assume"]


@dataclass(frozen=True)
class Obligation:
    """The identity ``lhs = rhs``, claimed for every schedule on the standing domain.

    Attributes
    ----------
    lhs, rhs : sympy.Expr
        The two sides, in generic functions (``alpha(t)``, ``p(z, t)``, ...) and symbols.
    why : str
        What the identity establishes, in a few words.
    """

    lhs: Expr
    rhs: Expr
    why: str = ""

    def __post_init__(self) -> None:
        for side in (self.lhs, self.rhs):
            if not isinstance(side, Expr):
                raise TypeError(
                    f"the obligation {self.why or self.lhs!r} has the {type(side).__name__} {side!r} as a side;"
                    " a SymPy expression is needed"
                )


@dataclass(frozen=True)
class Step:
    """One step: what is done (`statement`), what comes out (`formula`), why it is valid (`obligations`)."""

    kind: StepKind
    statement: str
    formula: Expr | None = None
    obligations: tuple[Obligation, ...] = ()


@dataclass(frozen=True)
class Derivation:
    """A named result with the steps that lead to it.

    Attributes
    ----------
    name : str
        What is derived.
    result : Mapping[str, Expr]
        The formulas by role, e.g. ``{"z": ..., "noise": ...}`` for a step.
    steps : tuple of Step
        In order; the ``assume`` steps are the assumptions of the result.
    """

    name: str
    result: Mapping[str, Expr]
    steps: tuple[Step, ...] = field(default=())

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The statements of the ``assume`` steps, in order, without repetition."""
        return tuple(dict.fromkeys(step.statement for step in self.steps if step.kind == "assume"))

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """All obligations, in order."""
        return tuple(o for step in self.steps for o in step.obligations)
