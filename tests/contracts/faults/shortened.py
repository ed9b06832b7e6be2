"""The story of a fault: what was found, as few actions as still break the law on the bytecode."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from pooltwin.invariants.campaigns.finding import Finding
from pooltwin.invariants.campaigns.shrinking import break_of, shrink
from pooltwin.invariants.histories.action import Stage
from pooltwin.invariants.history import History, Opening
from pooltwin.invariants.mutants import Mutant
from pooltwin.invariants.mutants.hunt import MISHAPS, PEOPLE, Kill, actions_of, stage_of
from pooltwin.protocol.revisions import Revision

from .trial import Plan, Trial, laws_for

SHORTENED_HUNTS = 3
"""So many of a hunt's laws are tried: some fail in probes only, of which there is no story."""


@dataclass(frozen=True)
class EpisodeOfHunt(History):
    """An episode of a hunt as a history: it begins on the hunting ground, as that was furnished for the episode."""

    mutant: Mutant | None = None
    number: int = 0

    def stage(self, revision: Revision | None = None, made_on: Revision | None = None) -> Stage:
        """Set the stage anew."""
        assert self.mutant is not None
        return stage_of(self.mutant, revision or self.mutant.revision_record(), self.number)


def story(twin: Mutant, twins: Trial, real: Mutant, reals: Trial, plan: Plan) -> tuple[str, ...] | None:
    """A short story that breaks a law on the bytecode; None where nothing was found but in probes of a hunt.

    It is made short on the twin, which is quicker, and on the bytecode itself where it means nothing there. One without
    actions is told by the market as it begins.
    """
    for ours, theirs in _found(twin, twins, real, reals):
        if ours is not None and ours.law == theirs.law:
            short = _shrunk(twin, ours, plan)
            if short is not None and _breaks(real, short):
                return tuple(str(action) for action in short.history.actions)
        short = _shrunk(real, theirs, plan)
        if short is not None and _breaks(real, short):
            return tuple(str(action) for action in short.history.actions)
    return None


def _found(twin: Mutant, twins: Trial, real: Mutant, reals: Trial) -> Iterator[tuple[Finding | None, Finding]]:
    """What was found on the bytecode, the campaign's first, each with what the twin found where it is the same law."""
    if reals.finding is not None:
        yield twins.finding, reals.finding
    expected = {law: kill for law, kill in reals.hunt.kills.items() if law in real.expected}
    for law, kill in [*expected.items(), *(reals.hunt.kills.items() - expected.items())][:SHORTENED_HUNTS]:
        ours = twins.hunt.kills.get(law)
        same = ours is not None and (ours.steps, ours.violation) == (kill.steps, kill.violation)
        yield _of_hunt(twin, ours) if ours is not None and same else None, _of_hunt(real, kill)


def _of_hunt(mutant: Mutant, kill: Kill) -> Finding:
    with mutant.engaged() as engine:
        actions = actions_of(mutant, engine, 0, kill)
    history = EpisodeOfHunt(Opening(), PEOPLE, mutant=mutant, number=kill.episode).with_actions(actions)
    return Finding(kill.law, kill.violation, history, "")


def _shrunk(mutant: Mutant, finding: Finding, plan: Plan) -> Finding | None:
    """The finding made short; None where the fault upsets more than laws."""
    with suppress(*MISHAPS), mutant.engaged() as engine:
        return shrink(finding, laws_for(mutant), engine, patience=plan.patience_seconds)
    return None


def _breaks(mutant: Mutant, finding: Finding) -> bool:
    """Does the law break on this engine too?"""
    history = finding.history
    if isinstance(history, EpisodeOfHunt):
        history = replace(history, mutant=mutant)
    with mutant.engaged() as engine:
        seed, laws = finding.probe_seed, laws_for(mutant)
        found = break_of(history, finding.law, probe_seed=seed, laws=laws, engine=engine, lenient=True)
    return found is not None
