"""The pytest plugin and the profiles."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import settings

from s2n_proofs.testing.profiles import PROFILES, register_profiles

SUITE = """
from hypothesis import given, settings
from s2n_proofs.testing import schedules

@given(schedules())
def test_a_user_writes_this(schedule):
    assert schedule.certified
    assert settings().max_examples == {expected}
"""


@pytest.mark.parametrize(("profile", "expected"), [("s2n-quick", 20), ("s2n-ci", 60)])
def test_a_profile_can_be_named_in_any_suite(tmp_path, profile, expected):
    (tmp_path / "test_theirs.py").write_text(SUITE.format(expected=expected))
    words = ["-q", "-p", "s2n_proofs.testing.plugin", f"--hypothesis-profile={profile}", "--hypothesis-show-statistics"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "schedule: affine" in done.stdout  # what was drawn is reported


def test_the_plugin_costs_a_suite_nothing_that_does_not_use_it():
    code = "import sys, s2n_proofs.testing.plugin as p; print(sorted({'sympy', 'hypothesis', 'pytest'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_without_hypothesis_the_strategies_say_what_is_missing_and_the_seeded_draw_works():
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "import s2n_proofs.testing as testing\n"
        "print(len(testing.random_schedules(2)))\n"
        "try: testing.schedules\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["2", "schedules needs Hypothesis; install it: pip install hypothesis"]


def test_the_profiles_are_known_and_have_no_deadline():
    register_profiles()
    for name, options in PROFILES.items():
        profile = settings.get_profile(name)
        assert profile.deadline is None
        assert profile.max_examples == options["max_examples"]
