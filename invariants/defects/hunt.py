"""The hunt for the defects of old releases: random campaigns, held to the laws of the newest, and nothing else.

The adversary knows nothing of the defects. Whatever law breaks is noted; where it is the symptom of a defect, the
history up to there is kept and shrunk to the smallest story that still breaks the law in the same kind of call. A
story counts only if it breaks the law on the release and breaks it no more on the release that fixed the defect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from time import thread_time

from ..campaigns.campaign import EpisodeRun
from ..campaigns.options import CampaignOptions
from ..campaigns.shortening import shortest
from ..histories.action import Action
from ..histories.unfit import ActionError
from ..history import History
from ..law import Violation
from ..standard import standard_history
from ..workers import Interrupted, Workers, spread
from .catalogue import DEFECTS, NEWEST, OLD, Defect, Symptom, defect_called
from .cost import MEASURES, Cost
from .story import FirstBreaks, Story, breaks, staged

BUDGET = 50_000
SEED = 1
EPISODE_STEPS = 500
"""Short episodes: a finding is the easier to shrink the less came before it."""
LONGER = 300_000
"""How far to go on for what so many steps have not met, with nothing but its laws watching."""
CANDIDATES = 8
"""How many findings of a symptom are kept for the case that some are another defect's."""
PATIENCE_SECONDS = 40.0
"""How long a finding is shrunk at most, in seconds of the processor's work."""
BRIEF = 12
"""A story of so many actions is brief enough not to look for a briefer one."""
LENGTHY = 2 * BRIEF
"""A story of more actions is told only if the campaign, played further, finds no briefer one."""


@dataclass(frozen=True)
class Measured:
    """The worst cost of a defect on a release, and where the campaign met it."""

    defect: str
    revision: str
    seed: str
    step: int
    cost: Cost


@dataclass
class ReleaseHunt:
    """The findings of campaigns on one release."""

    revision: str
    steps: int = 0
    searched: int = 0
    """How many steps were played for some laws alone."""
    broken: Counter[str] = field(default_factory=Counter)
    """How often each law of the newest release broke."""
    stories: list[Story] = field(default_factory=list)
    missed: list[tuple[str, Symptom]] = field(default_factory=list)
    """Signs of defects that live here and were not found."""
    costs: dict[str, Measured] = field(default_factory=dict)
    engine: str = ""
    """What stood in for the release's engine; empty for its own."""


Progress = Callable[[str], None]
Candidates = dict[tuple[str, Symptom], list[Story]]
"""Findings by defect and symptom, in the order in which they were met."""


def hunt(
    revision: str,
    *,
    engine: str = "",
    budget: int = BUDGET,
    longer: int = LONGER,
    seed: int = SEED,
    progress: Progress = lambda _: None,
) -> ReleaseHunt:
    """Attack an old release for so many steps and tell what was found; go on for what was not, up to `longer` steps.

    `engine` stands in for the release's own, as bytecode that comes from it. Raises ValueError for what is no old
    release.
    """
    _require_old([revision])
    found, candidates = ReleaseHunt(revision, engine=engine), Candidates()
    options = _options(revision, budget, seed, engine=engine)
    for number in range(-(-budget // EPISODE_STEPS)):
        _Episode(options, number, found, candidates, symptoms_of(revision)).run()
        found.steps += EPISODE_STEPS
        progress(f"v{revision}: {found.steps:,} steps")
    found.missed = _add_stories(found, candidates, symptoms_of(revision), progress)
    go_on(found, longer, seed, progress)
    return found


def hunt_each(
    revisions: Sequence[str],
    *,
    budget: int = BUDGET,
    longer: int = LONGER,
    seed: int = SEED,
    processes: int = 1,
    workers: Workers | None = None,
    progress: Progress = lambda _: None,
) -> list[ReleaseHunt]:
    """Hunt on several old releases; with several processes, or workers as those of a cluster, each in one of its own.

    Raises ValueError for what is no old release, and Interrupted, with the hunts so far, when somebody presses Ctrl-C.
    """
    _require_old(revisions)
    hunts: list[ReleaseHunt] = []
    try:
        if processes <= 1 and workers is None:
            for name in revisions:
                hunts.append(hunt(name, budget=budget, longer=longer, seed=seed, progress=progress))
            return hunts
        with closing(spread(_hunt_one, (budget, longer, seed), revisions, processes, workers)) as found:
            for each in found:
                hunts.append(each)
                progress(f"{len(hunts)} of {len(revisions)} releases")
    except KeyboardInterrupt:
        raise Interrupted(hunts) from None
    return hunts


def _hunt_one(settings: tuple[int, int, int], revision: str) -> ReleaseHunt:
    budget, longer, seed = settings
    return hunt(revision, budget=budget, longer=longer, seed=seed)


def _require_old(revisions: Sequence[str]) -> None:
    for name in revisions:
        if name not in OLD:
            raise ValueError(f"{name!r} is no old release; there are {', '.join(OLD)}")


def go_on(found: ReleaseHunt, longer: int, seed: int, progress: Progress = lambda _: None) -> None:
    """Play the same campaign further, with only the laws watching whose symptoms have no story yet, or a lengthy one.

    Where only briefer stories are sought, what was played already is not played again.
    """
    while (symptoms := _sought(found)) and found.searched < longer:
        if not found.missed:
            found.searched = max(found.searched, found.steps)
        laws = tuple(sorted({symptom.law for _, symptom in symptoms}))
        options, candidates = _options(found.revision, longer, seed, laws, found.engine), Candidates()
        while found.searched < longer and not candidates:
            progress(f"v{found.revision}: {found.searched:,} steps, for {', '.join(laws)} alone")
            _Episode(options, found.searched // EPISODE_STEPS, found, candidates, symptoms).run()
            found.searched += EPISODE_STEPS
        found.missed = _add_stories(found, candidates, symptoms, progress)


def _sought(found: ReleaseHunt) -> list[tuple[Defect, Symptom]]:
    """List the symptoms without a story, and those whose story is lengthy once what was played is behind."""
    lengthy = [(story.defect, story.symptom) for story in found.stories if len(story.actions) > LENGTHY]
    if found.missed and found.searched < found.steps:
        lengthy = []
    return [(defect_called(name), symptom) for name, symptom in (*found.missed, *lengthy)]


def _options(revision: str, steps: int, seed: int, laws: tuple[str, ...] = (), engine: str = "") -> CampaignOptions:
    return CampaignOptions(
        standard_history(revision),
        seed=seed,
        steps=steps,
        episode_steps=EPISODE_STEPS,
        laws=laws,
        judged_by=NEWEST,
        engine=engine or None,
        stop_at_violation=False,
    )


def _add_stories(
    found: ReleaseHunt, candidates: Candidates, symptoms: Sequence[tuple[Defect, Symptom]], progress: Progress
) -> list[tuple[str, Symptom]]:
    """Add a story for each symptom that has one, in place of a longer one. Returns the symptoms without."""
    missed, stories = [], found.stories
    for defect, symptom in symptoms:
        progress(f"v{found.revision}: telling {defect.id}, {symptom.law}")
        story = _briefest(_shortened(candidates.get((defect.id, symptom), []), defect))
        known = next((n for n, told in enumerate(stories) if (told.defect, told.symptom) == (defect.id, symptom)), None)
        if story is None:
            missed += [(defect.id, symptom)] * (known is None)
        elif known is None:
            stories.append(story)
        elif len(story.actions) < len(stories[known].actions):
            stories[known] = story
    return missed


def symptoms_of(revision: str) -> list[tuple[Defect, Symptom]]:
    """List what must be found on a release: each symptom of each defect that lives there."""
    return [(defect, symptom) for defect in DEFECTS if revision in defect.lives for symptom in defect.symptoms]


class _Episode(EpisodeRun):
    """An episode that notes every broken law, and keeps the histories that show a defect."""

    def __init__(
        self,
        options: CampaignOptions,
        number: int,
        found: ReleaseHunt,
        candidates: Candidates,
        symptoms: Sequence[tuple[Defect, Symptom]],
    ) -> None:
        super().__init__(options, number)
        self.found, self.candidates, self.symptoms = found, candidates, symptoms
        self.first = number * options.episode_steps
        self.told: set[tuple[str, Symptom]] = set()
        self.first_breaks = FirstBreaks()

    def _note(self, violation: Violation, probe_seed: str) -> None:
        law, last = violation.law.id, self.monitor.last
        if not self.options.laws:
            self.found.broken[law] += 1
        call = "probe" if probe_seed or last is None else last.name
        if not self.first_breaks.is_first(violation):
            return
        for defect, symptom in self.symptoms:
            if symptom.shows(law, call):
                self._measure(defect, call)
                if (defect.id, symptom) not in self.told:
                    self._keep(defect, symptom, violation, probe_seed)

    def _keep(self, defect: Defect, symptom: Symptom, violation: Violation, probe_seed: str) -> None:
        self.told.add((defect.id, symptom))
        candidates = self.candidates.setdefault((defect.id, symptom), [])
        if len(candidates) < CANDIDATES:
            where = self.first + len(self.actions)
            candidates.append(
                Story(
                    defect=defect.id,
                    law=symptom.law,
                    calls=symptom.calls,
                    revision=self.found.revision,
                    seed=self.seed,
                    step=where,
                    probe_seed=probe_seed,
                    actions=tuple(self.actions),
                    violation=str(violation),
                    engine=self.found.engine,
                )
            )

    def _measure(self, defect: Defect, call: str) -> None:
        last = self.monitor.last
        if not defect.measure or last is None or call == "probe":
            return
        cost = MEASURES[defect.measure](last)
        known = self.found.costs.get(defect.id)
        if cost is not None and (known is None or cost.size > known.cost.size):
            where = self.first + len(self.actions)
            self.found.costs[defect.id] = Measured(defect.id, self.found.revision, self.seed, where, cost)


def _briefest(stories: Iterator[Story]) -> Story | None:
    """Choose the first story that is brief enough, else the briefest."""
    best: Story | None = None
    for story in stories:
        if best is None or len(story.actions) < len(best.actions):
            best = story
        if len(best.actions) <= BRIEF:
            break
    return best


def _shortened(candidates: Sequence[Story], defect: Defect) -> Iterator[Story]:
    """Tell the candidates as short stories, those that hold on the release that fixed the defect."""
    for candidate in sorted(candidates, key=lambda story: len(story.actions)):
        history = candidate.history

        def broken(actions: Sequence[Action], candidate: Story = candidate) -> bool:
            return breaks(candidate, candidate.revision, actions) is not None

        if not broken(candidate.actions):
            continue
        fewer = _that_succeed(candidate)
        if broken(fewer):
            history = history.with_actions(fewer)
        actions = _shrunk(history, broken)
        violation = breaks(candidate, candidate.revision, actions)
        if violation is not None and breaks(candidate, defect.fixed, actions) is None:
            told = {**vars(candidate), "actions": actions, "violation": str(violation)}
            yield Story(**told)


def _shrunk(history: History, broken: Callable[[Sequence[Action]], bool]) -> tuple[Action, ...]:
    """Shrink again and again, for rounder amounts let more actions go; until nothing changes, or patience ends."""
    deadline = thread_time() + PATIENCE_SECONDS
    before, actions = None, history.actions
    while actions != before and thread_time() < deadline:
        before = actions
        fewer = tuple(shortest(history.with_actions(actions), broken, patience=deadline - thread_time()))
        actions = fewer if broken(fewer) else actions
    return actions


def _that_succeed(story: Story) -> list[Action]:
    """Drop a story's actions that revert where they stand, or make no sense there."""
    stage, kept = staged(story.revision, story.engine), []
    for action in story.actions:
        with suppress(ActionError):
            receipt = stage.perform(action)
            if receipt is None or receipt.revert is None:
                kept.append(action)
    return kept
