"""The formulas as a Python module that imports nothing but ``math``, printed from the expressions."""

from __future__ import annotations

from sympy import Add, Expr, Integer, exp
from sympy.printing.pycode import PythonCodePrinter

from ..formulas import Formulas
from ..text import to_text

__all__ = ["to_python"]


class _Printer(PythonCodePrinter):  # type: ignore[misc]
    """Python code for one float expression, with expm1 and log1p where the pattern is plain."""

    def _print_Add(self, expr: Expr, order: str | None = None) -> str:
        power = _exponential_minus_one(expr)
        if power is None:
            return super()._print_Add(expr, order)  # type: ignore[no-any-return]
        sign, exponent, rest = power
        call = f"{sign}math.expm1({self._print(exponent)})"
        if rest == 0:
            return call
        return f"{self._print(rest)} {'' if sign else '+ '}{call}"

    def _print_log(self, expr: Expr) -> str:
        argument = expr.args[0]
        if isinstance(argument, Add) and Integer(1) in argument.args and _exponential_minus_one(argument) is None:
            return f"math.log1p({self._print(argument - 1)})"
        return f"math.log({self._print(argument)})"

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:
        # A radicand that is a difference may come out as -1e-17 where it is 0.
        if expr.exp == Integer(1) / 2 and expr.base.has(Add):
            return f"_root({self._print(expr.base)})"
        return super()._print_Pow(expr, rational=rational)  # type: ignore[no-any-return]

    def parenthesize(self, item: Expr, level: float, strict: bool = False) -> str:
        # expm1(x) binds as a call, -expm1(x) as a product; a sum would have got parentheses.
        if isinstance(item, Add) and (power := _exponential_minus_one(item)) is not None:
            code = self._print(item)
            return code if power[0] == "" and power[2] == 0 else f"({code})"
        return super().parenthesize(item, level, strict)  # type: ignore[no-any-return]


def _exponential_minus_one(expr: Expr) -> tuple[str, Expr, Expr] | None:
    """The sign and exponent of exp(x) - 1 or 1 - exp(x) in a sum, and the rest of the sum."""
    for sign, one in (("", Integer(-1)), ("-", Integer(1))):
        for term in expr.args:
            if one in expr.args and isinstance(-one * term, exp):
                return sign, (-one * term).exp, expr - one - term
    return None


_HEADER = '''"""Formulas of a diffusion schedule, z_t = alpha(t) x + sigma(t) eps.

{title}

Printed by s2n-proofs {version} from expressions that its two proof engines checked.  It needs neither editing
nor s2n-proofs.  Times are numbers in [START, END], and s <= t.  Where a value is infinite, as the log-SNR is
where sigma vanishes, ValueError is raised.
"""

import math

START = {start}
END = {end}


def _time(name, value):
    if not START <= value <= END:
        raise ValueError(f"{{name}} must be in [{{START}}, {{END}}]; it is {{value!r}}")
    return float(value)


def _times(s, t):
    s, t = _time("s", s), _time("t", t)
    if s > t:
        raise ValueError(f"s must not be later than t; they are {{s!r}} and {{t!r}}")
    return s, t


def _finite(*values):
    values = tuple(map(float, values))
    if not all(map(math.isfinite, values)):
        raise OverflowError
    return values if len(values) > 1 else values[0]


def _root(square):
    """The square root of a difference that is not negative, but may come out so by rounding."""
    return 0.0 if -1e-9 < square < 0.0 else math.sqrt(square)
'''

_FUNCTION = '''

def {name}({arguments}):
    """{summary}"""
    {check}
    try:
        return _finite({value})
    except (ArithmeticError, TypeError, ValueError):
        raise ValueError(f"{name} has no finite value at {place}") from None
'''

_STEP = '''

def step(s, t, gamma=0.0, delta=0.0, rho=0.0{parameters}):
    """(a_z, a_eps, a_noise) of z_s = a_z z_t + a_eps eps(z_t, t) + a_noise xi; gamma = -1 is the limit."""
    s, t = _times(s, t)
    if not delta >= 0:
        raise ValueError(f"delta must not be negative; it is {{delta!r}}")
    try:
        a_z = {a_z}
        if gamma == -1:
            a_eps = {limit}
        else:
            a_eps = {a_eps}
        a_noise = {a_noise}
        return _finite(a_z, a_eps, a_noise)
    except (ArithmeticError, TypeError, ValueError):
        raise ValueError(f"the step is not finite at s = {{s!r}}, t = {{t!r}}, gamma = {{gamma!r}}") from None
'''

_NONMARKOV = '''

def nonmarkov_step(s, t, beta=0.0{parameters}):
    """(a_z, a_eps, a_noise) of the non-Markovian step, 0 <= beta <= sigma(s)."""
    s, t = _times(s, t)
    if not 0 <= beta <= sigma(s{passed}):
        raise ValueError(f"beta must be in [0, sigma(s)] = [0, {{sigma(s{passed})!r}}]; it is {{beta!r}}")
    try:
        return _finite({value})
    except (ArithmeticError, TypeError, ValueError):
        raise ValueError(f"the step is not finite at s = {{s!r}}, t = {{t!r}}") from None
'''

_OF_TIME = {
    "alpha": "alpha(t)",
    "sigma": "sigma(t)",
    "log_snr": "lambda(t) = log(alpha(t)**2/sigma(t)**2)",
    "f": "The drift f(t) of dz = f z dt + g dw",
    "g_squared": "The squared diffusion g(t)**2 of dz = f z dt + g dw",
}
_OF_TWO = {
    "transition_factor": "The factor a of q(z_t | z_s) = N(a z_s, v)",
    "transition_variance": "The variance v of q(z_t | z_s) = N(a z_s, v)",
}


def to_python(formulas: Formulas) -> str:
    """A module with ``alpha(t)``, ``transition_variance(s, t)``, ``step(s, t, gamma, delta, rho)`` and so on.

    Raises
    ------
    ValueError
        If the formulas are generic: there is nothing to compute.
    """
    from .. import __version__

    schedule = formulas.schedule
    if schedule is None:
        raise ValueError("a Python module needs a schedule: generic alpha and sigma have no values")
    names = {name: f"{name}_" if name == "math" else name for name in schedule.free_parameters}
    printer = _Printer({"fully_qualified_modules": True})

    def code(expr: Expr) -> str:
        renamed = {x: x.func(names[str(x)], positive=True) for x in expr.free_symbols if str(x) in names}
        printed: str = printer.doprint(expr.xreplace(renamed))
        return printed

    keywords = ", *, " + ", ".join(names.values()) if names else ""
    passed = "".join(f", {name}={name}" for name in names.values())
    start, end = schedule.domain
    # ascii() keeps a name or a text that somebody else chose on one line and inside the docstring.
    title = ascii(str(schedule)).strip("'\"").replace("\\", "/").replace('"', "'")
    parts = [_HEADER.format(title=title, version=__version__, start=code(start), end=code(end))]
    for table, arguments, check, place in (
        (_OF_TIME, "t", 't = _time("t", t)', "t = {t!r}"),
        (_OF_TWO, "s, t", "s, t = _times(s, t)", "s = {s!r}, t = {t!r}"),
    ):
        for name, meaning in table.items():
            expr = getattr(formulas, name)
            text = f"{meaning}: {to_text(expr)}." if len(to_text(expr)) < 80 else f"{meaning}."
            parts.append(
                _FUNCTION.format(
                    name=name,
                    arguments=arguments + keywords,
                    summary=text,
                    check=check,
                    value=code(expr),
                    place=place,
                )
            )
    step, limit = formulas.step, formulas.step_limit
    parts.append(
        _STEP.format(
            parameters=keywords,
            a_z=code(step.a_z),
            a_eps=code(step.a_eps),
            limit=code(limit.a_eps),
            a_noise=code(step.a_noise),
        )
    )
    triple = ", ".join(code(part) for part in formulas.nonmarkov_step)
    parts.append(_NONMARKOV.format(parameters=keywords, passed=passed, value=triple))
    return "".join(parts)
