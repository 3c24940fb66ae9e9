"""Which knobs a kind of step has; those of another kind are refused unless they are 0, however the 0 is written."""

from __future__ import annotations

from sympy import Expr

from .errors import PlanError
from .exact import as_expr, listed, read_exact
from .forms import Kind
from .parameters import parse_parameter

__all__ = ["is_zero", "read_knobs"]


def is_zero(name: str, given: object) -> bool:
    """Whether a knob is 0 at every step, as far as its text tells.

    Examples
    --------
    >>> is_zero("rho", "0.0"), is_zero("rho", [0.0, "0"]), is_zero("rho", "t"), is_zero("rho", 1)
    (True, True, False, False)
    """
    members = listed(name, given)
    return all(_is_zero(name, member) for member in ([given] if members is None else members))


def _is_zero(name: str, given: object) -> bool:
    read = parse_parameter(name, given) if isinstance(given, str) else given
    if isinstance(read, Expr) and not read.is_number:
        return False
    return bool(as_expr(read_exact(name, read)).is_zero)


def read_knobs(kind: Kind, family: dict[str, object], noise: dict[str, object]) -> dict[str, object]:
    """Return the parameters that this kind of step has.

    Parameters
    ----------
    kind : str
    family : dict
        gamma, delta and rho.
    noise : dict
        beta and eta, None where they are not given.

    Raises
    ------
    PlanError
        If there is one that belongs to another kind.
    """
    chosen = {name: value for name, value in noise.items() if value is not None}
    if kind != "corollary":
        for name, value in family.items():
            if not is_zero(name, value):
                raise PlanError(f'{name} belongs to kind="corollary"; the {kind} step has no such parameter')
    if kind != "nonmarkov" and chosen:
        raise PlanError(f'{next(iter(chosen))} belongs to kind="nonmarkov"; the {kind} step has no such parameter')
    if kind == "nonmarkov" and len(chosen) != 1:
        raise PlanError("the non-Markovian step takes either beta or eta")
    return dict(family) if kind == "corollary" else chosen
