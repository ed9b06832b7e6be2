"""Histories drawn at random to compare releases by: what a campaign does, with no law watching."""

from __future__ import annotations

from random import Random

from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.router import build_router
from pooltwin.invariants.histories.temperaments import ADVERSARY
from pooltwin.invariants.history import History
from pooltwin.protocol.revisions import Revision


def drawn(history: History, seed: int, steps: int, release: Revision | None = None) -> History:
    """Return a beginning with so many actions of an adversary, drawn on the twin as `pooltwin fuzz` draws them.

    The same seed, the same history. `release` is that of the twin, where the history does not begin with a market's
    own. Raises ValueError for a chain that no twin can play.
    """
    stage = history.stage(release)
    build_router(stage)
    driver, actions = Driver(stage, Chance(Random(f"{seed}/0")), ADVERSARY), list[Action]()
    while len(actions) < steps:
        actions.append(driver.next())
        stage.perform(actions[-1])
    return history.with_actions(actions)
