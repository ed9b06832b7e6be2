"""Every decision of every revision matters: given its neighbour's value, some recording no longer replays.

`flips.json` remembers for each the recording that notices earliest, so that only as much is replayed as it takes, and
lists what no recording notices.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pooltwin.fixtures import recording_paths
from pooltwin.protocol.recording import Record as RecordedLine
from pooltwin.protocol.recording import Recording, RecordingError
from pooltwin.protocol.revisions import REVISIONS, Revision
from pooltwin.protocol.verification import Replay

HERE = Path(__file__).parent
HISTORIES = sorted((HERE / "histories").glob("*.jsonl.gz"))
"""Recorded with `tests/contracts` on the real contracts: views, upgrades and corners the bundled recordings lack."""

RECORDED = [revision for name, revision in REVISIONS.items() if name >= "3.2"]
"""v3.0.2 has no recordings."""

PATHS = {path.name.removesuffix(".jsonl.gz"): path for path in (*recording_paths(), *HISTORIES)}
TABLE: dict[str, dict[str, str]] = json.loads((HERE / "flips.json").read_text(encoding="utf-8"))
NOTICED_BY, UNNOTICED = TABLE["noticed_by"], TABLE["unnoticed"]


def flips() -> Iterator[tuple[str, str, str]]:
    """Revision, field and neighbour of every value that differs between neighbours."""
    for older, newer in pairwise(RECORDED):
        for field in fields(Revision):
            if field.name != "name" and getattr(older, field.name) != getattr(newer, field.name):
                yield newer.name, field.name, older.name
                yield older.name, field.name, newer.name


ALL = {f"{revision} {field} of {neighbour}" for revision, field, neighbour in flips()}


@cache
def _lines(name: str) -> tuple[tuple[int, RecordedLine], ...]:
    """A recording, read once for all flips."""
    return tuple(Recording(PATHS[name]))


def _first_difference(name: str, revision: Revision, limit: int) -> int | None:
    """The line at which a recording stops replaying on a revision, None if it does not up to `limit`."""
    replay = Replay(Recording(PATHS[name]))
    replay.chain.set_revision(revision)
    for number, line in _lines(name):
        if number > limit:
            return None
        try:
            difference = replay.apply(number, line)
        except RecordingError:  # a contract of the recording cannot even be deployed
            return number
        if difference is not None:
            return number
    return None


def _flipped(key: str) -> Revision:
    revision, field, _, neighbour = key.split(" ")
    return replace(REVISIONS[revision], **{field: getattr(REVISIONS[neighbour], field)})


def test_every_flip_is_accounted_for() -> None:
    assert NOTICED_BY.keys() | UNNOTICED.keys() == ALL
    assert NOTICED_BY.keys() & UNNOTICED.keys() == set()
    assert all(reason for reason in UNNOTICED.values())


@pytest.mark.parametrize("key", sorted(NOTICED_BY))
def test_a_recording_notices(key: str) -> None:
    name, _, line = NOTICED_BY[key].partition(" line ")
    assert _first_difference(name, _flipped(key), int(line)) == int(line)


@pytest.mark.parametrize("name", sorted({value.partition(" line ")[0] for value in NOTICED_BY.values()}))
def test_nothing_is_noticed_where_nothing_is_flipped(name: str) -> None:
    last = max(int(value.partition(" line ")[2]) for value in NOTICED_BY.values() if value.startswith(name + " "))
    assert _first_difference(name, REVISIONS[name[1:4]], last) is None


def _same(value: Any, other: Any) -> bool:
    return value is other or value == other


def test_a_flip_changes_one_field() -> None:
    for key in ALL:
        revision, field, _, _ = key.split(" ")
        flipped, record = _flipped(key), REVISIONS[revision]
        assert [f.name for f in fields(Revision) if not _same(getattr(flipped, f.name), getattr(record, f.name))] == [
            field
        ]
