"""Releases that a run of the tests is given, by option or from npm."""

from pathlib import Path
from typing import NamedTuple

import pytest
from pooltwin.protocol.revisions import REVISIONS

from .artifacts import ArtifactSet


class Release(NamedTuple):
    """Real contracts, and the twin's revision that they are compared with."""

    revision: str
    artifacts: ArtifactSet


def given_files(config: pytest.Config) -> dict[str, Path]:
    """Read what `--lockstep-artifacts` gives, by revision. Raises UsageError for anything but REVISION=FILE."""
    files = {}
    for option in config.getoption("--lockstep-artifacts"):
        revision, separator, file = option.partition("=")
        if not separator or revision not in REVISIONS:
            known = ", ".join(REVISIONS)
            raise pytest.UsageError(f"--lockstep-artifacts {option}: not REVISION=FILE with a revision of {known}")
        files[revision] = Path(file)
    return files
