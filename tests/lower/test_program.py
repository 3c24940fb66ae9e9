"""Programs: sharing without moving an operation."""

from __future__ import annotations

import pytest
from sympy import Add, Mul, Piecewise, Pow, Symbol, cos, cse, exp, sin, sqrt, srepr
from sympy.abc import x, y

from s2n_proofs.formulas import derive
from s2n_proofs.lower.program import Program, ProgramError, program, put
from s2n_proofs.named_schedules import catalogue
from s2n_proofs.symbols import gamma, rho, s, t


def test_products_of_sums_stay_what_they_are() -> None:
    kept = Mul(2, 1 - exp(x), evaluate=False)
    made = program([x], {"a": kept, "b": exp(x) + 3})
    ((step, _),) = made.steps
    assert srepr(made.outputs[0][1]) == srepr(Mul(2, Add(1, Mul(-1, step), evaluate=False), evaluate=False))
    assert srepr(made.expressions()["a"]) == srepr(kept)
    # SymPy's own does multiply it out; if it no longer did, this module could go.
    assert cse([kept, exp(x) + 3])[1][0].is_Add


def test_every_subtree_that_occurs_twice_is_a_step() -> None:
    branch = Piecewise((sin(x) ** 2, x < y), (cos(x * y), True))
    made = program([x, y], {"a": sin(x) ** 2 + cos(x * y), "b": branch})
    assert {expr for _, expr in made.steps} == {sin(x) ** 2, cos(x * y)}  # what is inside them is needed once
    assert made.expressions()["b"] == branch


def test_reciprocals_are_not_steps_and_their_powers_are_shared() -> None:
    made = program([x, y], {"a": y / sqrt(x), "b": (1 + y) / sqrt(x), "c": sqrt(x)})
    assert [expr for _, expr in made.steps] == [sqrt(x)]
    root = made.steps[0][0]
    assert dict(made.outputs)["a"] == y * Pow(root, -1)


@pytest.mark.parametrize("name", ["vp", "fm-ot"])
def test_steps_put_back_are_the_formula(name: str) -> None:
    step = derive(catalogue[name]).step._asdict()
    made = program([s, t, gamma, rho, Symbol("delta", nonnegative=True)], step)
    for part, expr in made.expressions().items():
        assert expr.doit() == step[part]


def test_equal_programs_are_equal_and_hash_alike() -> None:
    one, two = (program([x], {"a": exp(x) + sin(exp(x))}) for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)


def test_names_of_steps_avoid_those_of_inputs() -> None:
    taken = Symbol("_0")
    made = program([taken], {"a": exp(taken) + sin(exp(taken))})
    assert [symbol.name for symbol, _ in made.steps] == ["_1"]


def test_put_replaces_all_at_once() -> None:
    assert put(x - y, {x: y, y: x}).doit() == y - x
    assert srepr(put(Mul(2, x, evaluate=False), {x: 1 - y})) == srepr(Mul(2, 1 - y, evaluate=False))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: program([x], {"a": x + y}), "output a uses y, which has no value there"),
        (lambda: Program((x,), ((y, y + 1),), ()), "step y uses y, which has no value there"),
        (lambda: Program((x, x), (), ()), "the symbol x has two values"),
        (lambda: Program((x,), ((x, x + 1),), ()), "the symbol x has two values"),
        (lambda: Program((x,), (), (("a", x), ("a", x))), "two outputs have one name: a, a"),
        (lambda: Program((x,), (), (("a", x > 0),)), "output a must be an expression"),
    ],
)
def test_nonsense_is_refused(make, sentence: str) -> None:
    with pytest.raises(ProgramError, match=sentence):
        make()
