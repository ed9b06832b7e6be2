"""A trial of a faulty engine: a campaign and a hunt with fixed seeds, and which law noticed what, when.

The engine may be the twin with a fault or bytecode with the same one: then both trials must say the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants import ISOLATION_LAWS, History, Law, all_laws, isolated_history
from pooltwin.invariants.bytecode_law import EVERY_WORD_IS_EXPLAINED
from pooltwin.invariants.campaigns.campaign import EpisodeRun
from pooltwin.invariants.campaigns.finding import Finding
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.law import Violation
from pooltwin.invariants.laws.twins_code import TWINS_CODE
from pooltwin.invariants.mutants import Mutant
from pooltwin.invariants.mutants.hunt import EPISODE, Hunt, hunt
from pooltwin.invariants.standard import standard_history

from ..harness.artifacts import ArtifactSet
from .fault import REVISION, Fault

SEED = 1
PROBE_EVERY = 250
EVM_1 = EVERY_WORD_IS_EXPLAINED.id


@dataclass(frozen=True)
class Plan:
    """How much is tried: episodes of a campaign until one finds something, and steps of a hunt."""

    episodes: int = 2
    episode_steps: int = 300
    hunts: tuple[int, ...] = (500, 2_500, 10_000)
    """Steps of the mutant's hunt, which is made longer until a law notices that was expected to."""
    patience_seconds: float = 60
    """How long a finding is made short, at most."""


class Sighting(NamedTuple):
    """The first time that a law was broken."""

    law: str
    step: int
    """Actions played until then, this one included, over all episodes."""
    violations: tuple[str, ...]
    """In words, each with both figures; several where several people or reserves were wronged at once."""


@dataclass(frozen=True)
class Played:
    """A campaign or a hunt: what was noticed, and every action."""

    sightings: tuple[Sighting, ...]
    actions: tuple[Action, ...]
    steps: int

    @property
    def compared(self) -> tuple[Sighting, ...]:
        """All that must be the same on two engines that are the same: a twin stores nothing that is unknown."""
        return tuple(each for each in self.sightings if each.law != EVM_1)

    def until(self, step: int) -> "Played":
        """What was noticed until then."""
        seen = tuple(each for each in self.sightings if each.step <= step)
        return Played(seen, self.actions[:step], min(step, self.steps))


@dataclass(frozen=True)
class Trial:
    """What was noticed on one engine."""

    campaign: Played
    """Until the first action that broke a law, where one did."""
    hunted: Played
    finding: Finding | None
    """The campaign's first finding, not shortened."""
    hunt: Hunt


def tried(fault: Mutant, faulty: Mutant, plan: Plan) -> tuple[Trial, Trial]:
    """Try a mutant out, and bytecode that is meant to be the same: as many steps as the mutant's fault needs."""
    twin = tried_until_noticed(fault, plan)
    return twin, tried_for(faulty, plan, twin.hunted.steps)


def tried_for(mutant: Mutant, plan: Plan, steps: int) -> Trial:
    """Try a mutant out, whose engine may be bytecode, with so many steps of a hunt."""
    campaign, finding = play_campaign(mutant, plan)
    hunted, found = play_hunt(mutant, steps)
    return Trial(campaign, hunted, finding, found)


def tried_until_noticed(mutant: Mutant, plan: Plan) -> Trial:
    """Try a mutant out, with a hunt as long as its fault needs; one that no law is expected to notice is soon over."""
    campaign, finding = play_campaign(mutant, plan)
    for steps in plan.hunts if mutant.expected and not needs_isolated_collateral(mutant) else plan.hunts[:1]:
        hunted, found = play_hunt(mutant, steps)
        if found.kills.keys() & set(mutant.expected):
            break
    return Trial(campaign, hunted.until(steps_needed(found, mutant)), finding, found)


def needs_isolated_collateral(mutant: Mutant) -> bool:
    """Is it about isolated collateral, which only a market of its own has, and the one of the hunts has not?"""
    return any(law.id in mutant.expected for law in ISOLATION_LAWS)


def _history_for(mutant: Mutant) -> History:
    return isolated_history(REVISION) if needs_isolated_collateral(mutant) else standard_history(REVISION)


def steps_needed(found: Hunt, mutant: Mutant) -> int:
    """How long a hunt must be for the first law to notice that was expected to, in whole episodes and one for luck."""
    noticed = [kill.steps for law, kill in found.kills.items() if law in mutant.expected]
    if not noticed:
        return found.steps
    return min(found.steps, max(2 * EPISODE, (-(-min(noticed) // EPISODE) + 1) * EPISODE))


class Walk:
    """The actions of a walk, noted as they come; or those of another one, played in their place."""

    def __init__(self, replayed: Sequence[Action] = ()) -> None:
        self.replayed = replayed
        self.actions: list[Action] = []

    def __call__(self, action: Action) -> Action:
        """Give the action that is played where the adversary chose this one."""
        number = len(self.actions)
        self.actions.append(self.replayed[number] if number < len(self.replayed) else action)
        return self.actions[-1]


def _own_laws(mutant: Mutant) -> tuple[Law, ...]:
    """The law of compiled contracts, where the engine is bytecode: it sees what is stored where nobody looks."""
    return (EVERY_WORD_IS_EXPLAINED,) if mutant.engine is not None else ()


def laws_for(mutant: Mutant) -> list[Law]:
    """All laws that are asked of an engine, but those about the twin's own arithmetic."""
    isolation = ISOLATION_LAWS if needs_isolated_collateral(mutant) else ()
    return [*(law for law in all_laws() if law.needs != TWINS_CODE), *isolation, *_own_laws(mutant)]


def play_hunt(mutant: Mutant, steps: int, replayed: Sequence[Action] = ()) -> tuple[Played, Hunt]:
    """Hunt a mutant; with the actions of another hunt, on its walk."""
    walk = Walk(replayed)
    found = hunt(mutant, laws_for(mutant), steps, way=walk)
    sightings = (
        Sighting(kill.law, kill.steps, tuple(sorted((kill.violation, *kill.others)))) for kill in found.kills.values()
    )
    return Played(_ordered(sightings), tuple(walk.actions), found.steps), found


def play_campaign(mutant: Mutant, plan: Plan, replayed: Sequence[Action] = ()) -> tuple[Played, Finding | None]:
    """Play episodes until one finds something, aiming at nothing in particular.

    A campaign aims at what laws were hardly asked of, and on bytecode they are asked a little less often: unguided both
    engines meet the same walk.
    """
    walk = Walk(replayed)
    with mutant.engaged() as engine:
        options = CampaignOptions(
            _history_for(mutant),
            SEED,
            steps=plan.episode_steps,
            episode_steps=plan.episode_steps,
            probe_every=PROBE_EVERY,
            engine=engine,
            guided=False,
            own_laws=_own_laws(mutant),
            without=tuple(law.id for law in all_laws() if law.needs == TWINS_CODE),
        )
        for number in range(plan.episodes):
            episode = EpisodeRun(options, number)
            _send_by(episode, walk)
            findings = sorted(episode.run().findings, key=lambda found: found.law)
            if findings:
                seen = _sightings(episode.monitor.violations, len(walk.actions))
                return Played(seen, tuple(walk.actions), len(walk.actions)), findings[0]
    return Played((), tuple(walk.actions), len(walk.actions)), None


def _send_by(episode: EpisodeRun, walk: Walk) -> None:
    """Have the actions of an episode noted, or replaced."""
    chosen = episode.driver.next
    episode.driver.next = lambda: walk(chosen())


def _sightings(violations: Iterable[Violation], step: int) -> tuple[Sighting, ...]:
    by_law: dict[str, list[str]] = defaultdict(list)
    for violation in violations:
        by_law[violation.law.id].append(str(violation))
    return _ordered(Sighting(law, step, tuple(sorted(told))) for law, told in by_law.items())


def _ordered(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    return tuple(sorted(sightings, key=lambda each: (each.step, each.law)))


def on_bytecode(fault: Fault, artifacts: ArtifactSet) -> Mutant:
    """The same fault as bytecode: a mutant that changes nothing of the twin, but runs on other contracts."""
    return replace(fault.mutant, patches=(), decisions={}, engine=bytecode_engine(artifacts, REVISION))
