"""Whom records tell to be far from a liquidation is far from it; the pool is asked of the others only."""

from __future__ import annotations

from random import Random

import pytest
from pooltwin.invariants.histories.action import Stage
from pooltwin.invariants.histories.beginnings import begin
from pooltwin.invariants.histories.chance import Chance
from pooltwin.invariants.histories.driver import Driver
from pooltwin.invariants.histories.ground import furnish, hunting_ground
from pooltwin.invariants.histories.sight import SAFE, Estimate
from pooltwin.invariants.histories.temperaments import ADVERSARY
from pooltwin.invariants.history import Opening
from pooltwin.invariants.reference import BPS, WAD
from pooltwin.protocol.revisions import NEWEST, REVISIONS

STEPS = 250
PEOPLE = ("alice", "bob", "carol", "dave")


def adversary(revision: str, seed: str, symbols: tuple[str, ...] | None = None) -> Driver:
    """An adversary of the hunting ground, with people and positions on it."""
    config = hunting_ground(revision)
    stage = Stage(Opening(config=config).market(), PEOPLE)
    furnish(stage, config)
    begin(stage, config, PEOPLE)
    return Driver(stage, Chance(Random(seed)), ADVERSARY, symbols)


@pytest.mark.parametrize("symbols", [None, ("WETH", "USDC")], ids=["all assets", "two assets"])
@pytest.mark.parametrize("revision", sorted(REVISIONS))
def test_nobody_who_can_be_liquidated_is_taken_for_safe(revision: str, symbols: tuple[str, ...] | None) -> None:
    driver = adversary(revision, "7", symbols)
    safe = ill = categories = 0
    for _ in range(STEPS):
        driver.stage.perform(driver.next())
        estimate = Estimate(driver)
        debtors = driver.debtors()
        found = [who for who in debtors if estimate.is_safe(who)]
        for who in found:
            assert driver.health(who) * BPS > SAFE * WAD * 99 // 100
        unhealthy = [who for who in debtors if driver.health(who) < WAD]
        assert driver.unhealthy() == unhealthy
        safe, ill = safe + len(found), ill + len(unhealthy)
        categories += sum(1 for who in debtors if driver.pool.users_e_mode[driver.where(who)])
    assert safe
    assert ill
    assert categories


def test_the_pool_is_asked_of_those_only_who_may_be_ill(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = adversary(NEWEST.name, "5")
    asked: list[str] = []
    account = Driver.account

    def counted(self: Driver, who: str) -> tuple[int, ...]:
        asked.append(who)
        return account(self, who)

    monkeypatch.setattr(Driver, "account", counted)
    for _ in range(STEPS):
        driver.stage.perform(driver.next())
        asked.clear()
        driver.unhealthy()
        estimate = Estimate(driver)
        assert asked == [who for who in driver.debtors() if not estimate.is_safe(who)]
