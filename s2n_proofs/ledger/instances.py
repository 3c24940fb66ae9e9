r"""Named, valid schedules with exact models of the unknown functions, for counterexamples.

The data are $\mathcal N(m, v)$, for which the density of $z_t$, the best network and the transition kernel are
closed forms, so a generic
statement about "a density" or "a network" is tried on a real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol, exp, log, pi, sqrt

from ..named_schedules import catalogue
from ..proof.statement import Instance
from ..schedule import Schedule
from ..symbols import alpha, log_snr_value, sigma, t, x, z

__all__ = ["every_kind", "instances_for", "of_schedule", "paper_instances", "parameter_instance"]

# Simple first: a reader checks 1 - t and t by hand.
_ORDER = ("fm-ot", "vp", "ve", "sub-vp", "edm", "iddpm")
_LATER = Symbol("T_later", real=True)
_MEAN, _VARIANCE = Rational(1, 3), Rational(1, 4)


def of_schedule(name: str, schedule: Schedule) -> Instance:
    """All unknown functions of the vocabulary for one schedule."""
    start, end = schedule.domain
    # In generic alpha and sigma, so that each is differentiated once for all schedules.
    a, c = alpha(t), sigma(t)
    g2 = 2 * c * c.diff(t) - 2 * c**2 * a.diff(t) / a
    total = a**2 * _VARIANCE + c**2
    spread = sigma(_LATER) ** 2 - (alpha(_LATER) / a * c) ** 2
    functions: dict[str, tuple[tuple[Symbol, ...], Expr]] = {
        "alpha": ((t,), schedule.alpha),
        "sigma": ((t,), schedule.sigma),
        "f": ((t,), a.diff(t) / a),
        "g": ((t,), sqrt(g2)),
        "g2": ((t,), g2),
        "F": ((t,), log(a)),
        "epsilon": ((z, t), c * (z - a * _MEAN) / total),
        "p": ((z, t), exp(-((z - a * _MEAN) ** 2) / (2 * total)) / sqrt(2 * pi * total)),
        # The kernel to the state 1/2 at a later time, as a function of where it starts.
        "h": ((z, t), exp(-((Rational(1, 2) - alpha(_LATER) / a * z) ** 2) / (2 * spread)) / sqrt(2 * pi * spread)),
        "b": ((t,), -t - t**2 / 3),  # curved, so that b'(s) and b'(t) differ
        "e": ((t,), 1 + t**2),
        # A schedule and its twin with the same lambda and another alpha, not 1: a formula may forget its power.
        "alpha_1": ((t,), a),
        "alpha_2": ((t,), (3 + t) / 2),
    }
    return Instance(name, functions, (start, end), {_LATER: start + (end - start) * Rational(19, 20)})


def _in_space() -> tuple[Instance, ...]:
    r"""Signal-to-noise space: $\tilde\alpha$ solved from the constraint that the schedule's family obeys."""
    ell, v = log_snr_value, _VARIANCE
    gain = exp(ell) * v / (1 + exp(ell) * v)  # weight of z/alpha in E[x|z] for the prior N(0, v)
    errors: dict[str, tuple[tuple[Symbol, ...], Expr]] = {
        "mmse_x": ((x, ell), (1 - gain) ** 2 * x**2 + gain**2 * exp(-ell)),
        "mmse": ((ell,), (1 - gain) ** 2 * v + gain**2 * exp(-ell)),
    }
    signals: Mapping[str, Expr] = {
        "fm-ot": 1 / (1 + exp(-ell / 2)),  # alpha + sigma = 1
        "vp": 1 / sqrt(1 + exp(-ell)),  # alpha^2 + sigma^2 = 1
        "ve": Integer(1),
    }
    found = []
    for (name, signal), other in zip(signals.items(), (signals["vp"], signals["ve"], signals["fm-ot"]), strict=True):
        functions = {
            "alpha_tilde": ((ell,), signal),
            "sigma_tilde": ((ell,), signal * exp(-ell / 2)),
            "alpha_1": ((ell,), signal),
            "alpha_2": ((ell,), other),  # another schedule over the same lambda
            **errors,
        }
        found.append(Instance(name, functions, (Integer(0), Integer(1)), timed=False))
    return tuple(found)


@lru_cache
def paper_instances() -> tuple[Instance, ...]:
    """The catalogue's schedules in time, then in signal-to-noise space."""
    in_time = tuple(of_schedule(name, catalogue[name]) for name in _ORDER)
    return (*in_time, of_schedule(_GENERIC_NAME, _generic()), *_in_space())


# The catalogue's schedules have properties in common that no theorem assumes, such as alpha(0) = 1; this one has
# none of
# them.  Its validity is certified by a test.
_GENERIC_NAME = "alpha = (5 + t)/(4 + 3*t), sigma = (1 + 2*t)/7"


@lru_cache
def _generic() -> Schedule:
    return Schedule((5 + t) / (4 + 3 * t), (1 + 2 * t) / 7)


@lru_cache
def every_kind() -> tuple[Instance, ...]:
    """The paper's instances, and schedules that only an identity for *every* valid schedule must mind.

    Times may be negative, alpha may grow (if sigma grows faster), sigma may fall (if alpha falls faster) or be
    constant, and both may be as small or as large as one likes.
    """
    more = {
        "alpha = (4 + t)/5, sigma = (2 + t)/4, t in (-1, 1)": Schedule((4 + t) / 5, (2 + t) / 4, (-1, 1)),
        "alpha = (1 - t)**2, sigma = 1 - t": Schedule((1 - t) ** 2, 1 - t),
        "alpha = 2 - t, sigma = 1/2, t in (-1, 1)": Schedule(2 - t, Rational(1, 2), (-1, 1)),
        **{
            f"alpha = {scale}*(2 - t), sigma = {scale}*(3 + t), t in (-2, 1)": Schedule(
                Integer(10) ** power * (2 - t), Integer(10) ** power * (3 + t), (-2, 1)
            )
            for scale, power in (("1e-30", -30), ("1e30", 30))
        },
    }
    return (*paper_instances(), *(of_schedule(name, schedule) for name, schedule in more.items()))


def parameter_instance(values: Mapping[Symbol, Expr], name: str) -> Instance:
    """No unknown function, only parameters at given values (for Table 1)."""
    return Instance(name, {}, (Integer(0), Integer(1)), dict(values))


def instances_for(values: Mapping[Symbol, Expr], name: str) -> tuple[Instance, ...]:
    """Where to look for counterexamples to a claim with the given parameter values."""
    if values:
        return (parameter_instance(values, name),)
    return paper_instances()
