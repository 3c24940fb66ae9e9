"""The functions that a standalone module has, as programs: one place that decides how each formula is computed."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from sympy import Add, Basic, Eq, Expr, Function, Integer, Piecewise, Pow, Rational, Symbol, log
from sympy.codegen.cfunctions import expm1, log1p
from sympy.functions import exp

from s2n_proofs.formulas import Formulas
from s2n_proofs.lower.candidates import STEPS
from s2n_proofs.lower.export import accurate_program
from s2n_proofs.lower.graph import LoweringError
from s2n_proofs.lower.lowered import lower
from s2n_proofs.lower.printers.constants import rounded
from s2n_proofs.lower.program import Program, program, rebuilt
from s2n_proofs.symbols import beta, delta, gamma, rho, s, t
from s2n_proofs.text import to_text

__all__ = ["ModuleFunction", "argument_names", "domain_ends", "header_title", "module_functions"]

_MEANING = {
    "alpha": "The signal scale alpha(t) of z_t = alpha(t) x + sigma(t) eps",
    "sigma": "The noise scale sigma(t) of z_t = alpha(t) x + sigma(t) eps",
    "log_snr": "The log signal-to-noise ratio lambda(t) = log(alpha(t)**2/sigma(t)**2)",
    "f": "The drift f(t) of dz = f z dt + g dw",
    "g_squared": "The squared diffusion g(t)**2 of dz = f z dt + g dw",
    "transition_factor": "The factor a of q(z_t | z_s) = N(a z_s, v)",
    "transition_variance": "The variance v of q(z_t | z_s) = N(a z_s, v)",
    "step": "(a_z, a_eps, a_noise) of z_s = a_z z_t + a_eps eps(z_t, t) + a_noise xi; gamma = -1 is the limit",
    "ancestral_step": "(a_z, a_eps, a_noise) of the posterior q(z_s | z_t, x) with the network's x, in the same shape",
    "nonmarkov_step": "(a_z, a_eps, a_noise) of the non-Markovian step, 0 <= beta <= sigma(s)",
}
_ARGUMENTS = {
    **dict.fromkeys(("alpha", "sigma", "log_snr", "f", "g_squared"), (t,)),
    **dict.fromkeys(("transition_factor", "transition_variance"), (s, t)),
    "step": (s, t, gamma, delta, rho),
    "ancestral_step": (s, t),
    "nonmarkov_step": (s, t, beta),
}


class clipped_sqrt(Function):  # type: ignore[misc]  # noqa: N801  (a function, as SymPy writes it)
    """The root of a number that is not negative, but may come out so by rounding: then 0."""

    nargs = 1


@dataclass(frozen=True)
class ModuleFunction:
    """One function of a standalone module.

    Attributes
    ----------
    name, meaning : str
        Its name, and one line on what it returns.
    arguments : tuple of sympy.Symbol
        Without the schedule's free parameters.
    formula : str
        The formula as text, or empty if it is long.
    program : Program
        From the arguments, then the free parameters, to the value or the three coefficients.
    """

    name: str
    meaning: str
    arguments: tuple[Symbol, ...]
    formula: str
    program: Program


def _programs(formulas: Formulas, parameters: tuple[Symbol, ...]) -> Mapping[str, Program]:
    """How every function is computed: in the measured forms, or with free parameters in the textbook's."""
    if not parameters:
        assert formulas.schedule is not None
        with suppress(LoweringError):
            lowered = lower(formulas.schedule)
            return {name: accurate_program(lowered, name) for name in _ARGUMENTS}
    outputs = _textbook_outputs(formulas)
    return {name: program((*arguments, *parameters), outputs[name]) for name, arguments in _ARGUMENTS.items()}


def _textbook_outputs(formulas: Formulas) -> Mapping[str, Mapping[str, Expr]]:
    """The textbook form of each formula, in the arguments and the free parameters.

    Nothing can be measured without numbers: ``expm1`` and ``log1p`` stand where the pattern is plain, and a root is 0
    where a difference of two times that is not negative comes out negative.
    """
    chosen: dict[str, dict[str, Expr]] = {
        name: {"value": _plain_patterns(getattr(formulas, name))} for name in _ARGUMENTS if not name.endswith("step")
    }
    general, limit = formulas.step, formulas.step_limit
    # Unevaluated, because SymPy looks for gamma = -1 in the general form and finds 0/0.
    eps = Piecewise((limit.a_eps, Eq(gamma, -1)), (general.a_eps, True), evaluate=False)
    chosen["step"] = {"a_z": general.a_z, "a_eps": eps, "a_noise": general.a_noise}
    chosen["ancestral_step"] = dict(formulas.ancestral_step._asdict())
    chosen["nonmarkov_step"] = dict(formulas.nonmarkov_step._asdict())
    for name in STEPS:
        chosen[name] = {part: _safe_roots(_plain_patterns(expr)) for part, expr in chosen[name].items()}
    return chosen


def module_functions(formulas: Formulas) -> tuple[ModuleFunction, ...]:
    """The functions of a module, in order.

    Raises
    ------
    ValueError
        If the formulas are generic: there is nothing to compute.
    """
    schedule = formulas.schedule
    if schedule is None:
        raise ValueError("a module needs a schedule: generic alpha and sigma have no values")
    named = {symbol.name: symbol for expr in (schedule.alpha, schedule.sigma) for symbol in expr.free_symbols}
    parameters = tuple(named[name] for name in schedule.free_parameters)
    programs = _programs(formulas, parameters)
    return tuple(
        ModuleFunction(
            name=name,
            meaning=_MEANING[name],
            arguments=arguments,
            formula=_short_formula(formulas, name),
            program=programs[name],
        )
        for name, arguments in _ARGUMENTS.items()
    )


def argument_names(formulas: Formulas, reserved: frozenset[str]) -> tuple[str, ...]:
    """Names for the schedule's free parameters, which somebody else chose, that are safe in a module.

    Examples
    --------
    >>> from s2n_proofs.formulas import derive
    >>> from s2n_proofs.schedule import Schedule
    >>> argument_names(derive(Schedule("1", "math*t", parameters={"math": None})), frozenset({"math"}))
    ('math_',)
    """
    assert formulas.schedule is not None
    taken = reserved | set(_ARGUMENTS) | {x.name for xs in _ARGUMENTS.values() for x in xs} | {"START", "END"}
    names: list[str] = []
    for number, name in enumerate(formulas.schedule.free_parameters):
        if not (name.isidentifier() and name.isascii()):
            name = f"parameter_{number}"
        # The printers' own names are a letter and a number; the modules' own begin with an underscore.
        while name in taken or name in names or keyword.iskeyword(name) or re.fullmatch(r"[a-z]\d+|_.*", name):
            name = f"{name.lstrip('_') or 'parameter'}_"
        names.append(name)
    return tuple(names)


def header_title(formulas: Formulas) -> str:
    """The schedule in one line that ends no comment: a name or a text may have been chosen by somebody else."""
    return ascii(str(formulas.schedule)).strip("'\"").replace("\\", "/").replace('"', "'").replace("*/", "* /")


def domain_ends(formulas: Formulas) -> tuple[str, str]:
    """The first and the last time, as numbers that every language reads."""
    assert formulas.schedule is not None
    start, end = (str(x) if isinstance(x, Integer) else repr(rounded(x)) for x in formulas.schedule.domain)
    return start, end


def _short_formula(formulas: Formulas, name: str) -> str:
    if name.endswith("step"):
        return ""
    text = to_text(getattr(formulas, name))
    # In a docstring: what SymPy symbols of any name print as must not end it.
    return text if len(text) < 80 and re.fullmatch(r"[\w +*/().,-]*", text, re.ASCII) else ""


def _rewritten(expr: Expr, change) -> Expr:  # type: ignore[no-untyped-def]
    """Change every node, the inner ones first; nothing else is moved."""
    done: dict[Basic, Basic] = {}

    def visit(node: Basic) -> Basic:
        if node not in done:
            done[node] = change(rebuilt(node, [visit(arg) for arg in node.args]))
        return done[node]

    return visit(expr)


def _plain_patterns(expr: Expr) -> Expr:
    return _rewritten(expr, _plain_pattern)


def _plain_pattern(node: Basic) -> Basic:
    """exp(x) - 1 as expm1(x), and log(1 + x) as log1p(x)."""
    if isinstance(node, Add):
        for sign in (Integer(1), Integer(-1)):
            for term in node.args:
                if -sign in node.args and isinstance(sign * term, exp):
                    rest = [x for x in node.args if x not in (term, -sign)]
                    return (
                        Add(*rest, sign * expm1((sign * term).exp), evaluate=False)
                        if rest
                        else sign * expm1((sign * term).exp)
                    )
    if isinstance(node, log) and isinstance(node.args[0], Add) and Integer(1) in node.args[0].args:
        return log1p(Add(*(x for x in node.args[0].args if x != 1)))
    return node


def _safe_roots(expr: Expr) -> Expr:
    return _rewritten(expr, _safe_root)


def _safe_root(node: Basic) -> Basic:
    """A radicand in both times or in beta is a difference, which is not negative but may come out so by rounding."""
    if (
        isinstance(node, Pow)
        and node.exp == Rational(1, 2)
        and ({s, t} <= node.free_symbols or beta in node.free_symbols)
    ):
        return clipped_sqrt(node.base)
    return node
