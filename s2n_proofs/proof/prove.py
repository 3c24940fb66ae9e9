"""Proof of an identity by two engines that share nothing after the jets.

``sympy`` is our normal form, ``flint`` multivariate polynomials with cross-multiplied numerators.  An identity
counts as proved when *both* say so.  One alone is not enough, and is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr

from ..derivation import Obligation
from . import flint_engine, normal_form
from .jets import JetError, to_jets
from .refute import refute
from .statement import Equation, Instance, Proof, Witness

__all__ = ["Attempt", "EngineDisagreementError", "check_obligations", "prove", "prove_all"]

ENGINES = ("sympy", "flint")


class EngineDisagreementError(RuntimeError):
    """One engine proved an identity that the other did not, which is not enough."""


@dataclass(frozen=True)
class Attempt:
    """A proof, or the reason why there is none."""

    proof: Proof | None
    reason: str = ""
    witness: Witness | None = None


def prove(lhs: Expr, rhs: Expr, why: str = "") -> Attempt:
    """Try to prove ``lhs = rhs`` for all values of jets and symbols.

    Returns
    -------
    Attempt
        With a :class:`Proof` that names both engines, or a reason.

    Raises
    ------
    EngineDisagreementError
        If exactly one engine proves it.
    """
    try:
        by_sympy, by_flint, obstacle = _engines(lhs, rhs)
    except JetError as error:
        return Attempt(None, str(error))
    if by_sympy and by_flint:
        return Attempt(Proof(why, lhs, rhs, ENGINES))
    if obstacle:
        return Attempt(None, obstacle)
    if by_sympy != by_flint:
        alone = "sympy" if by_sympy else "flint"
        raise EngineDisagreementError(f"only one of the two engines ({alone}) proves {why or 'the identity'}")
    return Attempt(None, "neither engine brings the difference to zero")


@lru_cache(maxsize=4096)
def _engines(lhs: Expr, rhs: Expr) -> tuple[bool, bool, str]:
    difference, _ = to_jets(lhs - rhs)
    obstacles = []
    answers = []
    for name, engine, error in (
        ("sympy", normal_form.proves_zero, normal_form.NormalFormError),
        ("flint", flint_engine.proves_zero, flint_engine.EngineError),
    ):
        try:
            answers.append(engine(difference))
        except error as problem:
            answers.append(False)
            obstacles.append(f"{name}: {problem}")
    return answers[0], answers[1], "; ".join(obstacles)


def prove_all(equations: Sequence[Equation]) -> tuple[tuple[Proof, ...], str]:
    """Prove every equation; the proofs so far and the reason why the first unproved one is not."""
    proofs: list[Proof] = []
    for equation in equations:
        attempt = prove(*equation.sides, equation.name)
        if attempt.proof is None:
            return tuple(proofs), f"{equation.name}: {attempt.reason}"
        proofs.append(attempt.proof)
    return tuple(proofs), ""


def check_obligations(
    obligations: Iterable[Obligation], instances: Sequence[Instance]
) -> tuple[tuple[Proof, ...], tuple[Attempt, ...]]:
    """Re-check the obligations of a derivation.

    Returns
    -------
    proofs : tuple of Proof
    failures : tuple of Attempt
        One for each obligation without a proof; with a witness if it is provably false.
    """
    proofs: list[Proof] = []
    failures: list[Attempt] = []
    for obligation in obligations:
        name = obligation.why or f"{obligation.lhs} = {obligation.rhs}"
        try:
            attempt = prove(obligation.lhs, obligation.rhs, obligation.why)
        except EngineDisagreementError as only_one:
            attempt = Attempt(None, str(only_one))
        if attempt.proof is not None:
            proofs.append(attempt.proof)
            continue
        search = refute(Equation(name, obligation.lhs, obligation.rhs), instances)
        failures.append(Attempt(None, f"{name}: {attempt.reason}", search.witness))
    return tuple(proofs), tuple(failures)
