"""The pytest plugin: ``--hypothesis-profile=s2n-ci`` and its siblings work in any suite.

It is loaded by every pytest in an environment that has this package, so it imports nothing until it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["pytest_load_initial_conftests"]


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Register the profiles before Hypothesis's own plugin looks for the one that is asked for."""
    asked = getattr(early_config.known_args_namespace, "hypothesis_profile", None)
    if asked is not None and str(asked).startswith("s2n-"):
        from .profiles import register_profiles

        register_profiles()
