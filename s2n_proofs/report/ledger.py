"""The whole ledger as data: judge claims in worker processes, count the verdicts, decide the exit status."""

from __future__ import annotations

import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..ledger.claim import Claim, PropertyClaim
from ..ledger.instances import paper_instances
from ..ledger.registry import CLAIMS, select
from ..ledger.runner import Limits, default_jobs, run_all
from .mutants import mutant_status
from .property_record import property_to_plain
from .record import stopped_record, to_plain
from .sections import section_of

__all__ = ["SCHEMA", "VERDICTS", "Ledger", "judge_claim", "verify"]

SCHEMA = "s2n-ledger/1"
VERDICTS = ("holds", "conditional", "fails", "undecided")

Plain = dict[str, Any]
AnyClaim = Claim | PropertyClaim
Progress = Callable[[int, int, Plain], None]


@dataclass(frozen=True, eq=False)
class Ledger(Mapping[str, Plain]):
    """Judged claims: a mapping from id to record, with a summary.

    Attributes
    ----------
    claims : tuple of dict
        The records, in the order of the ledger.
    summary : dict
        Counts by verdict, what the two engines agreed on, time, seed and versions.
    mutants : dict or None
        What ``s2n verify --mutants`` found (see :mod:`s2n_proofs.report.mutants`).
    """

    claims: tuple[Plain, ...]
    summary: Plain
    mutants: Plain | None = None

    def __getitem__(self, claim: str) -> Plain:
        for record in self.claims:
            if record["id"] == claim:
                return record
        raise KeyError(claim)

    def __iter__(self) -> Iterator[str]:
        return (record["id"] for record in self.claims)

    def __len__(self) -> int:
        return len(self.claims)

    def as_dict(self) -> Plain:
        """The ledger as ``s2n verify --json`` writes it."""
        found = {} if self.mutants is None else {"mutants": self.mutants}
        return {"schema": SCHEMA, "claims": list(self.claims), "summary": self.summary, **found}

    @property
    def exit_status(self) -> int:
        """0 all well, 1 a derived formula is refuted, 3 something is undecided.

        A printed claim that fails is a result, not a failure, as long as its derivation is proved.
        """
        mutants = 0 if self.mutants is None else mutant_status(self.mutants)
        if mutants == 1 or any(record.get("derivation_refuted") for record in self.claims):
            return 1
        return 3 if mutants or any(map(_is_open, self.claims)) else 0


def _is_open(record: Plain) -> bool:
    return record["verdict"] == "undecided" or not record.get("derivation_proved", True)


def judge_claim(claim: AnyClaim, *, seed: int = 0) -> Plain:
    """The record of one claim; whatever goes wrong inside it, a record.

    Examples
    --------
    >>> from s2n_proofs.ledger.registry import select
    >>> judge_claim(select(["eq1-forward"])[0])["verdict"]
    'holds'
    """
    try:
        if isinstance(claim, PropertyClaim):
            return property_to_plain(claim)
        from ..ledger.assess import assess

        return to_plain(assess(claim, seed=seed))
    except (MemoryError, RecursionError):
        raise  # the runner has better words for these
    except Exception as error:
        # The boundary to foreign code: `derive` and `implied` of a user's claim may raise anything, and one
        # broken claim must not cost the others their verdicts.  It stays undecided, with exit status 3.
        if os.environ.get("S2N_DEBUG"):
            import traceback

            traceback.print_exc()
        said = " ".join(str(error).split())[:500]
        return stopped_record(claim, f"stopped by an error: {type(error).__name__}: {said}")


def verify(
    ids: Iterable[str] | str | None = None,
    *,
    claims: Sequence[AnyClaim] | None = None,
    jobs: int | None = None,
    seed: int = 0,
    time_limit: float = 60.0,
    memory_limit: int = 2 * 1024**3,
    progress: Progress | None = None,
) -> Ledger:
    """Judge the ledger of the paper, or other claims.

    Parameters
    ----------
    ids : iterable of str, optional
        Which claims; ``"thm3-noise"`` takes all its readings.  Default: all.
    claims : sequence of Claim, optional
        Claims to judge instead of the paper's.
    jobs : int, optional
        Worker processes; default the available cores.
    seed : int
        For the points at which counterexamples are looked for.
    time_limit, memory_limit : float, int
        Seconds and bytes that one claim may use; one that needs more is undecided, the others go on.
    progress : callable, optional
        Called with (claims done, claims in all, the last record) as each claim ends.

    Returns
    -------
    Ledger

    Raises
    ------
    s2n_proofs.ledger.registry.UnknownClaimError
        If no claim has one of the ids.

    Examples
    --------
    >>> ledger = verify(["thm1-mean"], jobs=1)
    >>> ledger["thm1-mean"]["verdict"], ledger.exit_status
    ('fails', 0)
    """
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs must be at least 1, not {jobs}")
    began = time.perf_counter()
    everything = CLAIMS if claims is None else tuple(claims)
    for claim in everything:
        if not isinstance(claim, AnyClaim):
            raise TypeError(f"claims must be Claim objects, not {claim!r}; ids are the first argument: verify([...])")
    chosen = everything if ids is None else select([ids] if isinstance(ids, str) else ids, everything)
    paper_instances()  # made once here, so that forked workers share it
    done = 0

    def on_done(_: int, record: Plain) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(chosen), record)

    records = run_all(
        chosen,
        partial(judge_claim, seed=seed),
        stopped_record,
        jobs=jobs,
        limits=Limits(time_limit, memory_limit),
        on_done=on_done,
    )
    sections = [section_of(claim) if claims is None else None for claim in chosen]
    records = [{**record, "section": section} for record, section in zip(records, sections, strict=True)]
    summary = _summary(records) | {
        "seconds": round(time.perf_counter() - began, 3),
        "seed": seed,
        "jobs": min(jobs or default_jobs(), len(chosen)),
        "time_limit": time_limit,
        "memory_limit": memory_limit,
        **_versions(),
    }
    return Ledger(tuple(records), summary)


def _summary(records: Sequence[Plain]) -> Plain:
    verdicts = Counter(record["verdict"] for record in records)
    identities = {
        (identity["lhs_text"], identity["rhs_text"]): identity["engines"]
        for record in records
        for identity in _identities(record)
    }
    return {
        "claims": len(records),
        "verdicts": {verdict: verdicts[verdict] for verdict in VERDICTS},
        "derivations": {
            "proved": sum(bool(record.get("derivation_proved", True)) for record in records),
            "refuted": sum(bool(record.get("derivation_refuted")) for record in records),
        },
        "engines": {
            "names": sorted({name for engines in identities.values() for name in engines}),
            "identities": len(identities),
            "agreed": sum(len(engines) > 1 for engines in identities.values()),
        },
    }


def _identities(record: Plain) -> Iterator[Plain]:
    for evidence in record["evidence"]:
        if evidence["kind"] == "proof":
            for step in evidence.get("steps", ()):
                yield from step.get("obligations", ())
            yield from evidence.get("equations", ())


def _versions() -> Plain:
    from sympy.external.gmpy import GROUND_TYPES

    def installed(name: str) -> str | None:
        try:
            return version(name)
        except PackageNotFoundError:  # run from a source tree
            return None

    versions = {name: installed(name) for name in ("s2n-proofs", "sympy", "python-flint")}
    return {"versions": {"python": platform.python_version(), **versions}, "ground_types": GROUND_TYPES}
