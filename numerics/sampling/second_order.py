r"""Second-order steps: Heun's with a predicted end, and the two-step method that reuses the output before.

Their coefficients are derived in :mod:`s2n_proofs.theory.second_order`, evaluated in balls and rounded once.  What a
network predicts is first read as $\epsilon$ or $x$, whichever the form interpolates.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Literal

import torch
from flint import arb
from sympy import Expr, Symbol, log
from torch import Tensor

from s2n_proofs.lower.forms import alpha_s, alpha_t, sigma_s, sigma_t
from s2n_proofs.symbols import alpha, gamma, lam, s, sigma, t, tau
from s2n_proofs.theory import second_order

from ..planning.forms import Prediction, reading
from ..planning.levels import format_of, round_when_decided
from ..planning.parameters import read_parameter
from ..planning.reading import schedule_at
from ..planning.straight_line import compile_expressions
from ..step_plan import StepPlan
from .conventions import Caller, Denoiser
from .errors import SamplerError

__all__ = ["Form", "Heun", "Multistep"]

Form = Literal["eps", "x"]
_DERIVED = {
    ("heun", "eps"): second_order.heun, ("heun", "x"): second_order.heun_x,
    ("multistep", "eps"): second_order.multistep, ("multistep", "x"): second_order.multistep_x,
}  # fmt: skip
_before = Symbol("alpha_tau", positive=True), Symbol("sigma_tau", positive=True)
_LETTERS = (alpha_s, sigma_s, alpha_t, sigma_t, *_before, gamma)


def _in_letters(formula: Expr) -> Expr:
    letters = {s: (alpha_s, sigma_s), t: (alpha_t, sigma_t), tau: _before}
    plain = formula.replace(lam, lambda time: 2 * log(alpha(time) / sigma(time)))
    return plain.replace(alpha, lambda time: letters[time][0]).replace(sigma, lambda time: letters[time][1])


class _SecondOrder(ABC):
    """What both methods share: the reading of outputs, and the rounded coefficients."""

    name: str

    def __init__(self, plan: StepPlan, call: Caller, prediction: Prediction, form: Form) -> None:
        if form not in ("eps", "x"):
            raise SamplerError(f"form must be eps or x; it is {form!r}")
        self._at = schedule_at(plan.schedule, plan.exact_times)
        self._format = format_of(plan.a_z.dtype)
        knob = read_parameter("gamma", plan.parameters["gamma"], plan.schedule, plan.exact_times)
        if form == "x" and any(sign != 0 for sign in knob.signs_against(0)):
            raise SamplerError('form="x" has no gamma: the bracket is the prediction of x itself')
        if form == "eps" and any(sign in (0, None) for sign in knob.signs_against(-1)):
            raise SamplerError("gamma must not be -1 in a second-order step")
        self._gamma, self._call, self._count = knob, call, len(plan)
        self._reading = self._readings(prediction, form)
        self._a_z: list[float] = plan.a_z.tolist()
        self._a_out: list[float] = plan.a_eps.tolist()
        # The last step to sigma = 0 is of first order, as EDM's is: there the outputs at its end tell nothing.
        self._first_order = {self._count - 1} if self._at.vanishes(self._count, 1) else set()
        self._pairs = self._weights(form)
        self.noise = [0.0] * self._count
        self.evaluations = 0
        self._buffers: tuple[Tensor, Tensor, Tensor] | None = None
        # For torch.compile, as in the first-order method; a step without a pair never looks it up.
        table = [self._pairs.get(step, (0.0, 0.0)) for step in range(self._count)]
        self._tables = plan.a_z, plan.a_eps, plan.a_z.new_tensor(table)
        self._reading_table = None if self._reading is None else plan.a_z.new_tensor(self._reading)

    def _steps(self) -> range:
        """The steps that have second-order coefficients, those of first order aside."""
        return range(self._count)

    def _weights(self, form: Form) -> dict[int, tuple[float, float]]:
        result = _DERIVED[self.name, form]().result
        program = compile_expressions(tuple(_in_letters(result[part]) for part in ("now", "other")), _LETTERS)
        steps = [step for step in self._steps() if step not in self._first_order]

        def balls() -> list[arb]:
            alphas, sigmas = self._at.balls(range(self._count + 1 - len(self._first_order)))
            found: list[arb] = []
            for step, value in zip(steps, self._gamma.balls(steps), strict=True):
                before = max(step - 1, 0)
                places = [levels[place] for place in (step + 1, step, before) for levels in (alphas, sigmas)]
                found += program.balls(*places, value)
            return found

        rounded = round_when_decided(balls, self._format)
        return {step: (rounded[2 * i], rounded[2 * i + 1]) for i, step in enumerate(steps)}

    def _readings(self, prediction: Prediction, form: Form) -> list[tuple[float, float]] | None:
        """By what z and the output are multiplied to give what the form interpolates, at each time."""
        if prediction == form:
            return None
        program = compile_expressions(reading(prediction, form), (alpha_t, sigma_t))
        places = [place for place in range(self._count + 1) if not self._at.vanishes(place, 1)]
        if prediction in ("eps", "score") and self._at.vanishes(0, 0):
            raise SamplerError(f"{prediction} tells nothing of x where alpha = 0; start later")

        def balls() -> list[Any]:
            alphas, sigmas = self._at.balls(places)
            return [ball for place in places for ball in program.balls(alphas[place], sigmas[place])]

        rounded = round_when_decided(balls, self._format)
        return [(rounded[2 * i], rounded[2 * i + 1]) for i in range(len(places))]

    def _space(self, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if self._buffers is None or self._buffers[0].shape != z.shape:
            self._buffers = torch.empty_like(z), torch.empty_like(z), torch.empty_like(z)
        return self._buffers

    def _read(self, denoiser: Denoiser, place: int, z: Tensor, into: Tensor) -> Tensor:
        """Evaluate, and write into `into` what the form interpolates."""
        output = self._call(denoiser, place, z)
        self.evaluations += 1
        if self._reading is None:
            return into.copy_(output)
        by_z, by_output = self._reading[place]
        return torch.mul(z, by_z, out=into).add_(output, alpha=by_output)

    def _read_traced(self, denoiser: Denoiser, place: int, z: Tensor) -> Tensor:
        """As :meth:`_read`, out of place."""
        output = self._call.traced(denoiser, place, z)
        if self._reading_table is None:
            return output
        by_z, by_output = self._reading_table[place].unbind()
        return by_z * z + by_output * output

    @abstractmethod
    def advance(self, index: int, z: Tensor, denoiser: Denoiser) -> None:
        """Do a step in place."""

    def forget(self) -> None:
        """Begin a new run."""
        self.evaluations = 0


class Heun(_SecondOrder):
    """Two evaluations: the first-order step predicts the end, and the outputs at both ends are averaged as derived."""

    name = "heun"

    def advance(self, index: int, z: Tensor, denoiser: Denoiser) -> None:
        """Do a step in place."""
        now, end, ahead = self._space(z)
        self._read(denoiser, index, z, now)
        if index in self._first_order:
            z.mul_(self._a_z[index]).add_(now, alpha=self._a_out[index])
            return
        torch.mul(z, self._a_z[index], out=end).add_(now, alpha=self._a_out[index])
        self._read(denoiser, index + 1, end, ahead)
        by_now, by_end = self._pairs[index]
        z.mul_(self._a_z[index]).add_(now, alpha=by_now).add_(ahead, alpha=by_end)

    def traced(self, index: int, z: Tensor, denoiser: Denoiser) -> None:
        """Do a step for ``torch.compile``."""
        a_z, a_out, pairs = self._tables
        now = self._read_traced(denoiser, index, z)
        end = a_z[index] * z + a_out[index] * now
        if not self._first_order or index < self._count - 1:
            ahead = self._read_traced(denoiser, index + 1, end)
            by_now, by_end = pairs[index].unbind()
            end = a_z[index] * z + by_now * now + by_end * ahead
        z.copy_(end)


class Multistep(_SecondOrder):
    """One evaluation: this output and the one before; the first step is of first order."""

    name = "multistep"
    _last = -1

    def _steps(self) -> range:
        return range(1, self._count)

    def forget(self) -> None:
        """Begin a new run."""
        super().forget()
        self._last = -1

    def advance(self, index: int, z: Tensor, denoiser: Denoiser) -> None:
        """Do a step in place."""
        if index not in (0, self._last + 1):
            raise SamplerError(f"a multistep method goes in order: step {index} came after step {self._last}")
        if index and self._buffers is not None and self._buffers[0].shape != z.shape:
            raise SamplerError(
                f"step {index} of a multistep method goes on from a state of shape {tuple(self._buffers[0].shape)}; this one "
                f"has {tuple(z.shape)}: begin again"
            )
        buffers = self._space(z)
        now, before = buffers[index % 2], buffers[1 - index % 2]
        self._read(denoiser, index, z, now)
        self._last = index
        if index == 0 or index in self._first_order:
            z.mul_(self._a_z[index]).add_(now, alpha=self._a_out[index])
            return
        by_now, by_before = self._pairs[index]
        z.mul_(self._a_z[index]).add_(now, alpha=by_now).add_(before, alpha=by_before)

    def traced(self, index: int, z: Tensor, denoiser: Denoiser) -> None:
        """Do a step for ``torch.compile``; the steps of a run are all traced, or none is, and come in order."""
        a_z, a_out, pairs = self._tables
        now, before = self._read_traced(denoiser, index, z), self._space(z)[0]
        kept = now.clone()  # it may be a view of z
        if index == 0 or (self._first_order and index == self._count - 1):
            z.copy_(a_z[index] * z + a_out[index] * now)
        else:
            by_now, by_before = pairs[index].unbind()
            z.copy_(a_z[index] * z + by_now * now + by_before * before)
        before.copy_(kept)
