"""LaTeX in both styles."""

from __future__ import annotations

import pytest
from sympy import Mul, Rational, Symbol, exp, sqrt
from sympy.codegen.cfunctions import expm1

from s2n_proofs.lower.printers.latex_code import expression_latex, program_latex
from s2n_proofs.lower.program import program
from s2n_proofs.symbols import alpha, density, eps_net, g, lam, s, sigma, t, transition_factor, transition_variance, z


@pytest.mark.parametrize(
    ("expr", "long", "short"),
    [
        (alpha(t) ** 2, r"{\alpha}(t)^{2}", r"\alpha_{t}^{2}"),
        (lam(t).diff(t), r"\lambda'(t)", r"\dot\lambda_{t}"),
        (lam(t).diff(t) ** 2, r"\left(\lambda'(t)\right)^{2}", r"\dot\lambda_{t}^{2}"),
        (sigma(s).diff(s, 2), r"\sigma''(s)", r"\ddot\sigma_{s}"),
        (g(t).diff(t, 3), "g'''(t)", "g^{(3)}_{t}"),
        (transition_variance(s, t), r"\Sigma_{t\mid s}(s, t)", r"\Sigma_{t\mid s}"),
        (transition_factor(t, s), r"\alpha_{t\mid s}(t, s)", r"\alpha_{s\mid t}"),
        (eps_net(z, t), r"\epsilon_\theta(z, t)", r"\epsilon_\theta(z, t)"),
        (density(z, t).diff(z), r"\partial_{z}p(z, t)", r"\partial_{z}p(z, t)"),
        (alpha(t + Rational(1, 2)), r"\alpha(t + \frac{1}{2})", r"\alpha_{t + \frac{1}{2}}"),
        (expm1(-t), r"\operatorname{expm1}(- t)", r"\operatorname{expm1}(- t)"),
    ],
)
def test_both_styles(expr, long: str, short: str) -> None:
    assert expression_latex(expr) == long
    assert expression_latex(expr, short=True) == short


def test_program_shows_steps_in_order_and_keeps_products() -> None:
    x = Symbol("x")
    printed = program_latex(program([x], {"a_z": Mul(2, 1 - exp(x), evaluate=False), "b": sqrt(exp(x))}))
    assert printed.splitlines()[1:-1] == [
        r"  v_{0} &= e^{x} \\",
        r"  \mathrm{a\_z} &= 2 \left(1 - v_{0}\right) \\",
        r"  \mathrm{b} &= \sqrt{v_{0}}",
    ]
