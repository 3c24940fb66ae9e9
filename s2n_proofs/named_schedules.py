r"""The schedules of the paper's Table 1, EDM and sub-VP, made and certified when asked for.

With $u=\tfrac12\beta_dt^2+\beta_{min}t$:

======== =========================================== ============================================ ===========
name     $\alpha$                                    $\sigma$                                     domain
======== =========================================== ============================================ ===========
vp       $e^{-u/2}$                                  $\sqrt{1-e^{-u}}$                            (0, 1)
ve       $1$                                         $\sigma_{min}(\sigma_{max}/\sigma_{min})^t$  (0, 1)
iddpm    $\cos(\frac{t+s_0}{1+s_0}\frac\pi2)/c_0$    $\sqrt{1-\alpha^2}$                          (0, 1)
fm-ot    $1-t$                                       $t$                                          (0, 1)
edm      $1$                                         $t$                                          (1/500, 80)
sub-vp   $e^{-u/2}$                                  $1-e^{-u}$                                   (0, 1)
======== =========================================== ============================================ ===========

where $c_0=\cos(\frac{s_0}{1+s_0}\frac\pi2)$.  Source: Table 1, arXiv 2408.04221 (vp, ve, iddpm, fm-ot).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

from .certification.certificate import ScheduleError
from .schedule import Schedule

__all__ = ["Catalogue", "catalogue"]

T = TypeVar("T")


@dataclass(frozen=True)
class _Entry:
    alpha: str
    sigma: str
    domain: tuple[str, str] = ("0", "1")
    parameters: Mapping[str, str] = field(default_factory=dict)


_BETA = {"beta_min": "1/10", "beta_d": "199/10"}
_U = "(beta_d*t**2/2 + beta_min*t)"
_COSINE = "cos((t + s0)/(1 + s0)*pi/2)/cos(s0/(1 + s0)*pi/2)"

_ENTRIES = {
    "vp": _Entry(f"exp(-{_U}/2)", f"sqrt(1 - exp(-{_U}))", parameters=_BETA),
    "ve": _Entry("1", "sigma_min*(sigma_max/sigma_min)**t", parameters={"sigma_min": "1/100", "sigma_max": "50"}),
    "iddpm": _Entry(_COSINE, f"sqrt(1 - ({_COSINE})**2)", parameters={"s0": "1/125"}),
    "fm-ot": _Entry("1 - t", "t"),
    "edm": _Entry("1", "t", ("1/500", "80")),
    "sub-vp": _Entry(f"exp(-{_U}/2)", f"1 - exp(-{_U})", parameters=_BETA),
}


class Catalogue(Mapping[str, Schedule]):
    """The named schedules, each made on first use and kept.

    Examples
    --------
    >>> catalogue.names()
    ('vp', 've', 'iddpm', 'fm-ot', 'edm', 'sub-vp')
    >>> catalogue["fm-ot"].log_snr
    -2*log(t) + 2*log(1 - t)
    >>> catalogue["vp"].with_parameters(beta_min="1/5").certified
    True
    """

    def __init__(self, entries: Mapping[str, _Entry]) -> None:
        self._entries = dict(entries)
        self._made: dict[str, Schedule] = {}

    def __getitem__(self, name: str) -> Schedule:
        if name not in self:
            close = get_close_matches(str(name), self._entries, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ScheduleError(
                f"no schedule is called {str(name)[:40]!r}; there are {', '.join(self._entries)}{hint}",
                property="expression",
            )
        if name not in self._made:
            entry = self._entries[name]
            self._made[name] = Schedule(
                entry.alpha, entry.sigma, entry.domain, parameters=entry.parameters, name=name, strict=True
            )
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def get(self, name: str, default: T | None = None) -> Schedule | T | None:  # type: ignore[override]
        """Return the schedule called `name`, or `default`."""
        return self[name] if name in self else default  # noqa: SIM401  (this is get)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def names(self) -> tuple[str, ...]:
        """Return the names, in the order of the paper's table."""
        return tuple(self._entries)

    def __repr__(self) -> str:
        return f"Catalogue({', '.join(self._entries)})"


catalogue = Catalogue(_ENTRIES)
"""The schedules by name: ``catalogue["vp"]``, ``catalogue.names()``."""
