r"""The ways to compute each quantity of a schedule: different forms of one function, as graphs.

Which of them is the most accurate is not decided here; :mod:`s2n_proofs.lower.search` measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sympy import Expr, Rational, Symbol, expand_log, log
from sympy.codegen.cfunctions import expm1

from s2n_proofs.symbols import beta, delta, gamma, rho, s, t

from .factors import factored
from .forms import FORMS, alpha_s, alpha_t, h, r, sigma_s, sigma_t
from .graph import Builder, Node, convert
from .places import Places
from .textbook import Textbook, quotient, textbook

if TYPE_CHECKING:
    from s2n_proofs.schedule import Schedule

__all__ = ["PAIR_INPUTS", "SINGLE", "STEPS", "Candidate", "Candidates", "p"]

p = Symbol("p", real=True)
"""$1+\\gamma$: formed before it is rounded, so that a step with $\\gamma$ close to $-1$ keeps its digits."""

PAIR_INPUTS = (s, t, p, delta, rho, beta)
SINGLE = ("alpha", "sigma", "log_snr", "f", "g_squared")
STEPS = ("step", "ancestral_step", "nonmarkov_step")
_PHI, _KEPT = Symbol("phi"), Symbol("kept")


@dataclass(frozen=True)
class Candidate:
    """One way to compute a quantity.

    Attributes
    ----------
    name : str
        What was done, for the report.
    nodes : mapping of str to Node
        One output, or the parts of a step.
    """

    name: str
    nodes: Mapping[str, Node]


class Candidates:
    """Every candidate of one schedule.

    Parameters
    ----------
    schedule : Schedule
    textbook : Textbook, optional
        The textbook forms, where they are known already; deriving them takes most of a search's time.
    factors : bool
        Whether sums are written as products first: $1-3u^2+2u^3$ as $(1-u)^2(1+2u)$, which keeps its digits where u
        is close to 1.
    """

    def __init__(self, schedule: Schedule, textbook: Textbook | None = None, *, factors: bool = False) -> None:
        self.build = Builder()
        self.schedule = schedule
        self._textbook = textbook
        self._factors = factors
        self.alpha, self.sigma = schedule.alpha, schedule.sigma
        if factors:
            self.alpha, self.sigma = factored(self.alpha), factored(self.sigma)
        self.anchored = Places(self.build, schedule.domain)
        self.unchanged = Places(self.build, schedule.domain, anchor=False)

    @cached_property
    def factored(self) -> Candidates | None:
        """The candidates with sums written as products; None if that changes nothing."""
        known = self.textbook
        names = ("log_snr", "snr", "f", "g_squared")
        try:
            products = replace(known, **{name: factored(getattr(known, name)) for name in names})
            other = Candidates(self.schedule, products, factors=True)
        except ValueError:  # SymPy sorts by text, and Python writes no number of more than 4300 digits
            return None
        same = (other.alpha, other.sigma, other.textbook) == (self.alpha, self.sigma, self.textbook)
        return None if same else other

    def named(self, name: str) -> str:
        """The name of a candidate, with what was done before."""
        return f"{name}, factored" if self._factors else name

    # --- functions of one time ------------------------------------------------------------------

    def single(self, name: str) -> Iterator[Candidate]:
        """The ways to compute a function of t."""
        for source, expr in self._sources(name):
            for way, places in (("", self.anchored), (", nothing rewritten", self.unchanged)):
                yield Candidate(source + way, {name: places.value(expr, t)})
        if name == "log_snr":
            build = self.build
            parts = [self.anchored.value(x, t) for x in (self.alpha, self.sigma)]
            yield Candidate(
                "2 log(alpha/sigma)", {name: build.mul(build.unary("log", build.div(*parts)), build.const(2))}
            )

    def _sources(self, name: str) -> Iterator[tuple[str, Expr]]:
        if name in ("alpha", "sigma"):
            yield "as given", getattr(self, name)
            return
        yield "textbook form", getattr(self.textbook, name)
        logarithms = {x: expand_log(log(x), force=True) for x in (self.alpha, self.sigma)}
        if name == "log_snr":
            yield "2 log(alpha) - 2 log(sigma)", 2 * logarithms[self.alpha] - 2 * logarithms[self.sigma]
        elif name == "f":
            yield "derivative of log(alpha)", logarithms[self.alpha].diff(t)
            yield "alpha'/alpha", self.alpha.diff(t) / self.alpha
        else:
            slopes = [logarithms[x].diff(t) for x in (self.sigma, self.alpha)]
            yield "2 sigma**2 (log(sigma/alpha))'", 2 * self.sigma**2 * (slopes[0] - slopes[1])
            ratio = quotient(self.sigma, self.alpha)
            yield "alpha**2 ((sigma/alpha)**2)'", 2 * self.alpha**2 * ratio * ratio.diff(t)

    @property
    def textbook(self) -> Textbook:
        """The textbook forms, derived when first asked for."""
        if self._textbook is None:
            self._textbook = textbook(self.schedule)
        return self._textbook

    # --- functions of two times -----------------------------------------------------------------

    def gaps(self) -> Iterator[tuple[str, Node]]:
        r"""The ways to compute $h=\tfrac12(\lambda_s-\lambda_t)$."""
        build, places = self.build, self.anchored
        signal, noise = (places.gap(x, s, t) for x in (self.alpha, self.sigma))
        at = self._leaves()
        rise = build.sub(build.mul(at[alpha_s], noise), build.mul(at[sigma_s], signal))
        yield (
            "log1p of the joint rise of sigma/alpha",
            build.unary("log1p", build.div(rise, build.mul(at[sigma_s], at[alpha_t]))),
        )
        for name, expr in (("textbook lambda", self.textbook.log_snr), ("textbook SNR", log(self.textbook.snr))):
            half = build.neg(build.mul(places.gap(expr, s, t), build.const(Rational(1, 2))))
            yield f"joint difference of the {name}", half

    def rounded_gap(self) -> tuple[str, Node]:
        r"""The gap with each $\lambda$ rounded first: what the others are to be better than, and never chosen."""
        build, at = self.build, self._leaves()
        early, late = (build.unary("log", build.div(at[a], at[b])) for a, b in ((alpha_s, sigma_s), (alpha_t, sigma_t)))
        return "each lambda rounded first (to compare with)", build.sub(early, late)

    def _leaves(self) -> dict[Symbol, Node]:
        return {
            alpha_s: self.anchored.value(self.alpha, s),
            alpha_t: self.anchored.value(self.alpha, t),
            sigma_s: self.anchored.value(self.sigma, s),
            sigma_t: self.anchored.value(self.sigma, t),
        }

    def factor(self) -> Iterator[Candidate]:
        """The ways to compute the transition factor."""
        yield Candidate("alpha(t)/alpha(s)", {"transition_factor": self._form("transition_factor", self._leaves())})
        exponent = self.anchored.gap(expand_log(log(self.alpha), force=True), s, t)
        yield Candidate(
            "exp of the joint difference of log(alpha)", {"transition_factor": self.build.unary("exp", exponent)}
        )

    def variance(self, name: str, gap: Node) -> Iterator[Candidate]:
        """The ways to compute the transition variance, `name` being that of the gap."""
        build = self.build
        if self.textbook.variance_preserving:
            twice = build.mul(self.anchored.gap(expand_log(log(self.alpha), force=True), s, t), build.const(2))
            yield Candidate(
                "1 - factor**2, for alpha**2 + sigma**2 = 1",
                {"transition_variance": build.neg(build.unary("expm1", twice))},
            )
        if self.textbook.variance_exploding:
            yield Candidate(
                "joint difference of sigma**2, for alpha = 1",
                {"transition_variance": self.anchored.gap(self.sigma**2, s, t)},
            )
        yield Candidate(name, {"transition_variance": self._form("transition_variance", self._leaves() | {h: gap})})

    def steps(self, gap: Node, factor: Node) -> Mapping[str, Mapping[str, Node]]:
        """The three coefficients of each step, on one gap and one transition factor."""
        build, at = self.build, self._leaves()
        ratio = build.div(build.mul(at[sigma_s], at[alpha_t]), build.mul(at[sigma_t], at[alpha_s]))
        leaves = at | {h: gap, r: ratio, _PHI: build.phi(build.input(p), gap, ratio)}
        grown = build.div(build.const(1), factor)
        table: dict[str, Mapping[str, Node]] = {}
        for step in STEPS:
            parts = {part: self._form(f"{step}.{part}", leaves) for part in ("a_z", "a_eps", "a_noise")}
            table[step] = parts | {"a_z": grown}
        return table

    def _form(self, name: str, leaves: Mapping[Symbol, Node]) -> Node:
        form = FORMS[name].subs(gamma, p - 1)
        form = form.subs(expm1(-p * h), -p * _PHI)
        if name.startswith("nonmarkov"):
            # beta <= sigma(s); where the float nearest to sigma(s) is above it, the difference is 0.
            form = form.subs(sigma_s - beta, _KEPT)
            kept = self.build.sub(leaves[sigma_s], self.build.input(beta))
            leaves = {**leaves, _KEPT: self.build.largest(kept, self.build.const(0))}
        if name != "nonmarkov_step.a_eps":
            return convert(self.build, form, leaves)
        # With beta = 0 the second term is 0, also where sigma(s) = 0 makes it 0/0.
        without = convert(self.build, form.subs(beta, 0), leaves)
        positive = self.build.compare("gt", self.build.input(beta), self.build.const(0))
        return self.build.select(positive, convert(self.build, form, leaves), without)
