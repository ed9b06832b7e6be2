"""Profiles for Hypothesis: quick at one's desk, the same in every run on a pull request, long and new every night.

    # conftest.py
    from pooltwin.invariants import load_profile

    load_profile()

`HYPOTHESIS_PROFILE=nightly pytest` chooses one; without it, it is "ci" where the variable CI is set, else "quick".
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.errors import InvalidArgument

BASE = settings(
    settings.get_profile("default"), deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
"""A step of a market takes as long as it takes, and the first ones prepare it. Under CI, Hypothesis' own are others."""

PROFILES = {
    "quick": settings(BASE, max_examples=60),
    "ci": settings(BASE, max_examples=100, derandomize=True, database=None),
    "nightly": settings(BASE, max_examples=5_000),
}
"""By name. "ci" draws the same in every run and keeps no database. The others begin with what failed before, which is
in the folder `.hypothesis`."""


def load_profile(name: str = "") -> str:
    """Register the profiles and load one: by name, or as HYPOTHESIS_PROFILE says, or "ci" under CI, or "quick".

    Returns the name. One of yours, registered before, can be loaded too. Raises ValueError for one that there is not.
    """
    for known, profile in PROFILES.items():
        settings.register_profile(known, profile)
    chosen = name or os.environ.get("HYPOTHESIS_PROFILE", "") or ("ci" if os.environ.get("CI") else "quick")
    try:
        settings.get_profile(chosen)  # first: a profile that is loaded in vain leaves Hypothesis without any
    except InvalidArgument as error:
        raise ValueError(f"there is no profile {chosen!r}; there are {', '.join(PROFILES)}, and yours") from error
    settings.load_profile(chosen)
    return chosen
