"""How the property tests run: quickly by default, reproducibly in continuous integration, at length on request."""

import os

import pytest
from hypothesis import HealthCheck, settings

_BASE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("quick", _BASE, max_examples=60)
settings.register_profile("ci", _BASE, max_examples=100, derandomize=True, print_blob=True)
settings.register_profile("long", _BASE, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "quick"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the lockstep with the real contracts goes on, and with which."""
    parser.addoption(
        "--lockstep-minutes",
        type=float,
        default=2 if os.environ.get("CI") else 0,
        help="minutes of random histories and hostile calldata against the real contracts (default: 2 in CI, else 0)",
    )
    parser.addoption(
        "--lockstep-artifacts",
        action="append",
        default=[],
        metavar="REVISION=FILE",
        help="compare with the contracts in this file of artifacts instead of v3.6's; may be repeated",
    )
