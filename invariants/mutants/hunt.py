"""Hunting one mutant: seeded histories on the broken engine, and for each law the first step at which it fails.

The hunt sees the broken engine only. Its seeds do not depend on the mutant, so every mutant meets the same walks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random

from pooltwin.protocol.errors import Revert
from pooltwin.protocol.revisions import Revision

from ..histories import ground
from ..histories.action import Action, Stage
from ..histories.beginnings import begin
from ..histories.chance import Chance
from ..histories.driver import Driver
from ..histories.hostile_token import make_hostile
from ..histories.router import build_router, routed
from ..histories.temperaments import HUNTER
from ..histories.unfit import ActionError
from ..history import Opening
from ..law import Law, LawBroken
from ..monitor import Monitor
from ..reading.probe import Probe
from ..reading.step import NoPriceError
from .mutant import Mutant

PEOPLE = ("alice", "bob", "carol", "dave", "erin")
EPISODE = 250
"""Steps until a history begins anew."""
ENOUGH = 2_500
"""Steps after which a hunt is over once every law that was expected to notice has."""
PROBE_EVERY = 40
"""Steps between the comparisons of two continuations, which cost much more than a step."""
DEAR = ("SYS-5", "ACT-13")
"""Laws that dump whole states, at the cost of all others together: compared at every fifth round only."""


MISHAPS = (Revert, ActionError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What may go wrong in an engine that is broken on purpose, beside the laws."""


@dataclass(frozen=True, slots=True)
class Kill:
    """The first time a law failed: after how many steps in all, in which episode, and how."""

    law: str
    steps: int
    episode: int
    within: int
    """Steps into the episode."""
    violation: str
    others: tuple[str, ...] = ()
    """What else the law said of that step, where it was broken for several at once."""


@dataclass(slots=True)
class Hunt:
    """Result of hunting one mutant."""

    mutant: Mutant
    steps: int
    kills: dict[str, Kill] = field(default_factory=dict)
    exercised: dict[str, int] = field(default_factory=dict)
    story: str = ""
    """The shortest history found for the kill that states the fault best."""
    routed: dict[str, Kill] | None = None
    """The kills on the same walk sent through a router, if that was tried."""
    crash: str = ""
    """What ended an episode early for the first time, if anything did: broken engines break other things than laws."""

    @property
    def first(self) -> Kill | None:
        """The quickest kill by a law that was expected to notice; else the quickest of all."""
        expected = [kill for law, kill in self.kills.items() if law in self.mutant.expected]
        return min(expected or self.kills.values(), key=lambda kill: kill.steps, default=None)


Hunter = Callable[[Mutant, Sequence[Law], int, int], Hunt]
"""Hunts a mutant with laws for a number of steps, from a seed."""


Way = Callable[[Action], Action]
"""How the actions of a walk are sent."""


def directly(action: Action) -> Action:
    """Send an action as it is."""
    return action


def hunt(mutant: Mutant, laws: Sequence[Law], budget: int, seed: int = 0, way: Way = directly) -> Hunt:
    """Walk on the broken engine, noting the first failure of each law, for `budget` steps at most.

    `way` may send the same walk by another way, as through a router. It is over after `ENOUGH`, at the end of an
    episode, if all the laws have failed that were expected to.
    """
    found = Hunt(mutant, 0)
    hoped = {law.id for law in laws if law.id in mutant.expected}
    with mutant.engaged() as revision:
        episode = 0
        while found.steps < budget:
            if found.steps >= ENOUGH and hoped and hoped <= found.kills.keys():
                break
            _play(found, laws, revision, (seed, episode), min(EPISODE, budget - found.steps), way)
            episode += 1
    return found


def hunt_through_a_router(mutant: Mutant, laws: Sequence[Law], budget: int, seed: int = 0) -> Hunt:
    """Hunt on the walk of `hunt`, with a contract between the people and the market."""
    return hunt(mutant, laws, budget, seed, routed)


def _play(found: Hunt, laws: Sequence[Law], revision: Revision, which: tuple[int, int], steps: int, way: Way) -> None:
    seed, episode = which
    stage, monitor, driver = _open(found.mutant, laws, revision, seed, episode)
    seen = 0
    monitor.attach()
    for within in range(steps):
        found.steps += 1
        action = None
        try:
            action = driver.next()
            stage.perform(way(action))
            if within % PROBE_EVERY == PROBE_EVERY - 1:
                probe_laws(monitor, f"{seed}/{episode}/{within}", dear=within % (5 * PROBE_EVERY) == PROBE_EVERY - 1)
        except MISHAPS as error:
            found.crash = found.crash or f"{action}: {error!r}"
            break
        finally:
            seen = _note_kills(found, monitor, seen, episode, within)
    with suppress(*MISHAPS):
        monitor.detach()
    for law, count in monitor.exercised().items():
        found.exercised[law] = found.exercised.get(law, 0) + count


def _note_kills(found: Hunt, monitor: Monitor, seen: int, episode: int, within: int) -> int:
    """Remember the first failure of each law. Returns how many violations there are."""
    for violation in monitor.violations[seen:]:
        identifier = violation.law.id
        known = found.kills.get(identifier)
        if known is None:
            found.kills[identifier] = Kill(identifier, found.steps, episode, within, str(violation))
        elif known.steps == found.steps:
            found.kills[identifier] = replace(known, others=(*known.others, str(violation)))
    return len(monitor.violations)


def _open(
    mutant: Mutant, laws: Sequence[Law], revision: Revision, seed: int, episode: int
) -> tuple[Stage, Monitor, Driver]:
    """A fresh market, people on it, and what drives them. Kinds of episodes take turns: rich, of dust, nearly empty."""
    stage = stage_of(mutant, revision, episode)
    chance = Chance(Random(f"{seed}/{episode}"))
    symbols = [reserve.symbol for reserve in ground.hunting_ground(mutant.revision).reserves]
    driver = Driver(stage, chance, replace(HUNTER, dust=episode % 3 == 1), symbols)
    return stage, Monitor(stage.market, laws, stop=False, names=stage.names, declared=mutant.engine), driver


def stage_of(mutant: Mutant, revision: Revision, episode: int) -> Stage:
    """Set the stage of an episode. On every other one there is a token that calls back."""
    config = ground.hunting_ground(mutant.revision)
    stage = Stage(Opening(config=config).market(revision), PEOPLE)
    ground.furnish(stage, config)
    build_router(stage)
    if episode % 2 == 1:
        make_hostile(stage, "WETH")
    begin(stage, config, PEOPLE, whole_tokens=(1_000, 0, 100)[episode % 3])
    return stage


def probe_laws(monitor: Monitor, seed: str, *, dear: bool = True) -> None:
    """Try the laws that compare two continuations on the present state; everything is undone.

    Each has randomness of its own, so that what one finds does not depend on which others are tried.
    """
    for index, check in monitor.probes:
        law = monitor.laws[index]
        if law.id in DEAR and not dear:
            continue
        try:
            with monitor.looking_away():
                probe = Probe(monitor.census, Random(f"{seed}/{law.id}"))
                with monitor.chain.judging():
                    verdict = check(probe)
                violation = monitor.note_probe(index, verdict, probe, "a probe", "a probe")
        except NoPriceError:
            continue
        monitor.violations += [violation] if violation is not None else []


def story_of(found: Hunt, law: Law, seed: int = 0, attempts: int = 300) -> str:
    """The shortest history that still breaks a law on the mutant, as numbered sentences and the law's complaint.

    Empty for a law that fails only in probes, whose randomness belongs to the walk.
    """
    kill = found.kills[law.id]
    with found.mutant.engaged() as revision:
        actions = actions_of(found.mutant, revision, seed, kill)
        complaint = _complaint(found.mutant, revision, kill.episode, law, actions)
        if not complaint:
            return ""
        size = max(1, len(actions) // 2)
        while size and attempts > 0:
            start, shorter = 0, False
            while start < len(actions) and attempts > 0:
                fewer = actions[:start] + actions[start + size :]
                attempts -= 1
                told = _complaint(found.mutant, revision, kill.episode, law, fewer)
                if told:
                    actions, complaint, shorter = fewer, told, True
                else:
                    start += size
            size = size // 2 if not shorter or size > 1 else size
            if size == 1 and not shorter:
                break
    return "\n".join((*(f"{number}. {action}" for number, action in enumerate(actions)), complaint))


def actions_of(mutant: Mutant, revision: Revision, seed: int, kill: Kill) -> list[Action]:
    """List the actions of an episode, walked through once more, up to the step of the kill."""
    stage, _, driver = _open(mutant, (), revision, seed, kill.episode)
    actions = []
    for _ in range(kill.within + 1):
        actions.append(driver.next())
        stage.perform(actions[-1])
    return actions


def _complaint(mutant: Mutant, revision: Revision, episode: int, law: Law, actions: Sequence[Action]) -> str:
    """How the law fails in a history; empty when it holds. Steps after the failure are not played."""
    stage = stage_of(mutant, revision, episode)
    monitor = Monitor(stage.market, (law,), names=stage.names, declared=mutant.engine)
    try:
        with monitor:
            for action in actions:
                stage.perform(action)
    except LawBroken as broken:
        return str(broken.violation)
    except MISHAPS:
        return ""
    return ""
