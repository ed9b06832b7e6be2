"""Histories drawn at random to compare releases by: what a campaign does, with no law watching."""

from __future__ import annotations

from random import Random

from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.router import build_router
from pooltwin.invariants.histories.temperaments import ADVERSARY
from pooltwin.invariants.history import History


def drawn(history: History, seed: int, steps: int) -> History:
    """Return a beginning with so many actions of an adversary, drawn on the twin as `pooltwin fuzz` draws them.

    The same seed, the same history.
    """
    stage = history.stage()
    build_router(stage)
    driver, actions = Driver(stage, Chance(Random(f"{seed}/0")), ADVERSARY), list[Action]()
    while len(actions) < steps:
        actions.append(driver.next())
        stage.perform(actions[-1])
    return history.with_actions(actions)
