"""The price that liquidates: equal to what bisection on forks and trying every price find, on every release."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.fixtures import load_market
from pooltwin.invariants.standard import standard_config
from pooltwin.invariants.strategies import histories
from pooltwin.protocol import errors
from pooltwin.protocol.answers import liquidation_price as module
from pooltwin.protocol.answers.search import last
from pooltwin.protocol.errors import NotModelledError, Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig, quiet_about_units

from .worlds import ALICE, ALL_REVISIONS, BOB, CAROL, DOLLAR, MODERN, NOBODY, USDC, WETH, fresh, lived_in

ONE = 10**18


def health_at(market: Market, symbol: str, price: int, user: str = ALICE) -> int:
    """The health factor on a branch on which one price is another."""
    branch = market.fork()
    branch.set_price(symbol, price)
    return branch.pool.get_user_account_data(user).health_factor


def liquidating(market: Market, symbol: str, prices: range) -> list[int]:
    """The prices among some at which Alice can be liquidated."""
    branch = market.fork()
    found = []
    for price in prices:
        branch.set_price(symbol, price)
        if branch.pool.get_user_account_data(ALICE).health_factor < ONE:
            found.append(price)
    return found


def bisected(market: Market, symbol: str, low: int, high: int, user: str = ALICE) -> int:
    """The border between two prices of which only one liquidates: the last price that does."""
    rises = health_at(market, symbol, high, user) < ONE
    assert rises != (health_at(market, symbol, low, user) < ONE)
    while high - low > 1:
        middle = (low + high) // 2
        if (health_at(market, symbol, middle, user) < ONE) == rises:
            high = middle
        else:
            low = middle
    return high if rises else low


def test_a_liquidation_reckoned_by_hand() -> None:
    market = Market.deploy(load_market("ethereum-core-2026-02"))
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    market.fund("WETH", ALICE, 10 * WETH)
    market.pool.supply(weth, 10 * WETH, sender=ALICE)
    market.fund("USDC", BOB, 10**13)
    market.pool.supply(usdc, 10**13, sender=BOB)
    market.pool.borrow(usdc, 12_000 * USDC, sender=ALICE)
    assert market.pool.get_user_account_data(ALICE).health_factor == 1548973867845580905
    price = market.liquidation_price(ALICE, "WETH")
    # 12,000 USDC at 0.99979, a threshold of 83%, ten WETH.
    assert price == 11997480000000 // 83 == 144547951807
    assert (price.rises, price.always, price.moves) == (False, False, ("WETH",))


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_against_bisection_on_forks(revision: str) -> None:
    market = lived_in(revision)
    owned = market.liquidation_price(ALICE, "WETH")
    assert owned == bisected(market, "WETH", 1, 2_000 * DOLLAR)
    assert owned is not None
    assert not owned.rises
    owed = market.liquidation_price(ALICE, "USDC")
    assert owed == bisected(market, "USDC", DOLLAR, 10 * DOLLAR)
    assert owed is not None
    assert owed.rises
    assert market.liquidation_price(ALICE, "WBTC") is None
    assert market.liquidation_price(BOB, "USDC") is None
    assert market.liquidation_price(NOBODY, "USDC") is None
    carols = market.liquidation_price(CAROL, "WBTC")
    assert carols == bisected(market, "WBTC", 1, 50_000 * DOLLAR, CAROL)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=8)
@given(data=st.data())
def test_after_any_history(revision: str, data: st.DataObject) -> None:
    history = data.draw(histories(standard_config(revision), max_actions=12))
    stage = history.stage()
    for action in (*history.setting, *history.actions):
        stage.perform(action)
    market, user = stage.market, stage.book[data.draw(st.sampled_from(history.actors))]
    before = market.chain.digest()
    symbols = sorted(market.assets)
    for symbol in data.draw(st.lists(st.sampled_from(symbols), min_size=1, max_size=3)):
        try:
            price = market.liquidation_price(user, symbol)
        except Revert:
            with pytest.raises(Revert):
                market.pool.get_user_account_data(user)
            continue
        present = market.price_feed(symbol).answer
        far = [max(1, present * part // 100) for part in (1, 40, 90, 99, 101, 110, 300, 10_000)]
        if price is None or price.always:
            assert {health_at(market, symbol, other, user) < ONE for other in far} == {price is not None}
            continue
        assert health_at(market, symbol, price, user) < ONE
        for step in (1, 2, 3, 1_000, 10**6, *far):
            other = price - step if price.rises else price + step
            assert other < 1 or health_at(market, symbol, other, user) >= ONE, (symbol, price, other)
    assert market.chain.digest() == before


# --- positions in which the price matters on both sides ---------------------------------------------------------------


def coarse(revision: str, thresholds: tuple[int, int], amounts: tuple[int, int], owed: tuple[int, int]) -> Market:
    """Two assets that Alice has and owes, with balances so small that every price from 1 to 400 can be tried."""
    rates = {"optimal_usage_bps": 8_000, "base_rate_bps": 0, "slope1_bps": 0, "slope2_bps": 0}

    def reserve(symbol: str, threshold: int) -> dict[str, Any]:
        limits = {"ltv_bps": threshold, "liquidation_threshold_bps": threshold, "liquidation_bonus_bps": 10_001}
        return {"symbol": symbol, "decimals": 6, "price": 100, "rates": rates, **limits}

    reserves = [reserve(*given) for given in zip("AB", thresholds, strict=True)]
    with quiet_about_units():
        config = MarketConfig.model_validate({"name": "coarse", "revision": revision, "reserves": reserves})
        market = Market.deploy(config)
    pool = market.pool
    for index, symbol in enumerate("AB"):
        asset = market.asset(symbol)
        for user in (ALICE, BOB):
            market.fund(symbol, user, 10**12)
        pool.supply(asset, 10**9, sender=BOB)
        pool.supply(asset, amounts[index], sender=ALICE)
        debt = market.debt_token(symbol)
        debt.scaled_balances[ALICE], debt.scaled_supply = owed[index], owed[index]
        pool.users_config[ALICE] |= 1 << 2 * index
    return market


AMOUNTS = st.tuples(st.integers(1, 400), st.integers(1, 400)).map(lambda pair: (pair[0] * 10**4, pair[1] * 10**4))


@pytest.mark.parametrize("revision", ["3.2", "3.4", "3.5", "3.7"])
@settings(max_examples=20)
@given(
    thresholds=st.tuples(st.sampled_from((1_000, 8_000, 9_900)), st.sampled_from((5_000, 8_000))),
    amounts=AMOUNTS,
    owed=AMOUNTS,
)
def test_against_trying_every_price(
    revision: str, thresholds: tuple[int, int], amounts: tuple[int, int], owed: tuple[int, int]
) -> None:
    market = coarse(revision, thresholds, amounts, owed)
    answer = market.liquidation_price(ALICE, "A")
    low = liquidating(market, "A", range(1, 400))
    if answer is None:
        assert not low
    elif answer.always:
        assert low[-1:] == [399]
    elif answer.rises:
        assert answer == min(low, default=answer)
    elif answer < 400:
        assert answer == max(low)
    else:
        assert low[-1:] == [399]


def test_rounding_on_both_sides_makes_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A debt is rounded up and a collateral down, so that a healthy price may lie between two that liquidate."""
    found = None
    for number in range(1, 60):
        market = coarse("3.7", (9_900, 5_000), ((number + 40) * 10**4, 7 * 10**4), (number * 10**4, 9 * 10**4))
        tried = liquidating(market, "A", range(1, 400))
        if tried and tried != list(range(tried[0], tried[-1] + 1)) and tried[-1] < 399:
            found = market, tried[-1]
            break
    assert found is not None
    market, expected = found
    assert market.liquidation_price(ALICE, "A") == expected
    # A search that takes the prices that liquidate for a prefix is caught.
    monkeypatch.setattr(module, "highest", lambda low, high, wanted, _: last(low, high, wanted))
    assert market.liquidation_price(ALICE, "A") != expected


# --- what it says, and refuses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_position_that_every_price_liquidates(revision: str) -> None:
    market = lived_in(revision)
    market.set_price("WETH", 10 * DOLLAR)
    answer = market.liquidation_price(ALICE, "WBTC")
    assert answer == 50_000 * DOLLAR
    assert answer is not None
    assert answer.always
    assert answer.moves == ()


@pytest.mark.parametrize("revision", MODERN)
def test_assets_with_one_feed_move_together(revision: str) -> None:
    market = fresh(revision)
    weth, usdc, dai, wbtc = (market.asset(symbol) for symbol in ("WETH", "USDC", "DAI", "WBTC"))
    market.oracle.set_asset_sources([dai], [market.oracle.sources[usdc]], sender=market.admin)
    for asset, amount in ((usdc, 10_000 * USDC), (weth, WETH)):
        market.pool.supply(asset, amount, sender=ALICE)
    market.pool.supply(dai, 100_000 * WETH, sender=BOB)
    market.pool.supply(wbtc, 10**8, sender=BOB)
    market.pool.borrow(dai, 1_000 * WETH, sender=ALICE)
    market.pool.borrow(wbtc, 10**7, sender=ALICE)
    answer = market.liquidation_price(ALICE, "USDC")
    assert answer is not None
    assert set(answer.moves) == {"USDC", "DAI"}
    assert answer == market.liquidation_price(ALICE, "DAI") == bisected(market, "USDC", 1, DOLLAR)


def test_a_category_with_a_price_of_its_own() -> None:
    config = standard_config("3.0.2")
    market = Market.deploy(config)
    assert [category.price_source for category in config.e_modes][1] == "USDC"
    for user, symbol, amount in ((ALICE, "USDT", 10_000 * USDC), (BOB, "GUSD", 10_000 * USDC)):
        market.fund(symbol, user, amount)
        market.pool.supply(market.asset(symbol), amount, sender=user)
    market.pool.set_user_e_mode(2, sender=ALICE)
    market.pool.borrow(market.asset("GUSD"), 5_000 * USDC, sender=ALICE)
    assert market.liquidation_price(ALICE, "USDT") is None
    everything = market.liquidation_price(ALICE, "USDC")
    assert everything is None  # both sides have the category's price


@pytest.mark.parametrize("revision", MODERN)
def test_refusals(revision: str) -> None:
    market = lived_in(revision)
    market.oracle.set_asset_sources([market.asset("WBTC")], ["0x" + "00" * 20], sender=market.admin)
    with pytest.raises(LookupError, match="WBTC has no price feed"):
        market.liquidation_price(ALICE, "WBTC")
    with pytest.raises(errors.EmptyRevert):
        market.liquidation_price(CAROL, "WETH")
    with pytest.raises(KeyError, match="listed are"):
        market.liquidation_price(ALICE, "GOLD")


def test_an_engine_that_reckons_health_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    market = lived_in("3.7")
    real = module.Scale.factor
    monkeypatch.setattr(module.Scale, "factor", lambda self, values, debt: real(self, values, debt) + 1)
    with pytest.raises(NotModelledError, match=r"how the release 3\.7 reckons the health factor"):
        market.liquidation_price(ALICE, "WETH")
