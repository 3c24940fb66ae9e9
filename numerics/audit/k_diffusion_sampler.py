r"""The sampling functions of k-diffusion: ``sample_...(model, x, sigmas)``, with $\alpha=1$ and a model that returns the data's mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from sympy import Symbol

from s2n_proofs.testing.worlds import mp

from .families import ETA
from .implementation import Array, AuditError, Level

__all__ = ["KDiffusionSampler"]

# What a function takes in one evaluation is its step; others look back, or look twice, and have an order alone.
_CLAIMS = {"sample_euler": "ddim", "sample_euler_ancestral": "ancestral"}
_ORDERS = {"sample_heun": 2, "sample_dpm_2": 2, "sample_dpmpp_2m": 2}
_LEAST, _MOST = 0.002, 80.0  # EDM's levels


class KDiffusionSampler:
    """One sampling function with its options, on Karras's levels.

    Parameters
    ----------
    function : callable
        Of ``k_diffusion.sampling``.
    sigmas : callable
        ``get_sigmas_karras(n, sigma_min, sigma_max)`` of the same module.
    steps : int
    family : str, optional
        What it claims; known for Euler's and the ancestral one.
    options : mapping, optional
        Keyword arguments of the function, such as ``eta``, and ``dtype``: float64, or float32.
    order : int, optional
        The order of convergence that it claims; known for some.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        sigmas: Callable[..., Any],
        steps: int = 10,
        family: str | None = None,
        options: Mapping[str, Any] | None = None,
        order: int | None = None,
        *,
        ends: bool = False,
    ) -> None:
        self.function, self.options, self.steps = function, dict(options or {}), steps
        self.precision = str(self.options.get("dtype", "float64"))
        if self.precision not in ("float32", "float64"):
            raise AuditError(f"dtype must be float32 or float64, not {self.precision!r}")
        self._dtype: torch.dtype = getattr(torch, self.precision)
        self._passed = {key: value for key, value in self.options.items() if key != "dtype"}
        self._sigmas, self._family, self._order, self._ends = sigmas, family, order, ends
        self.name = function.__name__
        self.multistep = self.name not in _CLAIMS
        known = _CLAIMS.get(self.name)
        if known == "ancestral" and self.options.get("eta", 1.0) != 1.0:
            known = "eta"
        self.family = family or known
        self.order: int | None = order or _ORDERS.get(self.name, 1 if self.family else None)
        self.numbers: dict[Symbol, float] | None = {ETA: float(self.options["eta"])} if self.family == "eta" else None
        self.grid = sigmas(steps if ends else steps + 1, _LEAST, _MOST).to(self._dtype)
        if not ends:
            self.grid = self.grid[:-1]  # the last one is 0
        self.levels = [Level(mp.mpf(1), mp.mpf(sigma)) for sigma in self.grid.tolist()]
        self.span: tuple[int, int] | None = (0, steps)

    def step(self, index: int, z: Array, eps: Array, seed: int) -> Array:
        """Take one step."""
        if self.multistep:
            raise AuditError(f"{self.name} looks at more than one evaluation: it takes no single step")
        prescribed = self._tensor(eps)
        return self._run(z, lambda x, sigma: x - sigma * prescribed, self.grid[index : index + 2], seed)

    def _run(self, z: Array, model: Callable[[Any, Any], Any], sigmas: torch.Tensor, seed: int) -> Array:
        torch.manual_seed(seed)
        try:
            moved = self.function(
                lambda x, sigma, **_: model(x, sigma.reshape(-1, *[1] * (x.ndim - 1))),
                self._tensor(z), sigmas, disable=True, **self._passed,
            )  # fmt: skip
        except TypeError as error:
            raise AuditError(f"{self.name} cannot be called: {error}") from error
        return np.asarray(moved.double().numpy(), dtype=np.float64)

    def _tensor(self, values: Array) -> torch.Tensor:
        return torch.tensor(values).to(self._dtype)

    def noises(self, seed: int, size: int) -> list[Array]:
        """What the global generator draws first."""
        torch.manual_seed(seed)
        return [np.asarray(torch.randn(size, dtype=self._dtype).numpy(), dtype=np.float64)]

    def with_steps(self, steps: int) -> KDiffusionSampler:
        """The same function with another number of steps."""
        return KDiffusionSampler(
            self.function, self._sigmas, steps, self._family, self.options, self._order, ends=self._ends
        )

    def closed(self) -> KDiffusionSampler:
        """Down to no noise at all."""
        return KDiffusionSampler(
            self.function, self._sigmas, self.steps, self._family, self.options, self._order, ends=True
        )

    def solve(self, z: Array, network: Callable[[Array, Level], Array], start: int, end: int) -> Array:
        """Run the function over a part of the levels."""

        def model(x: Any, sigma: Any) -> Any:
            level = Level(mp.mpf(1), mp.mpf(float(sigma.reshape(-1)[0])))
            return x - sigma * self._tensor(network(x.double().numpy(), level))

        return self._run(z, model, self.grid[start : end + 1], 0)

    def script(self, index: int, coefficient: str) -> str:
        """Print the coefficient of one step."""
        z, eps = ("1.0", "0.0") if coefficient == "a_z" else ("0.0", "1.0" if coefficient == "a_eps" else "0.0")
        options = "".join(f", {key}={value!r}" for key, value in self._passed.items())
        noise = f" / torch.randn(1, dtype={self._dtype}).item()" if coefficient == "a_noise" else ""
        lines = [
            "import torch",
            "from numerics.adapters.k_diffusion import load_sampling",
            "",
            "sampling = load_sampling()",
            f"sigmas = sampling.get_sigmas_karras({self.steps + 1}, {_LEAST}, {_MOST}).to({self._dtype})",
            "torch.manual_seed(0)",
            f"z = torch.tensor([{z}], dtype={self._dtype})",
            f"moved = sampling.{self.name}(lambda x, sigma: x - sigma * {eps}, z, sigmas[{index}:{index + 2}], "
            f"disable=True{options}).item()",
            "torch.manual_seed(0)",
            f"print(moved{noise})  # {coefficient}",
            "",
        ]
        return "\n".join(lines)
