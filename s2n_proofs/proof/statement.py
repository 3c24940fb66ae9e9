"""What the judge is given and what it gives back, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sympy import Expr, Symbol

__all__ = ["Condition", "Equation", "Instance", "Judgement", "Proof", "VerdictName", "Witness"]

VerdictName = Literal["holds", "conditional", "fails", "undecided"]


@dataclass(frozen=True)
class Equation:
    """The statement ``printed = derived`` for all values on the domain.

    Attributes
    ----------
    name : str
        What is compared, e.g. ``"coefficient of z"``.
    printed, derived : sympy.Expr
        The two sides in generic functions.
    squared : bool
        Compare as laws: a noise coefficient enters a Gaussian law by its square only.  The printed
        coefficient must still be defined, i.e. real.
    defined : tuple of Expr
        Printed expressions that must have a real value wherever the derived side does, although only
        something computed from them is compared.
    derived_defined : tuple of Expr
        The same for the derived side.
    symmetric : bool
        Neither side is an authority: a point where one has a value and the other has none refutes, whichever it is.
        Otherwise a point where the derived side has no value lies outside the domain.
    given : tuple of pairs
        Conditions of the statement; a point where one is provably violated lies outside the domain.
    divisors : pair of tuples of Expr
        For each side, what must not be 0 for it to have a value; rational zeros are tried, too.
    """

    name: str
    printed: Expr
    derived: Expr
    squared: bool = False
    defined: tuple[Expr, ...] = ()
    derived_defined: tuple[Expr, ...] = ()
    symmetric: bool = False
    given: tuple[tuple[Expr, Expr], ...] = ()
    divisors: tuple[tuple[Expr, ...], tuple[Expr, ...]] = ((), ())

    @property
    def sides(self) -> tuple[Expr, Expr]:
        """The two expressions that must agree."""
        if self.squared:
            return self.printed**2, self.derived**2
        return self.printed, self.derived


@dataclass(frozen=True)
class Instance:
    """A named, valid choice of the unknown functions, to look for counterexamples in.

    Attributes
    ----------
    name : str
        As a person would call it, e.g. ``"fm-ot"``.
    functions : mapping
        Name of the function to its formal arguments and its expression in them, which may use the other functions.
    domain : tuple of Expr
        The interval of times, exact numbers.
    timed : bool
        The last argument of every function is a time, so it must lie in the domain.
    values : mapping
        Values of symbols that this instance fixes, e.g. ``beta_min``.
    """

    name: str
    functions: Mapping[str, tuple[tuple[Symbol, ...], Expr]]
    domain: tuple[Expr, Expr]
    values: Mapping[Symbol, Expr] = field(default_factory=dict)
    timed: bool = True


@dataclass(frozen=True)
class Witness:
    """A counterexample: where, and rigorous enclosures of both sides (``None``: undefined there)."""

    equation: str
    schedule: str
    at: Mapping[str, str]
    printed: str | None
    derived: str | None
    why: str = ""


@dataclass(frozen=True)
class Proof:
    """An identity and the engines that each proved it on their own; `under` says what was put in before."""

    why: str
    lhs: Expr
    rhs: Expr
    engines: tuple[str, ...]
    under: str = ""


@dataclass(frozen=True)
class Condition:
    """A choice of parameters under which a statement that is false as it stands becomes true."""

    statement: str
    cases: tuple[Mapping[Symbol, Expr], ...]


@dataclass(frozen=True)
class Judgement:
    """The verdict on a set of equations, with its evidence.

    Attributes
    ----------
    verdict : str
        ``holds``, ``conditional``, ``fails`` or ``undecided``.
    witnesses : tuple of Witness
        One for each equation that is refuted.
    proofs : tuple of Proof
        One for each equation proved; for ``conditional``, the proofs under the conditions; for ``fails``, if only points
        where one side has no value refute, the proofs that the sides are equal where both have one.
    conditions : tuple of Condition
        Alternatives: each alone makes the statement true.
    families : tuple of str
        Special families of schedules (or of beta) for which the statement holds; they don't save it.
    tested : int
        At how many points of the domain both sides were enclosed and could have disagreed.
    reason : str
        Why it is undecided; empty otherwise.
    """

    verdict: VerdictName
    witnesses: tuple[Witness, ...] = ()
    proofs: tuple[Proof, ...] = ()
    conditions: tuple[Condition, ...] = ()
    families: tuple[str, ...] = ()
    tested: int = 0
    reason: str = ""
