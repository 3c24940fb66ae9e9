"""Which form holds at each step of a plan: at gamma = -1, at the ends of the domain, at the largest beta, where nothing moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sympy import Expr, S, Symbol, nan, oo, zoo

from s2n_proofs.certification.zero import exactly_zero
from s2n_proofs.lower.forms import alpha_s, alpha_t, sigma_s, sigma_t
from s2n_proofs.proof.ball import working_precision
from s2n_proofs.symbols import beta, delta, gamma, rho

from . import forms
from .at_times import ScheduleAtTimes
from .errors import PlanError
from .exact import show, sign_of
from .forms import Kind, Prediction, Triple
from .parameters import Parameter
from .rationals import InexactError

__all__ = ["FIRST_BITS", "LETTERS", "RATIO", "Cases", "Values"]

FIRST_BITS = 128
"""Where the balls start: float64's 53 bits, 45 that make a doubtful rounding rare, and 30 to lose."""


class Values(NamedTuple):
    """The parameters of a plan; those that a kind of step does not have are the number 0."""

    gamma: Parameter
    delta: Parameter
    rho: Parameter
    beta: Parameter


RATIO = sigma_s * alpha_t / (alpha_s * sigma_t)
LETTERS: tuple[Symbol, ...] = (gamma, delta, rho, beta)


class Cases:
    """The form that holds at each step, and the checks of what is admissible.

    Parameters
    ----------
    at : ScheduleAtTimes
        The schedule on the grid.
    kind, prediction : str
        See :mod:`numerics.planning.forms`.
    values : Values
        The parameters; with `eta`, eta stands in beta's place.
    eta : bool
        Whether beta is given as eta times the ancestral step's noise.

    Attributes
    ----------
    names : list of str
        The form of each step, by its name in :data:`s2n_proofs.lower.forms.FORMS`.
    special : dict
        The steps where a limit holds, or an equality that no ball can tell: their triples, parameters put in.
    """

    def __init__(self, at: ScheduleAtTimes, kind: Kind, prediction: Prediction, values: Values, eta: bool) -> None:
        self.at, self.kind, self.prediction, self.values, self.eta = at, kind, prediction, values, eta
        self.count = len(at.times) - 1
        self.special: dict[int, Triple] = {}
        self._full: set[int] = set()  # the steps with beta = sigma_s exactly
        with working_precision(FIRST_BITS):
            self._not_negative("delta", values.delta)
            self.names = self._named()
            if kind == "nonmarkov":
                self._not_negative("eta" if eta else "beta", values.beta)
                self._check_room()
            self._settle_ends()

    # --- which form ---------------------------------------------------------------------------------------

    def _not_negative(self, name: str, value: Parameter) -> None:
        for step, sign in enumerate(value.signs_against(0)):
            if sign not in (0, 1):
                raise PlanError(f"{name} must not be negative; at step {step} it is {value.shown(step)}")

    def _named(self) -> list[str]:
        if self.kind != "corollary":
            return [f"{self.kind}_step"] * self.count
        signs = self.values.gamma.signs_against(-1)
        if None in signs:
            raise PlanError(f"gamma cannot be told from -1 at step {signs.index(None)}; write -1 where it is meant")
        names = ["step" if sign else "step_limit" for sign in signs]
        return names if len(names) == self.count else names * self.count

    def _check_room(self) -> None:
        """See that beta <= sigma_s at every step; where they are equal the root is exactly 0, which no ball can tell."""
        knob = self.values.beta
        if self.eta and set(knob.signs_against(1)) <= {-1, 0}:
            return  # beta <= sigma_Q <= sigma_s
        alphas, sigmas = self.at.balls(range(self.count + 1))
        for step, value in enumerate(knob.balls(range(self.count))):
            if self.eta and self.at.vanishes(step + 1, 1):
                continue  # sigma_Q = 0
            if self.eta:
                ratio = sigmas[step + 1] * alphas[step] / (alphas[step + 1] * sigmas[step])
                room = 1 - value**2 * (1 - ratio**2)
            else:
                room = sigmas[step + 1] - value
            if not room > 0:
                self._no_room(step, bool(room < 0))

    def _no_room(self, step: int, refuted: bool) -> None:
        sign = -1 if refuted else self._sign_of_room(step)
        if sign == 0:
            self._full.add(step)
            if not self.at.vanishes(step + 1, 1):
                self.special[step] = self.numbers_in(step, self.triple(step))
        elif sign != 1:
            limit = "eta*sigma_Q must be at most sigma(s), so eta = 1 at most does always"
            if not self.eta:
                limit = f"beta must be at most sigma(s), here {self.at.balls([step + 1])[1][step + 1].str(12, radius=False)}"
            raise PlanError(
                f"{limit}; at step {step}, from t = {self._time(step)} to s = {self._time(step + 1)}, "
                f"{'eta' if self.eta else 'beta'} = {self.values.beta.shown(step)} "
                f"{'is too large' if sign else 'cannot be told from the largest allowed'}"
            )

    def _sign_of_room(self, step: int) -> int | None:
        value = self.values.beta.expression(step)
        room = 1 - value**2 * (1 - RATIO**2) if self.eta else sigma_s - value
        try:
            return sign_of(room.subs(self.schedule_numbers(step)))
        except InexactError:
            return None

    def _settle_ends(self) -> None:
        first, last = 0, self.count - 1
        s_vanishes, t_vanishes = self.at.vanishes(last + 1, 1), self.at.vanishes(first, 0)
        if self.at.vanishes(first, 1) or self.at.vanishes(last + 1, 0):
            raise PlanError("sigma is 0 at the first time, or alpha at the last; no step begins or ends there")
        if s_vanishes and not (t_vanishes and first == last):
            triple = forms.at_vanishing_sigma(self.numbers_in(last, self.triple(last)))
            self.special[last] = self._finite(last, triple, "sigma")
        if t_vanishes:
            eta = self._in_eta(first)
            triple = forms.at_vanishing_alpha(self.names[first], self.prediction, self._numbers(first), eta)
            if s_vanishes and first == last:
                triple = forms.put(triple, sigma_s, S.Zero)
            self.special[first] = self._finite(first, triple, "alpha")

    def _in_eta(self, step: int) -> bool:
        # Where sigma_s = 0 beta is 0 whatever eta is, and where beta = sigma_s it is known without eta.
        return self.eta and step not in self._full and not self.at.vanishes(step + 1, 1)

    def triple(self, step: int) -> Triple:
        """Return the form of a step, in the letters."""
        return forms.coefficients(self.names[step], self.prediction, self._in_eta(step))

    def _numbers(self, step: int) -> dict[Symbol, Expr]:
        found = {letter: value.expression(step) for letter, value in zip(LETTERS, self.values, strict=True)}
        if self.at.vanishes(step + 1, 1):
            found[beta] = S.Zero
        elif step in self._full:
            found[beta] = sigma_s
        return found

    def numbers_in(self, step: int, triple: Triple) -> Triple:
        """Put the exact parameters of a step into a form."""
        numbers = self._numbers(step)
        a_z, a_eps, a_noise = (part.subs(numbers) for part in triple)
        return a_z, a_eps, a_noise

    def _finite(self, step: int, triple: Triple, vanishing: str) -> Triple:
        if not any(part.has(oo, -oo, zoo, nan) for part in triple):
            return triple
        where = f"the step from t = {self._time(step)} to s = {self._time(step + 1)}"
        if vanishing == "sigma":
            raise PlanError(f"{where} has no finite limit, because sigma(s) = 0; gamma must be greater than -1 there")
        if self.prediction in ("eps", "score"):
            raise PlanError(
                f'{where} has no limit with prediction="{self.prediction}", because alpha(t) = 0 and {self.prediction} then tells '
                f'nothing of x; use a network with prediction="x" or "v", or start later'
            )
        given = ", ".join(f"{name} = {getattr(self.values, name).shown(step)}" for name in ("gamma", "delta", "rho"))
        raise PlanError(
            f"{where} has no finite limit for {given}, because alpha(t) = 0; there gamma must be rho**2, "
            "and delta at least 1 unless rho = 0"
        )

    def schedule_numbers(self, step: int) -> Mapping[Symbol, Expr]:
        """Return alpha and sigma at both times of a step as SymPy numbers; InexactError if SymPy might take long."""
        (a_t, s_t), (a_s, s_s) = self.at.expressions(step), self.at.expressions(step + 1)
        return {alpha_s: a_s, alpha_t: a_t, sigma_s: s_s, sigma_t: s_t}

    def settle_flat(self, step: int) -> bool:
        """Whether the log-SNR is proven equal at both ends of a step; the step is then evaluated as such."""
        if step in self.special or self.at.schedule.strictly_decreasing:
            return False
        try:
            values = self.schedule_numbers(step)
        except InexactError:
            return False
        if not exactly_zero((sigma_s * alpha_t - sigma_t * alpha_s).subs(values)):
            return False
        self.special[step] = self.numbers_in(step, forms.on_flat_stretch(self.triple(step)))
        return True

    def _time(self, place: int) -> str:
        return show(self.at.times[place])
