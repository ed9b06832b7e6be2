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
