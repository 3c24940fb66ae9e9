"""Exact numbers as callers give them: floats, rationals, text, SymPy, tensors and arrays."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from numbers import Rational as RationalNumber
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
import torch
from flint import arb, fmpq
from mpmath import mp, mpf
from sympy import Expr, Rational

from s2n_proofs.certification.certificate import ScheduleError
from s2n_proofs.certification.given import read_value
from s2n_proofs.certification.zero import exactly_zero
from s2n_proofs.grammar.syntax import ParseError
from s2n_proofs.proof.ball import BallError, UndefinedValueError, enclose, working_precision

from .errors import PlanError

__all__ = ["CAP_BITS", "Exact", "as_expr", "as_fraction", "ball_of", "listed", "read_exact", "show", "sign_of"]

Exact: TypeAlias = float | Fraction | Expr
"""A float is the binary number that it is; an expression here is never rational."""

CAP_BITS = 4096
"""The highest precision: what is not decided there is reported."""


def read_exact(name: str, given: object) -> Exact:
    """Read one exact real number.

    Raises
    ------
    PlanError
        If it is no finite real number.

    Examples
    --------
    >>> read_exact("gamma", "1/3"), read_exact("gamma", 0.5), read_exact("gamma", "sqrt(2)")
    (Fraction(1, 3), 0.5, sqrt(2))
    """
    if isinstance(given, torch.Tensor) and given.device.type == "meta":
        raise PlanError(f"{name} must have a value; the tensor is on the meta device")
    if isinstance(given, torch.Tensor | np.ndarray) and given.ndim == 0:
        given = given.item()
    if type(given) is float:  # the common case, a thousand times
        if not isfinite(given):
            raise PlanError(f"{name} must be a finite number; it is {given}")
        return given
    if isinstance(given, bool | np.bool_):
        raise PlanError(f"{name} must be a number, not {given}")
    if isinstance(given, RationalNumber):
        return Fraction(int(given.numerator), int(given.denominator))
    if isinstance(given, Real):  # numpy's floats, some of them longer than a double
        return _read_real(name, given)
    try:
        value = read_value(name, given, signed=True)
    except (ScheduleError, ParseError) as error:
        raise PlanError(f"{name} must be a finite real number: {error}") from error
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value


def _read_real(name: str, given: Any) -> Exact:
    if isinstance(given, mpf):
        if not mp.isfinite(given):
            raise PlanError(f"{name} must be a finite number; it is {given}")
        sign, mantissa, exponent, _ = given._mpf_
        return Fraction(-int(mantissa) if sign else int(mantissa)) * Fraction(2) ** exponent
    try:
        return Fraction(*given.as_integer_ratio())
    except (ValueError, OverflowError) as error:
        raise PlanError(f"{name} must be a finite number; it is {given}") from error


def listed(name: str, given: object) -> list[object] | None:
    """Return the members of a one-dimensional sequence, array or tensor; None for a single value.

    Raises
    ------
    PlanError
        If there are more dimensions, or the members are integers of a fixed width or not real.
    """
    if isinstance(given, torch.Tensor):
        if given.dtype.is_complex or given.dtype == torch.bool:
            raise PlanError(f"{name} must be real numbers; the tensor has dtype {given.dtype}")
        if given.device.type == "meta":
            raise PlanError(f"{name} must have values; the tensor is on the meta device")
        kind = "f" if given.dtype.is_floating_point else "i"
        members: Any = given.detach().to("cpu", torch.float64 if kind == "f" else torch.int64)
    elif isinstance(given, np.ndarray):
        members, kind = given, given.dtype.kind
        if kind not in "fiuO":
            raise PlanError(f"{name} must be real numbers; the array has dtype {given.dtype}")
    elif isinstance(given, str | Expr | Real) or not isinstance(given, Sequence):
        return None
    else:
        return list(given)
    if members.ndim == 0:
        return None
    if members.ndim > 1:
        raise PlanError(f"{name} must have one dimension, not the shape {tuple(members.shape)}")
    if kind in "iu":
        raise PlanError(f"{name} must not be an array of integers; give floats, or exact numbers in a list")
    if isinstance(members, np.ndarray) and members.dtype.itemsize > 8:
        return list(members)  # long doubles would lose digits as Python floats
    result: list[object] = members.tolist()
    return result


def as_fraction(value: Exact) -> Fraction | None:
    """Return the rational that `value` is, or None."""
    return None if isinstance(value, Expr) else Fraction(value)


def as_expr(value: Exact) -> Expr:
    """Write an exact number as a SymPy number."""
    if isinstance(value, Expr):
        return value
    exact = Fraction(value)
    return Rational(exact.numerator, exact.denominator)


def ball_of(value: Exact) -> arb:
    """Enclose an exact number at the precision in force."""
    if isinstance(value, float):
        return arb(value)  # exact: a ball of radius 0 is a binary number
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    return enclose(value, {})


def sign_of(value: Exact) -> int | None:
    """Return the sign of an exact number; None where 4096 bits cannot tell it from 0.

    Examples
    --------
    >>> from sympy import sqrt
    >>> sign_of(-0.5), sign_of(sqrt(2) * sqrt(3) - sqrt(6)), sign_of(sqrt(2) - Rational(141, 100))
    (-1, 0, 1)
    """
    if not isinstance(value, Expr):
        return (value > 0) - (value < 0)
    if value.is_Rational:
        return int(bool(value > 0)) - int(bool(value < 0))
    bits = 128
    while bits <= CAP_BITS:
        with working_precision(bits):
            try:
                ball = enclose(value, {})
            except (UndefinedValueError, BallError):
                return None
        if ball > 0 or ball < 0:
            return 1 if ball > 0 else -1
        if bits == 256 and exactly_zero(value):
            return 0
        bits *= 2
    return None


def show(value: Exact) -> str:
    """Write an exact number for a message: short, and never rounded to another number that could be typed."""
    text = repr(value) if isinstance(value, float) else str(value)
    if len(text) <= 24:
        return text
    with working_precision(64):
        return f"about {ball_of(value).str(12, radius=False)}"
