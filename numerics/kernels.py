r"""Kernels: the proved formulas of a schedule as vectorised functions of the times.

Each is the form that :mod:`s2n_proofs.lower` found the most accurate by measurement; no cancellation is left in it,
however close the times are to each other or to an end of the domain.  Where the dtype's own arithmetic does not
reach the goal, float64 or twofold float64 is used inside; :meth:`Kernels.report` says where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from sympy import Symbol

from s2n_proofs.lower.candidates import PAIR_INPUTS, SINGLE, STEPS
from s2n_proofs.lower.emit import PLAIN, TWOFOLD, compile_graph
from s2n_proofs.lower.lowered import Lowered
from s2n_proofs.lower.search import GOALS, PAIRS, plain_phi
from s2n_proofs.symbols import s, t

from .arguments import Arguments, KernelError, Times
from .arrays import Library, NumpyLibrary, TorchLibrary
from .derivatives import with_derivatives
from .kernel_report import forms_of_all, trials_of_one
from .results import Results

__all__ = ["Kernels"]

Triple = tuple[Any, Any, Any]


class Kernels:
    r"""The functions of one schedule for one backend, dtype and device; made by :func:`~numerics.compiling.compile_kernels`.

    Each is compiled when it is first called.  Times may have any shapes that broadcast.  At an end of the domain the
    derivatives that autograd finds are those just inside, $10^{-12}$ of the domain away, which are finite.

    Attributes
    ----------
    schedule : Schedule
    backend, dtype : str
    device : torch.device
    """

    def __init__(self, lowered: Lowered, backend: str, dtype: str, device: torch.device, check: bool) -> None:
        self.schedule = lowered.schedule
        self.backend, self.dtype, self.device = backend, dtype, device
        self._lowered = lowered
        self._arguments = Arguments(lowered.schedule, backend, dtype, device, check)
        self._results = Results(lowered.schedule, backend, dtype)
        self._made = {quantity: _Made(partial(self._make, quantity)) for quantity in GOALS}

    def alpha(self, t: Any) -> Any:
        r"""$\alpha(t)$."""
        return self._of_time("alpha", t)

    def sigma(self, t: Any) -> Any:
        r"""$\sigma(t)$."""
        return self._of_time("sigma", t)

    def log_snr(self, t: Any) -> Any:
        r"""$\lambda(t)=\log(\alpha^2/\sigma^2)$; infinite where $\sigma$ or $\alpha$ is 0."""
        return self._of_time("log_snr", t)

    def f(self, t: Any) -> Any:
        r"""The drift of $dz=f\,z\,dt+g\,dw$ (Theorem 1)."""
        return self._of_time("f", t)

    def g_squared(self, t: Any) -> Any:
        r"""The squared diffusion $g^2$ (Theorem 1)."""
        return self._of_time("g_squared", t)

    def transition_factor(self, s: Any, t: Any) -> Any:
        r"""$a$ of $q(z_t\mid z_s)=\mathcal N(a z_s,v)$, $s<t$."""
        return self._of_pair("transition_factor", s, t)

    def transition_variance(self, s: Any, t: Any) -> Any:
        r"""$v$ of $q(z_t\mid z_s)=\mathcal N(a z_s,v)$, $s<t$."""
        return self._of_pair("transition_variance", s, t)

    def step(self, s: Any, t: Any, gamma: Any = 0.0, delta: Any = 0.0, rho: Any = 0.0) -> Triple:
        r"""Corollary 1: $z_s=a_zz_t+a_\epsilon\,\epsilon(z_t,t)+a_n\xi$.

        Parameters
        ----------
        s, t : array
            s < t; the step goes from t to s.
        gamma, delta, rho : number, array, SymPy expression or text
            An expression of t is taken at the step's start t.  ``gamma = -1`` is the limit.

        Returns
        -------
        a_z, a_eps, a_noise : array

        Raises
        ------
        KernelError
            If a time or parameter is not admissible, or a limit at an end of the domain does not exist.
        """
        return self._step("step", s, t, gamma=gamma, delta=delta, rho=rho)

    def ancestral_step(self, s: Any, t: Any) -> Triple:
        r"""The posterior's step: mean and deviation of $q(z_s\mid z_t,\hat x)$, in the same shape as :meth:`step`."""
        return self._step("ancestral_step", s, t)

    def nonmarkov_step(self, s: Any, t: Any, beta: Any = 0.0) -> Triple:
        r"""The non-Markovian step with noise $0\le\beta\le\sigma(s)$; ``beta = 0`` is DDIM."""
        return self._step("nonmarkov_step", s, t, beta=beta)

    def report(self, quantity: str | None = None) -> str:
        """Which form each quantity is computed in, in which arithmetic, and the largest error that was measured.

        Parameters
        ----------
        quantity : str, optional
            Report everything that was tried for this one, measured anew (about a second): the largest error of each
            candidate in each arithmetic, and where it was found.

        Raises
        ------
        KernelError
            If there is no such quantity.

        Examples
        --------
        >>> from numerics import compile_kernels
        >>> from s2n_proofs import catalogue
        >>> print(compile_kernels(catalogue["edm"]).report("transition_variance"))  # doctest: +ELLIPSIS
        edm: what was tried for transition_variance in float32, goal 8 eps
        ...
          float32 ... joint difference of sigma**2, for alpha = 1  <- chosen
        ...
        """
        if quantity is None:
            return forms_of_all(self._lowered, self.dtype, self._searched)
        if quantity not in GOALS:
            raise KernelError(f"there is no kernel {quantity!r}: report one of {', '.join(GOALS)}")
        return trials_of_one(self._lowered, self.dtype, self._searched, quantity)

    def arithmetic(self, quantity: str) -> str:
        """What a quantity is computed in: ``float32``, ``float64``, ``twofold`` or ``doubled`` (pairs of float64)."""
        return self._lowered.choice(quantity, self._searched).chosen.arithmetic

    def function(self, quantity: str, arithmetic: str) -> Callable[..., Any]:
        """The chosen form of a quantity in another arithmetic, without any check of its arguments: to compare with."""
        return self._function(_inputs(quantity), self._lowered.choice(quantity, self._searched).nodes, arithmetic)

    # --- how --------------------------------------------------------------------------------------

    @property
    def _searched(self) -> str:
        return "float64" if self.dtype == "float64" else "float32"

    def _of_time(self, quantity: str, t: Any) -> Any:
        return self._values(quantity, self._arguments.time(t))[0]

    def _of_pair(self, quantity: str, s: Any, t: Any) -> Any:
        return self._values(quantity, self._arguments.pair(s, t))[0]

    def _step(self, quantity: str, s: Any, t: Any, **parameters: Any) -> Triple:
        times = self._arguments.pair(s, t)
        numbers = self._arguments.parameters(times, parameters, self._sigma_at)
        first, second, third = self._values(quantity, times, *numbers)
        self._results.not_overflown(quantity, first, (second, third), times)
        return first, second, third

    def _sigma_at(self, time: Any) -> Any:
        return self._run("sigma")(time)[0]

    def _values(self, quantity: str, times: Times, *numbers: Any) -> list[Any]:
        run = self._run(quantity)
        given = times.given if isinstance(times.given, tuple) else (times.given,)
        if times.transformed and all(x.ndim == 0 for x in numbers):
            # torch 2.13: the forward derivative of a number less a float32 tensor without axes is a float64.
            values = [
                x.reshape(()) if isinstance(x, torch.Tensor) else x
                for x in run(*(x.reshape(1) for x in given), *numbers)
            ]
        else:
            values = run(*given, *numbers)
        if self.backend == "torch" and times.at_end and _differentiated(*given, *numbers):
            values = with_derivatives(values, run(*map(self._arguments.moved_inside, given), *numbers))
        return [self._results.result(quantity, value, times, self._vanishes) for value in values]

    def _vanishes(self, times: Times) -> bool:
        """Whether alpha or sigma is 0 at one of the times."""
        given = times.given if isinstance(times.given, tuple) else (times.given,)
        return any(bool((self._run(name)(time)[0] == 0).any()) for name in ("alpha", "sigma") for time in given)

    def _run(self, quantity: str) -> Callable[..., Any]:
        made = self._made[quantity]
        made.ready()
        return made.function

    def _make(self, quantity: str) -> Callable[..., Any]:
        choice = self._lowered.choice(quantity, self._searched)
        function = self._function(_inputs(quantity), choice.nodes, choice.chosen.arithmetic)
        # Both branches of a piece are computed, and NumPy warns of what is undefined in the one not taken.
        return np.errstate(all="ignore")(function) if self.backend == "numpy" else function

    def _function(self, inputs: tuple[Symbol, ...], nodes: Mapping[str, Any], arithmetic: str) -> Callable[..., Any]:
        twofold = arithmetic in PAIRS
        inside = "float64" if twofold else arithmetic
        graph = compile_graph(inputs, nodes, TWOFOLD if twofold else PLAIN)
        library: Library
        if self.backend == "torch":
            library = TorchLibrary(getattr(torch, inside))
        else:
            library = NumpyLibrary(np.dtype(inside))
        cast = self._arguments.cast(inside)
        if not twofold:
            return lambda *given: graph(library, None, plain_phi, *map(cast, given))
        two = PAIRS[arithmetic](library)
        return lambda *given: [two.value(x) for x in graph(library, two, two.phi, *((cast(x), 0.0) for x in given))]


class _Made:
    """A compiled function, made when first asked for.

    Parameters
    ----------
    make : callable
    """

    function: Callable[..., Any]

    def __init__(self, make: Callable[[], Callable[..., Any]]) -> None:
        def ready() -> bool:
            if not hasattr(self, "function"):
                self.function = make()
            return True

        # torch.compile runs this for what it does instead of tracing into SymPy: a kernel need not be called before.
        ready._dynamo_marked_constant = True  # type: ignore[attr-defined]
        self.ready = ready


def _differentiated(*values: Any) -> bool:
    return torch.is_grad_enabled() and any(isinstance(x, torch.Tensor) and x.requires_grad for x in values)


def _inputs(quantity: str) -> tuple[Symbol, ...]:
    return (t,) if quantity in SINGLE else PAIR_INPUTS if quantity in STEPS else (s, t)
