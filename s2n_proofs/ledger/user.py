"""Claims of a user's own: a Python file of ``Claim`` objects, for ``s2n verify --ledger FILE``.

The file is Python and is run, like any script that its owner starts; it is not a format for untrusted input.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from sympy import Expr, Float

from .claim import Claim, PropertyClaim

__all__ = ["LedgerFileError", "load_claims"]

AnyClaim = Claim | PropertyClaim
_MODULE = "s2n_user_ledger"


class LedgerFileError(ValueError):
    """A ledger file cannot be used.  One sentence: which file, where in it, what is wrong."""


def load_claims(path: str | os.PathLike[str]) -> tuple[AnyClaim, ...]:
    """Run a Python file and return its claims.

    Parameters
    ----------
    path : path
        A file that defines ``CLAIMS``, a sequence of claims; without it, every claim that is a variable of
        the module counts, in the order of the file.

    Raises
    ------
    LedgerFileError
        If the file cannot be read or run, has no claims, or two with one id.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "mine.py"
    >>> _ = file.write_text('''
    ... from s2n_proofs.ledger.claim import Claim
    ... from s2n_proofs.symbols import alpha, t
    ... from s2n_proofs.theory.forward import coefficients
    ... drift = Claim("drift", "my notes", "identity", "f is minus the log-derivative of alpha",
    ...               {"f": -alpha(t).diff(t) / alpha(t)}, coefficients)
    ... ''')
    >>> [claim.id for claim in load_claims(file)]
    ['drift']
    """
    module = _run(path)
    given = getattr(module, "CLAIMS", None)
    if given is None:
        claims: list[Any] = [v for v in vars(module).values() if isinstance(v, AnyClaim)]
        claims = list({id(claim): claim for claim in claims}.values())  # one claim may have two names
    elif isinstance(given, Iterable) and not isinstance(given, (str, Mapping)):
        claims = list(given)
    else:
        raise LedgerFileError(f"{path}: CLAIMS must be a sequence of claims, not a {type(given).__name__}")
    if not claims:
        raise LedgerFileError(f"{path} has no claims; define Claim objects, or CLAIMS, a sequence of them")
    for claim in claims:
        _check(claim, path)
    counts = Counter(claim.id for claim in claims)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise LedgerFileError(f"{path}: two claims have the id {twice[0]!r}; ids must differ")
    return tuple(claims)


def _run(path: str | os.PathLike[str]) -> ModuleType:
    try:
        source = Path(path).read_bytes()
    except OSError as error:
        raise LedgerFileError(f"cannot read the ledger {path}: {error.strerror or error}") from error
    module = ModuleType(_MODULE)
    module.__file__ = os.fspath(path)
    sys.modules[_MODULE] = module  # dataclasses and pickle look a class's module up there
    # Last, so that a neighbour called types.py does not hide the standard library's.
    sys.path.append(str(Path(path).resolve().parent))
    try:
        exec(compile(source, os.fspath(path), "exec"), module.__dict__)
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        raise LedgerFileError(f"{path}{where}: not valid Python: {error.msg}") from error
    except (Exception, SystemExit) as error:  # the user's own code: it may raise anything
        said = " ".join(str(error).split())[:300]
        where = "".join(
            f", line {line}" for line in _lines(error, os.fspath(path))[-1:]
        )  # the last frame that is in the file
        raise LedgerFileError(f"{path}{where}: {type(error).__name__}{': ' if said else ''}{said}") from error
    return module


def _lines(error: BaseException, path: str) -> list[int]:
    return [frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]


def _check(claim: object, path: str | os.PathLike[str]) -> None:
    if not isinstance(claim, AnyClaim):
        raise LedgerFileError(f"{path}: CLAIMS holds a {type(claim).__name__}, which is no claim")
    for name in ("id", "where", "statement"):
        if not isinstance(getattr(claim, name), str) or not getattr(claim, name).strip():
            raise LedgerFileError(f"{path}: the claim {claim.id!r} needs a text as its {name}")
    if isinstance(claim, PropertyClaim):
        return
    if not isinstance(claim.printed, Mapping) or not claim.printed:
        raise LedgerFileError(f"{path}: the claim {claim.id!r} needs its printed formulas, a mapping by role")
    if not callable(claim.derive):
        raise LedgerFileError(f"{path}: the claim {claim.id!r} needs a function as its derive")
    for role, formula in claim.printed.items():
        if not isinstance(formula, Expr):
            raise LedgerFileError(
                f"{path}: the claim {claim.id!r} prints {role!r} as a {type(formula).__name__};"
                " a SymPy expression is needed"
            )
        if formula.has(Float):
            # (1 + 1)/2 is 1.0 in Python: a float poisons a proof without a word.
            number = min(formula.atoms(Float), key=str)
            raise LedgerFileError(
                f"{path}: the claim {claim.id!r} has the float {number} in {role!r}; write it as an exact Rational"
            )
