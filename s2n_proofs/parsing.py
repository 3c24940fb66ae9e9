r"""Text to SymPy without ever evaluating code.

SymPy's own readers (``sympify``, ``parse_expr``) run the text as Python.  Here it is cut into tokens of a
small vocabulary, parsed to a syntax tree that is only looked at, and rebuilt node by node from the objects
of :mod:`s2n_proofs.symbols`.  Three kinds of text are read:

- a *schedule*, $\alpha$ or $\sigma$ in the one variable $t$: ``sqrt(1 - t**2)``;
- a *formula* in the words of ``s2n check``: ``g(t)**2 = -diff(lambda(t), t)*sigma(t)**2``;
- a *number*, exact: ``1/500`` and ``0.002`` are the same rational.

Whatever cannot be read, is not real and finite, or would take long to build is refused with a
:class:`ParseError`, whose one sentence says what is wrong, where, and what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from keyword import iskeyword
from math import isfinite
from typing import NamedTuple

from sympy import E, Expr, Float, Rational, Symbol, pi

from s2n_proofs import symbols
from s2n_proofs.grammar import bounded
from s2n_proofs.grammar.limits import RefusedError, is_constant, less
from s2n_proofs.grammar.syntax import ALIASES, ParseError, Token, shown, tokenize
from s2n_proofs.grammar.walk import OF_TIME, TIMES, Language, Parts, read

__all__ = [
    "ParseError",
    "Statement",
    "parse_domain",
    "parse_formula",
    "parse_identity",
    "parse_number",
    "parse_schedule_parts",
    "parse_schedule_text",
    "parse_statement",
]  # fmt: skip

_CONSTANTS = {"pi": pi, "E": E}
_PARAMETERS = {
    "rho": symbols.rho, "gamma": symbols.gamma, "delta": symbols.delta, "beta": symbols.beta, "D": symbols.D,
}  # fmt: skip
_ELEMENTARY = frozenset(bounded.FUNCTIONS)
_FORMULA = Language(_CONSTANTS | TIMES | _PARAMETERS, _ELEMENTARY | frozenset(OF_TIME) | {"diff"})
_NUMBER = Language(_CONSTANTS, _ELEMENTARY)
_SCHEDULE_FUNCTIONS = _ELEMENTARY | {"min", "max", "clip", "piecewise"}
_RESERVED = frozenset(_FORMULA.values) | _FORMULA.functions | _SCHEDULE_FUNCTIONS | frozenset(ALIASES)
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}", re.ASCII)


def _parameter(name: object) -> Symbol:
    if not isinstance(name, str) or not _PARAMETER.fullmatch(name) or iskeyword(name):
        raise ParseError(f"the parameter {str(name)[:40]!r} is not a name of ASCII letters, digits and _")
    if name in _RESERVED:
        raise ParseError(f"the parameter {name!r} is a word of the vocabulary; choose another name")
    return Symbol(name, positive=True)


def parse_schedule_text(text: str, *, parameters: Iterable[str] = ()) -> Expr:
    r"""Read $\alpha(t)$ or $\sigma(t)$ given as an expression in $t$.

    Besides the elementary functions there are ``min``, ``max``, ``clip(x, low, high)`` and
    ``piecewise((x, t < 1/2), (y, True))``.

    Parameters
    ----------
    text : str
        The expression; numbers in it are exact.
    parameters : iterable of str
        Further names that may occur; each becomes a positive symbol.

    Returns
    -------
    Expr
        The expression in :data:`s2n_proofs.symbols.t` and the parameters.

    Raises
    ------
    ParseError
        If the text is not such an expression.

    Examples
    --------
    >>> parse_schedule_text("t**1.5 + 0.05")
    t**(3/2) + 1/20
    >>> parse_schedule_text("low*(high/low)**t", parameters=("low", "high"))
    low*(high/low)**t
    """
    return read(text, _schedule_language(parameters))


def parse_schedule_parts(text: str, *, parameters: Iterable[str] = ()) -> Parts:
    """Read what a schedule's text names, before SymPy simplifies the whole.

    Examples
    --------
    >>> parse_schedule_parts("sqrt(t - 1/2)**2").demands
    [('at least 0', t - 1/2)]
    """
    parts = Parts()
    read(text, _schedule_language(parameters), None, parts)
    return parts


def _schedule_language(parameters: Iterable[str]) -> Language:
    names = (parameters,) if isinstance(parameters, str) else parameters
    symbols_by_name = {str(name): _parameter(name) for name in names}
    return Language(_CONSTANTS | {"t": symbols.t} | symbols_by_name, _SCHEDULE_FUNCTIONS)


def parse_formula(text: str) -> Expr:
    """Read an expression in the words of ``s2n check``.

    Parameters
    ----------
    text : str
        The expression.  ``lambda(t)``, ``lam(t)``, ``log_snr(t)`` and ``λ(t)`` are one function;
        ``diff(x, t, n)`` is carried out.

    Returns
    -------
    Expr
        The expression in the objects of :mod:`s2n_proofs.symbols`.

    Raises
    ------
    ParseError
        If the text is not such an expression.

    Examples
    --------
    >>> parse_formula("exp(lambda(t))*σ(t)/α(t)")
    sigma(t)*exp(lambda(t))/alpha(t)
    >>> parse_formula("diff(t*alpha(t), t)")
    t*Derivative(alpha(t), t) + alpha(t)
    """
    return read(text, _FORMULA)


def parse_identity(text: str) -> tuple[Expr, Expr]:
    """Read ``LHS = RHS`` (or ``==``), each side a formula.

    Returns
    -------
    tuple of Expr
        The two sides.

    Raises
    ------
    ParseError
        If there is not exactly one equals sign, or a side cannot be read.

    Examples
    --------
    >>> parse_identity("snr(t) = exp(lambda(t))")
    (snr(t), exp(lambda(t)))
    """
    return parse_statement(text).sides


class Statement(NamedTuple):
    """An identity as it was typed.

    Attributes
    ----------
    sides : pair of Expr
        As :func:`parse_identity` gives them.
    parts : pair of Parts
        What each side names, before SymPy simplifies it.
    typed : pair of str
        The text of each side.
    """

    sides: tuple[Expr, Expr]
    parts: tuple[Parts, Parts]
    typed: tuple[str, str]


def parse_statement(text: str) -> Statement:
    """Read an identity, with all the parts of each side as they stand in the text.

    SymPy rewrites a whole when it builds it, ``sqrt(x)**2`` to ``x`` and ``x/x`` to 1; a side has a value only where
    its parts have.

    Examples
    --------
    >>> statement = parse_statement("sqrt(rho)**2 = rho/rho")
    >>> statement.sides, statement.typed
    ((rho, 1), ('sqrt(rho)**2', 'rho/rho'))
    >>> [side.demands for side in statement.parts]
    [[('at least 0', rho)], [('not 0', rho)]]
    """
    tokens = tokenize(text)
    places = [i for i, token in enumerate(tokens) if token.text in ("=", "==")]
    sides = [tokens[: places[0]], tokens[places[0] + 1 :]] if len(places) == 1 else []
    if len(sides) != 2 or not all(sides):
        found = "side is empty" if sides else f"text has {len(places)} equals signs"
        raise ParseError(f"cannot read {shown(text)} as an identity: a {found}; write LHS = RHS")
    parts = Parts(), Parts()
    left, right = (read(text, _FORMULA, side, into) for side, into in zip(sides, parts, strict=True))
    typed = tuple(text[side[0].start : side[-1].end] for side in sides)
    return Statement((left, right), parts, (typed[0], typed[1]))


def parse_number(text: str) -> Expr:
    """Read an exact real constant.

    Returns
    -------
    Expr
        A rational, or a constant expression such as ``pi/2``.

    Raises
    ------
    ParseError
        If the text has a variable, or its value is not finite and real.

    Examples
    --------
    >>> parse_number("0.002"), parse_number("pi/2")
    (1/500, pi/2)
    """
    return read(text, _NUMBER)


def parse_domain(domain: str | Iterable[object]) -> tuple[Expr, Expr]:
    """Read the two ends of an interval of times, the first the smaller.

    Parameters
    ----------
    domain : str or pair
        ``"0, 1"`` or ``"(0, 1)"``, or a pair whose members are texts, SymPy constants or Python numbers.
        A float is the exact binary number that it is.

    Returns
    -------
    tuple of Expr
        The ends, exact.

    Raises
    ------
    ParseError
        If these are not two finite real constants in ascending order.

    Examples
    --------
    >>> parse_domain("1/500, 80"), parse_domain((0, "pi/2")), parse_domain((0.5, 1))
    ((1/500, 80), (0, pi/2), (1/2, 1))
    """
    given = domain if isinstance(domain, str) else list(domain)
    ends = _split(given) if isinstance(given, str) else [_constant(end) for end in given]
    domain = given if isinstance(given, str) else f"({', '.join(map(str, given))})"
    if len(ends) != 2:
        raise ParseError(f"the domain {shown(domain)} has {len(ends)} ends; write two, as in 0, 1")
    try:
        ascends = less(*ends)
    except RefusedError as refused:
        raise ParseError(f"the domain {shown(domain)} {refused}") from None
    if not ascends:
        raise ParseError(f"the domain {shown(domain)} does not ascend; the smaller end comes first")
    return ends[0], ends[1]


def _split(text: str) -> list[Expr]:
    """Read numbers between the commas outside parentheses; one pair of parentheses may enclose them all."""
    tokens = tokenize(text)
    for part in (tokens, tokens[1:-1]):
        depth = 0
        pieces: list[list[Token]] = [[]]
        for token in part:
            depth += (token.text == "(") - (token.text == ")")
            if token.text == "," and depth == 0:
                pieces.append([])
            else:
                pieces[-1].append(token)
        if len(pieces) > 1:
            break
    if not all(pieces):
        raise ParseError(f"cannot read {shown(text)} as a domain; write two numbers, as in 0, 1")
    return [read(text, _NUMBER, piece) for piece in pieces]


def _constant(value: object) -> Expr:
    if isinstance(value, str):
        return parse_number(value)
    if isinstance(value, bool) or (isinstance(value, float) and not isfinite(value)):
        raise ParseError(f"{value!r} is not a finite real number")
    if isinstance(value, int | float | Fraction):
        exact = Fraction(value)
        return Rational(exact.numerator, exact.denominator)
    if isinstance(value, Expr) and not value.has(Float) and is_constant(value):
        return value
    raise ParseError(f"{shown(str(value)[:200])} is not an exact real constant")
