"""Names and neighbours of a market from its configuration: a real permit verifies, rewards are told, sentinels stop."""

from __future__ import annotations

from typing import Any

import pytest
from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.signatures import domain_separator
from pooltwin.protocol.errors import PriceOracleSentinelCheckFailed
from pooltwin.protocol.market import Market

from .worlds import ALICE, ALL_REVISIONS, USDC, WETH, config

REWARDS = named_address("rewards")
A_WETH = "0x4d5f47fa6a74757f35c14fd3a6ef8e3c9bc514e8"


def changed(
    revision: str, addresses: dict[str, Any] | None = None, weth: dict[str, Any] | None = None, **more: Any
) -> Market:
    """The usual market, with some fields changed."""
    usual = config(revision)
    first, *others = usual.reserves
    named = usual.addresses.model_copy(update=addresses or {})
    reserves = (first.model_copy(update=weth or {}), *others)
    return Market.deploy(usual.model_copy(update={"addresses": named, "reserves": reserves, **more}))


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_permit_is_signed_of_the_names_that_a_market_gives(revision: str) -> None:
    market = changed(revision, weth={"a_token": A_WETH, "a_token_name": "Aave Ethereum WETH"})
    token = market.a_token("WETH")
    assert token.address == A_WETH
    assert token.domain_separator() == domain_separator("Aave Ethereum WETH", 1, A_WETH)
    assert market.debt_token("WETH").name() == "Aave Variable Debt WETH"


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_the_rewards_controller_is_told_of_every_change(revision: str) -> None:
    market = changed(revision, {"rewards_controller": REWARDS})
    told: Any = market.chain.at(REWARDS)
    market.fund("USDC", ALICE, 100 * USDC)
    for times in (1, 2):
        market.pool.supply(market.asset("USDC"), 10 * USDC, sender=ALICE)
        assert told.times_told == times
    a_token = market.a_token("USDC").address
    assert (told.balances[a_token, ALICE], told.supplies[a_token]) == (10 * USDC, 10 * USDC)


@pytest.mark.parametrize("revision", ALL_REVISIONS[:-1])
def test_a_sentinel_stops_borrowing_while_the_sequencer_is_down(revision: str) -> None:
    market = changed(revision, sentinel_grace_period=3_600)
    pool, weth = market.pool, market.asset("WETH")
    sentinel: Any = market.chain.at(market.provider.get_price_oracle_sentinel())
    assert sentinel.get_grace_period() == 3_600
    sequencer: Any = market.chain.at(sentinel.get_sequencer_oracle())
    market.fund("WETH", ALICE, 10 * WETH)
    pool.supply(weth, 10 * WETH, sender=ALICE)
    pool.borrow(weth, WETH, sender=ALICE)
    sequencer.set_answer(True, market.chain.time, sender=market.admin)
    with pytest.raises(PriceOracleSentinelCheckFailed):
        pool.borrow(weth, WETH, sender=ALICE)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_wrapped_ether_is_supplied_without_an_approval_in_the_receipt(revision: str) -> None:
    market = changed(revision, weth={"token_kind": "WETH9"})
    market.fund("WETH", ALICE, 10 * WETH)
    assert market.erc20("WETH").name() == "Wrapped Ether"
    market.pool.supply(market.asset("WETH"), 4 * WETH, sender=ALICE)
    receipt = market.chain.receipt
    assert receipt is not None
    assert [type(event).__name__ for event in receipt.events].count("Approval") == 0
    assert market.erc20("WETH").balance_of(ALICE) == 6 * WETH
