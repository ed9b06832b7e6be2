"""Liquidation prices of whole books: checked with the twin at the price and one unit beyond, on every release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.market import Market
from pooltwin.scenarios.scan.liquidation_prices import LiquidationPrices, Way
from pooltwin.scenarios.scan.scan import Scan

from ..unit.worlds import ALL_REVISIONS, DOLLAR, lived_in

WAD = 10**18


def crowd(revision: str, people: int, seed: int = 3) -> Market:
    """Accounts with any assets on any sides, about healthy, some of them dust."""
    market, chance = lived_in(revision), Random(seed)
    for number in range(people):
        user, size = named_address(f"one of many {number}"), 10 ** chance.choice((-3, 3, 4, 5))
        market.pool.users_config[user] = chance.randrange(256) if number % 3 else chance.choice((6, 18, 9, 33, 72, 24))
        market.pool.users_e_mode[user] = chance.choice((0, 0, 1))
        for key in market.assets:
            unit = 10 ** market.erc20(key).decimals() * DOLLAR / market.price_feed(key).answer
            market.a_token(key).scaled_balances[user] = int(size * unit * 10 ** chance.uniform(-1, 1))
            market.debt_token(key).scaled_balances[user] = int(size * unit * 0.6 * 10 ** chance.uniform(-1, 1))
        if market.chain.revision.stable_rates and number % 4 == 0:
            token = market.stable_debt_token("USDC")
            token.scaled_balances[user], token.previous_indexes[user] = int(size * 10**5), 10**26
            token.timestamps[user] = market.chain.time - 10**6
    return market


def is_liquidatable(market: Market, user: Address, keys: Iterable[str], lead_now: int, lead: int) -> bool:
    """Ask the twin with the lead at a price, and the others in the ratio that they have now, rounded down."""
    with_prices = {key: market.price_feed(key).answer for key in keys}
    for key, price in with_prices.items():
        market.set_price(key, price * lead // lead_now)
    factor = market.pool.get_user_account_data(user).health_factor
    for key, price in with_prices.items():
        market.set_price(key, price)
    return factor < WAD


def assert_right(market: Market, found: LiquidationPrices, keys: list[str]) -> Counter[str]:
    """At each price the account is healthy, one unit further it is not; at none where none is told."""
    now = market.price_feed(keys[0]).answer
    for row, user in enumerate(found.accounts):
        way, price = Way(int(found.ways[row])), found.prices[row]
        told = [price, price + 1 if way is Way.RISES else price - 1] if way in (Way.FALLS, Way.RISES) else []
        seen = [is_liquidatable(market, user, keys, now, lead) for lead in told]
        assert seen == [False, True][: len(told)], (user, way, price)
        if not told:
            assert price is None
            for lead in (now // 1_000, now // 2, now, 2 * now, 1_000 * now):
                assert is_liquidatable(market, user, keys, now, lead) == (way is Way.ALWAYS), (user, way, lead)
    return Counter(Way(int(way)).name for way in found.ways)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_of_one_asset_on_any_side(revision: str) -> None:
    market = crowd(revision, 80)
    scan = Scan.of(market)
    for key in ("WETH", "USDC"):
        found = scan.liquidation_prices(key)
        ways = assert_right(market, found, [key])
        assert min(ways[name] for name in ("NEVER", "FALLS", "RISES", "ALWAYS")) > 3, ways
        assert 5 < found.searched < 70
        assert found.can_be.sum() == len(scan) - ways["NEVER"]


@pytest.mark.parametrize("revision", ["3.0.2", "3.4", "3.7"])
def test_of_several_assets_that_move_together(revision: str) -> None:
    market = crowd(revision, 60, seed=4)
    keys = ["WETH", "WBTC"]
    found = Scan.of(market).liquidation_prices(keys)
    assert found.lead == "WETH"
    ways = assert_right(market, found, keys)
    assert min(ways[name] for name in ("NEVER", "FALLS", "RISES", "ALWAYS")) > 2, ways


@pytest.mark.parametrize("revision", ["3.3", "3.7"])
def test_it_is_the_price_that_the_twin_tells_of_one_account(revision: str) -> None:
    """The twin's own search names the nearest price that liquidates, a scan the last that does not."""
    market = crowd(revision, 40, seed=5)
    found = Scan.of(market).liquidation_prices("WETH")
    compared = 0
    for row, user in enumerate(found.accounts):
        one: Any = market.liquidation_price(user, market.asset("WETH"))
        if one is not None and not one.always:
            compared += 1
            assert (found.ways[row] == Way.RISES) == one.rises
            assert found.prices[row] == int(one) + (-1 if one.rises else 1)
    assert compared > 15


def test_a_price_a_unit_off_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    market = crowd("3.7", 30)
    monkeypatch.setattr("pooltwin.scenarios.scan.liquidation_prices._BPS", 9_999)
    found = Scan.of(market).liquidation_prices("WETH")
    with pytest.raises(AssertionError):
        assert_right(market, found, ["WETH"])


def test_without_a_price_it_is_refused() -> None:
    market = lived_in("3.7")
    market.set_price("WBTC", 0)
    scan = Scan.of(market)
    with pytest.raises(ValueError, match="WBTC: the oracle tells no price above zero"):
        scan.liquidation_prices("WBTC")
    found = scan.liquidation_prices("WETH")
    assert Counter(found.ways.tolist())[Way.FAILS] == 1
