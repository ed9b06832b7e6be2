"""How the property tests run: quickly by default, reproducibly in continuous integration, at length on request."""

import pytest
from pooltwin.invariants.profiles import load_profile

load_profile()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say which real contracts the lockstep compares with."""
    parser.addoption(
        "--lockstep-artifacts",
        action="append",
        default=[],
        metavar="REVISION=FILE",
        help="compare with the contracts in this file of artifacts instead of v3.6's; may be repeated",
    )
