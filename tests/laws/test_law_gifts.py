"""Bad debt that something left keeps alive: a gift on old releases, and its neighbours on every one."""

from __future__ import annotations

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Action, Stage, replay
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.mutants.catalogue import mutant_named
from pooltwin.invariants.reference import EVERYTHING
from pooltwin.invariants.standard import standard_history

ETHER = 10**18
DOLLARS = 10**6
GIFTS_COUNT = ("3.3", "3.4", "3.5")
"""Releases on which an aToken that arrives becomes collateral."""
GIFTS_DO_NOT = ("3.6", "3.7")
RELEASES = (*GIFTS_COUNT, *GIFTS_DO_NOT)


def call(who, function, *arguments):
    return Action(who, "pool", function, arguments)


def governed(function, *arguments):
    return Action("admin", "configurator", function, arguments)


POSITION = (
    call("heidi", "supply", "WETH", 10 * ETHER, "heidi", 0),
    call("heidi", "borrow", "USDC", 8_000 * DOLLARS, 2, 0, "heidi"),
    call("heidi", "borrow", "USDT", 7_000 * DOLLARS, 2, 0, "heidi"),
)
"""Debts of 15,000 dollars against 20,000; once WETH is at 800, all of it pays for 7,619 of the first debt."""
CRASH = Action.price("WETH", 800 * 10**8)
LIQUIDATION = call("grace", "liquidationCall", "WETH", "USDC", "heidi", EVERYTHING, False)
DUST = 10**10
"""Of LINK, at 15 dollars for 10**18: fifteen hundred-millionths of a dollar."""
SENT = Action("alice", "aLINK", "transfer", ("heidi", DUST))
SUPPLIED_FOR_HER = call("grace", "supply", "LINK", DUST, "heidi", 0)
HER_OWN = call("heidi", "supply", "LINK", DUST, "heidi", 0)
SEIZED_TOO = call("grace", "liquidationCall", "LINK", "USDT", "heidi", EVERYTHING, False)


def ruined(revision, *actions, setting=POSITION, record=None):
    """Perform a history with every law watching. Returns the monitor and what Heidi owes in dollars."""
    history = standard_history(revision)
    stage = history.stage() if record is None else Stage(history.opening.market(record), history.actors)
    if record is not None:
        replay(stage, history.setting)
    replay(stage, setting)
    monitor = Monitor(stage.market, all_laws(), stop=False, names=stage.names)
    with monitor:
        for action in actions:
            receipt = stage.perform(action)
            assert receipt is None or receipt.ok, action
    owed = sum(stage.market.debt_token(symbol).balance_of(stage.book["heidi"]) for symbol in ("USDC", "USDT"))
    return monitor, owed // DOLLARS


def deviated(monitor):
    return {law.id: count for law, count in zip(monitor.laws, monitor.deviated, strict=True) if count}


@pytest.mark.parametrize("revision", RELEASES)
def test_bad_debt_is_written_off_where_nothing_is_left(revision):
    monitor, owed = ruined(revision, CRASH, LIQUIDATION)
    assert owed == 0
    assert monitor.violations == []
    assert monitor.exercised()["DEF-13"] == 0  # nobody gave anything


@pytest.mark.parametrize("revision", GIFTS_COUNT)
def test_dust_sent_to_the_borrower_keeps_bad_debt_alive_where_gifts_count(revision):
    monitor, owed = ruined(revision, CRASH, SENT, LIQUIDATION)
    assert owed == 7_380
    assert monitor.violations == []
    assert deviated(monitor) == {"DEF-13": 1}


@pytest.mark.parametrize("revision", GIFTS_DO_NOT)
def test_it_does_not_where_gifts_do_not(revision):
    monitor, owed = ruined(revision, CRASH, SENT, LIQUIDATION)
    assert owed == 0
    assert monitor.violations == []
    assert monitor.exercised()["DEF-13"] == 1


CHOSEN_ANEW = tuple(call("heidi", "setUserUseReserveAsCollateral", "LINK", on) for on in (False, True))


@pytest.mark.parametrize("revision", GIFTS_COUNT)
@pytest.mark.parametrize("hers", [(HER_OWN,), CHOSEN_ANEW], ids=["supplied to", "chosen anew"])
def test_a_gift_that_its_owner_makes_her_own_is_none(revision, hers):
    monitor, owed = ruined(revision, SENT, *hers, CRASH, LIQUIDATION)
    assert owed == 7_380
    assert monitor.exercised()["DEF-13"] == 0


@pytest.mark.parametrize("revision", GIFTS_COUNT)
def test_a_gift_worth_more_than_the_debts_is_no_bad_debt(revision):
    large = Action("alice", "aLINK", "transfer", ("heidi", 600 * ETHER))  # 9,000 dollars
    monitor, owed = ruined(revision, CRASH, large, LIQUIDATION)
    assert owed >= 7_000
    assert monitor.exercised()["DEF-13"] == 0


KEPT = {
    "supplied for her": (SUPPLIED_FOR_HER,),
    "her own": (HER_OWN,),
    "of an asset that is paused": (HER_OWN, governed("setReservePause", "LINK", True, 0)),
    "of an asset that is frozen": (HER_OWN, governed("setReserveFreeze", "LINK", True)),
    "of an asset that lends nothing": (HER_OWN, governed("setReserveLtvzero", "LINK", True)),
    "of the very asset that is owed": (call("grace", "supply", "USDT", 1_000, "heidi", 0),),
}
"""Dust that is left as collateral: it keeps the debts alive on every release from v3.3 on."""


def existing(revision, actions):
    """Leave out what a release does not have."""
    return [a for a in actions if a.function != "setReserveLtvzero" or revision in GIFTS_DO_NOT]


@pytest.mark.parametrize("revision", RELEASES)
@pytest.mark.parametrize("how", KEPT)
def test_other_dust_keeps_bad_debt_alive_on_every_release(revision, how):
    """No law speaks: the collateral counts because somebody may seize it, as the next test does."""
    monitor, owed = ruined(revision, *existing(revision, KEPT[how]), CRASH, LIQUIDATION)
    assert owed in (7_379, 7_380)
    assert monitor.violations == []
    assert monitor.exercised()["DEF-13"] == 0


@pytest.mark.parametrize("revision", RELEASES)
@pytest.mark.parametrize("how", [how for how in KEPT if "paused" not in how])
def test_whoever_seizes_the_dust_ends_it(revision, how):
    dust = KEPT[how]
    seize = call("grace", "liquidationCall", dust[0].arguments[0], "USDT", "heidi", EVERYTHING, False)
    monitor, owed = ruined(revision, *existing(revision, dust), CRASH, LIQUIDATION, seize)
    assert owed == 0
    assert monitor.violations == []


@pytest.mark.parametrize("revision", RELEASES)
def test_dust_of_a_paused_asset_cannot_be_seized_until_it_is_not(revision):
    history = standard_history(revision)
    stage = history.stage()
    replay(stage, (*POSITION, *KEPT["of an asset that is paused"], CRASH, LIQUIDATION))
    assert not stage.perform(SEIZED_TOO).ok
    replay(stage, (governed("setReservePause", "LINK", False, 0), Action.wait(1)))
    assert stage.perform(SEIZED_TOO).ok
    assert stage.market.debt_token("USDT").balance_of(stage.book["heidi"]) == 0


@pytest.mark.parametrize("revision", RELEASES)
def test_debt_kept_alive_goes_on_earning_interest(revision):
    _, owed = ruined(revision, SUPPLIED_FOR_HER, CRASH, LIQUIDATION, Action.wait(10 * 365 * 86_400))
    assert owed > 7_380


@pytest.mark.parametrize("revision", RELEASES)
def test_dust_worth_less_than_a_base_unit_keeps_nothing_alive(revision):
    nothing = call("grace", "supply", "LINK", 10**7, "heidi", 0)
    monitor, owed = ruined(revision, nothing, CRASH, LIQUIDATION)
    assert owed == 0
    assert monitor.violations == []


OUTSIDE_ITS_CATEGORY = (
    call("heidi", "setUserEMode", 4),
    call("heidi", "supply", "GUSD", 1_000, "heidi", 0),
    call("heidi", "setUserUseReserveAsCollateral", "GUSD", True),
    call("heidi", "setUserEMode", 0),
)
"""GUSD is collateral in category 4 only: outside it its threshold is zero."""


@pytest.mark.parametrize("revision", RELEASES)
def test_dust_that_is_collateral_in_one_category_only_cannot_be_taken_out_of_it(revision):
    """Until v3.5 it is no collateral in the category either; from v3.6 on it keeps its owner there."""
    outcomes = [receipt.ok for receipt in replay(standard_history(revision).stage(), OUTSIDE_ITS_CATEGORY)]
    assert outcomes == ([True, True, False, True] if revision in GIFTS_COUNT else [True, True, True, False])


def test_a_pool_that_counts_what_is_no_collateral_is_caught():
    """M165: bad debt stays as long as the borrower holds any aTokens."""
    mutant = mutant_named("M165")
    with mutant.engaged() as record:
        monitor, owed = ruined(mutant.revision, CRASH, SENT, LIQUIDATION, record=record)
    assert owed == 7_380
    assert {violation.law.id for violation in monitor.violations} >= {"DEF-13"}
    assert "7,380.25 USD" in str(next(v for v in monitor.violations if v.law.id == "DEF-13"))
