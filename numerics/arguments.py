"""What goes into a kernel: times and parameters, looked at before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from sympy import Expr, Symbol

from s2n_proofs.lower.emit import compile_graph, double
from s2n_proofs.lower.graph import Builder
from s2n_proofs.lower.places import Places
from s2n_proofs.lower.search import plain_phi
from s2n_proofs.parsing import ParseError, parse_schedule_text
from s2n_proofs.schedule import Schedule
from s2n_proofs.symbols import t as time_symbol

from .arrays import NumpyLibrary, TorchLibrary
from .either import broadcast, common_shape, described, finite, same_device, size, traced

__all__ = ["Arguments", "KernelError", "Times"]

_INSIDE = 2.0**-40


class KernelError(ValueError):
    """What a kernel was given is not admissible, or a limit does not exist."""


@dataclass(frozen=True)
class Times:
    """Times that were looked at.

    Attributes
    ----------
    given : array or pair of arrays
    start : array
        The later time, at which parameters are taken.
    at_end : bool
        Whether one of them is an end of the domain.
    looked_at : bool
        Whether they have values, and these were checked.
    transformed : bool
        Whether they are numbers in a transform of torch.func.
    """

    given: Any
    start: Any
    at_end: bool
    looked_at: bool
    transformed: bool = False


class Arguments:
    """The admissible arguments of the kernels of one schedule, backend, dtype and device.

    Parameters
    ----------
    schedule : Schedule
    backend, dtype : str
    device : torch.device
    check : bool
    """

    def __init__(self, schedule: Schedule, backend: str, dtype: str, device: torch.device, check: bool) -> None:
        self.schedule, self.backend, self.dtype, self.device = schedule, backend, dtype, device
        self._check = check
        self._own: Any = getattr(torch, dtype) if backend == "torch" else np.dtype(dtype)
        # The floats nearest to the ends stand for them: 1/500 is no binary number.
        self._ends = tuple(self._nearest(double(end)[0]) for end in schedule.domain)

    def _nearest(self, value: float) -> float:
        if self.backend == "torch":
            return float(torch.tensor(value, dtype=self._own))
        return float(self._own.type(value))

    def cast(self, inside: str) -> Callable[[Any], Any]:
        """The conversion to the dtype of the arithmetic."""
        if self.backend == "torch":
            target = getattr(torch, inside)
            return lambda x: x.to(target)
        kind = np.dtype(inside)
        return lambda x: np.asarray(x, kind)

    # --- times ------------------------------------------------------------------------------------

    def time(self, given: Any) -> Times:
        """Times inside the domain."""
        value = self._array("t", given)
        looked_at = self._looked_at(value)
        return Times(value, value, looked_at and self._inside("t", value), looked_at, self._transformed(value))

    def pair(self, first: Any, last: Any) -> Times:
        """Times s < t inside the domain."""
        s, t = self._array("s", first), self._array("t", last)
        at_end, looked_at = False, self._looked_at(s, t)
        if looked_at:
            ends = [self._inside("s", s), self._inside("t", t)]
            at_end = any(ends)
            try:
                late = s >= t
            except (RuntimeError, ValueError):
                raise KernelError(
                    f"s of shape {tuple(s.shape)} and t of shape {tuple(t.shape)} do not broadcast"
                ) from None
            if bool(late.any()):
                pair = [float(x[late].reshape(-1)[0]) for x in broadcast(s, t)]
                raise KernelError(
                    f"s must be before t: a step goes from t to s < t; got s = {pair[0]!r}, t = {pair[1]!r}"
                )
        return Times((s, t), t, at_end, looked_at, self._transformed(s, t))

    def moved_inside(self, time: Any) -> Any:
        """The times, those at an end of the domain moved a little way inside; their derivatives are one."""
        start, end = self._ends
        step = (end - start) * _INSIDE
        with torch.no_grad():
            first, last = torch.full_like(time, start + step), torch.full_like(time, end - step)
            # Next to a large number the step may be lost in rounding.
            first = torch.maximum(first, torch.nextafter(torch.full_like(time, start), last))
            last = torch.minimum(last, torch.nextafter(torch.full_like(time, end), first))
            shift = torch.where(time == start, first - time, torch.where(time == end, last - time, 0.0))
        return time + shift

    def _transformed(self, *values: Any) -> bool:
        if self.backend != "torch" or torch.compiler.is_compiling():
            return False
        return all(x.ndim == 0 and torch._C._functorch.is_functorch_wrapped_tensor(x) for x in values)

    def _array(self, name: str, given: Any) -> Any:
        kind = f"{self.backend} {'tensor' if self.backend == 'torch' else 'array'}"
        if self.backend == "torch":
            if not isinstance(given, torch.Tensor):
                if isinstance(given, float):
                    return torch.tensor(given, dtype=self._own, device=self.device)
                raise KernelError(f"{name} must be a {kind} of dtype {self.dtype}, not {described(given)}")
            if given.dtype != self._own:
                raise KernelError(
                    f"{name} has dtype {str(given.dtype).removeprefix('torch.')}; these kernels take {self.dtype}"
                )
            if given.device.type != "meta" and not same_device(given.device, self.device):
                raise KernelError(f"{name} is on {given.device}; these kernels are for {self.device}")
            return given
        if isinstance(given, float):
            return np.asarray(given, self._own)
        if isinstance(given, np.ma.MaskedArray):
            raise KernelError(
                f"{name} is a masked array, whose mask would be lost: give its values, {name}.compressed()"
            )
        if not isinstance(given, np.ndarray | np.generic):
            raise KernelError(f"{name} must be a {kind} of dtype {self.dtype}, not {described(given)}")
        if given.dtype != self._own:
            raise KernelError(f"{name} has dtype {given.dtype}; these kernels take {self.dtype}")
        return np.asarray(given)

    def _looked_at(self, *values: Any) -> bool:
        if not self._check or any(size(value) == 0 for value in values):
            return False
        return self.backend == "numpy" or not any(map(traced, values))

    def _inside(self, name: str, value: Any) -> bool:
        """Whether an end is among the times; one outside is refused."""
        if self.backend == "torch":
            low, high = (float(x) for x in torch.aminmax(value.detach()))
        else:
            low, high = float(value.min()), float(value.max())
        start, end = self._ends
        if not (low >= start and high <= end):
            if low != low or high != high:
                raise KernelError(f"{name} is not a number")
            wrong = low if low < start else high
            first, last = self.schedule.domain
            raise KernelError(f"{name} = {wrong!r} lies outside the domain [{first}, {last}] of the schedule")
        return low == start or high == end

    # --- parameters -------------------------------------------------------------------------------

    def parameters(self, times: Times, given: Mapping[str, Any], sigma: Callable[[Any], Any]) -> list[Any]:
        """1 + gamma, delta, rho and beta, each an array in float64 or in a dtype of its own."""
        values = {name: self._parameter(name, value, times) for name, value in given.items()}
        # Under a transform of torch.func a parameter may have no values even where the times have.
        looked_at = times.looked_at and self._looked_at(*values.values())
        shape = common_shape(*times.given)
        for name, value in values.items():
            try:
                np.broadcast_shapes(shape, value.shape)
            except ValueError:
                raise KernelError(
                    f"{name} of shape {tuple(value.shape)} does not broadcast with times of shape {tuple(shape)}"
                ) from None
            if looked_at and not bool(finite(value)):
                raise KernelError(f"{name} must be finite, and is not at every time given")
        if "beta" in values and looked_at:
            self._admissible_beta(values["beta"], sigma(times.given[0]))
        if "delta" in values and looked_at and bool((values["delta"] < 0).any()):
            raise KernelError("delta must not be negative")
        zero = self._number(0.0)
        gamma = values.get("gamma", zero)
        return [gamma + 1.0, values.get("delta", zero), values.get("rho", zero), values.get("beta", zero)]

    def _number(self, value: float) -> Any:
        if self.backend == "torch":
            return torch.tensor(value, dtype=torch.float64, device=self.device)
        return np.asarray(value, np.float64)

    def _parameter(self, name: str, value: Any, times: Times) -> Any:
        if isinstance(value, bool):
            raise KernelError(f"{name} must be a number, an array, or an expression of t, not {value}")
        if isinstance(value, torch.Tensor | np.ndarray | np.generic):
            if self.backend == "torch" and not isinstance(value, torch.Tensor):
                value = torch.as_tensor(value, device=self.device)
            if not (
                value.is_floating_point()
                if self.backend == "torch"
                else np.issubdtype(np.asarray(value).dtype, np.floating)
            ):
                raise KernelError(f"{name} must be of a floating-point dtype, not {value.dtype}")
            return value.to(torch.float64) if self.backend == "torch" else np.asarray(value, np.float64)
        if isinstance(value, str):
            try:
                value = parse_schedule_text(value)
            except ParseError as error:
                raise KernelError(f"{name}: {error}") from None
        if isinstance(value, Expr):
            if value.free_symbols - {time_symbol}:
                raise KernelError(f"{name} may depend on t alone, got {value}")
            if value.has(time_symbol):
                return self._of_time(value, times.start)
            value = double(value)[0]
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise KernelError(
                f"{name} must be a number, an array, or an expression of t, not {described(value)}"
            ) from None
        if number != number or number in (float("inf"), float("-inf")):
            raise KernelError(f"{name} must be finite, got {number}")
        return self._number(number)

    def _of_time(self, expr: Expr, time: Any) -> Any:
        graph = _expression(expr, self.schedule.domain)
        library = TorchLibrary(torch.float64) if self.backend == "torch" else NumpyLibrary(np.dtype("float64"))
        (value,) = graph(library, None, plain_phi, self.cast("float64")(time))
        return value

    def _admissible_beta(self, beta: Any, sigma: Any) -> None:
        if bool((beta < 0).any()):
            raise KernelError("beta must not be negative")
        eps = torch.finfo(self._own).eps if self.backend == "torch" else np.finfo(self._own).eps
        # beta = sigma(s), rounded, may be half a unit too large.
        if bool((beta > sigma * (1 + eps)).any()):
            raise KernelError("beta must be at most sigma(s): the variance sigma(s)**2 - beta**2 would be negative")


@lru_cache(maxsize=256)
def _expression(expr: Expr, domain: tuple[Expr, Expr]) -> Callable[..., Any]:
    places = Places(Builder(), domain)
    symbols: tuple[Symbol, ...] = (time_symbol,)
    return compile_graph(symbols, {"value": places.value(expr, time_symbol)})
