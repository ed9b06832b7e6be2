"""The published bytecode of v3.0.2, held to the laws of the newest release: which known defects does it show, unaided?

The adversary knows nothing of them. Defects are those that lived in the oldest release that the catalogue of defects
covers, v3.2: what of them is older shows here.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pooltwin.invariants.campaigns.campaign import EpisodeRun
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.campaigns.shortening import shortest
from pooltwin.invariants.campaigns.shrinking import break_of
from pooltwin.invariants.defects.catalogue import DEFECTS, NEWEST, OLD, Defect, Symptom, defect_called
from pooltwin.invariants.defects.story import Story, breaks
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.law import Violation
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.files import write_text
from pooltwin.protocol.revisions import Revision

RELEASE = "3.0.2"
SEEDS = (1, 2)
"""What one walk does not lead to, another may."""
EPISODES = 14
"""Of each seed."""
EPISODE_STEPS = 500
KEPT = Path(__file__).with_name("found_in_v3_0_2.json")

LIVED_EARLY = tuple(defect for defect in DEFECTS if OLD[0] in defect.lives)
SIGNS = tuple((defect, symptom) for defect in LIVED_EARLY for symptom in defect.symptoms)


@dataclass(frozen=True)
class Sign:
    """The first time that a symptom of a defect was seen."""

    defect: str
    law: str
    step: int
    """From 1, over the episodes of all seeds."""
    violation: str
    seed: str
    probe_seed: str
    actions: tuple[Action, ...]

    @property
    def told(self) -> tuple[str, str, int, str]:
        """What must be the same on two engines that are the same."""
        return self.defect, self.law, self.step, self.violation


class _Watched(EpisodeRun):
    """An episode that notes symptoms of defects."""

    signs: dict[tuple[str, Symptom], Sign]
    before: int
    """Steps of the episodes before."""

    def _note(self, violation: Violation, probe_seed: str) -> None:
        last = self.monitor.last
        call = "probe" if probe_seed or last is None else last.name
        for defect, symptom in SIGNS:
            if symptom.shows(violation.law.id, call):
                where = self.before + len(self.actions)
                seen = (violation.law.id, where, str(violation), self.seed, probe_seed, tuple(self.actions))
                self.signs.setdefault((defect.id, symptom), Sign(defect.id, *seen))


def signs_on(
    engine: Revision | None, episodes: int = EPISODES, seeds: Sequence[int] = SEEDS, laws: Sequence[str] = ()
) -> list[Sign]:
    """Attack v3.0.2 on an engine, the twin without one, with each seed: the first sign of each symptom."""
    signs: dict[tuple[str, Symptom], Sign] = {}
    for count, seed in enumerate(seeds):
        options = CampaignOptions(
            standard_history(RELEASE),
            seed,
            steps=episodes * EPISODE_STEPS,
            episode_steps=EPISODE_STEPS,
            laws=tuple(laws),
            judged_by=NEWEST,
            engine=engine,
            guided=False,  # as in trials: on bytecode the goals would be a little different
            stop_at_violation=False,
        )
        for number in range(episodes):
            episode = _Watched(options, number)
            episode.signs, episode.before = signs, (count * episodes + number) * EPISODE_STEPS
            episode.run()
    return sorted(signs.values(), key=lambda sign: (sign.step, sign.defect, sign.law))


@dataclass(frozen=True)
class Shown:
    """One symptom in the published bytecode: where, whether the twin shows it just so, and its story."""

    defect: str
    statement: str
    law: str
    step: int
    same: bool
    story: tuple[str, ...]
    """The shortest found, after which the law is broken no more on the release that fixed the defect."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Shown":
        """Back from JSON data."""
        return cls(**{**data, "story": tuple(data["story"])})


def shown_on(engine: Revision, patience: float) -> list[Shown]:
    """Attack the bytecode and the twin alike, and tell of each defect one story that shows it on the bytecode."""
    return shown_in(signs_on(engine), signs_on(None), engine, patience)


def shown_in(real: Sequence[Sign], twin: Sequence[Sign], engine: Revision, patience: float) -> list[Shown]:
    """What was seen on the bytecode, and whether the twin showed it just so; with the first story of each defect."""
    known = {sign.told for sign in twin}
    found, told = [], set[str]()
    for sign in real:
        story: tuple[str, ...] = ()
        if sign.defect not in told:
            story = story_of(sign, engine, patience)
            told |= {sign.defect} if story else set()
        statement = defect_called(sign.defect).statement
        found.append(Shown(sign.defect, statement, sign.law, sign.step, sign.told in known, story))
    return found


def story_of(sign: Sign, engine: Revision, patience: float) -> tuple[str, ...]:
    """A short story that breaks the law on the bytecode, and not where the defect was fixed; empty if there is none.

    It is made short on the twin, which is quicker, and holds on both.
    """
    history = standard_history(RELEASE).with_actions(sign.actions)
    staged = history.stage()

    def broken(actions: Sequence[Action], on: Revision | None = None) -> bool:
        return (
            break_of(
                history.with_actions(actions),
                sign.law,
                probe_seed=sign.probe_seed,
                engine=on,
                lenient=True,
                judged_by=NEWEST,
                staged=staged if on is None else None,
            )
            is not None
        )

    actions = tuple(shortest(history, broken, patience=patience))
    defect = defect_called(sign.defect)
    symptom = next(symptom for symptom in defect.symptoms if symptom.law == sign.law)
    story = Story(
        sign.defect, sign.law, symptom.calls, RELEASE, sign.seed, sign.step, sign.probe_seed, actions, sign.violation
    )
    if not broken(actions, engine) or breaks(story, defect.fixed) is not None:
        return ()
    return tuple(str(action) for action in actions)


def never_shown(shown: Sequence[Shown]) -> list[Defect]:
    """The defects of which no symptom was seen: newer than v3.0.2, or not met."""
    return [defect for defect in LIVED_EARLY if defect.id not in {each.defect for each in shown}]


def kept(path: Path = KEPT) -> list[Shown]:
    """What was written."""
    return [Shown.from_json(each) for each in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def keep(shown: Sequence[Shown], path: Path = KEPT) -> None:
    """Write what was shown."""
    write_text(path, json.dumps([asdict(each) for each in shown], indent=1) + "\n")
