"""What a caller hands to a schedule, read into exact SymPy expressions or refused."""

from __future__ import annotations

from fractions import Fraction
from numbers import Rational as RationalNumber
from numbers import Real
from typing import TypeGuard

from sympy import Expr, Float, I, Integer, Pow, Rational, nan, oo, preorder_traversal, zoo
from sympy.core.function import AppliedUndef

from ..proof.ball import BallError, UndefinedValueError
from ..symbols import t
from .certificate import ScheduleError
from .factors import Need
from .points import at_point
from .typed import Demand

__all__ = ["exact", "read_demands", "read_domain", "read_expression", "read_value"]

_NODES = 2000
_DEPTH = 120  # half of what Python's recursion limit lets SymPy and the ball evaluator walk
_EXPONENT = 1000  # (1/3)**(10**9) exactly would take all memory


def exact(expr: Expr) -> Expr:
    """Replace every floating-point number by the exact binary number that it is.

    Examples
    --------
    >>> exact(0.5 * t)
    t/2
    """
    return expr.xreplace({number: Rational(number) for number in expr.atoms(Float)})


def read_expression(role: str, given: object, parameters: tuple[str, ...]) -> Expr:
    """Read alpha or sigma: text, a number, or SymPy; only t and the `parameters` may occur."""
    from ..parsing import parse_schedule_text

    if isinstance(given, str):
        return parse_schedule_text(given, parameters=parameters)
    if _is_number(given):
        return _number(role, given)
    if not isinstance(given, Expr):
        raise _refused(f"{role} must be text, a number or a SymPy expression in t, not {type(given).__name__}")
    _check_size(role, given)
    if given.has(nan, zoo, oo, -oo, I):
        raise _refused(f"{role} must be real and finite; {_short(given)} holds an infinity or an imaginary unit")
    unknown = given.atoms(AppliedUndef)
    if unknown:
        raise _refused(f"{role} must be made of known functions; {_short(min(unknown, key=str))} is not one")
    expr = exact(given)
    rule = {}
    for symbol in sorted(expr.free_symbols, key=str):
        if symbol.name == "t":
            rule[symbol] = t  # SymPy takes Symbol("t") and Symbol("t", real=True) for different variables
        elif symbol.name not in parameters:
            raise _refused(f"{role} must depend on t alone; {symbol} is neither t nor a declared parameter")
    return expr.xreplace(rule)


def read_demands(given: object, parameters: tuple[str, ...]) -> tuple[Demand, ...]:
    """Read what a text asks of its parts to have a value; other than text was simplified before it came here."""
    from ..parsing import parse_schedule_parts

    if not isinstance(given, str):
        return ()
    needs: dict[str, Need] = {"at least 0": "nonnegative", "positive": "positive", "not 0": "nonzero"}
    return tuple(
        (1 - expr**2, "nonnegative") if kind == "at most 1 in size" else (expr, needs[kind])
        for kind, expr in parse_schedule_parts(given, parameters=parameters).demands
    )


def read_value(name: str, given: object, *, signed: bool = False) -> Expr:
    """Read the value of a parameter, or a time: an exact real constant (of a parameter, not negative)."""
    from ..parsing import parse_number

    if isinstance(given, str):
        value = parse_number(given)
    elif _is_number(given):
        value = _number(name, given)
    elif isinstance(given, Expr) and not given.free_symbols and not given.has(nan, zoo, oo, -oo, I):
        _check_size(name, given)
        value = exact(given)
    else:
        raise _refused(f"{name} must be an exact real number, not {_short(given)}")
    try:
        ball = at_point(value, t, Integer(0))
    except (UndefinedValueError, BallError) as error:
        raise _refused(f"{name} must be an exact real number, not {_short(given)}") from error
    if ball < 0 and not signed:
        # The symbol of a parameter is positive, and SymPy has used that: sqrt(beta**2) is beta by now.
        raise _refused(f"the parameter {name} must not be negative; it is {_short(given)}")
    return value


def read_domain(given: object) -> tuple[Expr, Expr]:
    """Read two finite ends in ascending order."""
    from ..parsing import ParseError, parse_domain

    try:
        if not isinstance(given, str):
            given = tuple(exact(end) if isinstance(end, Expr) else end for end in given)  # type: ignore[attr-defined]
        return parse_domain(given)
    except ParseError as error:
        raise ScheduleError(str(error), property="domain") from error
    except TypeError as error:
        raise ScheduleError(
            f"the domain must be two numbers, first the smaller, not {_short(given)}", property="domain"
        ) from error


def _is_number(given: object) -> TypeGuard[Real]:
    return not isinstance(given, bool) and isinstance(given, Real)


def _number(role: str, given: Real) -> Expr:
    try:
        value = Fraction(given) if isinstance(given, RationalNumber) else Fraction(float(given))
    except (ValueError, OverflowError) as error:
        raise _refused(f"{role} must be finite, not {given}") from error
    return Rational(value.numerator, value.denominator)


def _check_size(role: str, expr: Expr) -> None:
    level = [expr]
    nodes = 0
    for _ in range(_DEPTH):
        nodes += len(level)
        level = [argument for node in level for argument in node.args]
        if not level or nodes > _NODES:
            break
    if level:
        raise _refused(f"{role} is too large: at most {_NODES} nodes, nested at most {_DEPTH} deep")
    for node in preorder_traversal(expr):
        if isinstance(node, Pow) and node.exp.is_Rational and max(abs(node.exp.p), node.exp.q) > _EXPONENT:
            raise _refused(f"{role} has the exponent {_short(node.exp)}; at most {_EXPONENT} is allowed")


def _short(given: object) -> str:
    text = str(given)
    return repr(text if len(text) <= 80 else text[:77] + "...")


def _refused(sentence: str) -> ScheduleError:
    return ScheduleError(sentence, property="expression")
