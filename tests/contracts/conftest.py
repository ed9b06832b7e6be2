"""Fixtures for tests against the real contracts."""

import os

import pytest

from .artifacts import ArtifactSet, ArtifactsMissingError, load_v3_6


@pytest.fixture(scope="session")
def artifacts_v3_6() -> ArtifactSet:
    """The compiled v3.6 contracts; without node and npm the test is skipped, in CI (`CI` set) it fails."""
    try:
        return load_v3_6()
    except ArtifactsMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must compile the real contracts: {error}")
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def lockstep_minutes(request: pytest.FixtureRequest) -> float:
    """What the option `--lockstep-minutes` says; the test is skipped when that is nothing."""
    minutes = float(request.config.getoption("--lockstep-minutes"))
    if minutes <= 0:
        pytest.skip("give it time with --lockstep-minutes N")
    return minutes
