"""The most that may move: the pool takes it and refuses one unit more, on every release and after any history."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.invariants.standard import standard_config
from pooltwin.invariants.strategies import histories
from pooltwin.protocol import errors
from pooltwin.protocol.answers import most
from pooltwin.protocol.answers.search import last
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig, quiet_about_units

from .worlds import (
    ALICE,
    ALL_REVISIONS,
    BOB,
    CAROL,
    DOLLAR,
    FROM_V3_2,
    MODERN,
    NOBODY,
    RAY,
    USDC,
    WETH,
    config,
    fresh,
    lived_in,
)

MOVES: dict[str, Callable[[Market, str, str, int], Any]] = {
    "max_supply": lambda market, symbol, user, amount: market.pool.supply(market.asset(symbol), amount, sender=user),
    "max_borrow": lambda market, symbol, user, amount: market.pool.borrow(market.asset(symbol), amount, sender=user),
    "max_withdraw": lambda market, symbol, user, amount: market.pool.withdraw(
        market.asset(symbol), amount, sender=user
    ),
}


def is_taken(market: Market, name: str, symbol: str, user: str, amount: int) -> bool:
    """Does the pool take it, on a branch of the history?"""
    try:
        MOVES[name](market.fork(), symbol, user, amount)
    except Revert:
        return False
    return True


def check(market: Market, symbol: str, user: str) -> None:
    """Hold all three answers to the contract."""
    before = market.chain.digest()
    for name in MOVES:
        answer = getattr(market, name)(symbol, user)
        case = (name, symbol, int(answer), answer.limit)
        assert answer == 0 or is_taken(market, name, symbol, user, answer), case
        for more in (1, 2, 3, answer // 10 + 4, answer + 5):
            assert not is_taken(market, name, symbol, user, answer + more), (*case, more)
        assert answer.limit, case
        assert answer.refusal is not None, case
    assert market.chain.digest() == before


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=8)
@given(data=st.data())
def test_after_any_history(revision: str, data: st.DataObject) -> None:
    history = data.draw(histories(standard_config(revision), max_actions=12))
    stage = history.stage()
    for action in (*history.setting, *history.actions):
        stage.perform(action)
    symbol = data.draw(st.sampled_from(sorted(stage.market.assets)))
    check(stage.market, symbol, stage.book[data.draw(st.sampled_from(history.actors))])


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_in_a_market_that_has_lived(revision: str) -> None:
    market = lived_in(revision)
    for symbol in market.assets:
        for user in (ALICE, BOB, CAROL, NOBODY):
            check(market, symbol, user)


# --- withdrawals against trying every amount --------------------------------------------------------------------------

RATES = {"optimal_usage_bps": 8_000, "base_rate_bps": 0, "slope1_bps": 400, "slope2_bps": 6_000}


def coarse(revision: str, *thresholds: int) -> Market:
    """Three assets of which a unit is worth a cent of a dollar or more, so that few amounts make all the difference."""

    def reserve(symbol: str, threshold: int, price: int) -> dict[str, Any]:
        limits = {"ltv_bps": threshold, "liquidation_threshold_bps": threshold, "liquidation_bonus_bps": 10_500}
        return {"symbol": symbol, "decimals": 6, "price": price, "rates": RATES, **limits}

    prices = (10**12, 10**12, 10**8)
    reserves = [reserve(*given) for given in zip("ABC", thresholds, prices, strict=True)]
    with quiet_about_units():
        config = MarketConfig.model_validate({"name": "coarse", "revision": revision, "reserves": reserves})
        market = Market.deploy(config)
    for symbol in "ABC":
        market.fund(symbol, ALICE, 10**9)
        market.fund(symbol, BOB, 10**15)
        market.pool.supply(market.asset(symbol), 10**14, sender=BOB)
    return market


def all_taken(market: Market, symbol: str, most_of: int) -> list[int]:
    """Every amount that the pool lets Alice withdraw."""
    return [amount for amount in range(1, most_of + 2) if is_taken(market, "max_withdraw", symbol, ALICE, amount)]


@pytest.mark.parametrize("revision", ["3.0.2", "3.2", "3.3", "3.4"])
def test_an_average_threshold_lets_more_go_than_some_less(revision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    market = coarse(revision, 1_000, 9_000, 5_000)
    market.pool.supply(market.asset("A"), 86, sender=ALICE)
    market.pool.supply(market.asset("B"), 2_320, sender=ALICE)
    market.pool.borrow(market.asset("C"), 20_914_521, sender=ALICE)
    assert all_taken(market, "A", 86) == [*range(1, 50), 51]
    assert market.max_withdraw("A", ALICE) == 51
    # A search that takes acceptance for a prefix is caught.
    monkeypatch.setattr(most, "highest", lambda low, high, wanted, _: last(low, high, wanted))
    assert market.max_withdraw("A", ALICE) == 49


@pytest.mark.parametrize("revision", ["3.0.2", "3.4", "3.5", "3.7"])
@settings(max_examples=6)
@given(data=st.data())
def test_withdrawals_against_trying_every_amount(revision: str, data: st.DataObject) -> None:
    threshold = st.sampled_from((100, 1_000, 5_000, 9_000))
    market = coarse(revision, data.draw(threshold), data.draw(threshold), 5_000)
    own = data.draw(st.integers(1, 150))
    market.pool.supply(market.asset("A"), own, sender=ALICE)
    market.pool.supply(market.asset("B"), data.draw(st.integers(1, 3_000)), sender=ALICE)
    credit = market.max_borrow("C", ALICE)
    market.pool.borrow(market.asset("C"), credit * data.draw(st.integers(90, 100)) // 100 or 1, sender=ALICE)
    market.set_price("C", data.draw(st.integers(9 * 10**7, 10**8)))
    assert market.max_withdraw("A", ALICE) == max(all_taken(market, "A", own), default=0)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_all_of_it_leaves_although_its_price_is_missing(revision: str) -> None:
    market = fresh(revision)
    for symbol, amount in (("WETH", WETH), ("DAI", 100 * WETH)):
        market.pool.supply(market.asset(symbol), amount, sender=ALICE)
    market.pool.supply(market.asset("USDC"), 1_000 * USDC, sender=BOB)
    market.pool.borrow(market.asset("USDC"), 10 * USDC, sender=ALICE)
    market.set_price("DAI", 0)
    all_of_it = market.max_withdraw("DAI", ALICE)
    may_leave = is_taken(market, "max_withdraw", "DAI", ALICE, 100 * WETH)
    assert all_of_it == (100 * WETH if may_leave else 0)
    assert not is_taken(market, "max_withdraw", "DAI", ALICE, 1)
    assert market.max_withdraw("WETH", ALICE) == 0


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_nothing_leaves_before_what_lends_nothing(revision: str) -> None:
    market = fresh(revision)
    for symbol, amount in (("WETH", WETH), ("DAI", 100 * WETH)):
        market.pool.supply(market.asset(symbol), amount, sender=ALICE)
    market.pool.supply(market.asset("USDC"), 1_000 * USDC, sender=BOB)
    market.pool.borrow(market.asset("USDC"), 10 * USDC, sender=ALICE)
    market.configurator.configure_reserve_as_collateral(market.asset("DAI"), 0, 7_800, 10_500, sender=market.admin)
    first, then = market.max_withdraw("WETH", ALICE), market.max_withdraw("DAI", ALICE)
    assert (first, first.limit) == (0, "loan to value of zero")
    assert (then, then.limit) == (100 * WETH, "balance")


# --- what limits ------------------------------------------------------------------------------------------------------


def half_up(a: int, b: int, c: int) -> int:
    """`a * b / c`, rounded half up."""
    return (a * b + c // 2) // c


@pytest.mark.parametrize(("revision", "expected"), [("3.2", 92303213441), ("3.5", 92303208930), ("3.7", 92303208930)])
def test_the_room_under_a_supply_cap(revision: str, expected: int) -> None:
    reserves = [
        {"symbol": "USDC", "decimals": 6, "price": DOLLAR, "supply_cap": 1_000_000, "reserve_factor_bps": 1_000}
        | {"rates": RATES | {"optimal_usage_bps": 9_000, "base_rate_bps": 100}}
        | {"ltv_bps": 8_000, "liquidation_threshold_bps": 8_500, "liquidation_bonus_bps": 10_500},
        {"symbol": "WETH", "decimals": 18, "price": 2_000 * DOLLAR, "rates": RATES}
        | {"ltv_bps": 8_000, "liquidation_threshold_bps": 8_500, "liquidation_bonus_bps": 10_500},
    ]
    market = Market.deploy(MarketConfig.model_validate({"name": "cap", "revision": revision, "reserves": reserves}))
    usdc, weth = market.asset("USDC"), market.asset("WETH")
    market.fund("USDC", ALICE, 10**13)
    market.pool.supply(usdc, 900_000 * USDC, sender=ALICE)
    market.fund("WETH", BOB, 1_000 * WETH)
    market.pool.supply(weth, 1_000 * WETH, sender=BOB)
    market.pool.borrow(usdc, 700_000 * USDC, sender=BOB)
    market.chain.advance(86_400 * 90 + 7)
    market.pool.borrow(usdc, 1, sender=BOB)
    for answer in (market.max_supply("USDC", ALICE), market.max_supply("USDC")):
        assert (answer, answer.limit) == (expected, "supply cap")
        assert isinstance(answer.refusal, errors.SupplyCapExceeded)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_limits_in_words(revision: str) -> None:
    market = fresh(revision)
    weth, usdc, dai = (market.asset(symbol) for symbol in ("WETH", "USDC", "DAI"))
    market.pool.supply(weth, 10 * WETH, sender=ALICE)
    market.pool.supply(usdc, 5_000 * USDC, sender=BOB)
    market.pool.supply(dai, 100_000 * WETH, sender=BOB)
    assert market.max_supply("WETH", ALICE).limit == "wallet"
    assert market.max_supply("WETH", NOBODY) == 0
    market.erc20("WETH").approve(market.pool.address, 7, sender=CAROL)
    carols = market.max_supply("WETH", CAROL)
    assert (carols, carols.limit) == (7, "allowance")
    assert (market.max_borrow("USDC", ALICE), market.max_borrow("USDC", ALICE).limit) == (5_000 * USDC, "liquidity")
    alices = market.max_borrow("DAI", ALICE)  # until v3.4 a debt of less than a unit of base currency costs nothing
    assert (alices // 10**10, alices.limit) == (16_000 * DOLLAR, "loan to value")
    assert market.max_borrow("DAI", CAROL) == 0
    market.configurator.set_borrow_cap(dai, 100, sender=market.admin)
    assert (market.max_borrow("DAI", ALICE), market.max_borrow("DAI", ALICE).limit) == (100 * WETH, "borrow cap")
    market.pool.borrow(usdc, 5_000 * USDC, sender=ALICE)
    bobs = market.max_withdraw("USDC", BOB)
    assert (bobs, bobs.limit) == (0, "liquidity")
    assert market.max_withdraw("WETH", ALICE).limit == "health factor"
    market.configurator.set_reserve_freeze(weth, True, sender=market.admin)
    assert market.max_supply("WETH", ALICE).limit == "reserve is frozen"
    market.configurator.set_reserve_pause(weth, True, sender=market.admin)
    assert [getattr(market, name)("WETH", ALICE).limit for name in MOVES][1:] == ["reserve is paused"] * 2


@pytest.mark.parametrize("revision", ["3.2", "3.4", *MODERN])
def test_amounts_too_small_for_a_share(revision: str) -> None:
    market = lived_in(revision)
    market.pool.reserves[market.asset("DAI")].liquidity_index = 40 * RAY + 7
    check(market, "DAI", BOB)
    tiny = market.fork()
    tiny.erc20("DAI").approve(tiny.pool.address, 0, sender=CAROL)
    assert tiny.max_supply("DAI", CAROL) == 0
    for amount in (10, 19, 20, 21, 39, 40, 41):
        tiny.erc20("DAI").approve(tiny.pool.address, amount, sender=CAROL)
        answer = tiny.max_supply("DAI", CAROL)
        assert answer == (amount if is_taken(tiny, "max_supply", "DAI", CAROL, amount) else 0)


@pytest.mark.parametrize("revision", FROM_V3_2[:3])
def test_the_debt_ceiling_of_isolation_mode(revision: str) -> None:
    reserve = {"rates": RATES, "ltv_bps": 8_000, "liquidation_threshold_bps": 8_500, "liquidation_bonus_bps": 10_500}
    reserves = [
        {"symbol": "ISO", "decimals": 18, "price": 2_000 * DOLLAR, "debt_ceiling": 123_456} | reserve,
        {"symbol": "USDC", "decimals": 6, "price": DOLLAR, "borrowable_in_isolation": True} | reserve,
    ]
    market = Market.deploy(MarketConfig.model_validate({"name": "iso", "revision": revision, "reserves": reserves}))
    market.fund("ISO", ALICE, 1_000 * WETH)
    market.fund("USDC", BOB, 10**6 * USDC)
    market.pool.supply(market.asset("ISO"), 1_000 * WETH, sender=ALICE)
    market.pool.set_user_use_reserve_as_collateral(market.asset("ISO"), True, sender=ALICE)
    market.pool.supply(market.asset("USDC"), 10**6 * USDC, sender=BOB)
    answer = market.max_borrow("USDC", ALICE)
    whole = Fraction(answer, USDC)
    assert answer.limit == "debt ceiling"
    assert 1_234 < whole < 1_235  # the ceiling counts whole cents, and forgets what is less
    check(market, "USDC", ALICE)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_wrapped_ether_is_funded_and_asked_about_like_any_token(revision: str) -> None:
    with quiet_about_units():
        data = config(revision).model_dump(exclude_none=True)
        reserves = [
            reserve | ({"token_kind": "WETH9"} if reserve["symbol"] == "WETH" else {}) for reserve in data["reserves"]
        ]
        market = Market.deploy(MarketConfig.model_validate(data | {"reserves": reserves}))
    market.fund("WETH", ALICE, 3 * WETH)
    market.fund("WETH", ALICE, 2 * WETH)
    assert market.erc20("WETH").balance_of(ALICE) == market.erc20("WETH").total_supply() == 5 * WETH
    assert market.chain.balances[ALICE] == 0
    answer = market.max_supply("WETH", ALICE)
    assert (answer, answer.limit) == (5 * WETH, "wallet")
    check(market, "WETH", ALICE)
    market.pool.supply(market.asset("WETH"), 5 * WETH, sender=ALICE)
    check(market, "WETH", ALICE)
