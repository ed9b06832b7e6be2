"""Every decision of every revision matters: given its neighbour's value, some recording no longer replays.

`flips.json` remembers for each the recording that notices earliest, so that only as much is replayed as it takes;
`python -m tests.recordings.flips` makes it anew.
"""

import json
from dataclasses import fields
from typing import Any

import pytest
from pooltwin.protocol.revisions import REVISIONS, Revision
from pooltwin.protocol.verification import verify

from .flips import PATHS, TABLE, first_difference, flipped, flips

TABLES: dict[str, dict[str, str]] = json.loads(TABLE.read_text(encoding="utf-8"))
NOTICED_BY, UNNOTICED = TABLES["noticed_by"], TABLES["unnoticed"]
ALL = sorted(flips())


def test_every_flip_is_accounted_for() -> None:
    assert sorted([*NOTICED_BY, *UNNOTICED]) == ALL
    assert all(reason for reason in UNNOTICED.values())


@pytest.mark.parametrize("flip", sorted(NOTICED_BY))
def test_a_recording_notices(flip: str) -> None:
    name, _, line = NOTICED_BY[flip].partition(" line ")
    assert first_difference(name, flipped(flip), int(line)) == int(line)


@pytest.mark.parametrize("name", sorted({value.partition(" line ")[0] for value in NOTICED_BY.values()}))
def test_nothing_is_noticed_where_nothing_is_flipped(name: str) -> None:
    last = max(int(value.partition(" line ")[2]) for value in NOTICED_BY.values() if value.startswith(name + " "))
    assert first_difference(name, REVISIONS[name[1:4]], last) is None


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_corners_replay_to_their_end(revision: str) -> None:
    result = verify(PATHS[f"v{revision}-corners"])
    assert result.difference is None
    assert result.calls > 300
    assert result.states == 1


def _same(value: Any, other: Any) -> bool:
    return value is other or value == other


def test_a_flip_changes_one_field() -> None:
    for flip in ALL:
        revision, field, _, _ = flip.split(" ")
        wrong, record = flipped(flip), REVISIONS[revision]
        assert [f.name for f in fields(Revision) if not _same(getattr(wrong, f.name), getattr(record, f.name))] == [
            field
        ]
