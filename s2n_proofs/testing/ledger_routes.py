r"""Every formula of the ledger by a route of its own: a number from its definition, none of the derivations used.

A route gets a :class:`~s2n_proofs.testing.settings.Setting` and returns what the formula must be worth there.

====================== =====================================================================================
law of :math:`z_t`     mean and deviation over a noise that is :math:`\pm1`
rates, limits          differences of a quantity that is itself by definition (a mean, a quadrature)
transitions            the linear equation, by quadrature
Fokker-Planck          the time difference of the density that mixed Gaussian data really have
reverse drift          that Gaussian data keep their moments
posterior, prediction  conditioning of Gaussians
information            differences of the divergence, which is a quadrature over :math:`z`
:math:`\sigma` given   the variance-preserving equation by quadrature, or a root of the definition of :math:`\lambda`
====================== =====================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

from .processes import ROUTE_DIGITS
from .routes_of_information import ROUTES as _INFORMATION
from .routes_of_steps import ROUTES as _STEPS
from .routes_of_the_process import ROUTES as _PROCESS
from .settings import Setting

__all__ = ["LEDGER_ROUTES", "by_definition"]

Route = Callable[[Setting], Any]

LEDGER_ROUTES: dict[tuple[str, str], Route] = {**_PROCESS, **_STEPS, **_INFORMATION}
"""By claim and role, as :func:`~s2n_proofs.testing.ledger_mutants.derived_formulas` names them."""


def by_definition(claim: str, role: str, setting: Setting) -> Any:
    """What the formula is worth in a setting, to half of ROUTE_DIGITS; None without a route.

    Examples
    --------
    >>> from s2n_proofs.testing.settings import settings
    >>> by_definition("psi-odes", "value at t = tau", settings(1)[0])
    mpf('1.0')
    """
    route = LEDGER_ROUTES.get((claim, role))
    if route is None:
        return None
    with mpmath.workdps(ROUTE_DIGITS):
        value = route(setting)
        return None if value is None else +value
