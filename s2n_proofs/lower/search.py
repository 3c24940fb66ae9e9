r"""Which form, in which arithmetic: the cheapest that reaches the goal, by measurement against the true values.

Nothing is chosen by taste.  Every candidate of :mod:`s2n_proofs.lower.candidates` is run, in NumPy, on times close to
each other and to both ends of the domain; its error is taken against ball arithmetic in units of machine epsilon;
a rewrite that does not help is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Rational, Symbol

from s2n_proofs.symbols import beta, delta, gamma, rho, s, sigma, t

from .candidates import PAIR_INPUTS, SINGLE, STEPS, Candidate, Candidates
from .corners import across, corners
from .doubled import Doubled
from .emit import PLAIN, TWOFOLD, compile_graph
from .endvalues import EndValues
from .forms import derived, single_formula
from .graph import Node, order
from .points import Pairs, pairs, without
from .reference import Exactly, Reference, errors
from .trial import Trial
from .twofold import SERIES_BELOW, Twofold, phi_tail

if TYPE_CHECKING:
    from s2n_proofs.schedule import Schedule

__all__ = ["ARITHMETICS", "GOALS", "PAIRS", "QUANTITIES", "Choice", "Search", "evaluate", "plain_phi"]

GOALS: Mapping[str, float] = {
    **dict.fromkeys(SINGLE, 4.0), "transition_factor": 4.0, "transition_variance": 8.0, **dict.fromkeys(STEPS, 8.0)
}  # fmt: skip
"""The largest error wanted, in machine epsilons of the value (of max(1, value) for the log-SNR)."""

QUANTITIES = tuple(GOALS)
ARITHMETICS = {"float32": ("float32", "float64"), "float64": ("float64", "twofold")}
"""What a kernel of a dtype may compute in, the cheaper first; ``doubled`` where none of them reaches the goal in float64."""

PAIRS = {"twofold": Twofold, "doubled": Doubled}
"""The arithmetics on pairs of doubles."""

_COUNT = 200
_DEPTH = -10.0  # a thousand times closer to the ends than the goals ask for
_NEAR_CORNER = -7.0
_MARGIN = 0.4  # of the goal: other points, and another library's functions, may be a little worse
_PARAMETERS = ((-1.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.25, 0.95, 1.0))
_COSTS = {"add": 1, "sub": 1, "mul": 1, "div": 2, "neg": 1, "sqrt": 2, "powr": 16, "pow": 16, "phi": 30}


@dataclass(frozen=True)
class Choice:
    """What is computed how, and what else was tried.

    Attributes
    ----------
    quantity, dtype : str
    chosen : Trial
    tried : tuple of Trial
    nodes : mapping of str to Node
    """

    quantity: str
    dtype: str
    chosen: Trial
    tried: tuple[Trial, ...]
    nodes: Mapping[str, Node]

    @property
    def met(self) -> bool:
        """Whether the goal was reached at the points tried."""
        return self.chosen.error <= GOALS[self.quantity]


def evaluate(
    inputs: Sequence[Symbol], nodes: Mapping[str, Node], arguments: Sequence[Any], arithmetic: str
) -> dict[str, np.ndarray]:
    """Run a graph in NumPy.

    Parameters
    ----------
    inputs : sequence of Symbol
    nodes : mapping of str to Node
    arguments : sequence of array
        One for each input.
    arithmetic : str
        ``float32``, ``float64``, ``twofold`` or ``doubled``.
    """
    run = compile_graph(inputs, nodes, TWOFOLD if arithmetic in PAIRS else PLAIN)
    dtype = "float32" if arithmetic == "float32" else "float64"
    given = [np.asarray(x, dtype) for x in arguments]
    shape = np.broadcast_shapes(*(x.shape for x in given))
    # Overflow and 0/0 show in the result, where they count as an infinite error.
    with np.errstate(all="ignore"):
        if arithmetic in PAIRS:
            two = PAIRS[arithmetic](np)
            values = [two.value(x) for x in run(np, two, two.phi, *((x, 0.0) for x in given))]
        else:
            values = list(run(_Numpy(), None, plain_phi, *given))
    return {name: np.broadcast_to(np.asarray(x), shape) for name, x in zip(nodes, values, strict=True)}


class _Numpy:
    """NumPy's functions, and the one of the graphs that it has not."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def affine(x: Any, slope: float, offset: float) -> Any:
        return x * slope + offset


def plain_phi(xp: Any, exponent: Any, gap: Any, ratio: Any) -> Any:
    r"""$(1-r^p)/p$, or h where p is 0, in plain arithmetic, with its derivatives in p and h."""
    none, finite = exponent == 0, xp.isfinite(gap)
    product = exponent * xp.where(finite, gap, 0.0)
    near = none | (finite & (xp.abs(product) < SERIES_BELOW))
    series = gap * (1.0 - phi_tail(product))
    # A branch that is not taken gets numbers at which it has a derivative: autograd multiplies that by 0.
    divisor = xp.where(near, 1.0, exponent)
    close = xp.abs(product) < 0.5
    middle = -xp.expm1(-xp.where(close, product, 0.0)) / divisor
    large = (1.0 - xp.where(close & finite, 1.0, ratio) ** divisor) / divisor
    return xp.where(near, series, xp.where(close & finite, middle, large))


class Search:
    """Measure the candidates of one schedule for one dtype.

    Parameters
    ----------
    schedule : Schedule
    dtype : str
        ``float32`` or ``float64``.
    candidates : Candidates, optional
        Shared between dtypes.
    """

    def __init__(self, schedule: Schedule, dtype: str, candidates: Candidates | None = None, *, seed: int = 0) -> None:
        self.dtype = dtype
        self.candidates = candidates or Candidates(schedule)
        self.reference = Reference(schedule.alpha, schedule.sigma)
        anywhere = pairs(schedule.domain, _COUNT, seed, dtype, _DEPTH)
        meeting = corners((schedule.alpha, schedule.sigma), schedule.domain)
        astride = across(meeting, schedule.domain, dtype, _NEAR_CORNER, seed)
        both = Pairs(np.concatenate([anywhere.s, astride.s]), np.concatenate([anywhere.t, astride.t]))
        kept = without(both, meeting)
        self.points = self.reference.representable(kept)
        if 0 < self.points.s.size < kept.s.size:
            self.points = self._up_to_the_edge(self.points, meeting, seed)
        self._epsilon = float(np.finfo(dtype).eps)

    def _up_to_the_edge(self, points: Pairs, meeting: Sequence[float], seed: int) -> Pairs:
        """With as many pairs again from where alpha and sigma are numbers of the dtype: it is hardest at the edge of that."""
        span = Rational(float(points.s.min())), Rational(float(points.t.max()))
        more = self.reference.representable(
            without(pairs(span, _COUNT, seed + 1, points.s.dtype.name, _DEPTH), meeting)
        )
        return Pairs(np.concatenate([points.s, more.s]), np.concatenate([points.t, more.t]))

    def choose(self, quantity: str) -> Choice:
        """The cheapest candidate and arithmetic that reach the goal with a margin, else the most accurate."""
        measured = list(self._trials(quantity, self.named(self.candidates, quantity)))
        if all(trial.error > GOALS[quantity] for trial, _ in measured) and self.candidates.factored is not None:
            measured += self._trials(quantity, self.named(self.candidates.factored, quantity))
        if self.dtype == "float64" and all(trial.error > GOALS[quantity] for trial, _ in measured):
            measured += self._trials(quantity, self.every(self.candidates, quantity), ("doubled",))
        trials = [trial for trial, _ in measured]
        good = [pair for pair in measured if pair[0].error <= _MARGIN * GOALS[quantity]]
        if quantity in SINGLE:
            ends = EndValues(self.reference, quantity, self.candidates.schedule.domain, self.dtype)
            good = [pair for pair in good if ends.kept(self._at(ends.times, quantity, *pair))] or good
        if good:
            best, nodes = min(good, key=lambda pair: (pair[0].cost, pair[0].error))
        else:
            best, nodes = min(measured, key=lambda pair: (pair[0].error, pair[0].cost))
        return Choice(quantity, self.dtype, best, tuple(trials), nodes)

    def unwritten(self, quantity: str) -> tuple[Trial, ...]:
        """The same formulas on log-SNRs that are rounded before they are subtracted; nothing for one time alone."""
        gaps = [] if quantity in SINGLE else [self.candidates.rounded_gap()]
        return tuple(trial for trial, _ in self._trials(quantity, self._on(gaps, self.candidates, quantity)))

    def _trials(
        self, quantity: str, candidates: Iterable[Candidate], arithmetics: Sequence[str] | None = None
    ) -> Iterator[tuple[Trial, Mapping[str, Node]]]:
        measure, inputs = self._measure(quantity)
        seen: set[tuple[int, ...]] = set()
        for candidate in candidates:
            key = tuple(map(id, candidate.nodes.values()))
            if key in seen:
                continue
            seen.add(key)
            for arithmetic in arithmetics or ARITHMETICS[self.dtype]:
                error, place = measure(candidate.nodes, inputs, arithmetic)
                cost = _cost(candidate.nodes.values()) * _FACTOR[arithmetic]
                yield Trial(candidate.name, arithmetic, error, place, cost), candidate.nodes

    @classmethod
    def find(cls, candidates: Candidates, quantity: str, name: str) -> Candidate | None:
        """The candidate of a name."""
        other = candidates.factored if name.endswith("factored") else candidates
        found = () if other is None else cls.named(other, quantity)
        return next((candidate for candidate in found if candidate.name == name), None)

    @classmethod
    def every(cls, candidates: Candidates, quantity: str) -> Iterator[Candidate]:
        """Every candidate, those with sums written as products too."""
        yield from cls.named(candidates, quantity)
        if candidates.factored is not None:
            yield from cls.named(candidates.factored, quantity)

    @classmethod
    def named(cls, candidates: Candidates, quantity: str) -> Iterator[Candidate]:
        """Every candidate for a quantity, each with a name of its own."""
        if quantity in SINGLE:
            found: Iterable[Candidate] = candidates.single(quantity)
        elif quantity == "transition_factor":
            found = candidates.factor()
        else:
            found = cls._on(candidates.gaps(), candidates, quantity)
        return (replace(candidate, name=candidates.named(candidate.name)) for candidate in found)

    @staticmethod
    def _on(gaps: Iterable[tuple[str, Node]], candidates: Candidates, quantity: str) -> Iterator[Candidate]:
        for name, gap in gaps:
            if quantity == "transition_variance":
                yield from candidates.variance(name, gap)
            elif quantity in STEPS:
                for factor in candidates.factor():
                    parts = candidates.steps(gap, factor.nodes["transition_factor"])[quantity]
                    yield Candidate(f"{name}; {factor.name}", parts)

    # --- measuring ------------------------------------------------------------------------------

    def _measure(self, quantity: str) -> tuple[Callable[..., tuple[float, tuple[float, ...]]], tuple[Symbol, ...]]:
        if quantity in SINGLE:
            return self._one_time(quantity), (t,)
        if quantity in STEPS:
            return self._one_step(quantity), PAIR_INPUTS
        return self._two_times(quantity), (s, t)

    def _at(self, times: np.ndarray, quantity: str, trial: Trial, nodes: Mapping[str, Node]) -> np.ndarray:
        return self._rounded(evaluate((t,), nodes, [times], trial.arithmetic)[quantity])

    @cached_property
    def _times(self) -> np.ndarray:
        return np.unique(np.concatenate([self.points.s, self.points.t]))[::2]

    def _one_time(self, quantity: str) -> Callable[..., tuple[float, tuple[float, ...]]]:
        times = self._times
        true = self.reference.values(self.reference.formula(single_formula(quantity)), {t: times})
        unit = np.maximum(np.abs(true.high), 1.0) if quantity == "log_snr" else None

        def measure(
            nodes: Mapping[str, Node], inputs: Sequence[Symbol], arithmetic: str
        ) -> tuple[float, tuple[float, ...]]:
            found = self._rounded(evaluate(inputs, nodes, [times], arithmetic)[quantity])
            return self._worst(errors(found, true, unit), times)

        return measure

    def _two_times(self, quantity: str) -> Callable[..., tuple[float, tuple[float, ...]]]:
        places = {s: self.points.s, t: self.points.t}
        true = self.reference.values(self.reference.formula(derived()[quantity]), places)

        def measure(
            nodes: Mapping[str, Node], inputs: Sequence[Symbol], arithmetic: str
        ) -> tuple[float, tuple[float, ...]]:
            found = self._rounded(evaluate(inputs, nodes, list(places.values()), arithmetic)[quantity])
            return self._worst(errors(found, true), *places.values())

        return measure

    def _one_step(self, step: str) -> Callable[..., tuple[float, tuple[float, ...]]]:
        half = self._half_sigma
        # With no noise the a_eps is a difference of neighbours; with noise it is not.
        betas = (half, np.zeros_like(half)) if step == "nonmarkov_step" else (half,)
        parameters = _PARAMETERS if step == "step" else ((0.0, 0.0, 0.0),)
        cases = [(x, noise, self._true_step(step, x, noise)) for x in parameters for noise in betas]

        def measure(
            nodes: Mapping[str, Node], inputs: Sequence[Symbol], arithmetic: str
        ) -> tuple[float, tuple[float, ...]]:
            worst: tuple[float, tuple[float, ...]] = (0.0, ())
            for (g, d, r), noise, true in cases:
                arguments = [self.points.s, self.points.t, 1.0 + g, d, r, noise]
                found = evaluate(inputs, nodes, arguments, arithmetic)
                for part, values in true.items():
                    error = self._worst(errors(self._rounded(found[part]), values), self.points.s, self.points.t)
                    worst = max(worst, error)
            return worst

        return measure

    @cached_property
    def _half_sigma(self) -> np.ndarray:
        values = self.reference.values(self.reference.formula(sigma(s)), {s: self.points.s})
        return (values.high / 2).astype(self.dtype)

    def _true_step(self, step: str, parameter: tuple[float, float, float], noise: np.ndarray) -> dict[str, Exactly]:
        places: dict[Symbol, Any] = {s: self.points.s, t: self.points.t}
        if step == "step":
            places |= dict(zip((gamma, delta, rho), parameter, strict=True))
        elif step == "nonmarkov_step":
            places[beta] = noise
        name = "step_limit" if step == "step" and parameter[0] == -1.0 else step
        parts = ("a_z", "a_eps", "a_noise") if step != "nonmarkov_step" else ("a_z", "a_eps")
        return {part: self.reference.step(f"{name}.{part}", dict(places)) for part in parts}

    def _rounded(self, values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return values.astype(self.dtype)

    def _worst(self, found: np.ndarray, *times: np.ndarray) -> tuple[float, tuple[float, ...]]:
        i = int(np.argmax(found))
        return float(found[i] / self._epsilon), tuple(float(x[i]) for x in times)


_FACTOR = {"float32": 1.0, "float64": 2.0, "twofold": 20.0, "doubled": 150.0}


def _cost(nodes: Iterable[Node]) -> float:
    return float(sum(_COSTS.get(node.op, 8) for node in order(nodes) if node.op not in ("const", "input")))
