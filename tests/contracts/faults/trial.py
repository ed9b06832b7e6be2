"""A trial of a faulty engine: a campaign and a hunt with fixed seeds, and which law noticed what, when.

The engine may be the twin with a fault or bytecode with the same one: then both trials must say the same.
"""

from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from pooltwin.invariants import all_laws
from pooltwin.invariants.campaigns.campaign import run_episode
from pooltwin.invariants.campaigns.finding import Finding
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.campaigns.shrinking import shrink
from pooltwin.invariants.mutants import Mutant
from pooltwin.invariants.mutants.hunt import Hunt, hunt, story_of
from pooltwin.invariants.standard import standard_history

from .fault import REVISION

SEED = 1
PROBE_EVERY = 250


@dataclass(frozen=True)
class Plan:
    """How much is tried: episodes of a campaign until one finds something, and steps of a hunt."""

    episodes: int = 2
    episode_steps: int = 600
    hunt_steps: int = 2_500
    patience_seconds: float = 20
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
        """All that must be the same on two engines that are the same."""
        return self.campaign, self.hunt

    @property
    def first(self) -> Sighting | None:
        """What was noticed first: in the campaign, else in the hunt."""
        return next(iter((*self.campaign, *self.hunt)), None)


def tried(mutant: Mutant, plan: Plan) -> Trial:
    """Try a mutant out, whose engine may be bytecode."""
    began = monotonic()
    campaign, finding = _campaign(mutant, plan)
    hunted = hunt(mutant, all_laws(), plan.hunt_steps)
    kills = sorted(hunted.kills.values(), key=lambda kill: (kill.steps, kill.law))
    sighted = tuple(Sighting(kill.law, kill.steps, kill.violation) for kill in kills)
    return Trial(campaign, sighted, monotonic() - began, finding, hunted)


def _campaign(mutant: Mutant, plan: Plan) -> tuple[tuple[Sighting, ...], Finding | None]:
    with mutant.engaged() as engine:
        options = CampaignOptions(
            standard_history(REVISION),
            SEED,
            steps=plan.episode_steps,
            episode_steps=plan.episode_steps,
            probe_every=PROBE_EVERY,
            engine=engine,
        )
        for number in range(plan.episodes):
            findings = sorted(run_episode(options, number).findings, key=lambda found: found.law)
            if findings:
                before = number * plan.episode_steps
                sighted = (Sighting(each.law, before + len(each.history.actions), each.violation) for each in findings)
                return tuple(sighted), findings[0]
    return (), None


def shortest_story(mutant: Mutant, trial: Trial, plan: Plan) -> list[str]:
    """The shortest story found of what was noticed first, by its numbered actions; empty if only a probe noticed it."""
    if trial.finding is not None:
        with mutant.engaged() as engine:
            found = shrink(trial.finding, list(all_laws()), engine, patience=plan.patience_seconds)
        return [str(action) for action in found.history.actions]
    if trial.hunted.first is None:
        return []
    law = next(law for law in all_laws() if law.id == trial.hunted.first.law)
    return story_of(trial.hunted, law).splitlines()[:-1]
