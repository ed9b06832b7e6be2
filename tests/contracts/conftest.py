"""Fixtures for tests against the real contracts."""

import os
from collections.abc import Callable

import pytest

from .artifacts import ArtifactSet, ArtifactsMissingError, load_v3_6
from .published import load_v3_0_2


@pytest.fixture(scope="session")
def artifacts_v3_6() -> ArtifactSet:
    """The compiled v3.6 contracts; without node and npm the test is skipped, in CI (`CI` set) it fails."""
    return _loaded(load_v3_6)


@pytest.fixture(scope="session")
def artifacts_v3_0_2() -> ArtifactSet:
    """The published v3.0.2 contracts, with the test token and the price feeds of v3.6."""
    return _loaded(load_v3_0_2)


def _loaded(load: Callable[[], ArtifactSet]) -> ArtifactSet:
    try:
        return load()
    except ArtifactsMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have the real contracts: {error}")
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def lockstep_minutes(request: pytest.FixtureRequest) -> float:
    """What the option `--lockstep-minutes` says; the test is skipped when that is nothing."""
    minutes = float(request.config.getoption("--lockstep-minutes"))
    if minutes <= 0:
        pytest.skip("give it time with --lockstep-minutes N")
    return minutes
