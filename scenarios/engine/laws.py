"""The lender-protection laws over a world: asked of every step, or of the state at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pooltwin.invariants import Monitor, all_laws
from pooltwin.invariants.recorded import ReadOuts, judged
from pooltwin.invariants.replayed import judge_market

from .world import World

Laws = Literal["every step", "end", "off"]


@dataclass(frozen=True, slots=True)
class BrokenLaw:
    """A law that broke in a run although nothing is known of the release that would break it."""

    id: str
    statement: str
    count: int
    told: str
    """The worst of it, as a monitor tells it."""


@dataclass(slots=True)
class LawsFound:
    """The laws of a run: how many were asked, how many had something to say, which broke."""

    when: Laws
    asked: int = 0
    tested: int = 0
    """Laws that were really put to the test."""
    checks: int = 0
    steps: int = 0
    broken: tuple[BrokenLaw, ...] = ()


@contextmanager
def watched(world: World, laws: Laws) -> Iterator[LawsFound]:
    """Ask the laws of a world while the block runs, and after it. What they found is complete when the block has ended.

    Nothing stops where a law breaks. Known deviations of the release are left out.
    """
    found = LawsFound(laws)
    if laws == "off":
        yield found
        return
    monitor = None
    if laws == "every step":
        names = {seat.hand.address: name for name, seat in world.seats.items()}
        monitor = Monitor(world.market, all_laws(), stop=False, names=names).attach()
    try:
        yield found
    finally:
        if monitor is not None:
            monitor.detach()
    source = Path("the end")
    judgement = judge_market(world.market, source) if monitor is None else judged(source, monitor, ReadOuts(), "")
    found.asked = len(judgement.laws)
    found.tested = sum(count.checks > 0 for count in judgement.laws)
    found.checks, found.steps = sum(count.checks for count in judgement.laws), judgement.steps
    found.broken = tuple(
        BrokenLaw(count.law.id, count.law.statement, count.violations - count.deviations, str(count.worst or ""))
        for count in judgement.unknown
    )
