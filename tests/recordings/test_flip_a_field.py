"""Every decision of every revision matters: given its neighbour's value, some recorded history no longer replays.

Mostly it is the corners that notice, which are acted out for this: `python -m tests.contracts.corners`.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pooltwin.protocol.recording import Record, Recording, RecordingError
from pooltwin.protocol.revisions import REVISIONS, Revision
from pooltwin.protocol.verification import Replay, verify

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.jsonl.gz"))
"""Recorded with `tests/contracts` on the real contracts: views, upgrades and corners the bundled recordings lack."""


def _name(path: Path) -> str:
    return path.name.removesuffix(".jsonl.gz")


def flips() -> Iterator[str]:
    """Revision, field and neighbour of every value that differs between neighbours, as "3.6 deficits of 3.5"."""
    for older, newer in pairwise(REVISIONS.values()):
        for field in fields(Revision):
            if field.name != "name" and getattr(older, field.name) != getattr(newer, field.name):
                yield f"{newer.name} {field.name} of {older.name}"
                yield f"{older.name} {field.name} of {newer.name}"


def _flipped(flip: str) -> Revision:
    revision, field, _, neighbour = flip.split(" ")
    return replace(REVISIONS[revision], **{field: getattr(REVISIONS[neighbour], field)})


@cache
def _lines(path: Path) -> tuple[tuple[int, Record], ...]:
    """A history, read once for all flips."""
    return tuple(Recording(path))


def _is_noticed(path: Path, revision: Revision) -> bool:
    """Does a history stop replaying on a revision?"""
    replay = Replay(Recording(path))
    replay.chain.set_revision(revision)
    try:
        return any(replay.apply(number, line) is not None for number, line in _lines(path))
    except RecordingError:  # a contract of the recording cannot even be deployed
        return True


@pytest.mark.parametrize("path", HISTORIES, ids=_name)
def test_nothing_is_noticed_where_nothing_is_flipped(path: Path) -> None:
    result = verify(path)
    assert result.difference is None
    assert result.calls > 300


@pytest.mark.parametrize("flip", sorted(flips()))
def test_a_flip_is_noticed(flip: str) -> None:
    of_revision = [path for path in HISTORIES if path.name.startswith(f"v{flip[:3]}-")]
    of_revision.sort(key=lambda path: "corners" not in path.name)
    assert any(_is_noticed(path, _flipped(flip)) for path in of_revision), "act out a corner that shows it"


def _same(value: Any, other: Any) -> bool:
    return value is other or value == other


def test_a_flip_changes_one_field() -> None:
    for flip in flips():
        revision, field, _, _ = flip.split(" ")
        wrong, record = _flipped(flip), REVISIONS[revision]
        assert [f.name for f in fields(Revision) if not _same(getattr(wrong, f.name), getattr(record, f.name))] == [
            field
        ]
