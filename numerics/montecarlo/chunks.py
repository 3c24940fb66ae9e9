"""Finished work on disk: one small file per chunk, whole or absent, with a checksum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from s2n_proofs.report.files import write_atomically

from .moments import Moments

__all__ = ["Chunk", "ChunkStore", "ResumeError", "RunIdentity", "make_folder", "read_identity"]

_SCHEMA = "s2n-montecarlo-chunk/1"
_RUN_FILE = "run.json"


class ResumeError(ValueError):
    """A folder of finished work can't be used.  One sentence: which, and why."""


@dataclass(frozen=True)
class RunIdentity:
    """What two runs must have in common to share chunks."""

    seed: int
    samples: int
    generator: str
    device: str
    sub_chunk: int
    schedules: tuple[str, ...]
    plan: str
    torch: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "schedules": list(self.schedules)}


@dataclass(frozen=True, order=True)
class Chunk:
    """Sub-chunks `first`, ..., `first + count - 1` of an experiment, by its place in the plan."""

    experiment: int
    first: int
    count: int


class ChunkStore:
    """A folder of chunk files of one run.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    identity : RunIdentity

    Raises
    ------
    ResumeError
        If the folder holds another run, or can't be used.
    """

    def __init__(self, folder: Path, identity: RunIdentity) -> None:
        self.folder = folder
        make_folder(folder)
        found = read_identity(folder)
        wanted = identity.as_dict()
        if found is None:
            write_atomically(folder / _RUN_FILE, json.dumps(wanted, indent=1) + "\n")
        else:
            for name, value in wanted.items():
                if found.get(name) != value:
                    raise ResumeError(
                        f"{folder} holds another run: its {name} is {_short(found.get(name))},"
                        f" that of this run {_short(value)}"
                    )
        self._run = sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()

    def save(self, key: str, first: int, moments: list[Moments]) -> None:
        """Write one chunk, whole or not at all."""
        body = {
            "schema": _SCHEMA, "run": self._run, "experiment": key, "first": first,
            # As hexadecimal floats, which are exact.
            "moments": [[m.count, [v.hex() for v in m.mean.tolist()], [v.hex() for v in m.m2.tolist()]] for m in moments],
        }  # fmt: skip
        write_atomically(self._path(key, first), json.dumps({**body, "sha256": _digest(body)}) + "\n")

    def load(self, key: str, first: int, count: int) -> list[Moments] | None:
        """A finished chunk; None if there is none.

        Raises
        ------
        ResumeError
            If the file is there and damaged.
        """
        path = self._path(key, first)
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ResumeError(f"cannot read {path}: {error.strerror or error}") from error
        try:
            body = json.loads(text)
            given = body.pop("sha256")
            moments = [_moments(*row) for row in body["moments"]]
            sound = given == _digest(body) and (body["run"], body["experiment"], body["first"]) == (
                self._run,
                key,
                first,
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            sound = False
        if not sound or len(moments) != count:
            raise ResumeError(f"{path} is damaged")
        return moments

    def _path(self, key: str, first: int) -> Path:
        return self.folder / f"{sha256(key.encode()).hexdigest()[:20]}-{first:08d}.json"


def make_folder(folder: Path) -> None:
    """Make the folder, unless it is there.

    Raises
    ------
    ResumeError
        If it can't be.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResumeError(f"cannot use the folder {folder}: {error.strerror or error}") from error


def read_identity(folder: Path) -> Mapping[str, Any] | None:
    """What the folder says of its run; None where it says nothing.

    Raises
    ------
    ResumeError
        If what it says can't be read.
    """
    path = folder / _RUN_FILE
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ResumeError(f"cannot read {path}: {error}") from error
    if not isinstance(found, dict):
        raise ResumeError(f"{path} does not describe a run")
    return found


def _moments(count: int, mean: list[str], m2: list[str]) -> Moments:
    return Moments(int(count), *(np.array([float.fromhex(v) for v in column]) for column in (mean, m2)))


def _digest(body: Mapping[str, Any]) -> str:
    return sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:12]}..."
