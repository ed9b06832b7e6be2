"""What trials found, as rows that are kept in `found.json` and shown on the page."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import write_text

from ..harness.artifacts import ArtifactSet
from .building import seconds_to_compile
from .fault import Fault
from .trial import Plan, Sighting, Trial, on_bytecode, shared_story, tried

KEPT = Path(__file__).with_name("found.json")

Seen = tuple[tuple[str, int], ...]
"""Laws, and the step at which each was first broken."""


@dataclass(frozen=True)
class Row:
    """One fault: what a campaign and a hunt found on the bytecode, and whether the mutant was found just so."""

    id: str
    subject: str
    change: str
    campaign: Seen
    hunt: Seen
    difference: str
    """In what the mutant's trial differs; empty where laws, steps and figures are the same."""
    compile_seconds: float
    bytecode_seconds: float
    mutant_seconds: float
    steps: int
    """Steps of the hunt."""
    story: tuple[str, ...]
    """The shortest story found that breaks the law on the bytecode."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Row":
        """Back from JSON data."""
        seen = {name: tuple((law, step) for law, step in data[name]) for name in ("campaign", "hunt")}
        return cls(**{**data, **seen, "story": tuple(data["story"])})

    @property
    def found(self) -> bool:
        """Did any law notice?"""
        return bool(self.campaign or self.hunt)


def row_of(fault: Fault, artifacts: ArtifactSet, plan: Plan) -> Row:
    """Try a fault out on both engines."""
    faulty = on_bytecode(fault, artifacts)
    twin, real = tried(fault.mutant, plan), tried(faulty, plan)
    return Row(
        id=fault.id,
        subject=fault.subject,
        change=fault.change,
        campaign=_seen(real.campaign),
        hunt=_seen(real.hunt),
        difference=difference(twin, real),
        compile_seconds=round(seconds_to_compile([fault])[0], 1),
        bytecode_seconds=round(real.seconds, 1),
        mutant_seconds=round(twin.seconds, 1),
        steps=real.hunted.steps,
        story=tuple(shared_story(fault.mutant, twin, faulty, real, plan)),
    )


def difference(twin: Trial, real: Trial) -> str:
    """The first thing that two trials say differently, in words; empty if they agree on every law, step and figure."""
    for place, ours, theirs in zip(("campaign", "hunt"), twin.sightings, real.sightings, strict=True):
        if _seen(ours) != _seen(theirs):
            law, step = min({*_seen(ours)} ^ {*_seen(theirs)}, key=lambda seen: (seen[1], seen[0]))
            who = "the mutant" if (law, step) in _seen(ours) else "the bytecode"
            return f"{place}: only {who} breaks {law} at {step}"
    for ours, theirs in zip(twin.sightings, real.sightings, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            if one != other:
                return f"the same laws and steps; {one.law} at {one.step} tells of somebody else"
    return ""


def _seen(sightings: Iterable[Sighting]) -> Seen:
    return tuple((each.law, each.step) for each in sightings)


def kept_rows(path: Path = KEPT) -> dict[str, Row]:
    """The rows that were written, by fault."""
    if not path.exists():
        return {}
    return {row["id"]: Row.from_json(row) for row in json.loads(path.read_text(encoding="utf-8"))}


def keep(rows: dict[str, Row], order: Sequence[str], path: Path = KEPT) -> None:
    """Write the rows of those faults, in their order."""
    written = [asdict(rows[identifier]) for identifier in order if identifier in rows]
    write_text(path, json.dumps(written, indent=1) + "\n")
