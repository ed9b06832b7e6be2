"""The results of the hunt for old defects as a file: read by the page and by the tests that replay every story."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import write_text

from ..catalogue import all_laws
from ..histories.action import Action
from .catalogue import DEFECTS, NEWEST, Symptom
from .cost import Cost
from .hunt import Measured, ReleaseHunt
from .story import Story

FORMAT = "pooltwin-defects"
PLACE = Path(__file__).parents[1] / "defect_results.json"


@dataclass(frozen=True)
class Results:
    """The hunts on every old release, and how they were made."""

    budget: int
    seed: int
    laws: tuple[str, ...]
    """Those of the newest release that watched: all there were."""
    hunts: tuple[ReleaseHunt, ...]

    def stories_of(self, defect: str) -> list[Story]:
        """List a defect's stories, those of the newest release first."""
        return [story for hunt in reversed(self.hunts) for story in hunt.stories if story.defect == defect]

    def costs_of(self, defect: str) -> list[Measured]:
        """List what a defect was measured to cost, the worst first."""
        found = [hunt.costs[defect] for hunt in self.hunts if defect in hunt.costs]
        return sorted(found, key=lambda measured: -measured.cost.size)


def write_results(path: Path, results: Results) -> None:
    """Write results, whole or not at all, a story a line."""
    hunts = [_hunt_to_json(hunt) for hunt in results.hunts]
    head = {"format": FORMAT, "budget": results.budget, "seed": results.seed, "laws": list(results.laws)}
    blocks = []
    for data in hunts:
        stories = ",\n".join("   " + json.dumps(story) for story in data.pop("stories"))
        blocks.append(f'  {json.dumps(data)[:-1]}, "stories": [\n{stories}\n  ]}}')
    write_text(path, json.dumps(head)[:-1] + ', "hunts": [\n' + ",\n".join(blocks) + "\n]}\n")


def read_results(path: Path = PLACE) -> Results:
    """Read results back. Raises ValueError, naming the file, for anything else."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        _require_format(data)
        laws = tuple(data["laws"])
        return Results(data["budget"], data["seed"], laws, tuple(_hunt_from_json(hunt) for hunt in data["hunts"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: holds no results of a hunt for defects: {error}") from None


def _require_format(data: Any) -> None:
    if data["format"] != FORMAT:
        raise ValueError(f"its format is {data['format']!r}, not {FORMAT!r}")


def _story_to_json(story: Story) -> dict[str, Any]:
    data = {**vars(story), "actions": [action.to_json() for action in story.actions]}
    if not story.engine:
        del data["engine"]
    return data


def _hunt_to_json(hunt: ReleaseHunt) -> dict[str, Any]:
    missed = [[defect, symptom.law, list(symptom.calls)] for defect, symptom in hunt.missed]
    costs = [{**vars(measured), "cost": vars(measured.cost)} for measured in hunt.costs.values()]
    stories = [_story_to_json(story) for story in hunt.stories]
    return {
        "revision": hunt.revision,
        "steps": hunt.steps,
        "searched": hunt.searched,
        "broken": dict(sorted(hunt.broken.items())),
        "missed": missed,
        "costs": costs,
        "stories": stories,
    }


def _hunt_from_json(data: dict[str, Any]) -> ReleaseHunt:
    costs = [Measured(**{**measured, "cost": Cost(**measured["cost"])}) for measured in data["costs"]]
    return ReleaseHunt(
        data["revision"],
        data["steps"],
        data["searched"],
        Counter(data["broken"]),
        [_story_from_json(story) for story in data["stories"]],
        [(defect, Symptom(law, tuple(calls))) for defect, law, calls in data["missed"]],
        {measured.defect: measured for measured in costs},
    )


def _story_from_json(data: dict[str, Any]) -> Story:
    actions = tuple(Action.from_json(action) for action in data["actions"])
    return Story(**{**data, "calls": tuple(data["calls"]), "actions": actions})


def merged(old: Results | None, budget: int, seed: int, hunts: Sequence[ReleaseHunt]) -> Results:
    """Merge results with some hunts made anew. Raises ValueError where the old ones were made in another way."""
    if old is not None and (old.budget, old.seed) != (budget, seed):
        raise ValueError(f"the other releases were hunted for {old.budget} steps from seed {old.seed}")
    known = {hunt.revision: hunt for hunt in (*(old.hunts if old is not None else ()), *hunts)}
    laws = tuple(law.id for law in all_laws() if law.claimed_for(NEWEST))
    return Results(budget, seed, laws, tuple(known[revision] for revision in sorted(known)))


def still_missed(results: Results) -> list[str]:
    """List defects that a hunt did not find, with release and law."""
    known = {defect.id for defect in DEFECTS}
    return [
        f"{defect} on v{hunt.revision} by {symptom.law}"
        for hunt in results.hunts
        for defect, symptom in hunt.missed
        if defect in known
    ]
