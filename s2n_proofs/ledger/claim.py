"""A claim as frozen data: what is printed, and what it is judged against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sympy import Expr, Symbol

from ..derivation import Derivation
from ..symbols import s, t, t_0, tau

__all__ = ["Claim", "Kind", "PropertyClaim"]

Kind = Literal["identity", "law", "limit", "order", "property", "argument", "process"]

# Coefficients of a Gaussian noise: a law determines them up to sign, so they are compared by their squares.
NOISE_ROLES = ("noise", "noise kernel", "diffusion")


@dataclass(frozen=True)
class Claim:
    """A statement about formulas.

    Attributes
    ----------
    id : str
        Permanent; readings of one claim share the part before the slash.
    where : str
        Where it stands, e.g. ``"Theorem 1"``.
    kind : str
        ``identity`` (coefficients), ``law`` (noise compared by variance), ``limit``, ``order``, ``argument`` (of the
        network), ``process`` (a process has a law; judged by the equation that determines it).
    statement : str
        The claim in one sentence.
    printed : mapping
        The printed formulas by role, typed from the source and independent of the derivation.  A role
        called ``noise``, ``noise kernel`` or ``diffusion`` is compared by its square wherever laws are.
    derive : callable
        Returns the :class:`~s2n_proofs.derivation.Derivation` with the same roles.
    implied : callable, optional
        Maps the printed formulas to the quantities that are compared (a process to the rates of its law, a
        kernel to the law it
        induces).  Without it the printed formulas are compared themselves.
    given : tuple of (old, new)
        Conditions that the source states, as replacements on both sides, e.g. ``alpha(t_0) -> 1``.
    parameters : tuple of Symbol
        Numbers that the claim quantifies over.
    values : mapping
        Values of free symbols in counterexamples, e.g. the paper's ``beta_min``.
    schedule : str
        The schedule that `values` belong to, by name.
    assumptions : tuple of str
        What is assumed beside the derivation's own assumptions.

    Examples
    --------
    >>> from sympy import Derivative
    >>> from s2n_proofs.symbols import alpha, t
    >>> from s2n_proofs.theory.forward import coefficients
    >>> claim = Claim(
    ...     id="my-drift",
    ...     where="my notes",
    ...     kind="identity",
    ...     statement="the drift of the forward SDE",
    ...     printed={"f": Derivative(alpha(t), t) / alpha(t)},
    ...     derive=coefficients,
    ... )
    >>> claim.roles
    ('f',)
    """

    id: str
    where: str
    kind: Kind
    statement: str
    printed: Mapping[str, Expr]
    derive: Callable[[], Derivation]
    implied: Callable[[Mapping[str, Expr]], Mapping[str, Expr]] | None = None
    given: tuple[tuple[Any, Any], ...] = ()
    parameters: tuple[Symbol, ...] = ()
    values: Mapping[Symbol, Expr] = field(default_factory=dict)
    schedule: str = ""
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"claim {self.id}: the kind must be one of {', '.join(get_args(Kind))}, not {self.kind!r}")
        wrong = [p for p in self.parameters if p in (t, s, tau, t_0)]
        if wrong:
            raise ValueError(f"claim {self.id}: {wrong[0]} is a time, not a parameter")

    @property
    def roles(self) -> tuple[str, ...]:
        """The names of the printed formulas."""
        return tuple(self.printed)


@dataclass(frozen=True)
class PropertyClaim:
    """A statement about one schedule of the catalogue: that it meets the assumptions of the setting."""

    id: str
    where: str
    statement: str
    schedule: str
    kind: Kind = "property"
