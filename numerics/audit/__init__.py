"""Does this implementation compute the right thing?  Step functions of other packages, probed and judged.

Examples
--------
>>> from s2n_proofs import catalogue
>>> from numerics.audit import audit
>>> def my_ddim(z, eps, s, t, xi):
...     x = (z - t * eps) / (1 - t)
...     return (1 - s) * x + s * eps
>>> audit(my_ddim, catalogue["fm-ot"], family="ddim").verdict
'right'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .result import Audit
    from .run import audit, audit_target

__all__ = ["Audit", "audit", "audit_target"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        value = getattr(import_module(f"{__name__}.{'result' if name == 'Audit' else 'run'}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
