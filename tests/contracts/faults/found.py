"""What trials found, as rows that are kept in `found.json` and shown on the page."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any

from pooltwin.protocol.files import write_text

from ..harness.artifacts import ArtifactSet
from .fault import Fault
from .reasons import AGREED, Pair
from .shortened import story
from .trial import EVM_1, Plan, Played, on_bytecode, tried, tried_until_noticed

KEPT = Path(__file__).with_name("found.json")

Seen = tuple[tuple[str, int], ...]
"""Laws, and the step at which each was first broken."""


@dataclass(frozen=True)
class Row:
    """One fault: what a campaign and a hunt found on the bytecode, and whether the mutant was found just so.

    Nothing in it depends on the machine: who tries again gets the same row.
    """

    id: str
    subject: str
    change: str
    campaign: Seen
    hunt: Seen
    differences: tuple[str, ...]
    """In what the mutant's campaign and its hunt differ, and why; empty where laws, steps and figures are the same."""
    steps: int
    """Steps of the hunt."""
    story: tuple[str, ...] | None
    """The shortest story found that breaks the law on the bytecode; None where there is none."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Row":
        """Back from JSON data."""
        seen = {name: tuple((law, step) for law, step in data[name]) for name in ("campaign", "hunt")}
        told = data["story"]
        story = None if told is None else tuple(told)
        return cls(**{**data, **seen, "differences": tuple(data["differences"]), "story": story})

    @property
    def found(self) -> bool:
        """Did any law notice?"""
        return bool(self.campaign or self.hunt)

    @property
    def is_same(self) -> bool:
        """Is it found just as its mutant is?"""
        return not self.differences

    @property
    def is_same_on_terms(self) -> bool:
        """Is it found as its mutant is once the terms are the same, though not by itself?"""
        return bool(self.differences) and all(AGREED in each for each in self.differences)


def row_of(fault: Fault, artifacts: ArtifactSet, plan: Plan) -> tuple[Row, str]:
    """Try a fault out on both engines. Returns its row, and the processor's seconds by part, in words."""
    faulty, times = on_bytecode(fault, artifacts), [process_time()]
    twin, real = tried(fault.mutant, faulty, plan)
    times.append(process_time())
    differences = Pair(fault.mutant, faulty, plan).differences(twin, real)
    times.append(process_time())
    short = story(fault.mutant, twin, faulty, real, plan)
    times.append(process_time())
    row = Row(
        id=fault.id,
        subject=fault.subject,
        change=fault.change,
        campaign=_seen(real.campaign),
        hunt=_seen(real.hunted),
        differences=differences,
        steps=real.hunted.steps,
        story=short,
    )
    tried_out, compared, shortened = (later - earlier for earlier, later in pairwise(times))
    return row, f"{tried_out:.1f} s to try, {compared:.1f} s to compare, {shortened:.1f} s to make short"


def still_holds(row: Row, fault: Fault, plan: Plan) -> bool:
    """Is the mutant found as a row says that both were? Then laws changed nothing of it: a quarter of a trial tells."""
    twin = tried_until_noticed(fault.mutant, plan)
    known = (tuple(each for each in seen if each[0] != EVM_1) for seen in (row.campaign, row.hunt))
    now = _seen(twin.campaign), _seen(twin.hunted)
    return row.is_same and (*known, row.steps) == (*now, twin.hunted.steps)


def _seen(played: Played) -> Seen:
    return tuple((each.law, each.step) for each in played.sightings)


def kept_rows(path: Path = KEPT) -> dict[str, Row]:
    """The rows that were written, by fault."""
    if not path.exists():
        return {}
    return {row["id"]: Row.from_json(row) for row in json.loads(path.read_text(encoding="utf-8"))}


def keep(rows: dict[str, Row], order: Sequence[str], path: Path = KEPT) -> None:
    """Write the rows of those faults, in their order."""
    written = [asdict(rows[identifier]) for identifier in order if identifier in rows]
    write_text(path, json.dumps(written, indent=1) + "\n")
