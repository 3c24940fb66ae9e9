"""The symbolic benchmark: what it times runs, and what fails is not a time."""

from __future__ import annotations

import subprocess

import pytest

from numerics.bench import symbolic


def test_work_is_timed_in_a_process_of_its_own_after_what_comes_before() -> None:
    assert symbolic._inside("x = 1", "assert x == 1") > 0


def test_work_that_fails_gives_no_time() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        symbolic._inside("", "raise ValueError")
    with pytest.raises(subprocess.CalledProcessError):
        symbolic._command(("derive", "--schedule", "no-such-schedule"))


def test_a_figure_is_a_multiple_of_its_goal() -> None:
    assert symbolic._figure("x", [3.0, 1.0, 2.0], 4.0).as_dict() == {
        "name": "x", "ratio": 0.25, "goal": "<= 1", "seconds": [1.0, 4.0],
    }  # fmt: skip
    assert symbolic._figure("x", [3.0, 2.0], None).as_dict()["goal"] == ""
