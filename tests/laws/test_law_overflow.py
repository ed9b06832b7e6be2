"""Laws that try calls hold back where figures outgrow Solidity's types, and nowhere else: LIQ-2, HF-9, SOL-11."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from pooltwin.invariants.campaigns.probing import run_probes
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.histories.action import Action, Stage, replay
from pooltwin.invariants.law import Subject
from pooltwin.invariants.markets_around import rewarded_history
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.errors import MustNotLeaveDust, Revert
from pooltwin.protocol.revisions import REVISIONS, revision_named

DOLLARS = 10**6
WRITING_OFF = [name for name in REVISIONS if name not in ("3.0.2", "3.2")]
"""Releases on which bad debt becomes deficit."""


def opened(record):
    """Put the standard market on a stage, without caps."""
    history = standard_history(record.release)
    stage = Stage(history.opening.market(record), history.actors)
    replay(stage, history.setting)
    market = stage.market
    for asset in market.assets.values():
        for cap in (market.configurator.set_supply_cap, market.configurator.set_borrow_cap):
            cap(asset, 0, sender=market.admin)
    return stage


def asked(stage, *laws, rounds=6):
    """Ask laws of a stage by probes. Returns what broke, and how often they were put to the test."""
    monitor = Monitor(stage.market, [law_called(law) for law in laws], stop=False, names=stage.names)
    for number in range(rounds):
        run_probes(monitor, f"overflow/{number}")
    return {violation.law.id for violation in monitor.violations}, sum(monitor.exercised()[law] for law in laws)


def perform(stage, *actions):
    """Perform actions that all go through."""
    for action in actions:
        receipt = stage.perform(action)
        assert receipt is None or receipt.ok, (action, receipt.revert)


# --- what is written off --------------------------------------------------------------------------------------------


def deep_in_debt(record, dollars, index):
    """Give Heidi 600 dollars of WETH, a debt in USDC and one in DUST which interest of years multiplied."""
    stage = opened(record)
    perform(
        stage,
        Action("heidi", "pool", "supply", ("WETH", 3 * 10**17, "heidi", 0)),
        Action("heidi", "pool", "borrow", ("USDC", 300 * DOLLARS, 2, 0, "heidi")),
        Action("heidi", "pool", "borrow", ("DUST", 5 * 10**31, 2, 0, "heidi")),
    )
    market, debts = stage.market, stage.market.debt_token("USDC").scaled_balances
    heidi = stage.address_of("heidi")
    market.debt_token("USDC").scaled_supply += dollars * DOLLARS - debts[heidi]
    debts[heidi] = dollars * DOLLARS
    market.pool.reserves[market.asset("DUST")].variable_borrow_index = index
    assert market.pool.get_user_account_data(heidi).health_factor < 10**18
    return stage


FITS, OUTGROWN = 10**33, 10**34
"""Debt indexes with which Heidi's DUST fits 128 bits, and does not."""


def refusing(record):
    """Refuse every liquidation as one that leaves dust."""

    def refuse(_pool, _run):
        raise MustNotLeaveDust()

    return replace(record, refuse_dust=refuse)


@pytest.mark.parametrize("revision", WRITING_OFF)
def test_debt_that_fits_no_deficit_keeps_the_last_collateral_from_being_taken(revision):
    """All of the collateral would go for the USDC, and less would leave dust: nothing goes through, rightly."""
    stage = deep_in_debt(revision_named(revision), 590, OUTGROWN)
    market, heidi, bob = stage.market, stage.address_of("heidi"), stage.address_of("bob")
    market.fund("USDC", bob, 1_000 * DOLLARS)
    refusals = set()
    for part in range(1, 21):
        with pytest.raises(Revert) as caught:
            market.pool.liquidation_call(
                market.asset("WETH"), market.asset("USDC"), heidi, part * 30 * DOLLARS, True, sender=bob
            )
        refusals.add(type(caught.value).__name__)
    assert {name.removesuffix("edUintDowncast") for name in refusals} == {"MustNotLeaveDust", "SafeCastOverflow"}
    assert asked(stage, "LIQ-2") == (set(), 0)


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(("dollars", "index"), [(300, OUTGROWN), (300, FITS), (590, FITS)])
def test_a_debt_that_can_be_paid_is_tried_all_the_same(revision, dollars, index):
    """Where the collateral is worth more than the debt in USDC, or what is written off fits."""
    record = revision_named(revision)
    assert asked(deep_in_debt(record, dollars, index), "LIQ-2") == (set(), 6)
    assert asked(deep_in_debt(refusing(record), dollars, index), "LIQ-2")[0] == {"LIQ-2"}


@pytest.mark.parametrize("revision", ["3.0.2", "3.2"])
def test_where_bad_debt_stays_it_may_be_as_large_as_it_likes(revision):
    record = revision_named(revision)
    assert asked(deep_in_debt(record, 590, OUTGROWN), "LIQ-2") == (set(), 6)
    assert asked(deep_in_debt(refusing(record), 590, OUTGROWN), "LIQ-2")[0] == {"LIQ-2"}


# --- what is borrowed -----------------------------------------------------------------------------------------------


def rich(record, part):
    """Let Heidi owe DUST for 45% of a balance's width, and have credit for a part (percent) more, which is there."""
    stage = opened(record)
    market, heidi = stage.market, stage.address_of("heidi")
    whole = 2**record.share_bits
    for symbol in market.assets:
        if symbol not in ("DUST", "WETH"):
            perform(stage, Action("admin", "configurator", "setReserveFreeze", (symbol, True)))
    perform(
        stage,
        Action("heidi", "pool", "supply", ("WETH", 10**22, "heidi", 0)),
        *lend(whole * 45 // 100, "alice"),
        Action("heidi", "pool", "borrow", ("DUST", whole * 45 // 100, 2, 0, "heidi")),
        *lend(whole * 70 // 100, "bob"),
        *([Action("admin", "configurator", "setReserveStableRateBorrowing", ("WETH", False))] * record.stable_rates),
        Action("admin", "configurator", "setReserveBorrowing", ("WETH", False)),
    )
    unit = market.pool.get_user_account_data(heidi).available_borrows_base
    wanted = (whole * part // 100) // 10**24
    spare = (unit - wanted) * 10**4 // (market.pool.reserves[market.asset("WETH")].configuration & 0xFFFF)
    perform(stage, Action("heidi", "pool", "withdraw", ("WETH", spare * 10**18 // (2_000 * 10**8), "heidi")))
    return stage


def lend(amount, who):
    """Supply freshly made DUST."""
    return Action("admin", "DUST", "mint", (who, amount)), Action(who, "pool", "supply", ("DUST", amount, who, 0))


def refusing_borrows(record):
    """Refuse every borrow once the market stands."""

    def refuse(*_arguments):
        raise MustNotLeaveDust()

    return replace(record, check_borrowable=refuse)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_debt_beyond_the_width_of_a_balance_is_not_asked_for(revision):
    """Reported as available, and there; but a balance of debt holds 120 bits, until v3.3 128."""
    stage = rich(revision_named(revision), 62)
    market, heidi = stage.market, stage.address_of("heidi")
    amount = 2**market.chain.revision.share_bits * 60 // 100
    with pytest.raises(Revert) as caught:
        market.pool.borrow(market.asset("DUST"), amount, 2, 0, heidi, sender=heidi)
    assert "overflow" in str(caught.value).lower() or "fit" in str(caught.value).lower()
    assert asked(stage, "HF-9") == (set(), 6)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_debt_within_it_is_asked_for(revision):
    stage = rich(revision_named(revision), 50)
    assert asked(stage, "HF-9") == (set(), 6)
    stage.market.chain.revision = refusing_borrows(stage.market.chain.revision)
    assert asked(stage, "HF-9") == ({"HF-9"}, 6)


@pytest.mark.parametrize("revision", REVISIONS)
def test_nobody_is_asked_to_borrow_from_a_reserve_that_outgrew_its_indexes(revision):
    stage = rich(revision_named(revision), 50)
    stage.market.pool.reserves[stage.market.asset("DUST")].liquidity_index = 2**128 - 1
    stage.market.chain.advance(365 * 86_400)
    assert asked(stage, "HF-9") == (set(), 0)


@pytest.mark.parametrize("revision", ["3.3", "3.7"])
def test_a_wei_of_debt_that_rewards_are_given_for_keeps_others_from_borrowing(revision):
    """All that is emitted in a day falls to one wei: the index of the reward has no room, and no balance may change."""
    stage = rewarded_history(revision).stage()
    market, heidi = stage.market, stage.address_of("heidi")
    for symbol in market.assets:
        if symbol not in ("WETH", "LINK"):
            perform(stage, Action("admin", "configurator", "setReserveFreeze", (symbol, True)))
    perform(
        stage,
        Action("heidi", "pool", "supply", ("WETH", 10**20, "heidi", 0)),
        Action("heidi", "pool", "borrow", ("LINK", 1, 2, 0, "heidi")),
        Action("admin", "configurator", "setReserveBorrowing", ("WETH", False)),
    )
    assert asked(stage, "HF-9") == (set(), 6)
    perform(stage, Action.wait(86_400))
    with pytest.raises(Revert, match="INDEX_OVERFLOW"):
        market.pool.borrow(market.asset("LINK"), 10**18, 2, 0, heidi, sender=heidi)
    assert asked(stage, "HF-9") == (set(), 0)


# --- what is lacking ------------------------------------------------------------------------------------------------


def lacking(revision, wei):
    """Let so many wei of WETH be missing, and no other reserve be asked about."""
    stage = opened(revision_named(revision))
    market = stage.market
    weth, balances = market.asset("WETH"), market.chain.at(market.asset("WETH")).balances
    market.pool.reserves[weth].virtual_underlying_balance -= wei
    balances[market.a_token("WETH").address] -= wei
    for symbol in market.assets:
        if symbol != "WETH":
            market.pool.reserves[market.asset(symbol)].deficit = 1
    return stage


@pytest.mark.parametrize("revision", ["3.5", "3.6", "3.7"])
def test_what_accruals_may_have_cost_by_rounding_may_be_missing(revision):
    """Of a thousand million WETH less than a millionth of one, had there been an accrual each second."""
    assert asked(lacking(revision, 0), "SOL-11") == (set(), 6)
    assert asked(lacking(revision, 1), "SOL-11") == (set(), 0)
    assert asked(lacking(revision, 10**12), "SOL-11")[1] == 6


def test_more_may_not():
    assert asked(lacking("3.7", 10**12), "SOL-11") == ({"SOL-11"}, 6)


# --- years of everything --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", REVISIONS)
def test_years_with_huge_amounts_break_nothing_that_is_tried(revision):
    """Amounts of any width, waits of years, prices that halve: every law that tries calls, over and over."""
    laws = [law for law in all_laws() if law.subject is Subject.PROBE]
    rng, stage = Random(101), opened(revision_named(revision))
    monitor = Monitor(stage.market, laws, stop=False, names=stage.names)
    for number in range(40):
        _happen(stage, rng)
        if number % 4 == 3:
            run_probes(monitor, f"years/{number}")
    assert monitor.violations == []
    assert monitor.exercised()["HF-9"] > 0


def _happen(stage, rng):
    """Let one thing happen at random, which may be refused."""
    market, who = stage.market, rng.choice(("alice", "bob", "carol"))
    user, symbol = stage.address_of(who), rng.choice(("WETH", "USDC", "DUST"))
    asset, amount, kind = market.asset(symbol), 1 << rng.randrange(20, 121), rng.randrange(4)
    try:
        if kind == 0:
            market.fund(symbol, user, amount)
            market.pool.supply(asset, amount, user, 0, sender=user)
        elif kind == 1:
            market.pool.borrow(asset, amount, 2, 0, user, sender=user)
        elif kind == 2:
            market.chain.advance(rng.choice((12, 90 * 86_400, 3_600 * 86_400)))
            market.configurator.set_reserve_factor(asset, rng.choice((0, 1_000, 9_999)), sender=market.admin)
        else:
            market.set_price(symbol, max(1, market.oracle.get_asset_price(asset) * rng.choice((1, 5, 20)) // 10))
    except Revert:
        return


# --- what is weighed ------------------------------------------------------------------------------------------------


def watched(stage, action, *laws):
    """Perform an action with laws watching. Returns its receipt, what broke and how often they were asked."""
    with Monitor(stage.market, [law_called(law) for law in laws], stop=False, names=stage.names) as monitor:
        receipt = stage.perform(action)
    return receipt, monitor.violations, sum(monitor.exercised()[law] for law in laws)


def test_debt_too_large_for_its_rate_to_be_weighed_keeps_everybody_in_and_breaks_nothing():
    """In v3.0.2 all debt is multiplied by its rate, both in rays."""
    withdrawal = Action("alice", "pool", "withdraw", ("DUST", 10**24, "alice"))
    stage = deep_in_debt(revision_named("3.0.2"), 590, 2 * 10**36)
    receipt, broken, asked_for = watched(stage, withdrawal, "SOL-10")
    assert not receipt.ok
    assert (broken, asked_for) == ([], 0)
    receipt, broken, asked_for = watched(deep_in_debt(revision_named("3.0.2"), 590, FITS), withdrawal, "SOL-10")
    assert receipt.ok
    assert (broken, asked_for) == ([], 1)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_borrow_bit_without_a_debt_asks_for_a_price_that_there_is_not(revision):
    """Until v3.3 the bit may be left over: then the pool cannot value the position, and laws of it are silent."""
    stage = opened(revision_named(revision))
    market, alice = stage.market, stage.address_of("alice")
    market.pool.users_config[alice] |= 1 << 2 * market.pool.reserves[market.asset("GUSD")].id
    supply = Action("alice", "pool", "supply", ("WETH", 10**18, "alice", 0))
    assert watched(stage, supply, "HF-7", "HF-8")[1:] == ([], 2)
    perform(stage, Action.price("GUSD", 0))
    receipt, broken, asked_for = watched(stage, supply, "HF-7", "HF-8")
    assert receipt.ok
    assert (broken, asked_for) == ([], 0)
    with pytest.raises(Revert):
        market.pool.get_user_account_data(alice)
