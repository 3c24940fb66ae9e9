"""Which condition saves a statement that is false as it stands.

A *condition* fixes numbers that the statement quantifies over (rho, gamma, delta).  A *family* fixes functions
(alpha,
sigma, beta): it is reported, and saves nothing, because a restriction of the schedule is another theory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sympy import Abs, Expr, Integer, Poly, PolynomialError, Pow, Rational, Symbol, exp, gcd_list, log, roots, together

from ..symbols import alpha, alpha_tilde, beta, s, sigma, t_0
from .jets import to_jets, without_lambda
from .prove import EngineDisagreementError, prove_all
from .refute import refute
from .statement import Condition, Equation, Instance, Proof

__all__ = ["find_conditions", "find_families", "substitute"]

# Where formulas of this field degenerate or coincide; rational roots of the difference are added.  A value beyond both is
# not found, and the claim is then reported as failing with its witness, never as holding.
_VALUES = (Integer(0), Integer(1), Integer(-1), Rational(1, 2), Rational(-1, 2), Integer(2))


def candidate_conditions(equations: Sequence[Equation], parameters: Sequence[Symbol]) -> Iterator[Condition]:
    """Conditions on one parameter, the weakest form first: p^2 = 1 before p = 1."""
    for p in parameters:
        if not p.is_nonnegative:
            if _knows_signs(equations, p):
                magnitude = Symbol(f"{p}_", nonnegative=True)
                yield Condition(f"{p} >= 0", ({p: magnitude},))
                yield Condition(f"{p} <= 0", ({p: -magnitude},))
            yield Condition(f"{p}**2 = 1", ({p: Integer(1)}, {p: Integer(-1)}))
        for value in dict.fromkeys((*_VALUES, *_roots(equations, p))):
            if not (p.is_nonnegative and value < 0):
                yield Condition(f"{p} = {value}", ({p: value},))


def _knows_signs(equations: Sequence[Equation], p: Symbol) -> bool:
    """Whether the sign of p can matter: a root, a logarithm or an absolute value holds it."""
    nodes = {node for e in equations for side in e.sides for node in side.atoms(Abs, log, Pow) if node.has(p)}
    return any(not (isinstance(node, Pow) and node.exp.is_Integer) for node in nodes)


def _roots(equations: Sequence[Equation], p: Symbol) -> list[Rational]:
    """Rational values of p at which the two sides of some equation agree, where the difference is a polynomial in p."""
    found: list[Rational] = []
    for equation in equations:
        left, right = equation.sides
        numerator = together(to_jets(left - right)[0]).as_numer_denom()[0].expand()
        others = sorted(numerator.free_symbols - {p}, key=str)
        try:
            coefficients = Poly(numerator, *others).coeffs() if others else [numerator]
            common = gcd_list([Poly(c, p).as_expr() for c in coefficients])
            found += [root for root in roots(Poly(common, p)) if root.is_Rational]
        except PolynomialError:
            continue  # p stands in an exponent or under a root
    return found


def find_conditions(
    equations: Sequence[Equation], parameters: Sequence[Symbol], instances: Sequence[Instance]
) -> tuple[tuple[Condition, ...], tuple[Proof, ...]]:
    """All conditions of the vocabulary under which every equation is proved, and the proofs.

    A condition counts only if both sides are defined under it at some point of the domain: ``0 * sqrt(-1)``
    saves nothing.
    """
    found: list[Condition] = []
    proofs: list[Proof] = []
    for condition in candidate_conditions(equations, parameters):
        if any(_implies(condition, earlier) for earlier in found):
            continue
        case_proofs: list[Proof] = []
        for case in condition.cases:
            if not _tested(equations, instances, case):
                break
            proved, reason = _try_prove([substitute(e, case) for e in equations])
            if reason:
                break
            case_proofs.extend(proved)
        else:
            found.append(condition)
            proofs.extend(case_proofs)
    return tuple(found), tuple(proofs)


def substitute(equation: Equation, case: Mapping[Symbol, Expr]) -> Equation:
    """The equation with parameters replaced by numbers, on both sides."""
    return replace(equation, printed=equation.printed.subs(case), derived=equation.derived.subs(case))


def find_families(equations: Sequence[Equation], instances: Sequence[Instance]) -> tuple[str, ...]:
    """Special families of schedules for which every equation is proved, and which hold no counterexample.

    A proof speaks of the points where both sides have a value; a member of the family where one has none refutes.
    """
    return tuple(
        name
        for name, rules in _FAMILIES.items()
        if _holds_in(rules, equations) and _agreed(equations, [i for i in instances if _is_member(i, name)])
    )


def _agreed(equations: Sequence[Equation], members: Sequence[Instance]) -> bool:
    return all(refute(equation, members, per_instance=_MEMBER_POINTS).witness is None for equation in equations)


_MEMBER_POINTS = 8


def _is_member(instance: Instance, name: str) -> bool:
    """Whether a family of functions is known to hold the instance."""
    if name not in _MEMBERS:
        return False
    return all(
        function in instance.functions
        and instance.functions[function][1].diff(instance.functions[function][0][-1], order).is_zero
        for function, order in _MEMBERS[name].items()
    )


_A0, _S0 = Symbol("a_0", positive=True), Symbol("s_0", positive=True)
# The slopes may have either sign, so nothing is assumed of them, nor of the sum that they enter.
_A1, _S1, _A2, _S2 = (Symbol(name, real=True) for name in ("a_1", "s_1", "a_2", "s_2"))
_FAMILIES: dict[str, tuple[tuple[Any, Any], ...]] = {
    "alpha constant": ((alpha, lambda time: _A0),),
    "sigma constant": ((sigma, lambda time: _S0),),
    "alpha and sigma affine in time": (
        (alpha, lambda time: _A1 + _A2 * time),
        (sigma, lambda time: _S1 + _S2 * time),
    ),
    "sigma_tilde constant": ((alpha_tilde, lambda ell: _S0 * exp(ell / 2)),),
    "sigma(t_0) = 0": ((sigma(t_0), Integer(0)),),
    "beta = sigma(s)": ((beta, sigma(s)),),
}
# Which derivative of which function is zero exactly for the members of a family of functions of time.
_MEMBERS: dict[str, dict[str, int]] = {
    "alpha constant": {"alpha": 1},
    "sigma constant": {"sigma": 1},
    "alpha and sigma affine in time": {"alpha": 2, "sigma": 2},
}


def _holds_in(rules: Sequence[tuple[Any, Any]], equations: Sequence[Equation]) -> bool:
    special = []
    for equation in equations:
        # The schedule hides inside lambda, so lambda is written out before alpha and sigma are chosen.
        printed, derived = (without_lambda(e) for e in (equation.printed, equation.derived))
        for old, new in rules:
            printed, derived = (e.replace(old, new) if callable(new) else e.subs(old, new) for e in (printed, derived))
        special.append(replace(equation, printed=printed.doit(), derived=derived.doit()))
    untouched = all(
        s.sides == (without_lambda(e.sides[0]), without_lambda(e.sides[1]))
        for s, e in zip(special, equations, strict=True)
    )
    if untouched:
        return False
    return not _try_prove(special)[1]


def _implies(condition: Condition, earlier: Condition) -> bool:
    return all(any(_narrower(case, other) for other in earlier.cases) for case in condition.cases)


def _narrower(case: Mapping[Symbol, Expr], other: Mapping[Symbol, Expr]) -> bool:
    """Whether every value of `case` is one of `other`, which may fix a number or only its sign."""
    return case == other or all(
        p in other
        and not other[p].is_number
        and value.is_number
        and (value >= 0 if other[p].is_nonnegative else value <= 0)
        for p, value in case.items()
    )


def _tested(equations: Sequence[Equation], instances: Sequence[Instance], case: Mapping[Symbol, Expr]) -> bool:
    """Whether no point refutes the statement under `case`, and at least one could have."""
    searches = [refute(e, instances, fixed=case) for e in equations]
    return all(search.witness is None and search.tested > 0 for search in searches)


def _try_prove(equations: Sequence[Equation]) -> tuple[tuple[Proof, ...], str]:
    try:
        return prove_all(equations)
    except EngineDisagreementError as disagreement:
        return (), str(disagreement)
