"""How the property tests run: quickly by default, reproducibly in continuous integration, at length on request."""

import os

import pytest
from pooltwin.invariants.profiles import load_profile

load_profile()


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
