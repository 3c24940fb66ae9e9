"""An audit: read the coefficients, name the step, measure the order, and say what is wrong.

The step function runs in a process of its own: one that hangs is stopped, one that crashes is reported.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from sympy import Symbol

from s2n_proofs.ledger.runner import Limits, run_all
from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import beta, delta, gamma, rho

from .convergence import Convergence, convergence, is_noisy
from .diagnosis import Finding, diagnose
from .endpoints import Endpoint, endpoints
from .families import ETA, FAMILIES, formulas_of
from .fitting import TOLERANCE, Fit, compare, fitted_eta, identify
from .implementation import AuditError, Implementation, StepFunction, claimed_order
from .probing import Measured, readings
from .resolve import resolve
from .result import Audit, Verdict

__all__ = ["audit", "audit_target", "claimed", "inspect_implementation"]

_MEMORY = 64 * 1024**3  # of address space: torch reserves many gigabytes that it never touches
_RAISED = "it raised"
_LOST = 2.0**26  # half of the digits
_NUMBERS = {str(symbol): symbol for symbol in (gamma, delta, rho, ETA)}


def audit(
    step: Callable[..., Any],
    schedule: Schedule,
    family: str | None = None,
    *,
    order: int | None = 1,
    steps: int = 10,
    time_limit: float = 60.0,
    **numbers: float,
) -> Audit:
    r"""Audit a step function of your own.

    Parameters
    ----------
    step : callable
        ``step(z, eps, s, t, xi)`` gives the state at s from the state `z` at t > s, the predicted noise `eps` and a fresh
        noise `xi`; arrays of float64, of one dimension.
    schedule : Schedule
        The schedule that it is written for.
    family : str, optional
        What it should be: ``ddim``, ``ancestral``, ``eta``, ``eq7`` or ``nonmarkov``.
    order : int, optional
        The order of convergence that it claims; nothing is asked of ``nonmarkov``, whose beta may be anything.
    steps : int
        How many steps are read, evenly spaced inside the domain.
    time_limit : float
        Seconds until it is stopped.
    **numbers : float
        What it claims of ``gamma``, ``delta``, ``rho`` (eq7) or ``eta`` (eta); fitted unless given.

    Returns
    -------
    Audit

    Raises
    ------
    AuditError
        If it cannot be audited.

    Examples
    --------
    >>> from s2n_proofs import catalogue
    >>> def wrong(z, eps, s, t, xi):
    ...     return z + (t - s) * eps
    >>> found = audit(wrong, catalogue["edm"], family="ddim")
    >>> found.verdict, found.findings[0].coefficient, found.findings[0].kind
    ('wrong', 'a_eps', 'sign')
    """
    if family is not None and family not in FAMILIES:
        raise AuditError(f"no family is called {family!r}; there are {', '.join(FAMILIES)}")
    name = getattr(step, "__name__", "step function")
    order = claimed_order(family, order)
    made = partial(StepFunction, step, schedule, steps, family, order, name, numbers=claimed(numbers))
    return _isolated(made, name, family, time_limit)


def claimed(numbers: Mapping[str, Any]) -> dict[Symbol, float] | None:
    """The claimed values by symbol; None if there are none.

    Examples
    --------
    >>> claimed({"rho": 1})
    {rho: 1.0}
    """
    unknown = [name for name in numbers if name not in _NUMBERS]
    if unknown:
        raise AuditError(f"no number is called {unknown[0]!r}; there are {', '.join(_NUMBERS)}")
    wrong = [name for name, value in numbers.items() if isinstance(value, bool) or not isinstance(value, int | float)]
    if wrong:
        raise AuditError(f"{wrong[0]} must be a number, not {numbers[wrong[0]]!r}")
    return {_NUMBERS[name]: float(value) for name, value in numbers.items()} or None


def audit_target(target: str, *, time_limit: float = 120.0, **given: Any) -> Audit:
    """Audit ``module:Name``; the other arguments are those of :func:`numerics.audit.resolve.resolve`.

    Raises
    ------
    AuditError
        If it cannot be audited, or raises with the given options and not, or otherwise, without them.
    """
    found = _isolated(partial(resolve, target, **given), target, given.get("family"), time_limit)
    options = {**(given.get("options") or {}), **(given.get("step_options") or {})}
    if options and _raised(found):
        plain = given | {"options": None, "step_options": None}
        without = _isolated(partial(resolve, target, **plain), target, given.get("family"), time_limit)
        if without.problems != found.problems:
            told = ", ".join(f"{key}={value!r}" for key, value in options.items())
            raise AuditError(f"{target} does not take {told}: {found.problems[0]}")
    return found


def _raised(found: Audit) -> bool:
    return found.verdict == "stopped" and found.problems[0].startswith(_RAISED)


def _isolated(made: Callable[[], Implementation], name: str, family: str | None, seconds: float) -> Audit:
    def stopped(_: Any, reason: str) -> Audit:
        return Audit(name, family, "stopped", problems=(reason,), seconds=seconds)

    formulas_of("ddim", {})  # derived once here: a forked process shares it
    (found,) = run_all([made], _work, stopped, jobs=1, limits=Limits(seconds, _MEMORY))
    if isinstance(found, AuditError):
        raise found
    result: Audit = found
    return result if result.verdict != "stopped" else replace(result, name=name, claims=family)


def _work(made: Callable[[], Implementation]) -> Audit | AuditError:
    """In the other process: everything that foreign code can do ends as an answer."""
    # A forked process that asks for the threads that only its parent has would wait for ever.
    torch.set_num_threads(1)
    with redirect_stdout(sys.stderr):
        try:
            return inspect_implementation(made())
        except AuditError as error:
            return error
        except (MemoryError, RecursionError):
            raise  # the runner has better words for these
        except Exception as error:
            # The boundary to foreign code, which may raise anything.
            if os.environ.get("S2N_DEBUG"):
                import traceback

                traceback.print_exc()
            said = " ".join(str(error).split())[:300]
            return Audit("", None, "stopped", problems=(f"{_RAISED} {type(error).__name__}: {said}",))


def inspect_implementation(implementation: Implementation) -> Audit:
    """Audit an implementation in this process."""
    began = time.perf_counter()
    if implementation.multistep:
        found = _inspect_multistep(implementation)
    else:
        found = _inspect_steps(implementation, readings(implementation))
    return replace(found, precision=implementation.precision, seconds=round(time.perf_counter() - began, 3))


def _inspect_multistep(implementation: Implementation) -> Audit:
    if is_noisy(implementation):
        reason = "it adds noise and remembers earlier steps, so neither its coefficients nor its order can be read"
        return Audit(implementation.name, None, "unrecognised", problems=(reason,))
    order = convergence(implementation, stochastic=False)
    problems = _order_problems(order)
    verdict: Verdict = "wrong" if problems else "right" if order.right else "unrecognised"
    return Audit(implementation.name, None, verdict, order=order, problems=tuple(problems))


def _inspect_steps(implementation: Implementation, measured: list[Measured]) -> Audit:
    problems: list[str] = []
    broken = [k for k, found in enumerate(measured) if not found.finite]
    if broken:
        problems.append(f"step {broken[0]} gives a value that is not finite")
    bent = [k for k, found in enumerate(measured) if found.finite and not found.linear]
    if bent:
        problems.append(
            f"step {bent[0]} is not linear in the state and the prediction together: it clips, thresholds or mixes them"
        )
    pushed = [k for k, found in enumerate(measured) if found.finite and _pushes(found, implementation.precision)]
    if pushed:
        worst_push = max(pushed, key=lambda k: abs(measured[k].offset))
        problems.append(
            f"step {worst_push} adds {measured[worst_push].offset:.6g} to the state, whatever the state and the prediction are"
        )
    computes = identify(implementation, measured)
    claims, against = implementation.family, None
    findings: list[Finding] = []
    numbers: Any = {}
    if claims is not None:
        numbers = _claimed_numbers(implementation, measured, computes)
        against = compare(implementation, measured, claims, numbers)
        if against.right:
            computes = against
        else:
            findings = diagnose(implementation, measured, against, numbers)
            problems += [_sentence(finding, implementation) for finding in findings]
            if not against.misses:
                problems.append(f"no step could be compared with {claims}")
    ends = endpoints(implementation, claims, numbers)
    if isinstance(implementation, StepFunction):
        # A grid of somebody else's may stop short of the ends; a function of the times is asked for all of them.
        problems += [f"the {end.which} step, to sigma = 0, is {end.said}" for end in ends if _misses(end)]
    order = None if broken else convergence(implementation, stochastic=any(found.a_noise for found in measured))
    problems += _order_problems(order)
    if problems and (broken or claims is not None or implementation.order is not None):
        verdict: Verdict = "wrong"
    else:
        verdict = "right" if computes.right and not problems else "unrecognised"
    worst = findings[0] if findings else None
    script = None if worst is None else _script(implementation, worst)
    return Audit(
        implementation.name, claims, verdict, computes, against, tuple(findings), order, tuple(problems), ends, script,
        scope=_scope(implementation),
    )  # fmt: skip


def _scope(implementation: Implementation) -> str:
    first, last = implementation.levels[0], implementation.levels[-1]
    places = " to ".join(f"alpha = {float(v.alpha):.4g}, sigma = {float(v.sigma):.4g}" for v in (first, last))
    return f"Read at {len(implementation.levels) - 1} steps, from {places}; of steps between other levels nothing is known."


def _misses(end: Endpoint) -> bool:
    """Whether the last step of all is off by more than the digits that a straightforward evaluation may lose there."""
    return end.which == "last" and end.sigma == 0 and end.units is not None and end.units > _LOST


def _pushes(found: Measured, precision: str) -> bool:
    """Whether an offset is more than rounding and chance."""
    rounding = TOLERANCE * float(np.finfo(precision).eps) * (abs(found.a_z) + abs(found.a_eps) + abs(found.a_noise))
    return abs(found.offset) > rounding + 6 * found.offset_error


def _claimed_numbers(implementation: Implementation, measured: list[Measured], computes: Fit) -> Any:
    if implementation.numbers is not None:
        return dict(implementation.numbers)
    if implementation.family == "eta":
        return {ETA: fitted_eta(implementation, measured) or 0.0}
    if implementation.family == "eq7":
        fitted = computes.numbers if computes.family == "eq7" else {}
        return {symbol: fitted.get(str(symbol), 0.0) for symbol in (gamma, delta, rho)}
    if implementation.family == "nonmarkov":
        return [{beta: abs(found.a_noise)} for found in measured]  # any beta, step by step
    return {}


def _order_problems(order: Convergence | None) -> list[str]:
    if order is None or order.right is not False:
        return []
    return [
        f"on Gaussian data the order of convergence is {order.measured:.2f}, not the claimed {order.claimed}: "
        f"errors {', '.join(f'{error:.1e}' for error in order.errors)} with {', '.join(map(str, order.steps))} steps"
    ]


def _sentence(finding: Finding, implementation: Implementation) -> str:
    told = f"{finding.coefficient} is off: {finding.measured:.9g} in step {finding.step}, not {finding.expected:.9g}"
    if finding.edit is None:
        return f"{told}; no single edit of {finding.formula} gives it"
    return f"{told}; it computes {finding.computed}: {finding.edit} in {finding.formula}"


def _script(implementation: Implementation, finding: Finding) -> str:
    head = f"# {implementation.name}: {finding.coefficient} of step {finding.step} should be {finding.expected!r}\n"
    return head + implementation.script(finding.step, finding.coefficient)
