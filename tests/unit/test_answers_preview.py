"""Calls played and undone, and liquidations among them."""

from __future__ import annotations

from typing import Any

import pytest
from pooltwin.fixtures import load_market
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.monitor import Monitor
from pooltwin.protocol import errors
from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.events import Borrow, Supply
from pooltwin.protocol.machine.function import external
from pooltwin.protocol.market import Market

from .worlds import ALICE, ALL_REVISIONS, BOB, CAROL, DOLLAR, MODERN, NOBODY, USDC, WETH, fresh, lived_in


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_preview_is_what_happens_then(revision: str) -> None:
    market = lived_in(revision)
    usdc = market.asset("USDC")
    played = market.preview(lambda: market.pool.repay(usdc, 1_000 * USDC, sender=ALICE))
    before = market.pool.get_user_account_data(ALICE)
    assert (played.ok, played.value, played.revert) == (True, 1_000 * USDC, None)
    assert market.pool.repay(usdc, 1_000 * USDC, sender=ALICE) == played.value
    receipt = market.chain.receipt
    assert receipt is not None
    assert (played.logs, played.events) == (receipt.logs, receipt.events)
    after = market.pool.get_user_account_data(ALICE)
    assert set(played.before) == set(played.after) == {ALICE}
    for health, read in ((played.before[ALICE], before), (played.after[ALICE], after)):
        assert health is not None
        assert tuple(health) == tuple(read)


def test_nothing_is_kept() -> None:
    market = lived_in("3.7")
    weth = market.asset("WETH")
    outer = market.chain.snapshot()
    market.pool.supply(weth, WETH, sender=BOB)
    digest, receipt, time = market.chain.digest(), market.chain.receipt, market.chain.time
    libraries = dict(market.chain.libraries)

    def much() -> None:
        market.pool.supply(weth, WETH, sender=BOB)
        market.chain.snapshot()
        market.chain.advance(86_400)
        market.set_price("WETH", DOLLAR)
        construct("BorrowLogic", market.chain, NOBODY, [])
        market.pool.supply(weth, WETH, sender=CAROL)

    assert market.preview(much).ok
    assert (market.chain.digest(), market.chain.receipt, market.chain.time) == (digest, receipt, time)
    assert market.chain.libraries == libraries
    market.pool.supply(weth, WETH, sender=BOB)
    market.chain.revert_to(outer)
    assert market.chain.digest() == lived_in("3.7").chain.digest()


def test_a_monitor_sees_nothing_of_it() -> None:
    market = lived_in("3.7")
    weth = market.asset("WETH")
    with Monitor(market, all_laws()) as monitor:
        market.pool.supply(weth, WETH, sender=BOB)
        steps = monitor.steps
        market.preview(lambda: market.pool.supply(weth, WETH, sender=CAROL))
        market.max_withdraw("WETH", ALICE)
        market.liquidation_price(ALICE, "WETH")
        market.liquidation(ALICE, "WETH", "USDC")
        assert monitor.steps == steps
        market.pool.supply(weth, WETH, sender=BOB)
        assert monitor.steps == steps + 1
    assert not monitor.violations


def test_several_transactions_and_raw_calldata() -> None:
    market = lived_in("3.7")
    weth, usdc, pool = market.asset("WETH"), market.asset("USDC"), market.pool

    def top_up() -> Any:
        pool.supply(weth, WETH, sender=BOB)
        data = pool.functions[bytes.fromhex("a415bcad")].calldata([usdc, 10 * USDC, 2, 0, ALICE])
        return market.chain.transact(ALICE, pool.address, data)

    played = market.preview(top_up)
    assert [type(event) for event in played.events if isinstance(event, Supply | Borrow)] == [Supply, Borrow]
    assert played.ok
    assert len(played.receipts) == 2
    assert set(played.before) == {ALICE, BOB}
    refused = market.preview(lambda: market.chain.transact(NOBODY, pool.address, bytes.fromhex("a415bcad")))
    assert isinstance(refused.revert, errors.EmptyRevert)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_refused_call(revision: str) -> None:
    market = lived_in(revision)
    played = market.preview(
        lambda: market.pool.borrow(market.asset("WBTC"), 10**12, sender=ALICE), accounts=[CAROL, NOBODY]
    )
    assert not played.ok
    assert played.revert is not None
    assert played.revert.name
    assert played.events == []
    assert list(played.before) == [CAROL, NOBODY, ALICE]
    assert played.before == played.after
    nobody = played.before[NOBODY]
    assert nobody is not None
    assert nobody.health_factor is None
    assert not nobody.has_debt


def test_a_position_that_the_pool_cannot_tell() -> None:
    market = lived_in("3.7")
    played = market.preview(lambda: market.set_price("WETH", 0), accounts=[ALICE])
    assert played.before[ALICE] is not None
    assert played.after[ALICE] is None


def test_bugs_are_raised_and_undone() -> None:
    market = lived_in("3.7")
    digest = market.chain.digest()

    def wrong() -> None:
        market.pool.supply(market.asset("WETH"), WETH, sender=BOB)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        market.preview(wrong)
    assert market.chain.digest() == digest
    assert market.chain.watcher is None
    with pytest.raises(ValueError, match="not an address"):
        market.preview(lambda: None, accounts=["bob"])


class Nosy(ForeignContract):
    """A contract that asks for a preview in the middle of a call."""

    @external("ask(address)")
    def ask(self, pool: Address, *, sender: Address) -> None:
        """Ask."""
        market = Market(self.chain, self.chain.at(pool).provider)
        market.preview(lambda: None)


def test_not_inside_a_transaction() -> None:
    market = fresh("3.7")
    nosy = market.chain.deploy(Nosy, NOBODY)
    with pytest.raises(RuntimeError, match="inside a transaction"):
        nosy.ask(market.pool.address, sender=ALICE)


# --- liquidations -----------------------------------------------------------------------------------------------------


def test_a_liquidation_reckoned_by_hand() -> None:
    market = Market.deploy(load_market("ethereum-core-2026-02"))
    market.fund("WETH", ALICE, 10 * WETH)
    market.pool.supply(market.asset("WETH"), 10 * WETH, sender=ALICE)
    market.fund("USDC", BOB, 10**13)
    market.pool.supply(market.asset("USDC"), 10**13, sender=BOB)
    market.pool.borrow(market.asset("USDC"), 12_000 * USDC, sender=ALICE)
    market.set_price("WETH", 144547951807)
    answer = market.liquidation(ALICE, "WETH", "USDC")
    assert answer.ok
    assert answer.debt_covered == answer.debt_left == 6_000 * USDC
    assert (answer.collateral_received, answer.protocol_fee) == (4336750000006867963, 20750000000032861)
    taken = answer.collateral_received + answer.protocol_fee
    assert answer.collateral_left in (10 * WETH - taken, 10 * WETH - taken - 1)  # the fee's share is rounded up
    assert answer.debt_covered_base == 6_000 * 99979000
    assert answer.bonus_base == answer.collateral_received * 144547951807 // WETH - answer.debt_covered_base
    assert answer.borrower_loss_base == answer.bonus_base + answer.protocol_fee_base
    assert answer.deficits == {}
    assert answer.before is not None
    assert answer.after is not None
    assert answer.before.health_factor == 999999999998416334
    assert answer.after.health_factor == 1128499999996832668


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_liquidation_is_what_happens_then(revision: str) -> None:
    market = lived_in(revision)
    market.set_price("WETH", 1_450 * DOLLAR)
    digest = market.chain.digest()
    answer = market.liquidation(ALICE, "WETH", "USDC", 1_000 * USDC)
    assert answer.ok
    assert market.chain.digest() == digest
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    had = market.erc20("WETH").balance_of(BOB)
    treasury = market.a_token("WETH").treasury
    fees = market.a_token("WETH").balance_of(treasury)
    market.pool.liquidation_call(weth, usdc, ALICE, 1_000 * USDC, False, sender=BOB)
    assert market.erc20("WETH").balance_of(BOB) - had == answer.collateral_received
    assert market.a_token("WETH").balance_of(treasury) - fees == answer.protocol_fee
    assert market.a_token("WETH").balance_of(ALICE) == answer.collateral_left
    assert market.debt_token("USDC").balance_of(ALICE) == answer.debt_left
    assert answer.debt_covered == 1_000 * USDC


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_liquidation_that_leaves_a_deficit(revision: str) -> None:
    market = lived_in(revision)
    market.pool.supply(market.asset("WETH"), 100 * WETH, sender=BOB)
    market.set_price("WETH", 100 * DOLLAR)
    answer = market.liquidation(ALICE, "WETH", "USDC")
    assert answer.ok
    assert answer.collateral_left == 0
    has_deficits = market.chain.revision.name not in ("3.0.2", "3.2")
    assert set(answer.deficits) == ({"USDC", "DAI"} if has_deficits else set())
    assert (answer.debt_left == 0) == has_deficits


@pytest.mark.parametrize("revision", MODERN)
def test_a_liquidation_that_is_refused(revision: str) -> None:
    market = lived_in(revision)
    answer = market.liquidation(ALICE, "WETH", "USDC")
    assert not answer.ok
    assert isinstance(answer.refusal, errors.HealthFactorNotBelowThreshold)
    assert answer.before == answer.after
    assert (answer.debt_covered, answer.collateral_received, answer.borrower_loss_base) == (0, 0, 0)
