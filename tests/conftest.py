"""How the property tests run: quickly by default, reproducibly in continuous integration, at length on request."""

import os

from hypothesis import HealthCheck, settings

_BASE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("quick", _BASE, max_examples=60)
settings.register_profile("ci", _BASE, max_examples=100, derandomize=True, print_blob=True)
settings.register_profile("long", _BASE, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "quick"))
