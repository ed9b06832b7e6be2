"""A trial of a faulty engine: a campaign and a hunt with fixed seeds, and which law noticed what, when.

The engine may be the twin with a fault or bytecode with the same one: then both trials must say the same.
"""

from dataclasses import dataclass, replace
from time import monotonic
from typing import NamedTuple

from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants import Law, all_laws
from pooltwin.invariants.bytecode_law import EVERY_WORD_IS_EXPLAINED
from pooltwin.invariants.campaigns.campaign import EpisodeRun
from pooltwin.invariants.campaigns.finding import Finding
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.campaigns.shrinking import break_of, shrink
from pooltwin.invariants.mutants import Mutant
from pooltwin.invariants.mutants.hunt import Hunt, hunt, story_of
from pooltwin.invariants.standard import standard_history

from ..harness.artifacts import ArtifactSet
from .fault import REVISION, Fault

SEED = 1
PROBE_EVERY = 250
HUNT_ATTEMPTS = 30
"""Histories that are tried to make a hunt's story short; each opens a market anew."""


@dataclass(frozen=True)
class Plan:
    """How much is tried: episodes of a campaign until one finds something, and steps of a hunt."""

    episodes: int = 2
    episode_steps: int = 300
    hunt_steps: int = 500
    patience_seconds: float = 8
    """How long a finding is made short."""


class Sighting(NamedTuple):
    """The first time that a law was broken."""

    law: str
    step: int
    """Actions played until then, this one included, over all episodes."""
    violation: str
    """In words, with both figures."""


@dataclass(frozen=True)
class Trial:
    """What was noticed on one engine."""

    campaign: tuple[Sighting, ...]
    """By the first action that broke a law, where one did."""
    hunt: tuple[Sighting, ...]
    seconds: float
    finding: Finding | None
    """The campaign's first finding, not shortened."""
    hunted: Hunt

    @property
    def sightings(self) -> tuple[tuple[Sighting, ...], tuple[Sighting, ...]]:
        """All that must be the same on two engines that are the same: a twin stores nothing that is unknown."""
        own = EVERY_WORD_IS_EXPLAINED.id
        campaign, hunt = (tuple(each for each in seen if each.law != own) for seen in (self.campaign, self.hunt))
        return campaign, hunt

    @property
    def first(self) -> Sighting | None:
        """What was noticed first: in the campaign, else in the hunt."""
        return next(iter((*self.campaign, *self.hunt)), None)


def tried(mutant: Mutant, plan: Plan) -> Trial:
    """Try a mutant out, whose engine may be bytecode."""
    began = monotonic()
    campaign, finding = _campaign(mutant, plan)
    hunted = hunt(mutant, [*all_laws(), *_own_laws(mutant)], plan.hunt_steps)
    kills = sorted(hunted.kills.values(), key=lambda kill: (kill.steps, kill.law))
    sighted = tuple(Sighting(kill.law, kill.steps, kill.violation) for kill in kills)
    return Trial(campaign, sighted, monotonic() - began, finding, hunted)


def _own_laws(mutant: Mutant) -> tuple[Law, ...]:
    """The law of compiled contracts, where the engine is bytecode: it sees what is stored where nobody looks."""
    return (EVERY_WORD_IS_EXPLAINED,) if mutant.engine is not None else ()


def _campaign(mutant: Mutant, plan: Plan) -> tuple[tuple[Sighting, ...], Finding | None]:
    """Play episodes until one finds something, aiming at nothing in particular.

    A campaign aims at what laws were hardly asked of, and on bytecode they are asked a little less often: a write that
    changes nothing is not seen there. Without goals both engines meet the same walk.
    """
    with mutant.engaged() as engine:
        options = CampaignOptions(
            standard_history(REVISION),
            SEED,
            steps=plan.episode_steps,
            episode_steps=plan.episode_steps,
            probe_every=PROBE_EVERY,
            engine=engine,
            own_laws=_own_laws(mutant),
        )
        for number in range(plan.episodes):
            episode = EpisodeRun(options, number)
            episode.driver.goals = tuple
            findings = sorted(episode.run().findings, key=lambda found: found.law)
            if findings:
                before = number * plan.episode_steps
                sighted = (Sighting(each.law, before + len(each.history.actions), each.violation) for each in findings)
                return tuple(sighted), findings[0]
    return (), None


def shortest_story(mutant: Mutant, trial: Trial, plan: Plan) -> list[str]:
    """The shortest story found of what was noticed first, by its numbered actions; empty if only a probe noticed it."""
    if trial.finding is not None:
        return [str(action) for action in _shrunk(mutant, trial.finding, plan).history.actions]
    if trial.hunted.first is None:
        return []
    law = next(law for law in (*all_laws(), EVERY_WORD_IS_EXPLAINED) if law.id == trial.hunted.first.law)
    return story_of(trial.hunted, law, attempts=HUNT_ATTEMPTS).splitlines()[:-1]


def shared_story(mutant: Mutant, twin: Trial, faulty: Mutant, real: Trial, plan: Plan) -> list[str]:
    """A story made short on the twin, which is quicker, that breaks the law on the bytecode with the same figures.

    Made short on the bytecode itself where the campaign on the twin did not find the same.
    """
    if twin.finding is None or twin.campaign != real.campaign:
        return shortest_story(faulty, real, plan)
    found = _shrunk(mutant, twin.finding, plan)
    with faulty.engaged() as engine:
        broken = break_of(found.history, found.law, probe_seed=found.probe_seed, engine=engine, lenient=True)
    if broken is None or str(broken.violation) != found.violation:
        return shortest_story(faulty, real, plan)
    return [str(action) for action in found.history.actions]


def _shrunk(mutant: Mutant, finding: Finding, plan: Plan) -> Finding:
    with mutant.engaged() as engine:
        return shrink(finding, [*all_laws(), *_own_laws(mutant)], engine, patience=plan.patience_seconds)


def on_bytecode(fault: Fault, artifacts: ArtifactSet) -> Mutant:
    """The same fault as bytecode: a mutant that changes nothing of the twin, but runs on other contracts."""
    return replace(fault.mutant, patches=(), decisions={}, engine=bytecode_engine(artifacts, REVISION))
