r"""Proof under the standing hypotheses, by substitutions that run through everything the hypotheses allow.

The engines know the sign of a symbol and nothing else.  So a hypothesis is put in as a substitution by symbols that
have a sign; each runs through *all* values that the hypothesis allows, so that what is proved for the new symbols is
proved under the hypothesis:

- $s<\tau<t$: $\tau=s+p$, $t=s+p+q$ with $p,q>0$;
- in a schedule's domain: $t=(T_0+T_1u)/(1+u)$ runs through $(T_0,T_1)$ as $u$ runs through the positive numbers, and
  $s$ and $\tau$ through the rest in the same way;
- $\lambda'\le0$ at a time: $\sigma'=\sigma(\alpha'/\alpha+k/2)$ with $k=-\lambda'\ge0$;
- $\lambda_s\ge\lambda_t$: $\sigma_t=\alpha_t\sigma_s/\alpha_s\,(1+v)$, $v\ge0$; or the same with
  $e^{m/2}$, $m=\lambda_s-\lambda_t\ge0$, for $1+v$;
- off the corners of Abs, Min and Max the derivative of $|x|$ is $x/|x|$; at a corner there is none;
- $0\le\beta\le\sigma_s$: $\sigma_s=\beta+r$, $r\ge0$;
- what a side as typed needs to have a value, if it is a symbol: $x>0$ where $\log x$ is written.

Then the identity itself is proved, or one that is equivalent to it: the squares of two sides that are both at least
0; their exponentials; $\cos y=x$ for $\arccos x=y$ with $0\le y\le\pi$.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from sympy import (
    Abs,
    Add,
    DiracDelta,
    E,
    Expr,
    Heaviside,
    Integer,
    Mul,
    Pow,
    Symbol,
    acos,
    cos,
    cosh,
    exp,
    factor,
    log,
    pi,
    sign,
    together,
)

from ..symbols import alpha, beta, s, sigma, t, tau
from .ball import BallError, UndefinedValueError, enclose
from .jets import Jet, to_jets
from .prove import Attempt, EngineDisagreementError, prove

__all__ = ["at_least_zero", "inside", "prove_under_hypotheses", "substitutions"]

Substitution = Mapping[Symbol, Expr]
_CLOCK = (s, tau, t)
_P, _Q, _U, _V, _W = (Symbol(f"{letter}_", positive=True) for letter in "pquvw")


def prove_under_hypotheses(
    lhs: Expr,
    rhs: Expr,
    why: str = "",
    *,
    domain: tuple[Expr, Expr] | None = None,
    signs: Mapping[Symbol, str] | None = None,
    known: Sequence[Expr] = (),
) -> Attempt:
    """Try to prove ``lhs = rhs`` wherever the standing hypotheses hold and both sides have a value.

    Parameters
    ----------
    lhs, rhs : sympy.Expr
        In generic functions, or in the expressions of one schedule.
    why : str
        The name of the identity.
    domain : pair of Expr, optional
        Of the one schedule; without it a time is any real number.
    signs : mapping, optional
        Symbols that are ``"positive"`` or ``"nonnegative"`` wherever both sides have a value.
    known : sequence of Expr
        Expressions that are known not to be negative, such as the alpha of a certified schedule.

    Returns
    -------
    Attempt
        With a proof that says under which substitution it was found.

    Raises
    ------
    EngineDisagreementError
        If nothing is proved by both engines, and something by one.

    Examples
    --------
    >>> prove_under_hypotheses(Abs(t - s), t - s).proof.under
    's < tau < t'
    >>> prove_under_hypotheses(Abs(t), t).proof is None
    True
    """
    left, jets = to_jets(_off_corners(lhs))
    right, more = to_jets(_off_corners(rhs))
    jets |= more
    disagreement: EngineDisagreementError | None = None
    reason = ""
    for under, steps in substitutions((left, right), jets, domain, signs or {}):
        sides, others = [left, right], list(known)
        for step in steps:  # one after the other: what is put in may itself be replaced
            sides = [side.subs(step, simultaneous=True) for side in sides]
            others = [side.subs(step, simultaneous=True) for side in others]
        for how, one, other in _equivalents(sides[0], sides[1], others):
            try:
                attempt = prove(one, other, why)
            except EngineDisagreementError as only_one:
                disagreement = disagreement or only_one
                continue
            if attempt.proof is not None:
                return Attempt(replace(attempt.proof, under="; ".join(note for note in (under, how) if note)))
            reason = reason or attempt.reason
    if disagreement is not None:
        raise disagreement
    return Attempt(None, reason)


def _off_corners(expr: Expr) -> Expr:
    """Derivatives of Abs, Min and Max in terms that the engines know; at a corner there is no derivative."""
    expr = expr.replace(DiracDelta, lambda *_: Integer(0))
    expr = expr.replace(Heaviside, lambda x, *_: (1 + sign(x)) / 2)
    return expr.replace(sign, lambda x: x / Abs(x))


def substitutions(
    sides: tuple[Expr, Expr],
    jets: Mapping[Symbol, Jet],
    domain: tuple[Expr, Expr] | None,
    signs: Mapping[Symbol, str],
) -> Iterator[tuple[str, Sequence[Substitution]]]:
    """What hypotheses are put in, and the substitutions that do it, one after the other."""
    yield "", []
    symbols = sides[0].free_symbols | sides[1].free_symbols
    others = {p: Symbol(f"{p}_", **{sign: True}) for p, sign in signs.items() if p in symbols and p not in _CLOCK}
    clocks = [("times inside the domain", inside(domain))] if domain is not None else []
    if domain is None or any(time in signs for time in _CLOCK):
        ordered = _ordered([c for c in _CLOCK if c in symbols], signs)
        clocks.append(("s < tau < t" if ordered else "", ordered))
    slopes = _falling(jets)
    for note, times in clocks:
        plain = [step for step in (times, others) if step]
        if plain:
            yield note, plain
        for by in (lambda v: 1 + v, lambda v: exp(v / 2)):
            compared = _compared(jets, by)
            if slopes or compared:
                yield "; ".join(filter(None, (note, "lambda does not rise"))), [slopes, compared, *plain]
            if not compared:
                break
        if beta in symbols:
            yield "; ".join(filter(None, (note, "beta <= sigma(s)"))), [_below_sigma(), *plain]


def _ordered(times: Sequence[Symbol], signs: Mapping[Symbol, str]) -> dict[Symbol, Expr]:
    """The times by one of them and positive distances: the first of known sign, else the first."""
    known = [time for time in times if time in signs]
    if len(times) < 2 and not known:
        return {}
    base = times.index(known[0]) if known else 0
    found: dict[Symbol, Expr] = {times[base]: Symbol("t_", **{signs[known[0]]: True}) if known else times[0]}
    for before, time, gap in zip(times[base:], times[base + 1 :], (_P, _Q), strict=False):
        found[time] = found[before] + gap
    for after, time, gap in zip(times[base::-1], times[:base][::-1], (_U, _V), strict=False):
        found[time] = found[after] - gap
    return {time: value for time, value in found.items() if time != value}


def inside(domain: tuple[Expr, Expr]) -> dict[Symbol, Expr]:
    """Positive unknowns that run through all s < tau < t of the domain."""
    start, end = domain
    later = (start + end * _U) / (1 + _U)
    earlier = (start + later * _V) / (1 + _V)
    return {s: earlier, tau: (earlier + later * _W) / (1 + _W), t: later}


def _named(expr: Expr) -> Expr:
    """The symbol of a value or a derivative of alpha or sigma."""
    return to_jets(expr)[0]


def _falling(jets: Mapping[Symbol, Jet]) -> dict[Symbol, Expr]:
    """The first derivative of sigma at every time, by a number that is not negative."""
    found: dict[Symbol, Expr] = {}
    for symbol, jet in jets.items():
        if jet.function == "sigma" and jet.orders == (1,):
            (time,) = jet.arguments
            slope = _named(alpha(t).diff(t).subs(t, time))
            fall = Symbol(f"k({time})", nonnegative=True)
            found[symbol] = _named(sigma(time)) * (slope / _named(alpha(time)) + fall / 2)
    return found


def _below_sigma() -> dict[Symbol, Expr]:
    """The earlier sigma by beta and a number that is not negative."""
    return {_named(sigma(s)): beta + Symbol("r_", nonnegative=True)}


def _compared(jets: Mapping[Symbol, Jet], factor: Callable[[Symbol], Expr]) -> dict[Symbol, Expr]:
    """The values of sigma by that at the earliest time, with a factor for each step in time."""
    met = {jet.arguments[0] for jet in jets.values() if jet.function in ("alpha", "sigma")}
    times = [time for time in _CLOCK if time in met]
    found: dict[Symbol, Expr] = {}
    for before, time in pairwise(times):
        earlier = _named(sigma(before))
        ratio = found.get(earlier, earlier) / _named(alpha(before))
        found[_named(sigma(time))] = _named(alpha(time)) * ratio * factor(Symbol(f"v({time})", nonnegative=True))
    return found


def _equivalents(left: Expr, right: Expr, known: Sequence[Expr]) -> Iterator[tuple[str, Expr, Expr]]:
    """Identities, each of which is equivalent to ``left = right`` wherever both sides have a value."""
    yield "", left, right
    if at_least_zero(left, known) and at_least_zero(right, known):
        yield "both sides are at least 0: their squares", left**2, right**2
    if left.has(log) or right.has(log):
        yield "the exponentials of both sides", exp(left), exp(right)
    for angle, other in ((left, right), (right, left)):
        if isinstance(angle, acos) and at_least_zero(other, known) and at_least_zero(factor(together(pi - other))):
            yield "the cosines of both sides, which lie between 0 and pi", cos(other), angle.args[0]


def at_least_zero(expr: Expr, known: Sequence[Expr] = ()) -> bool:
    """Whether the shape of an expression shows that it is not negative wherever it has a value.

    Examples
    --------
    >>> from sympy import sqrt
    >>> at_least_zero(sqrt(t) / exp(s) + s**2), at_least_zero(sqrt(t) - s**2)
    (True, False)
    """
    if expr in known or isinstance(expr, Abs | exp | cosh | acos):
        return True
    if expr.is_Rational:
        return bool(expr >= 0)
    if isinstance(expr, Symbol):
        return bool(expr.is_nonnegative)
    if isinstance(expr, Add | Mul) and all(at_least_zero(part, known) for part in expr.args):
        return True
    if isinstance(expr, Pow):
        # The root of any order is that of a number that is not negative.
        rational = expr.exp.is_Rational and (not expr.exp.is_Integer or expr.exp % 2 == 0)
        if expr.base is E or rational or at_least_zero(expr.base, known):
            return True
    return bool(expr.is_number) and _known(expr)


def _known(number: Expr) -> bool:
    try:
        return bool(enclose(number, {}) >= 0)
    except (BallError, UndefinedValueError):
        return False
