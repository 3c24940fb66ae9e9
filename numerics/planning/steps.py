"""The coefficients of the steps of a plan: in balls at any precision, in rationals, as SymPy numbers."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, fmpq
from sympy import Expr, Pow, log

from s2n_proofs.lower.forms import alpha_s, alpha_t, h, r, sigma_s, sigma_t
from s2n_proofs.proof.ball import enclose

from . import forms
from .at_times import LARGEST_ROOT
from .cases import LETTERS, RATIO, Cases
from .rationals import InexactError, rational_value

__all__ = ["Steps"]


class Steps(Cases):
    """Evaluates the coefficients of each step, by the form that holds there."""

    def balls(self, steps: Sequence[int]) -> list[arb]:
        """Enclose the coefficients of some steps, three for each, at the precision in force."""
        alphas, sigmas = self.at.balls(sorted({place for step in steps for place in (step, step + 1)}))
        programs = {name: forms.program(name, self.prediction, self.eta) for name in set(self.names)}
        runs = {name: (program.code, program.constants()) for name, program in programs.items()}
        knobs = zip(*(value.balls(steps) for value in self.values), strict=True)
        result: list[arb] = []
        for step, knob in zip(steps, knobs, strict=True):
            a_t, s_t, a_s, s_s = alphas[step], sigmas[step], alphas[step + 1], sigmas[step + 1]
            ratio = s_s * a_t / (a_s * s_t)
            if step in self.special:
                letters = {alpha_s: a_s, alpha_t: a_t, sigma_s: s_s, sigma_t: s_t, r: ratio}
                result += [enclose(part, letters) for part in self.special[step]]
            else:
                run, constants = runs[self.names[step]]
                result += run(constants, a_s, s_s, a_t, s_t, ratio, *knob)
        return result

    def rational(self, step: int, which: int) -> fmpq:
        """Compute one coefficient of a step exactly; InexactError if a value on the way is irrational."""
        if step in self.special:
            raise InexactError("a limit")
        (a_t, s_t), (a_s, s_s) = self.at.rationals(step), self.at.rationals(step + 1)
        letters = {alpha_s: a_s, alpha_t: a_t, sigma_s: s_s, sigma_t: s_t, r: s_s * a_t / (a_s * s_t)}
        part = self.triple(step)[which]
        for letter, value in zip(LETTERS, self.values, strict=True):
            if part.has(letter):
                letters[letter] = value.rational(step)
        return rational_value(part, letters)

    def expression(self, step: int, which: int) -> Expr:
        """Return one coefficient of a step as an exact SymPy number; InexactError if SymPy might take long."""
        triple = self.special[step] if step in self.special else self.numbers_in(step, self.triple(step))
        exponents = [power.exp for power in triple[which].atoms(Pow) if power.has(r) and power.exp.is_Rational]
        if any(max(abs(exponent.p), exponent.q) > LARGEST_ROOT for exponent in exponents):
            raise InexactError("a high power or root of r")
        numbers = self.schedule_numbers(step)
        return triple[which].subs(h, -log(r)).subs(r, RATIO.subs(numbers)).subs(numbers)

    def check_defined(self, step: int) -> None:
        """Raise PlanError if the schedule or a parameter provably has no value at a step."""
        for value in self.values:
            value.check_finite(step)
        for place in (step, step + 1):
            self.at.check_positive(place)
