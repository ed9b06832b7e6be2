"""A market of v3.0.2 from a configuration, and fields that a release does not have."""

from __future__ import annotations

from typing import Any

import pytest
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import EModeConfig, MarketConfig, StableRateParameters
from pooltwin.protocol.releases.v3_0_2.rate_strategy import RateStrategyV302
from pooltwin.protocol.releases.v3_0_2.stable_debt_token import StableDebtToken

from .worlds import ALICE, BOB, DOLLAR, FROM_V3_2, RAY, USDC, WETH, config, fresh

BPS = RAY // 10_000
WHERE = "0x" + "12" * 20


def with_reserve(revision: str, symbol: str, **changed: Any) -> MarketConfig:
    """The usual market, with some fields of one reserve changed."""
    usual = config(revision)
    reserves = tuple(
        reserve.model_copy(update=changed) if reserve.symbol == symbol else reserve for reserve in usual.reserves
    )
    return usual.model_copy(update={"reserves": reserves})


def with_category(revision: str, **changed: Any) -> MarketConfig:
    """The usual market, with its only category changed."""
    usual = config(revision)
    return usual.model_copy(update={"e_modes": (usual.e_modes[0].model_copy(update=changed),)})


def refused(wrong: MarketConfig, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Market.deploy(wrong)


def test_each_reserve_has_a_strategy_and_a_stable_debt_token_of_its_own() -> None:
    stable = StableRateParameters(
        slope1_bps=50, slope2_bps=7_500, base_offset_bps=100, excess_offset_bps=800, optimal_share_bps=2_000
    )
    market = Market.deploy(with_reserve("3.0.2", "USDC", stable_rates=stable))
    strategies = {symbol: market.rate_strategy_of(symbol) for symbol in market.assets}
    assert len({strategy.address for strategy in strategies.values()}) == 4
    usdc, weth = strategies["USDC"], strategies["WETH"]
    assert isinstance(usdc, RateStrategyV302)
    assert (usdc.optimal_usage_ratio, usdc.base_variable_borrow_rate) == (8_000 * BPS, 100 * BPS)
    assert (usdc.variable_rate_slope1, usdc.variable_rate_slope2) == (400 * BPS, 6_000 * BPS)
    assert (usdc.stable_rate_slope1, usdc.stable_rate_slope2) == (50 * BPS, 7_500 * BPS)
    assert (usdc.base_stable_rate_offset, usdc.stable_rate_excess_offset) == (100 * BPS, 800 * BPS)
    assert usdc.optimal_stable_to_total_debt_ratio == 2_000 * BPS
    assert weth.stable_rate_slope1 == weth.optimal_stable_to_total_debt_ratio == 0
    token = market.stable_debt_token("USDC")
    assert isinstance(token, StableDebtToken)
    assert (token.name(), token.symbol()) == ("Aave Stable Debt USDC", "stableDebtUSDC")
    assert token.underlying_asset_address() == market.asset("USDC")


def test_a_category_may_have_a_price_of_its_own() -> None:
    market = Market.deploy(with_category("3.0.2", price_source="USDC"))
    pool, usdc, dai = market.pool, market.asset("USDC"), market.asset("DAI")
    assert pool.get_e_mode_category_data(1)[3] == usdc
    assert [market.data_provider.get_reserve_e_mode_category(asset) for asset in market.assets.values()] == [0, 1, 1, 0]
    for user in (ALICE, BOB):
        for symbol in ("USDC", "DAI"):
            market.fund(symbol, user, 10**6 * WETH)
    pool.supply(dai, 1_000 * WETH, sender=BOB)
    pool.supply(usdc, 1_000 * USDC, sender=ALICE)
    pool.set_user_e_mode(1, sender=ALICE)
    market.set_price("DAI", 2 * DOLLAR)
    pool.borrow(dai, 900 * WETH, sender=ALICE)  # at one dollar
    assert pool.get_user_account_data(ALICE)[1] == 900 * DOLLAR


def test_addresses_are_taken() -> None:
    wanted = {"stable_debt_token": WHERE, "rate_strategy": "0x" + "34" * 20, "variable_debt_token": "0x" + "56" * 20}
    market = Market.deploy(with_reserve("3.0.2", "DAI", **wanted))
    dai = market.asset("DAI")
    tokens = market.data_provider.get_reserve_tokens_addresses(dai)
    assert tokens[1:] == (WHERE, "0x" + "56" * 20)
    assert market.rate_strategy_of("DAI").address == "0x" + "34" * 20


def test_people_lend_and_borrow() -> None:
    market = fresh("3.0.2")
    pool, weth, usdc = market.pool, market.asset("WETH"), market.asset("USDC")
    pool.supply(weth, 10 * WETH, sender=ALICE)
    pool.supply(usdc, 10_000 * USDC, sender=BOB)
    pool.borrow(usdc, 5_000 * USDC, sender=ALICE)
    market.chain.advance(86_400)
    assert market.a_token("USDC").balance_of(BOB) > 10_000 * USDC
    assert market.debt_token("USDC").balance_of(ALICE) > 5_000 * USDC


@pytest.mark.parametrize("revision", FROM_V3_2)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stable_rates", StableRateParameters(slope1_bps=1)),
        ("stable_borrowing_enabled", True),
        ("stable_debt_token", WHERE),
        ("stable_debt_token_name", "Aave Stable Debt"),
        ("stable_debt_token_symbol", "stableDebt"),
    ],
)
def test_stable_rates_ended_with_it(revision: str, field: str, value: Any) -> None:
    refused(with_reserve(revision, "DAI", **{field: value}), f"reserve DAI: {field} is .*, which revision {revision}")
    refused(with_category(revision, price_source="DAI"), f"category 1: price_source is DAI, which revision {revision}")


@pytest.mark.parametrize("field", ["debt_ceiling", "siloed_borrowing", "borrowable_in_isolation"])
def test_isolation_mode_ended_with_v3_6(field: str) -> None:
    value = 10 if field == "debt_ceiling" else True
    refused(
        with_reserve("3.7", "WBTC", **{field: value}), f"reserve WBTC: {field} is {value}, which revision 3.7 lacks"
    )
    for revision in ("3.0.2", "3.6"):
        assert Market.deploy(with_reserve(revision, "WBTC", **{field: value})).assets


@pytest.mark.parametrize("revision", ["3.0.2", "3.5"])
def test_assets_without_ltv_in_a_category_came_later(revision: str) -> None:
    refused(with_category(revision, ltv_zero=("DAI",)), f"category 1: ltv_zero names DAI, which revision {revision}")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"isolated": True}, "category 1 is isolated"),
        ({"borrowable": ("USDC",)}, "borrowable lacks DAI"),
        ({"collateral": ("USDC",)}, "collateral lacks DAI, which revision 3.0.2"),
    ],
)
def test_the_members_of_a_category_are_all_alike(changed: dict[str, Any], words: str) -> None:
    refused(with_category("3.0.2", **changed), words)


def test_an_asset_is_in_one_category_only() -> None:
    usual = config("3.0.2")
    other = usual.e_modes[0].model_copy(update={"id": 2})
    refused(usual.model_copy(update={"e_modes": (usual.e_modes[0], other)}), "category 2: USDC is in category 1 too")


def test_no_asset_is_collateral_in_a_category_only() -> None:
    bare = {"ltv_bps": 0, "liquidation_threshold_bps": 0, "liquidation_bonus_bps": 0}
    refused(with_reserve("3.0.2", "DAI", **bare), "collateral names DAI, which has no liquidation_threshold_bps")


def test_there_is_no_strategy_for_all() -> None:
    usual = config("3.0.2")
    addresses = usual.addresses.model_copy(update={"rate_strategy": WHERE})
    refused(
        usual.model_copy(update={"addresses": addresses}), "addresses.rate_strategy: revision 3.0.2 has no strategy"
    )


def test_a_price_source_is_a_reserve() -> None:
    usual = config("3.0.2").model_dump()
    usual["e_modes"][0]["price_source"] = "EURC"
    with pytest.raises(ValueError, match="names 'EURC', which is not a reserve"):
        MarketConfig.model_validate(usual)
    assert EModeConfig.model_fields["price_source"].default is None
