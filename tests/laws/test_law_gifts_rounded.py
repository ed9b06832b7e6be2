"""A gift of which rounding leaves nothing, or nothing of worth: LIQ-14 is asked of it, with its bound, not DEF-13."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Action, Stage, replay
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reference import EVERYTHING, RAY
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.events import LiquidationCall
from pooltwin.protocol.logic.supply import set_using_as_collateral
from pooltwin.protocol.revisions import revision_named
from pooltwin.protocol.state import bitmaps

from tests.laws.test_law_gifts import DOLLARS, GIFTS_COUNT, call, deviated, governed

SHARE = 1_000
"""What a share of WBTC is worth (wei), once its indexes are planted: 33 cents when Heidi is liquidated."""
DEAR = {"WBTC": 2_400_000 * 10**8, "LINK": 450 * 10**8}
"""Prices at which Heidi may borrow."""
LEFT_BY_AMOUNT = {0: 3_330_161 * 10**6, 1: 3_330_162 * 10**6, 499: 3_330_688 * 10**6, 500: 3_330_689 * 10**6}
"""By how little of the last share of WBTC is left by amount (wei), the price at which it is."""
MORE_BY_AMOUNT = {968: 3_330_127 * 10**6, 999: 3_330_160 * 10**6}
"""More than half a share: shares go to the nearest until v3.4, so that one is left there."""
LINK_PRICE = 5 * 10**8 + 1
DEBTS = (
    call("heidi", "borrow", "USDC", 1_000 * DOLLARS, 2, 0, "heidi"),
    call("heidi", "borrow", "USDT", 50_000 * DOLLARS, 2, 0, "heidi"),
)
"""The first is liquidated, and is worth about as much as the gift."""


class Liquidated:
    """Heidi, who has no collateral but a gift, and what the liquidation of one of her two debts leaves."""

    def __init__(self, record, symbol, gift, price, *besides):
        history = standard_history(record.release)
        stage = Stage(history.opening.market(record), history.actors)
        replay(stage, history.setting)
        market, heidi = stage.market, stage.book["heidi"]
        reserve = market.pool.reserves[market.asset("WBTC")]
        reserve.liquidity_index = reserve.variable_borrow_index = SHARE * RAY
        with Monitor(market, all_laws(), stop=False, names=stage.names) as self.monitor:
            before = (
                governed("setLiquidationProtocolFee", symbol, 0),
                Action("alice", f"a{symbol}", "transfer", ("heidi", gift)),
                *besides,
                Action.price(symbol, DEAR[symbol]),
                *DEBTS,
                Action.price(symbol, price),
            )
            assert all(receipt is None or receipt.ok for receipt in replay(stage, before))
            receipt = stage.perform(call("grace", "liquidationCall", symbol, "USDC", "heidi", EVERYTHING, False))
            assert receipt.ok
        seizures = [event for event in receipt.events if type(event) is LiquidationCall]
        self.left_by_amount = gift - seizures[0].liquidated_collateral_amount
        a_token = market.a_token(symbol)
        self.left, self.shares_left = a_token.balance_of(heidi), a_token.scaled_balance_of(heidi)
        bits, identifier = market.pool.users_config[heidi], market.pool.reserves[market.asset(symbol)].id
        self.bit = bitmaps.is_using_as_collateral(bits, identifier)
        self.owed = market.debt_token("USDT").balance_of(heidi) // DOLLARS

    @property
    def broken(self):
        """The laws that broke in the liquidation."""
        return {violation.law.id for violation in self.monitor.violations}


def wbtc(record, left_by_amount, *besides):
    """Give so many shares of WBTC that a liquidation seizes all of their worth but this."""
    price = {**LEFT_BY_AMOUNT, **MORE_BY_AMOUNT}[left_by_amount]
    most = Liquidated(record, "WBTC", 10**7, price)
    seized = 10**7 - most.left_by_amount
    found = Liquidated(record, "WBTC", seized + left_by_amount, price, *besides)
    assert found.left_by_amount == left_by_amount
    return found


TOO_LITTLE = [
    (revision, left)
    for revision in GIFTS_COUNT
    for left in ((1, 499, 500, 968, 999) if revision == "3.5" else (1, 499, 500))
]
"""In v3.5 the last share is taken whatever is left of it: burnt shares are rounded up."""


@pytest.mark.parametrize(("revision", "left_by_amount"), TOO_LITTLE)
def test_of_a_gift_whose_last_share_rounding_takes_the_law_of_leftovers_speaks_alone(revision, left_by_amount):
    """Not all of the amount was seized, but all shares: the bit stays on nothing, and with it the other debt."""
    found = wbtc(revision_named(revision), left_by_amount)
    assert (found.bit, found.shares_left, found.owed) == (True, 0, 50_000)
    assert found.broken == set()
    assert deviated(found.monitor).keys() >= {"LIQ-14"}
    assert found.monitor.exercised()["DEF-13"] == 0


@pytest.mark.parametrize("revision", ["3.3", "3.4"])
@pytest.mark.parametrize("left_by_amount", MORE_BY_AMOUNT)
def test_a_gift_of_which_a_share_is_left_keeps_bad_debt_alive(revision, left_by_amount):
    found = wbtc(revision_named(revision), left_by_amount)
    assert (found.bit, found.shares_left, found.owed) == (True, 1, 50_000)
    assert found.broken == set()
    assert deviated(found.monitor) == {"DEF-13": 1}


@pytest.mark.parametrize("revision", GIFTS_COUNT)
def test_a_gift_that_is_seized_to_the_last_wei_keeps_nothing_alive(revision):
    found = wbtc(revision_named(revision), 0)
    assert (found.bit, found.shares_left, found.owed) == (False, 0, 0)
    assert found.broken == set()


@pytest.mark.parametrize("revision", GIFTS_COUNT)
def test_a_gift_of_which_less_than_a_base_unit_is_left_is_nobodys_business(revision):
    """One debt was cleared, and worth a fraction of a base unit is left: the other debt stays, as LIQ-14 allows."""
    record = revision_named(revision)
    seized = 800 * 10**18 - Liquidated(record, "LINK", 800 * 10**18, LINK_PRICE).left_by_amount
    next_unit = seized * LINK_PRICE // 10**18 + 1
    found = Liquidated(record, "LINK", -(-next_unit * 10**18 // LINK_PRICE), LINK_PRICE)
    assert 0 < found.left * LINK_PRICE < 10**18
    assert (found.bit, found.owed) == (True, 50_000)
    assert found.broken == set()
    assert found.monitor.exercised()["DEF-13"] == 0


# --- what stays forbidden -------------------------------------------------------------------------------------------


def never_hopeless(_pool, _run):
    """Leave bits and debts, whatever was seized."""
    return False


def cleared_and_never_hopeless(pool, run):
    """Clear the bit of what was seized, and leave the debts."""
    set_using_as_collateral(pool, run.collateral_reserve, run.collateral_asset, run.borrower, False)
    return False


@pytest.mark.parametrize("revision", GIFTS_COUNT)
def test_a_bit_of_nothing_is_no_excuse_where_rounding_left_it_not(revision):
    """All of the amount was seized: a pool that leaves bit and debts all the same is caught."""
    found = wbtc(replace(revision_named(revision), release_seized_collateral=never_hopeless), 0)
    assert (found.bit, found.shares_left, found.owed) == (True, 0, 50_000)
    assert "LIQ-14" in found.broken


SWITCHED_OFF = (
    call("heidi", "supply", "LINK", 10**18, "heidi", 0),
    call("heidi", "setUserUseReserveAsCollateral", "LINK", False),
)


@pytest.mark.parametrize("revision", GIFTS_COUNT)
@pytest.mark.parametrize("left_by_amount", [0, 1])
def test_a_pool_that_lets_debts_live_beside_what_is_no_collateral_is_caught(revision, left_by_amount):
    fault = replace(revision_named(revision), release_seized_collateral=cleared_and_never_hopeless)
    found = wbtc(fault, left_by_amount, *SWITCHED_OFF)
    assert (found.bit, found.owed) == (False, 50_000)
    assert found.broken >= {"DEF-13"}
