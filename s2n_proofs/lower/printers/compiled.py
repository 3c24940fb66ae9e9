"""Programs as Python functions: our own generated source, executed; text of a user never gets into it."""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol

from s2n_proofs.lower.program import Program, program

from .base import FunctionPrinter
from .errors import PrinterError

__all__ = ["CompiledProgram", "ball_of", "compile_program", "compile_source", "constant_ball", "printer_for"]


@dataclass(frozen=True)
class CompiledProgram:
    """A program that runs.

    Attributes
    ----------
    program : Program
        What was compiled.
    backend : str
        ``numpy``, ``mpmath`` or ``arb``.
    source : str
        The generated code.
    function : callable
        From the inputs, in order, to a tuple of the outputs, in order; takes what the backend computes with as it is.
    """

    program: Program
    backend: str
    source: str
    function: Callable[..., tuple[Any, ...]]

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        """The outputs at these inputs; numbers of any kind are converted for the backend."""
        return _ADAPTERS[self.backend](self.function, inputs)


def printer_for(backend: str) -> type[FunctionPrinter]:
    """The printer of a language: torch, numpy, mpmath, arb or javascript.

    Raises
    ------
    PrinterError
        If there is none.
    """
    from .arb_code import ArbPrinter
    from .javascript_code import JavaScriptPrinter
    from .mpmath_code import MpmathPrinter
    from .numpy_code import NumpyPrinter
    from .torch_code import TorchPrinter

    printers: Mapping[str, type[FunctionPrinter]] = {
        "torch": TorchPrinter, "numpy": NumpyPrinter, "mpmath": MpmathPrinter, "arb": ArbPrinter,
        "javascript": JavaScriptPrinter,
    }  # fmt: skip
    if backend not in printers:
        raise PrinterError(f"there is no printer for {backend!r}; there are {', '.join(printers)}")
    return printers[backend]


@lru_cache(maxsize=1024)
def compile_program(program: Program, backend: str, bits: int = 53) -> CompiledProgram:
    """Compile a program for numpy, mpmath or Arb; the same program gives the same object.

    Parameters
    ----------
    program : Program
        What to compute.
    backend : str
        ``numpy``, ``mpmath`` or ``arb``; for torch see :mod:`numerics.generated`.
    bits : int
        Significand bits to which numpy code rounds its constants: 24 for float32, else 53.

    Returns
    -------
    CompiledProgram

    Raises
    ------
    PrinterError
        If there is no such backend, or an expression has no code in it.

    Examples
    --------
    >>> from sympy.abc import x
    >>> from s2n_proofs.lower.program import program
    >>> compile_program(program([x], {"third": x / 3}), "mpmath")(1)
    (mpf('0.33333333333333331'),)
    """
    if backend not in _WORDS:
        raise PrinterError(f"programs are compiled for {', '.join(_WORDS)}, not {backend!r}")
    source = printer_for(backend)(program, bits=bits).function("function")
    return CompiledProgram(program, backend, source, compile_source(source, backend, _WORDS[backend]()))


def compile_source(source: str, label: str, words: Mapping[str, Any]) -> Callable[..., tuple[Any, ...]]:
    """Execute generated source that defines ``function``; a traceback shows its lines.

    Parameters
    ----------
    source : str
        Printed by this package.
    label : str
        A word for the file name that tracebacks show.
    words : mapping
        The global names of the source.
    """
    # The same source has the same file name in every run: Hypothesis tells failures apart by it.
    file = f"<s2n-proofs {label} {hashlib.sha256(source.encode()).hexdigest()[:12]}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = dict(words)
    exec(compile(source, file, "exec"), namespace)
    function: Callable[..., tuple[Any, ...]] = namespace["function"]
    return function


@lru_cache(maxsize=4096)
def ball_of(symbols: Sequence[Symbol], expr: Expr) -> Callable[..., Any]:
    """One expression as a function of balls."""
    function = compile_program(program(symbols, {"value": expr}), "arb").function
    return lambda *balls: function(*balls)[0]


def constant_ball(expr: Expr) -> Any:
    """The enclosure of an expression without symbols, at the precision that is set."""
    return ball_of((), expr)()


def _numpy_words() -> Mapping[str, Any]:
    import numpy as np

    return {"np": np}


def _mpmath_words() -> Mapping[str, Any]:
    from .mpmath_words import WORDS, Constants

    return {**WORDS, "at_this_precision": Constants()}


def _arb_words() -> Mapping[str, Any]:
    from .arb_words import WORDS, Constants

    return {**WORDS, "at_this_precision": Constants()}


_WORDS: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "numpy": _numpy_words,
    "mpmath": _mpmath_words,
    "arb": _arb_words,
}


def _call_numpy(function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any]) -> tuple[Any, ...]:
    import numpy as np

    arrays = [np.asarray(x) for x in inputs]
    # Python numbers take the dtype of the arrays; without any, float64.
    floating = [a.dtype for a, x in zip(arrays, inputs, strict=True) if isinstance(x, np.ndarray | np.floating)]
    dtype = np.result_type(*floating) if floating else np.dtype(np.float64)
    if not np.issubdtype(dtype, np.floating):
        dtype = np.dtype(np.float64)
    arrays = [a.astype(dtype, copy=False) for a in arrays]
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    # np.where computes both branches, and an undefined value is NaN, without a warning.
    with np.errstate(all="ignore"):
        outputs = [np.asarray(value, dtype=dtype) for value in function(*arrays)]
    return tuple(value if value.shape == shape else np.broadcast_to(value, shape).copy() for value in outputs)


def _call_mpmath(function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any]) -> tuple[Any, ...]:
    from mpmath import mp, mpf

    def number(x: Any) -> Any:
        exact = hasattr(x, "numerator") and hasattr(x, "denominator") and not isinstance(x, int)
        return mpf(int(x.numerator)) / int(x.denominator) if exact else mp.convert(x)

    return function(*map(number, inputs))


def _call_arb(function: Callable[..., tuple[Any, ...]], inputs: Sequence[Any]) -> tuple[Any, ...]:
    from flint import arb, fmpq

    def number(x: Any) -> Any:
        exact = hasattr(x, "numerator") and hasattr(x, "denominator") and not isinstance(x, int | fmpq)
        return arb(fmpq(int(x.numerator), int(x.denominator))) if exact else arb(x)

    return function(*map(number, inputs))


_ADAPTERS: Mapping[str, Callable[[Callable[..., tuple[Any, ...]], Sequence[Any]], tuple[Any, ...]]] = {
    "numpy": _call_numpy,
    "mpmath": _call_mpmath,
    "arb": _call_arb,
}
