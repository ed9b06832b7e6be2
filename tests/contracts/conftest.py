"""Fixtures for tests against the real contracts."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from .harness.artifacts import ArtifactSet, ArtifactsMissingError, load_file, load_v3_6
from .harness.given import Release, given_files
from .harness.published import load_v3_0_2

FROM_NPM = Path("npm")
"""What stands for the file of a release that is published on npm."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs artifacts that nobody gave; v3.6's come from npm."""
    here = {*given_files(config), "3.6"}
    without = [
        item for item in items if not {name for mark in item.iter_markers("given") for name in mark.args} <= here
    ]
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes a `release` runs for each release given by option, or else for v3.6.

    One that takes `any_release` runs for those, and for v3.6 and v3.0.2 as well.
    """
    given = list(given_files(metafunc.config))
    if "release" in metafunc.fixturenames:
        metafunc.parametrize("release", given or ["3.6"], indirect=True, scope="session")
    if "any_release" in metafunc.fixturenames:
        names = list(dict.fromkeys(["3.6", "3.0.2", *given]))
        metafunc.parametrize("any_release", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def release(request: pytest.FixtureRequest) -> Release:
    """A release to compare with: v3.6 from npm, unless `--lockstep-artifacts` says otherwise."""
    files = given_files(request.config)
    if not files:
        return Release("3.6", _loaded(load_v3_6))
    return Release(request.param, _given(request.param, files[request.param]))


@pytest.fixture(scope="session")
def any_release(request: pytest.FixtureRequest) -> Release:
    """A release that is published on npm, or one given by option."""
    files = given_files(request.config)
    if request.param in files:
        return Release(request.param, _given(request.param, files[request.param]))
    return Release(request.param, _loaded(load_v3_0_2 if request.param == "3.0.2" else load_v3_6))


@pytest.fixture(scope="session")
def artifacts_v3_6() -> ArtifactSet:
    """The compiled v3.6 contracts; without node and npm the test is skipped, in CI (`CI` set) it fails."""
    return _loaded(load_v3_6)


@pytest.fixture(scope="session")
def artifacts_v3_0_2() -> ArtifactSet:
    """The published v3.0.2 contracts, with the test token and the price feeds of v3.6."""
    return _loaded(load_v3_0_2)


def _given(revision: str, file: Path) -> ArtifactSet:
    """The artifacts of a file, or those from npm of a release that is published there."""
    published = {"3.0.2": load_v3_0_2, "3.6": load_v3_6}
    return _loaded(published[revision]) if file == FROM_NPM and revision in published else load_file(file)


def _loaded(load: Callable[[], ArtifactSet]) -> ArtifactSet:
    try:
        return load()
    except ArtifactsMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have the real contracts: {error}")
        pytest.skip(str(error))
