"""The machine-checked companion to the theory of signal-to-noise diffusion models.

The public names are imported when they are first used, so that ``import s2n_proofs`` and ``s2n --help`` stay quick.

Examples
--------
>>> from s2n_proofs import Schedule, check
>>> check("f(t) = diff(log(alpha(t)), t)").verdict
'holds'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checking import check
    from .formulas import derive
    from .named_schedules import catalogue
    from .report.ledger import verify
    from .schedule import Schedule

__all__ = ["Schedule", "catalogue", "check", "derive", "verify"]
__version__ = "0.1.0"

_HOMES = {
    "Schedule": "schedule",
    "catalogue": "named_schedules",
    "check": "checking",
    "derive": "formulas",
    "verify": "report.ledger",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        module = import_module(f"{__name__}.{_HOMES[name]}")
        value = getattr(module, name)
        globals()[name] = value  # also over the submodule of the same name that the import may have set
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
