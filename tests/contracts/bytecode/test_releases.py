"""Every release on bytecode: campaigns and hunts with all laws, beside the twin, to the same end."""

from dataclasses import replace
from random import Random

import pytest
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories import ground
from pooltwin.invariants.histories.action import Stage
from pooltwin.invariants.histories.beginnings import begin
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.hostile_token import make_hostile
from pooltwin.invariants.histories.router import build_router
from pooltwin.invariants.histories.temperaments import HUNTER
from pooltwin.invariants.history import Opening
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import Revision, revision_named

from ..harness.given import Release
from .acted import chain_of, episode

PUBLISHED = ("3.0.2", "3.6")
"""Releases whose contracts anybody can have: CI plays them, so they are played for less long."""
PEOPLE = ("admin", "treasury", "alice", "bob", "carol", "dave", "erin", "frank")


@pytest.fixture(scope="module")
def engine(any_release: Release) -> Revision:
    return bytecode_engine(any_release.artifacts, any_release.revision)


def test_a_campaign_ends_as_the_twin_s(any_release: Release, engine: Revision) -> None:
    steps = 250 if any_release.revision in PUBLISHED else 1000
    history = standard_history(any_release.revision)
    twin, bytecode = episode(history, steps), episode(history, steps, engine)
    assert bytecode.actions == twin.actions
    assert bytecode.findings == twin.findings == []
    assert chain_of(bytecode).digest() == chain_of(twin).digest()


def hunted(revision: Revision, number: int, steps: int) -> tuple[Market, list[str], list[str]]:
    """Play an episode of a hunt: rich people, dust and a token that calls back by turns. What was done and broken."""
    config = ground.hunting_ground(revision.release)
    stage = Stage(Opening(config=config).market(revision), PEOPLE)
    ground.furnish(stage, config)
    build_router(stage)
    if number % 2 == 1:
        make_hostile(stage, "WETH")
    begin(stage, config, PEOPLE, whole_tokens=(1_000, 0, 100)[number % 3])
    chance = Chance(Random(f"ground/{number}"))
    symbols = [reserve.symbol for reserve in config.reserves]
    driver = Driver(stage, chance, replace(HUNTER, dust=number % 3 == 1), symbols)
    done = []
    with Monitor(stage.market, all_laws(), stop=False, names=stage.names) as monitor:
        for _ in range(steps):
            action = driver.next()
            stage.perform(action)
            done.append(str(action))
    return stage.market, done, [str(violation) for violation in monitor.violations]


@pytest.mark.parametrize("number", [0, 1])
def test_a_hunt_ends_as_the_twin_s(any_release: Release, engine: Revision, number: int) -> None:
    steps = 150 if any_release.revision in PUBLISHED else 500
    twin, done, broken = hunted(revision_named(any_release.revision), number, steps)
    market, done_there, broken_there = hunted(engine, number, steps)
    assert done_there == done
    assert broken_there == broken
    assert market.chain.digest() == twin.chain.digest()
