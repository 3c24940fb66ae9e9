r"""A schedule given by a table of $\bar\alpha_k=\alpha(k)^2$, as the checkpoints of discrete diffusion models have it.

Time $k$ is entry $k$, exactly; time $-1$ is clean data, $\bar\alpha=1$; and $\sigma^2=1-\alpha^2$.  Between two entries the
log-SNR is linear in time.  Where it is infinite at one end ($\bar\alpha=1$ at $-1$, and 0 at the last entry of a table with
zero terminal SNR), $\bar\alpha$ itself is linear.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flint import arb, fmpq
from sympy import Expr, Integer, Rational, S, floor, log, oo, sqrt

from .certification.certificate import ScheduleError
from .certification.ends import End
from .certification.given import read_value
from .certification.points import at_point
from .proof.ball import enclose, working_precision
from .schedule import Schedule
from .symbols import alpha, lam, sigma, t

__all__ = ["TableSchedule"]


class TableSchedule(Schedule):
    r"""A schedule by a table; made by :meth:`Schedule.from_table`.

    ``alpha`` and ``sigma`` are the generic functions of the vocabulary, for a table has no formula; values are exact
    numbers (:meth:`alpha_at`) or balls (:meth:`enclosure`).  That $\lambda$ falls is proven by comparing the entries.

    Attributes
    ----------
    entries : tuple of flint.fmpq
        $\bar\alpha_k$, exact.
    """

    entries: tuple[fmpq, ...]

    def __init__(
        self,
        *,
        betas: Iterable[Any] | None = None,
        alphas_cumprod: Iterable[Any] | None = None,
        name: str | None = None,
    ) -> None:
        if (betas is None) == (alphas_cumprod is None):
            raise _refused("a table is given by betas or by alphas_cumprod: one of them")
        if betas is not None:
            entries, product = [], fmpq(1)
            for k, beta in enumerate(_read("betas", betas)):
                if not 0 < beta <= 1:
                    raise _refused(f"betas must be greater than 0 and at most 1; betas[{k}] is {float_of(beta):.6g}")
                product *= 1 - beta
                entries.append(product)
        else:
            entries = _read("alphas_cumprod", alphas_cumprod)
        before = fmpq(1)
        for k, entry in enumerate(entries):
            if not (entry < before and (entry > 0 or (entry == 0 and k == len(entries) - 1))):
                raise _refused(
                    "alphas_cumprod must fall strictly, from below 1, and stay positive (the last may be 0); "
                    f"entry {k} is {float_of(entry):.6g} after {float_of(before):.6g}"
                )
            before = entry
        if len(entries) < 2:
            raise _refused(f"a table needs at least two entries; it has {len(entries)}")
        fields = {
            "alpha": alpha(t), "sigma": sigma(t), "domain": (Integer(-1), Integer(len(entries) - 1)), "name": name,
            "certificate": None, "_general": (alpha(t), sigma(t)), "_values": (), "_strict": False,
            "entries": tuple(entries),
        }  # fmt: skip
        for key, value in fields.items():
            object.__setattr__(self, key, value)

    # --- what is proven ----------------------------------------------------------------------------------

    @property
    def certified(self) -> bool:
        """True: the entries were compared as exact numbers, and both interpolations fall between falling entries."""
        return True

    @property
    def strictly_decreasing(self) -> bool:
        """True, as for :attr:`certified`."""
        return True

    # --- values ------------------------------------------------------------------------------------------

    @property
    def log_snr(self) -> Expr:
        """The generic log-SNR; see :meth:`log_snr_at` for values."""
        return lam(t)

    def entry(self, k: int) -> fmpq:
        r"""Return $\bar\alpha$ at a whole time, exactly."""
        return self.entries[k] if k >= 0 else fmpq(1)

    def squares(self, time: Expr) -> tuple[Expr, Expr]:
        r"""Return $\alpha^2$ and $\sigma^2$ at an exact time as SymPy numbers.

        Examples
        --------
        >>> table = Schedule.from_table(alphas_cumprod=["4/5", "1/2"])
        >>> table.squares(Integer(0)), table.squares(Rational(1, 2))
        ((4/5, 1/5), (2/3, 1/3))
        """
        k, share = self._place(time)
        here = _rational(self.entry(k))
        if share == 0:
            return here, 1 - here
        after = _rational(self.entry(k + 1))
        if here == 1 or after == 0:
            value = here + share * (after - here)
            return value, 1 - value
        odds = (here / (1 - here)) ** (1 - share) * (after / (1 - after)) ** share
        return odds / (1 + odds), 1 / (1 + odds)

    def square_balls(self, time: Expr) -> tuple[arb, arb]:
        r"""Enclose $\alpha^2$ and $\sigma^2$ at an exact time, at the precision in force."""
        k, share = self._place(time)
        here = self.entry(k)
        if share == 0:
            return arb(here), arb(1 - here)
        after, part = self.entry(k + 1), enclose(share, {})
        if here == 1 or after == 0:
            fall = part * arb(here - after)
            return arb(here) - fall, arb(1 - here) + fall
        level, next_level = (arb(entry / (1 - entry)).log() for entry in (here, after))
        level += part * (next_level - level)
        return 1 / (1 + (-level).exp()), 1 / (1 + level.exp())

    def _place(self, time: Expr) -> tuple[int, Expr]:
        k = int(floor(time))
        return k, time - k

    def _at(self, quantity: str, time: object) -> Expr | None:
        signal, noise = self.squares(self._time(time))
        if quantity == "log_snr":
            return oo if noise == 0 else -oo if signal == 0 else log(signal / noise)
        return sqrt(signal if quantity == "alpha" else noise)

    def enclosure(self, quantity: str, time: object, bits: int = 128) -> arb:
        """Return a ball that provably holds ``alpha``, ``sigma`` or ``log_snr`` at an exact time."""
        exact = self._time(time)
        if quantity not in ("alpha", "sigma", "log_snr"):
            raise _refused(f"the quantity is alpha, sigma or log_snr, not {quantity!r}")
        with working_precision(bits):
            signal, noise = self.square_balls(exact)
            if quantity == "log_snr":
                if signal.is_zero() or noise.is_zero():
                    raise ScheduleError(f"log_snr has no finite value at t = {exact}", property="domain")
                return (signal / noise).log()
            return (signal if quantity == "alpha" else noise).sqrt()

    def _time(self, time: object) -> Expr:
        exact = read_value("t", time, signed=True)
        low, high = (at_point(exact - end, t, S.Zero) for end in self.domain)
        if low < 0 or high > 0:
            raise ScheduleError(
                f"t must be in [-1, {self.domain[1]}], -1 for clean data; it is {exact}", property="domain"
            )
        return exact

    def _end(self, which: int) -> End:
        time = self.domain[which]
        signal, noise = self.squares(time)
        ratio = oo if noise == 0 else sqrt(signal / noise)
        return End(time, sqrt(signal), sqrt(noise), ratio, self._at("log_snr", time))

    # --- identity ----------------------------------------------------------------------------------------

    def with_parameters(self, **values: Any) -> Schedule:
        """A table has no parameters."""
        if values:
            raise _refused(f"no parameter is called {min(values)}; a table has none")
        return self

    def _key(self) -> tuple[object, ...]:
        return ("table", *self.entries)

    def __repr__(self) -> str:
        return f"Schedule.from_table(alphas_cumprod=<{len(self.entries)} entries>)"

    def __str__(self) -> str:
        """Return one line: the size, the domain, and what is proven."""
        title = f"{self.name}: " if self.name else ""
        return f"{title}a table of {len(self.entries)} entries, t in (-1, {self.domain[1]}) [certified]"


def float_of(value: fmpq) -> float:
    """Round for a message."""
    return float(arb(value))


def _rational(value: fmpq) -> Rational:
    return Rational(int(value.p), int(value.q))


def _read(name: str, given: Any) -> list[fmpq]:
    # Tensors and arrays of any library: tolist() gives their numbers exactly, as doubles.
    members = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(members, str) or not hasattr(members, "__iter__"):
        raise _refused(f"{name} must be a sequence of numbers, not {type(given).__name__}")
    found = []
    for k, member in enumerate(members):
        if isinstance(member, list):
            raise _refused(f"{name} must have one dimension")
        if type(member) is float and member - member == 0:
            found.append(fmpq(*member.as_integer_ratio()))
            continue
        value = read_value(f"{name}[{k}]", member, signed=True)
        if not value.is_Rational:
            raise _refused(f"{name}[{k}] must be a rational number; it is {value}")
        found.append(fmpq(int(value.p), int(value.q)))
    return found


def _refused(sentence: str) -> ScheduleError:
    return ScheduleError(sentence, property="expression")
