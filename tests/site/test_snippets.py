"""The code that is copied computes the formula it stands beside."""

from __future__ import annotations

import math
import random

import pytest
from sympy import Derivative, Float, Function, Symbol
from sympy.core.function import AppliedUndef

from s2n_proofs import symbols
from s2n_proofs.ledger.assess import equations_of
from s2n_proofs.ledger.claim import Claim
from s2n_proofs.ledger.registry import CLAIMS
from s2n_proofs.proof.prove import prove
from s2n_proofs.site.snippets import sympy_code, torch_code
from s2n_proofs.symbols import VOCABULARY, alpha, lam, s, t
from s2n_proofs.text import to_text

EQUATIONS = [
    pytest.param(equation, id=f"{claim.id} {equation.name}")
    for claim in CLAIMS
    if isinstance(claim, Claim)
    for equation in equations_of(claim, claim.derive())
]


def run(code: str, name: str) -> object:
    space: dict[str, object] = {}
    exec(code, space)
    return space[name]


def by_name(expr):
    """The same with plain symbols and functions for those that are not the vocabulary's: a text carries no assumptions."""

    def plain(node):
        return Function(node.func.__name__)(*node.args)

    own = {x: Symbol(x.name) for x in expr.free_symbols if x not in VOCABULARY.values()}
    known = {value for name in symbols.__all__ if isinstance(value := getattr(symbols, name), type(alpha))}
    return expr.xreplace(own).replace(lambda n: isinstance(n, AppliedUndef) and n.func not in known, plain)


@pytest.mark.parametrize("equation", EQUATIONS)
def test_the_sympy_code_is_the_formula(equation) -> None:
    made = run(sympy_code(to_text(equation.derived)), "formula")
    right = by_name(equation.derived)
    assert made == right or (made - right).expand() == 0 or prove(made, right, "").proof is not None


def test_a_number_stays_exact() -> None:
    assert not run(sympy_code("(1/2 - x**3/2)/2"), "formula").has(Float)


def test_two_formulas_have_two_codes() -> None:
    assert run(sympy_code(to_text(alpha(t))), "formula") != run(sympy_code(to_text(alpha(s))), "formula")


def test_the_torch_code_has_the_value_of_the_formula() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    draw = random.Random(7)
    tried = 0
    for equation in (parameter.values[0] for parameter in EQUATIONS):
        code = torch_code(equation.derived)
        if code is None:
            continue
        function = run(code, "formula")
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        values = {name: draw.uniform(0.3, 0.9) for name in names}
        found = function(*(torch.tensor(values[name], dtype=torch.float64) for name in names))
        expected = _value(equation.derived, values)
        if expected is None:
            continue
        tried += 1
        # Some tens of operations on numbers near 1, and differences that lose two digits at most.
        assert math.isclose(float(found), expected, rel_tol=1e-11, abs_tol=1e-13), equation.name
    assert tried > 60


def _value(expr, values: dict[str, float]) -> float | None:
    """The formula at the values of the letters, by SymPy and without the printer."""

    def letter(node) -> Float:
        applied = node.expr if isinstance(node, Derivative) else node
        order = sum(int(n) for _, n in node.variable_count) if isinstance(node, Derivative) else 0
        arguments = "_".join(str(a).replace(" + ", "_") for a in applied.args)
        return Float(values[f"{'d' * order}{'_' if order else ''}{applied.func}_{arguments}"])

    at = {node: letter(node) for node in expr.atoms(Derivative)}
    rest = expr.xreplace(at)
    rest = rest.xreplace({node: letter(node) for node in rest.atoms(AppliedUndef)})
    found = rest.xreplace({x: Float(values[x.name]) for x in rest.free_symbols}).evalf(30)
    return float(found) if found.is_real else None


def test_what_has_no_variable_has_no_torch_code() -> None:
    assert torch_code(alpha(t).diff(t) * 0) is None
    assert torch_code(lam(t)) is not None
