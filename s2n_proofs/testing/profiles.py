"""Hypothesis profiles for tests over random schedules.

================ ========= ==========================================================
profile          examples  for
================ ========= ==========================================================
``s2n-quick``    20        the inner loop
``s2n-ci``       60        every commit: the same examples each time, no database
``s2n-thorough`` 2000      before a release; hours for a slow property
================ ========= ==========================================================

No profile has a deadline: what a random schedule costs varies a hundredfold with what is drawn.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings

__all__ = ["PROFILES", "register_profiles"]

PROFILES: dict[str, dict[str, Any]] = {
    "s2n-quick": {"max_examples": 20},
    "s2n-ci": {"max_examples": 60, "derandomize": True, "database": None, "print_blob": True},
    "s2n-thorough": {"max_examples": 2000, "print_blob": True},
}


def register_profiles() -> None:
    """Make the profiles known to Hypothesis; none is loaded.

    Examples
    --------
    >>> from hypothesis import settings
    >>> register_profiles()
    >>> settings.get_profile("s2n-ci").max_examples
    60
    """
    for name, options in PROFILES.items():
        settings.register_profile(name, deadline=None, suppress_health_check=[HealthCheck.too_slow], **options)
