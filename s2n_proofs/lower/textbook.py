"""The textbook forms that candidates are made of: short, and proved by the engines to be what the derivation gave."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sympy import Expr, Integer, Piecewise

from s2n_proofs.parsing import ParseError, parse_schedule_text
from s2n_proofs.simplify.evidence import proved_equal
from s2n_proofs.symbols import alpha, lam, sigma, t
from s2n_proofs.text import to_text
from s2n_proofs.theory.forward import coefficients

from .branches import is_branched

if TYPE_CHECKING:
    from s2n_proofs.schedule import Schedule

__all__ = ["Textbook", "quotient", "textbook"]

_SECONDS = 2.0  # of processor time for rewriting; the catalogue takes 0.1 to 0.9


@dataclass(frozen=True)
class Textbook:
    """What is known of a schedule before code is made for it.

    Attributes
    ----------
    log_snr, snr, f, g_squared : sympy.Expr
        In t.
    variance_preserving, variance_exploding : bool
        Proved: alpha**2 + sigma**2 = 1, alpha = 1.
    """

    log_snr: Expr
    snr: Expr
    f: Expr
    g_squared: Expr
    variance_preserving: bool
    variance_exploding: bool


def textbook(schedule: Schedule) -> Textbook:
    """The textbook forms of a schedule; of one with branches the forms as derived.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> textbook(catalogue["edm"]).g_squared
    2*t
    """
    from s2n_proofs.formulas import log_snr_of
    from s2n_proofs.simplify.insertion import Insertion

    put = Insertion(schedule, seconds=_SECONDS)
    forward, ratio = coefficients().result, alpha(t) ** 2 / sigma(t) ** 2
    if is_branched(schedule.alpha) or is_branched(schedule.sigma):
        return _as_derived(schedule)
    return Textbook(
        log_snr=_rebuilt(log_snr_of(put)),
        snr=_rebuilt(put(ratio)),
        f=_rebuilt(put(forward["f"])),
        g_squared=_rebuilt(put(forward["g_squared"])),
        variance_preserving=put.same(schedule.alpha**2 + schedule.sigma**2, Integer(1)),
        variance_exploding=put.same(schedule.alpha, Integer(1)),
    )


def _as_derived(schedule: Schedule) -> Textbook:
    """SymPy's rewriting of branches only makes them longer."""
    from .reference import Reference

    reference, forward = Reference(schedule.alpha, schedule.sigma), coefficients().result
    ratio = quotient(schedule.alpha, schedule.sigma)
    return Textbook(
        log_snr=reference.formula(lam(t)),
        snr=ratio**2,
        f=reference.formula(forward["f"]),
        g_squared=reference.formula(forward["g_squared"]),
        variance_preserving=False,
        variance_exploding=schedule.alpha == 1,
    )


def quotient(above: Expr, below: Expr) -> Expr:
    """The quotient, branch by branch where both have the same, so that what they have in common goes away."""
    if isinstance(above, Piecewise) and isinstance(below, Piecewise):
        parts = list(zip(above.args, below.args, strict=False))
        if len(above.args) == len(below.args) and all(a.cond == b.cond for a, b in parts):
            return Piecewise(*((a.expr / b.expr, a.cond) for a, b in parts))
    return above / below


def _rebuilt(expr: Expr) -> Expr:
    """As it is when written as text and read again, so that what is kept in a file is what was measured."""
    with suppress(ParseError):
        again = parse_schedule_text(to_text(expr))
        if again == expr or proved_equal(again, expr):
            return again
    return expr
