"""Where contracts are created: never on top of another, however the addresses of a market were chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.fixtures import load_market
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.monitor import Monitor
from pooltwin.protocol.address import Address, created_address
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import EmptyRevert
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig
from pooltwin.protocol.saved_state import load, save

from .listings import list_new
from .worlds import ALICE, ALL_REVISIONS, MODERN, WETH, config, fresh

SHIPPED = "ethereum-core-2026-02"


def preset(revision: str, places: dict[str, int]) -> MarketConfig:
    """Give aTokens addresses at which the configurator would create later contracts, by their numbers."""
    creator = fresh(revision).configurator.address
    small = config(revision)
    reserves = tuple(
        reserve.model_copy(update={"a_token": created_address(creator, places[reserve.symbol])})
        if reserve.symbol in places
        else reserve
        for reserve in small.reserves
    )
    return small.model_copy(update={"reserves": reserves})


def everything_held(market: Market) -> dict[tuple[str, Address], int]:
    """Every balance of every aToken."""
    return {
        (symbol, who): shares
        for symbol in market.assets
        for who, shares in market.a_token(symbol).scaled_balances.items()
    }


def test_forty_listings_on_the_shipped_market_leave_every_balance_as_it_was() -> None:
    market = Market.deploy(load_market(SHIPPED))
    for symbol in market.assets:
        market.fund(symbol, ALICE, 10**30)
        supply_cap_free(market, symbol)
        market.pool.supply(market.asset(symbol), 10**6, ALICE, 0, sender=ALICE)
    held, standing = everything_held(market), dict(market.chain.contracts.items())
    assert held
    with Monitor(market, all_laws()) as monitor:
        tokens = [list_new(market, f"NEW{number}") for number in range(40)]
    assert monitor.exercised()["SYS-7"] == 40
    assert len(set(tokens)) == 40
    assert everything_held(market) == held
    assert {where: market.chain.contracts[where] for where in standing} == standing


def supply_cap_free(market: Market, symbol: str) -> None:
    market.configurator.set_supply_cap(market.asset(symbol), 0, sender=market.admin)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@given(st.lists(st.integers(13, 40), min_size=4, max_size=4, unique=True))
def test_listings_pass_by_what_was_put_where_they_would_go(revision: str, numbers: list[int]) -> None:
    symbols = [reserve.symbol for reserve in config(revision).reserves]
    market = Market.deploy(preset(revision, dict(zip(symbols, numbers, strict=True))))
    standing = dict(market.chain.contracts.items())
    for number in range(12):
        list_new(market, f"NEW{number}")
    assert {where: market.chain.contracts[where] for where in standing} == standing
    assert len(market.assets) == len(symbols) + 12


@pytest.mark.parametrize("revision", MODERN)
def test_a_saved_market_passes_by_them_too(revision: str, tmp_path: Any) -> None:
    market = Market.deploy(preset(revision, {"USDC": 10, "DAI": 12}))
    save(market.chain, tmp_path / "state.json")
    loaded = Market(load(tmp_path / "state.json"), market.provider.address)
    for one in (market, market.fork(), loaded):
        assert [list_new(one, f"NEW{number}") for number in range(3)] == list(places(market, 9, 13, 15))
    assert market.chain.digest() == loaded.chain.digest()


def places(market: Market, *numbers: int) -> Iterator[Address]:
    return (created_address(market.configurator.address, number) for number in numbers)


@pytest.mark.parametrize("revision", MODERN)
def test_create_refuses_an_address_that_somebody_else_has_taken(revision: str) -> None:
    market = fresh(revision)
    market.fund("WETH", ALICE, WETH)
    (at,) = places(market, 2 * len(market.assets) + 1)
    construct("TestnetERC20", market.chain, at, ["squatter", "S", 18, ALICE])
    squatter = market.chain.at(at)
    with pytest.raises(EmptyRevert, match="is there already"):
        list_new(market, "NEW")
    assert market.chain.at(at) is squatter
    assert "NEW" not in market.assets
