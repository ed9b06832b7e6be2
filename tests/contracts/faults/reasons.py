"""Why a fault in bytecode is noticed otherwise than its mutant: tried again until both agree, or it stays unexplained.

Three things may part them. The adversary reckons what somebody has by the twin's code, which a mutant may have changed:
then the walks part, and the bytecode is sent on the mutant's. A call inside a call is judged at its own end on the
twin: then the twin is told to judge whole transactions, as is done on bytecode. And the twin's records are whole, while
on bytecode a word under a key that nothing names takes EVM-1.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pooltwin.invariants import monitor
from pooltwin.invariants.mutants import Mutant
from pooltwin.invariants.mutants.mutant import Patch
from pooltwin.invariants.reading.cutting import Cutter
from pooltwin.invariants.reading.frame import Frame

from .trial import EVM_1, Plan, Played, Trial, play_campaign, play_hunt

AGREED = "the same"
"""Begins what is said of trials that agree on certain terms."""
MUTANTS_WALK = "on the mutant's walk, which it leaves at step {step}"
INSIDE = "where calls inside calls are not judged apart"
NAMELESS = "it takes EVM-1, under keys that nothing names; the mutant's records are whole"


@dataclass(frozen=True)
class Pair:
    """A mutant and the bytecode that is meant to be the same."""

    twin: Mutant
    real: Mutant
    plan: Plan

    def differences(self, twin: Trial, real: Trial) -> tuple[str, ...]:
        """In what the two trials differ and why, in words; empty if they agree on every law, step and figure."""
        words = (
            ("campaign", self._campaigns(twin.campaign, real.campaign)),
            ("hunt", self._hunts(twin.hunted, real.hunted)),
        )
        return tuple(f"{where}: {why}" for where, why in words if why)

    def _campaigns(self, twin: Played, real: Played) -> str:
        def again(on: Mutant, walk: Played | None = None) -> Played:
            return play_campaign(on, self.plan, walk.actions if walk else ())[0]

        return self._explained(twin, real, again)

    def _hunts(self, twin: Played, real: Played) -> str:
        def again(on: Mutant, walk: Played | None = None) -> Played:
            return play_hunt(on, real.steps, walk.actions if walk else ())[0]

        return self._explained(twin, real, again)

    def _explained(self, twin: Played, real: Played, again: Any) -> str:
        """The same again under conditions that take a reason away, until the two agree."""
        if twin.compared == real.compared:
            return ""
        parted = parting(twin, real)
        conditions = []
        if parted is not None:
            conditions.append(MUTANTS_WALK.format(step=parted + 1))
            real = again(self.real, twin)
        if twin.compared != real.compared:
            with judged_whole():
                whole = again(self.twin)
            if whole.compared != twin.compared:
                conditions.append(INSIDE)
                twin = whole
        if twin.compared == real.compared:
            return f"{AGREED} {' and '.join(conditions)}"
        return told(twin, real)


def parting(twin: Played, real: Played) -> int | None:
    """The number of the first action, from 0, in which two walks differ; None where one is the other's beginning."""
    pairs = enumerate(zip(twin.actions, real.actions, strict=False))
    return next((number for number, (ours, theirs) in pairs if ours != theirs), None)


def told(twin: Played, real: Played) -> str:
    """The first thing that two trials say differently, in words."""
    ours, theirs = ({(each.law, each.step) for each in played.compared} for played in (twin, real))
    if any(each.law == EVM_1 for each in real.sightings) and theirs < ours:
        return NAMELESS
    if ours != theirs:
        law, step = min(ours ^ theirs, key=lambda seen: (seen[1], seen[0]))
        return f"only {'the mutant' if (law, step) in ours else 'the bytecode'} breaks {law} at {step}"
    pairs = zip(twin.compared, real.compared, strict=True)
    other = next(one for one, another in pairs if one != another)
    return f"{other.law} at {other.step} tells of somebody else"


class Uncut(Cutter):
    """Follows the calls of a transaction and cuts nothing out of it."""

    def begin(self, *arguments: Any) -> Frame:
        """Open a frame that will not be judged apart."""
        frame = super().begin(*arguments)
        self.in_pieces = False
        return frame

    def _between(self, frame: Frame) -> None:
        """Judge nothing."""

    def _judge(self, *_: Any) -> None:
        """Judge nothing."""


@contextmanager
def judged_whole() -> Iterator[None]:
    """Have transactions of the twin judged as a whole, as those of bytecode are."""
    with Patch(monitor, "Cutter", Uncut).applied():
        yield
