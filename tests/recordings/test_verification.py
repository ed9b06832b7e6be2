"""Every recording of the real contracts replays on the twin without a difference."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from pooltwin.fixtures import recording_checksums, recording_paths
from pooltwin.protocol.recordings.recording import Call, Recording
from pooltwin.protocol.recordings.verification import verify
from pooltwin.protocol.revisions import REVISIONS

KNOWN = recording_checksums()
BUNDLED = [path for path in recording_paths() if path.name[1:4] >= "3.6"]
"""Those of earlier releases are verified in `test_revisions.py`."""
ELSEWHERE = Path(__file__).parents[2].parent / "shared" / "recordings"
"""A checkout may have the whole series beside it; what ships is the part of the newest revisions."""


def _name(path: Path) -> Any:
    return path.name.partition(".jsonl")[0]


def test_the_bundled_recordings_are_there() -> None:
    assert [_name(path) for path in BUNDLED] == [f"v{rev}-{seed}" for rev in ("3.6", "3.7") for seed in (1, 2, 3, 4)]


@pytest.mark.parametrize("path", BUNDLED, ids=_name)
def test_bundled(path: Path) -> None:
    told: list[int] = []
    result = verify(path, told.append, known=KNOWN)
    assert result.difference is None
    assert result.ok
    assert result.calls > 3_000
    assert result.states == 51
    assert told == list(range(1, result.records + 1))


@pytest.mark.skipif(
    not ELSEWHERE.is_dir(),
    reason="the whole series of recordings is not beside this checkout; the bundled ones are verified above",
)
def test_the_whole_series() -> None:
    bundled = {path.name: path.read_bytes() for path in BUNDLED}
    paths = sorted(ELSEWHERE.glob("v*.jsonl.gz"))
    assert paths
    for path in paths:
        if path.name in bundled:
            assert path.read_bytes() == bundled[path.name]
        elif path.name[1:4] in REVISIONS:
            assert verify(path, known=KNOWN).difference is None, path.name


@pytest.mark.parametrize("path", BUNDLED, ids=_name)
def test_checksums_are_those_of_the_text(path: Path) -> None:
    header, body = gzip.decompress(path.read_bytes()).split(b"\n", 1)
    parts = json.loads(header)
    original = KNOWN[f"{parts['revision']}-{parts['seed']}-{parts['steps']}"]
    assert original.header == hashlib.sha256(header + b"\n").hexdigest()
    assert original.body == hashlib.sha256(body).hexdigest()


def test_the_whole_series_is_known() -> None:
    seeds = {"3.2": 2, "3.3": 2, "3.4": 2, "3.5": 2, "3.6": 4, "3.7": 4}
    assert list(KNOWN) == [f"{rev}-{seed}-2500" for rev, count in seeds.items() for seed in range(1, count + 1)]
    assert len({checksums.body for checksums in KNOWN.values()}) == len(KNOWN)


def test_both_revisions_have_recordings_full_of_reverts_and_successes() -> None:
    """The yardstick measures something: dozens of kinds of reverts, tens of thousands of events."""
    outcomes, errors, logs = {True: 0, False: 0}, set(), 0
    for path in BUNDLED:
        for _, record in Recording(path):
            if isinstance(record, Call):
                outcomes[record.ok] += 1
                logs += len(record.logs)
                if not record.ok:
                    errors.add(record.ret[:10])
    assert outcomes[True] > 10_000
    assert outcomes[False] > 5_000
    assert len(errors) > 50
    assert logs > 40_000
