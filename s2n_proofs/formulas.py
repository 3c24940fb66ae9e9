r"""``derive``: every formula of the theory for one schedule, in textbook form.

Nothing is typed here.  The derivations of :mod:`s2n_proofs.theory` give each formula for generic
$\alpha,\sigma$; a schedule is inserted, derivatives are carried out, and every part that depends on the
schedule alone is replaced by a shorter one that both proof engines show to be the same function on the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from sympy import Expr, Integer, Mul, Pow, Rational, log, sqrt

from .simplify import words as _words
from .simplify.evidence import points_in, proved_equal
from .simplify.insertion import Insertion
from .simplify.rewrites import root_of
from .simplify.textbook import weight
from .symbols import alpha, f, g, lam, s, sigma, t, tau, transition_variance
from .theory.forward import coefficients
from .theory.transition import psi, transition, transition_by_conditioning

if TYPE_CHECKING:
    from .schedule import Schedule

__all__ = ["Formulas", "ReverseSDE", "StepCoefficients", "derive", "log_snr_of"]


class StepCoefficients(NamedTuple):
    r"""A step $z_s=a_zz_t+a_\epsilon\,\epsilon_\theta(z_t,t)+a_{noise}\,\xi$."""

    a_z: Expr
    a_eps: Expr
    a_noise: Expr


class ReverseSDE(NamedTuple):
    r"""The backward SDE $dz=(az+b\nabla\log p)\,dt+c\,dw$, or with $e\,\epsilon_\theta$ for the score."""

    drift_z: Expr
    drift_score: Expr
    drift_eps: Expr
    diffusion: Expr


@dataclass(frozen=True)
class Formulas:
    r"""What :func:`derive` gives: SymPy expressions in the symbols of :mod:`s2n_proofs.symbols`.

    Attributes
    ----------
    schedule : Schedule or None
        None: for generic $\alpha,\sigma$.
    alpha, sigma : sympy.Expr
        The schedule, $z_t=\alpha(t)x+\sigma(t)\epsilon$, in t as all that follows.
    f, g_squared, g : sympy.Expr
        The forward SDE $dz=f\,z\,dt+g\,dw$ (Theorem 1).
    log_snr, snr : sympy.Expr
        $\lambda=\log(\alpha^2/\sigma^2)$ and $e^\lambda$.
    psi : sympy.Expr
        $\Psi(\tau,t)=\exp\{-\int_\tau^tf\}$, in tau and t.
    transition_factor, transition_variance : sympy.Expr
        $q(z_t\mid z_s)=\mathcal N(\text{factor}\,z_s,\text{variance})$, in s and t, s < t.
    reverse_sde : ReverseSDE
        Theorem 2, for constant rho.
    step, step_limit : StepCoefficients
        Corollary 1 in gamma, delta and rho, and its limit as gamma tends to -1.
    ancestral_step, nonmarkov_step : StepCoefficients
        The posterior's step, and the non-Markovian step in beta.
    corners : tuple of sympy.Expr
        Times where alpha or sigma has a corner: f and g are those of either side, and there are none at the corner.
    """

    schedule: Schedule | None
    alpha: Expr
    sigma: Expr
    f: Expr
    g_squared: Expr
    g: Expr
    log_snr: Expr
    snr: Expr
    psi: Expr
    transition_factor: Expr
    transition_variance: Expr
    reverse_sde: ReverseSDE
    step: StepCoefficients
    step_limit: StepCoefficients
    ancestral_step: StepCoefficients
    nonmarkov_step: StepCoefficients
    corners: tuple[Expr, ...] = ()

    def items(self) -> Mapping[str, Expr]:
        """Every formula by name; the parts of a step have names such as ``step.a_eps``."""
        flat: dict[str, Expr] = {}
        for name in tuple(self.__dataclass_fields__)[1:-1]:
            value = getattr(self, name)
            if isinstance(value, ReverseSDE | StepCoefficients):
                flat |= {f"{name}.{part}": v for part, v in value._asdict().items()}
            else:
                flat[name] = value
        return flat

    @cached_property
    def variance_preserving(self) -> bool | None:
        r"""Whether $\alpha^2+\sigma^2=1$: proved, refuted at a point, or None (not known)."""
        return self._is_one(self.alpha**2 + self.sigma**2)

    @cached_property
    def variance_exploding(self) -> bool | None:
        r"""Whether $\alpha=1$ throughout: proved, refuted at a point, or None (not known)."""
        return self._is_one(self.alpha)

    def _is_one(self, expr: Expr) -> bool | None:
        if self.schedule is None:
            return None
        domain = self.schedule.domain
        if proved_equal(expr, Integer(1), domain):
            return True
        points = points_in(domain, frozenset(expr.free_symbols))
        return False if points.nonzero(expr - 1) else None


def derive(schedule: Schedule | str | None = None) -> Formulas:
    r"""Every formula of the theory for a schedule; without one, for generic $\alpha,\sigma$.

    Parameters
    ----------
    schedule : Schedule or str, optional
        With or without free parameters; or the name of one of the catalogue.

    Returns
    -------
    Formulas

    Examples
    --------
    >>> derive().f
    Derivative(alpha(t), t)/alpha(t)
    >>> from s2n_proofs.schedule import Schedule
    >>> d = derive(Schedule("cos(pi*t/2)", "sin(pi*t/2)"))
    >>> d.f, d.g_squared, d.transition_variance
    (-pi*tan(pi*t/2)/2, pi*tan(pi*t/2), 1 - cos(pi*t/2)**2/cos(pi*s/2)**2)
    >>> d.variance_preserving
    True
    """
    if isinstance(schedule, str):
        from .named_schedules import catalogue

        schedule = catalogue[schedule]
    put = Insertion(schedule)
    forward, exact = coefficients().result, transition().result
    drift, g_squared = put(forward["f"]), put(forward["g_squared"])
    variance = put(exact["variance"], transition_by_conditioning().result["variance"])
    put.define({f(t): drift, g(t): sqrt(g_squared), transition_variance(s, t): variance})
    return Formulas(
        schedule=schedule,
        alpha=put.raw(alpha(t)),
        sigma=put.raw(sigma(t)),
        f=drift,
        g_squared=g_squared,
        g=_root(g_squared),
        log_snr=log_snr_of(put),
        snr=put(alpha(t) ** 2 / sigma(t) ** 2),
        psi=put(psi().result["psi"].subs(tau, s)).subs(s, tau),  # tau before t, as s is
        transition_factor=put(exact["factor"]),
        transition_variance=variance,
        reverse_sde=ReverseSDE(*map(put.by_parts, _words.reverse_sde())),
        step=StepCoefficients(*map(put.by_parts, _words.corollary_step())),
        step_limit=StepCoefficients(*map(put.by_parts, _words.corollary_step_limit())),
        ancestral_step=StepCoefficients(*map(put.by_parts, _words.ancestral_step())),
        nonmarkov_step=StepCoefficients(*map(put.by_parts, _words.nonmarkov_step())),
        corners=tuple(piece.high for piece in put.pieces[:-1]),
    )


def log_snr_of(put: Insertion) -> Expr:
    """The log-SNR as the logarithm of the SNR or of its inverse, or of their root where they are squares."""
    ratio = alpha(t) / sigma(t)
    forms = [put.raw(lam(t))]
    for side, quotient in ((1, ratio), (-1, 1 / ratio)):
        square = put(quotient**2)
        forms.append(side * log(square))
        # alpha and sigma are positive, so the logarithm of their quotient is half that of its square.
        base, power = root_of(square)
        root = base if power == 2 else sqrt(square)
        if put.same(root, put.raw(quotient)):
            forms.append(2 * side * log(root))
    return min(forms, key=weight)


def _root(square: Expr) -> Expr:
    """The root as one root: SymPy alone writes sqrt(10)*sqrt(199*t + 1)/10."""
    apart = sqrt(square)
    roots = [part for part in Mul.make_args(apart) if part.as_base_exp()[1] == Rational(1, 2)]
    merged = Mul(
        Mul(*(part for part in Mul.make_args(apart) if part not in roots)),
        _whole(Mul(*(r**2 for r in roots))),
    )
    best = min(apart, merged, key=weight)
    return best if weight(best) < weight(_whole(square)) - 0.5 else _whole(square)


def _whole(square: Expr) -> Expr:
    return Pow(square, Rational(1, 2), evaluate=False)
