"""Which recording notices that a revision decides like its neighbour: `python -m tests.recordings.flips`.

Gives every decision in turn its neighbour's value and replays what is recorded of the revision. The recording that
stops earliest goes into `flips.json`; what none notices goes there too, to be argued for by hand.
"""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from pooltwin.fixtures import recording_paths
from pooltwin.protocol.recording import Record, Recording, RecordingError
from pooltwin.protocol.revisions import REVISIONS, Revision
from pooltwin.protocol.verification import Replay

HERE = Path(__file__).parent
TABLE = HERE / "flips.json"
HISTORIES = sorted((HERE / "histories").glob("*.jsonl.gz"))
"""Recorded with `tests/contracts` on the real contracts: views, upgrades and corners the bundled recordings lack."""
PATHS = {path.name.removesuffix(".jsonl.gz"): path for path in (*recording_paths(), *HISTORIES)}


def flips() -> Iterator[str]:
    """Revision, field and neighbour of every value that differs between neighbours, as "3.6 deficits of 3.5"."""
    for older, newer in pairwise(REVISIONS.values()):
        for field in fields(Revision):
            if field.name != "name" and getattr(older, field.name) != getattr(newer, field.name):
                yield f"{newer.name} {field.name} of {older.name}"
                yield f"{older.name} {field.name} of {newer.name}"


def flipped(flip: str) -> Revision:
    """The revision with that field as its neighbour has it."""
    revision, field, _, neighbour = flip.split(" ")
    return replace(REVISIONS[revision], **{field: getattr(REVISIONS[neighbour], field)})


@cache
def _lines(name: str) -> tuple[tuple[int, Record], ...]:
    """A recording, read once for all flips."""
    return tuple(Recording(PATHS[name]))


def first_difference(name: str, revision: Revision, limit: int) -> int | None:
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


def noticed_earliest(flip: str) -> tuple[str, int] | None:
    """The recording that notices a flip at the lowest line, and that line; None if none notices it."""
    revision, earliest = flipped(flip), None
    names = [name for name in PATHS if name.startswith(f"v{flip.split(' ', maxsplit=1)[0]}-")]
    for name in sorted(names, key=lambda name: len(_lines(name))):  # a short one's answer bounds the search in others
        line = first_difference(name, revision, earliest[1] - 1 if earliest else len(_lines(name)) + 1)
        if line is not None:
            earliest = name, line
    return earliest


def table(reasons: dict[str, str]) -> dict[str, dict[str, str]]:
    """What `flips.json` should say; what nothing notices keeps the reason it was given."""
    noticed, unnoticed = {}, {}
    for flip in sorted(flips()):
        earliest = noticed_earliest(flip)
        if earliest is None:
            unnoticed[flip] = reasons.get(flip, "")
        else:
            noticed[flip] = f"{earliest[0]} line {earliest[1]}"
    return {"noticed_by": noticed, "unnoticed": unnoticed}


if __name__ == "__main__":
    found = table(json.loads(TABLE.read_text(encoding="utf-8"))["unnoticed"])
    TABLE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found['noticed_by'])} flips are noticed, {len(found['unnoticed'])} are not")
    for flip, reason in found["unnoticed"].items():
        print(f"{flip}: {reason or 'no reason given'}")
