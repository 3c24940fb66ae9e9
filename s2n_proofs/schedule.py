r"""The schedule: $z_t=\alpha(t)x+\sigma(t)\epsilon$ on a domain of times, with its certificate.

A schedule is *valid* where, on the open domain, $\alpha>0$, $\sigma>0$ and
$\lambda=\log(\alpha^2/\sigma^2)$ does not increase.  The class proves that when it is made (see
:mod:`s2n_proofs.certification.certify`), refuses what is refuted, and warns of what it can neither prove nor refute.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from flint import arb
from sympy import Expr, Integer, S, oo

from .certification.certificate import Certificate, ScheduleError, UncertifiedWarning
from .certification.certify import certify
from .certification.ends import End, end_of
from .certification.given import read_demands, read_domain, read_expression, read_value
from .certification.logform import log_snr_of
from .certification.pieces import Piece, split_pieces
from .certification.points import Meter, at_point
from .certification.typed import Demand
from .certification.wording import gap_sentence, refusal
from .certification.zero import exactly_zero
from .proof.ball import UndefinedValueError
from .symbols import t

__all__ = ["Schedule", "ScheduleError", "UncertifiedWarning"]

_certify = lru_cache(maxsize=256)(certify)


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Schedule:
    r"""A pair $\alpha(t),\sigma(t)$ on an interval of times, certified on the open interval.

    Parameters
    ----------
    alpha, sigma : sympy.Expr, str or number
        The coefficients in the one variable $t$.  Numbers in text are exact; a Python float is the exact
        binary number that it is.
    domain : pair or str, optional
        First and last time; (0, 1) unless given.  Both are finite; what happens *at* them is free.
    parameters : mapping, optional
        Names of the parameters in `alpha` and `sigma`, each with a value (not negative) or None.  A schedule
        with a parameter that has no value is not certified.
    name : str, optional
        How reports call it.
    strict : bool
        Refuse, instead of warn of, what cannot be certified.

    Attributes
    ----------
    alpha, sigma : sympy.Expr
        The coefficients, in :data:`s2n_proofs.symbols.t`, with the values of the parameters put in.
    domain : tuple of sympy.Expr
        The two ends, exact.
    name : str or None
        The name given.
    certificate : Certificate or None
        What is proven; None as long as a parameter has no value.

    Raises
    ------
    ScheduleError
        If the schedule is refuted, or what is given is no schedule.
    ParseError
        If a text cannot be read.

    Warns
    -----
    UncertifiedWarning
        If a part of the domain could be neither certified nor refuted.

    Examples
    --------
    >>> schedule = Schedule("1/(1 + t**3)", "t**(3/2) + 1/20", domain=(0, 1))
    >>> schedule.certified, schedule.starts_at_one, schedule.end_signal_to_noise
    (True, True, 10/21)
    >>> Schedule("1", "1 - 1.5*t**2")
    Traceback (most recent call last):
    ...
    s2n_proofs.certification.certificate.ScheduleError: sigma must be positive on (0, 1); at t = 6/7 it is -0.102041 (from "1 - 3*t**2/2")
    """

    alpha: Expr
    sigma: Expr
    domain: tuple[Expr, Expr]
    name: str | None
    certificate: Certificate | None
    _given: tuple[Expr | str | float, Expr | str | float]
    _values: tuple[tuple[str, Expr | None], ...]
    _strict: bool

    def __init__(
        self,
        alpha: Expr | str | float,
        sigma: Expr | str | float,
        domain: object = (0, 1),
        *,
        parameters: Mapping[str, Any] | None = None,
        name: str | None = None,
        strict: bool = False,
    ) -> None:
        given = {str(key): value for key, value in (parameters or {}).items()}
        general = tuple(
            read_expression(role, expr, tuple(given)) for role, expr in (("alpha", alpha), ("sigma", sigma))
        )
        demands = tuple(read_demands(expr, tuple(given)) for expr in (alpha, sigma))
        values = {key: None if v is None else read_value(key, v) for key, v in given.items()}
        asking = (expr for of_one in demands for expr, _ in of_one)
        used = {symbol.name: symbol for expr in (*general, *asking) for symbol in expr.free_symbols - {t}}
        for key in values:
            if key not in used:
                raise ScheduleError(f"the parameter {key} occurs in neither alpha nor sigma", property="expression")
        rule = {used[key]: value for key, value in values.items() if value is not None}
        a, b = (expr.subs(rule) for expr in general)
        fields = {
            "alpha": a, "sigma": b, "domain": read_domain(domain), "name": name, "certificate": None,
            "_given": (alpha, sigma), "_values": tuple(values.items()), "_strict": strict,
        }  # fmt: skip
        for key, value in fields.items():
            object.__setattr__(self, key, value)
        if not self.free_parameters:
            asked = tuple(tuple((expr.subs(rule), need) for expr, need in of_one) for of_one in demands)
            object.__setattr__(self, "certificate", self._judge(strict, asked))

    def _judge(self, strict: bool, demands: tuple[tuple[Demand, ...], ...]) -> Certificate:
        certificate: Certificate = _certify(self.alpha, self.sigma, t, *self.domain, demands)
        if certificate.violation is not None:
            # Where a part has no value, SymPy may have left out just that part.
            alpha, sigma = (
                given if isinstance(given, str) and certificate.violation.undefined else expr
                for given, expr in zip(self._given, (self.alpha, self.sigma), strict=True)
            )
            raise refusal(certificate.violation, alpha, sigma, self.domain)
        if certificate.gaps:
            sentence = gap_sentence(certificate)
            if strict:
                raise ScheduleError(sentence, property=certificate.gaps[0][0])
            warnings.warn(sentence, UncertifiedWarning, stacklevel=4)
        return certificate

    @classmethod
    def from_table(
        cls, *, betas: Iterable[Any] | None = None, alphas_cumprod: Iterable[Any] | None = None, name: str | None = None
    ) -> Schedule:
        r"""Return the schedule of a discrete model, from its table.

        Time $k$ is the table's entry $k$, exactly, and time -1 is clean data.  Between entries the log-SNR is linear in
        time (next to clean data, and to an entry 0, $\bar\alpha$ is).

        Parameters
        ----------
        betas : sequence of N numbers
            $\bar\alpha_k=\prod_{i\le k}(1-\beta_i)$, multiplied exactly: floats are the binary numbers that they are.
        alphas_cumprod : sequence of N numbers
            $\bar\alpha_k$ itself, $\alpha(k)^2$, with $\sigma^2=1-\alpha^2$; or this.
        name : str, optional
            How reports call it.

        Raises
        ------
        ScheduleError
            If the table does not fall strictly inside (0, 1); its last entry alone may be 0.

        Examples
        --------
        >>> table = Schedule.from_table(betas=["1/10", "1/5"])
        >>> table.alpha_at(1) ** 2, table.sigma_at(-1), table.domain
        (18/25, 0, (-1, 1))
        """
        from .table_schedule import TableSchedule

        return TableSchedule(betas=betas, alphas_cumprod=alphas_cumprod, name=name)

    # --- parameters --------------------------------------------------------------------------------------

    @property
    def parameters(self) -> Mapping[str, Expr | None]:
        """Every parameter with its value, or None."""
        return MappingProxyType(dict(self._values))

    @property
    def free_parameters(self) -> tuple[str, ...]:
        """The parameters that have no value."""
        return tuple(key for key, value in self._values if value is None)

    def with_parameters(self, **values: Any) -> Schedule:
        """Return this schedule with other values of some parameters (None: no value), certified anew.

        Examples
        --------
        >>> schedule = Schedule("exp(-rate*t)", "1 + t", parameters={"rate": None})
        >>> schedule.certified, schedule.with_parameters(rate="1/10").certified
        (False, True)
        """
        unknown = sorted(set(values) - set(self.parameters))
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise ScheduleError(
                f"no parameter is called {unknown[0]}; the parameters are: {known}", property="expression"
            )
        return Schedule(
            *self._given,
            self.domain,
            parameters={**self.parameters, **values},
            name=self.name,
            strict=self._strict,
        )

    # --- what is proven ----------------------------------------------------------------------------------

    @property
    def certified(self) -> bool:
        """Whether validity is proven on the whole open domain."""
        return self.certificate is not None and self.certificate.certified

    @property
    def strictly_decreasing(self) -> bool:
        r"""Whether $\lambda$ is proven to be invertible on the domain."""
        return self.certificate is not None and self.certificate.strictly_decreasing

    # --- formulas and values -----------------------------------------------------------------------------

    @cached_property
    def log_snr(self) -> Expr:
        r"""The log signal-to-noise ratio $\lambda=\log(\alpha^2/\sigma^2)$."""
        return log_snr_of(self.alpha, self.sigma, t, self.domain)

    def alpha_at(self, time: object) -> Expr | None:
        r"""Return $\alpha$ at an exact time of the closed domain; at an end, the limit (None: not known)."""
        return self._at("alpha", time)

    def sigma_at(self, time: object) -> Expr | None:
        r"""Return $\sigma$ at an exact time of the closed domain; at an end, the limit (None: not known)."""
        return self._at("sigma", time)

    def log_snr_at(self, time: object) -> Expr | None:
        r"""Return $\lambda$ at an exact time of the closed domain; at an end, the limit (None: not known)."""
        return self._at("log_snr", time)

    def _at(self, quantity: str, time: object) -> Expr | None:
        exact = self._time(time)
        for end, at in ((0, exact - self.domain[0]), (1, exact - self.domain[1])):
            if at.is_zero and not self.free_parameters:
                limit: Expr | None = getattr(self.end if end else self.start, quantity)
                return limit
        return getattr(self, quantity).subs(t, exact)

    def _time(self, time: object) -> Expr:
        exact = read_value("t", time, signed=True)
        low, high = (at_point(exact - end, t, S.Zero) for end in self.domain)
        if low < 0 or high > 0:
            raise ScheduleError(f"t must be in [{self.domain[0]}, {self.domain[1]}]; it is {exact}", property="domain")
        return exact

    def enclosure(self, quantity: str, time: object, bits: int = 128) -> arb:
        """Return a ball that provably holds ``alpha``, ``sigma`` or ``log_snr`` at an exact time.

        Examples
        --------
        >>> ball = Schedule("1 - t", "t").enclosure("log_snr", "1/3", bits=64)
        >>> bool(abs(ball - 2 * arb(2).log()) < 1e-15)
        True
        """
        if quantity not in ("alpha", "sigma", "log_snr"):
            raise ScheduleError(f"the quantity is alpha, sigma or log_snr, not {quantity!r}", property="expression")
        exact = self._time(time)
        try:
            return at_point(getattr(self, quantity), t, exact, bits)
        except UndefinedValueError as error:
            raise ScheduleError(f"{quantity} has no finite value at t = {exact}", property="domain") from error

    # --- ends --------------------------------------------------------------------------------------------

    @cached_property
    def start(self) -> End:
        """The limits at the first time."""
        return self._end(0)

    @cached_property
    def end(self) -> End:
        """The limits at the last time."""
        return self._end(-1)

    def _end(self, which: int) -> End:
        time = self.domain[which]
        if self.free_parameters:
            return End(time, None, None, None, None)
        pieces, _ = split_pieces(Piece(*self.domain, self.alpha, self.sigma), t, Meter(100_000))
        beside = [p for p in pieces if p.sure and (p.low if which == 0 else p.high) == time]
        if not beside:
            return End(time, None, None, None, None)
        piece = beside[0]
        return end_of(piece.alpha, piece.sigma, t, time, -1 if which else 1, piece.high - piece.low)

    @property
    def starts_at_one(self) -> bool | None:
        r"""Whether $\alpha$ is 1 at the start (reported, not required); None: not known."""
        value = self.start.alpha
        return None if value is None else _is(value, 1)

    @property
    def sigma_vanishes_at_start(self) -> bool | None:
        r"""Whether $\sigma\to0$ at the start; None: not known."""
        return None if self.start.sigma is None else self.start.sigma == 0

    @property
    def alpha_vanishes_at_end(self) -> bool | None:
        r"""Whether $\alpha\to0$ at the end; None: not known."""
        return None if self.end.alpha is None else self.end.alpha == 0

    @property
    def end_signal_to_noise(self) -> Expr | None:
        r"""The limit of $\alpha/\sigma$ at the end, exactly; None: not known."""
        return self.end.ratio

    # --- identity ----------------------------------------------------------------------------------------

    def _key(self) -> tuple[object, ...]:
        return self.alpha, self.sigma, self.domain, self.free_parameters

    def __eq__(self, other: object) -> bool:
        """Compare the coefficients as expressions, and the domain; names and certificates don't count."""
        return self._key() == other._key() if isinstance(other, Schedule) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        parts = [repr(str(self.alpha)), repr(str(self.sigma)), f"domain=({self.domain[0]}, {self.domain[1]})"]
        if self.free_parameters:
            parts.append("parameters={" + ", ".join(f"{key!r}: None" for key in self.free_parameters) + "}")
        if self.name is not None:
            parts.append(f"name={self.name!r}")
        return f"Schedule({', '.join(parts)})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # For IPython, and for Hypothesis, which otherwise shows every field of a failing schedule.
        printer.text(repr(self))

    def __str__(self) -> str:
        """Return one line: the coefficients, the domain, and what is proven."""
        if self.free_parameters:
            state = f"not certified: no value for {', '.join(self.free_parameters)}"
        else:
            state = "certified" if self.certified else "certified in part"
        low, high = self.domain
        title = f"{self.name}: " if self.name else ""
        return f"{title}alpha = {self.alpha}, sigma = {self.sigma}, t in ({low}, {high}) [{state}]"


def _is(value: Expr, number: int) -> bool | None:
    if value in (oo, -oo):
        return False
    difference = value - Integer(number)
    if exactly_zero(difference):
        return True
    ball = at_point(difference, t, S.Zero)
    return None if ball.contains(0) else False
