"""The releases before v3.6: every recording replays, on one engine."""

from pathlib import Path
from typing import Any

import pytest
from pooltwin.fixtures import recording_checksums, recording_paths
from pooltwin.protocol.recordings.verification import verify
from pooltwin.protocol.revisions import REVISIONS

KNOWN = recording_checksums()
EARLIER = [path for path in recording_paths() if path.name[1:4] < "3.6"]


def _name(path: Path) -> Any:
    return path.name.partition(".jsonl")[0]


def test_two_recordings_of_each_release_are_bundled() -> None:
    assert [_name(path) for path in EARLIER] == [f"v3.{minor}-{seed}" for minor in (2, 3, 4, 5) for seed in (1, 2)]


@pytest.mark.parametrize("path", EARLIER, ids=_name)
def test_bundled(path: Path) -> None:
    result = verify(path, known=KNOWN)
    assert result.difference is None
    assert result.calls > 3_000
    assert result.states == 51


def test_records_are_named_after_their_place_and_grow() -> None:
    """The order of the table is the order of the releases, and no revision number of a contract ever fell."""
    assert list(REVISIONS) == ["3.0.2", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7"]
    assert all(revision.name == name for name, revision in REVISIONS.items())
    for name in ("pool_revision", "configurator_revision", "token_revision"):
        numbers = [getattr(revision, name) for revision in REVISIONS.values()]
        assert numbers == sorted(numbers)
