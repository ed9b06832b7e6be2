"""Whole markets from configurations: every valid one deploys on every release, and the views say what it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig
from pooltwin.protocol.revisions import revision_named

from .real_configs import real_configs, said, shown
from .worlds import ALL_REVISIONS

QUICK = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@QUICK
@given(st.data())
def test_the_views_say_what_the_configuration_says(revision: str, data: st.DataObject) -> None:
    config, release = data.draw(real_configs(revision)), revision_named(revision)
    market = Market.deploy(config)
    for reserve in config.reserves:
        assert shown(market, reserve.handle, release) == said(config, reserve, release)
    assert market_shown(market) == market_said(config)
    for category in config.e_modes:
        assert category_shown(market, category.id) == category_said(config, category)


def market_said(config: MarketConfig) -> dict[str, Any]:
    split = config.flash_loan_premium_to_protocol_bps
    always = not revision_named(config.revision).flash_premium_is_split
    return {
        "listed": [config.reserves[config.ids.index(number)].handle for number in sorted(config.ids)],
        "count": config.reserves_count or max(config.ids) + 1,
        "premium": (config.flash_loan_premium_bps, 10_000 if always else split or 0),
        "unit": config.base_currency_unit,
        "umbrella": config.addresses.umbrella,
        "sentinel": config.addresses.sentinel,
        "chain": config.chain_id,
    }


def market_shown(market: Market) -> dict[str, Any]:
    sentinel = market.provider.get_price_oracle_sentinel()
    pool: Any = market.pool
    return {
        "listed": [*market.assets],
        "count": pool.reserves_count,
        "premium": (pool.flashloan_premium_total(), pool.flashloan_premium_to_protocol()),
        "unit": market.oracle.base_currency_one(),
        "umbrella": market.umbrella,
        "sentinel": None if int(sentinel, 16) == 0 else sentinel,
        "chain": market.chain.chain_id,
    }


def bits(keys: tuple[str, ...], config: MarketConfig) -> int:
    return sum(
        1 << number for number, reserve in zip(config.ids, config.reserves, strict=True) if reserve.handle in keys
    )


def category_said(config: MarketConfig, category: Any) -> tuple[Any, ...]:
    limits = category.ltv_bps, category.liquidation_threshold_bps, category.liquidation_bonus_bps, category.label
    release = revision_named(config.revision)
    if release.e_modes_have_prices:
        return (*limits, category.price_source, tuple(sorted(category.borrowable)))
    # From v3.6 on freezing takes the LTV within categories too, unless the pending LTV is told.
    frozen = [each.handle for each in config.reserves if each.frozen and each.pending_ltv_bps is None]
    taken = tuple(key for key in category.collateral if key in frozen) if release.ltv_zero_in_e_modes else ()
    zero = bits((*category.ltv_zero, *taken), config)
    return (*limits, bits(category.collateral, config), bits(category.borrowable, config), zero, category.isolated)


def category_shown(market: Market, number: int) -> tuple[Any, ...]:
    category: Any = market.pool.e_modes[number]
    limits = category.ltv, category.liquidation_threshold, category.liquidation_bonus, category.label
    if market.chain.revision.e_modes_have_prices:
        names = {asset: key for key, asset in market.assets.items()}
        of_asset = market.data_provider.get_reserve_e_mode_category
        members = sorted(key for key, asset in market.assets.items() if of_asset(asset) == number)
        return (*limits, names[category.price_source], tuple(members))
    bitmaps = category.collateral_bitmap, category.borrowable_bitmap, category.ltvzero_bitmap
    return (*limits, *bitmaps, category.isolated)


def test_the_strategy_draws_what_it_should() -> None:
    """A strategy that drew nothing odd would make the property above hold."""
    seen: set[str] = set()

    @settings(QUICK, max_examples=60, phases=[Phase.generate])
    @given(real_configs("3.3"))
    def look(config: MarketConfig) -> None:
        for reserve in config.reserves:
            seen.update({"few decimals"} if reserve.decimals < 6 else ())
            seen.update({"fixed rate"} if reserve.rates.optimal_usage_bps == 0 else ())
            seen.update({"inactive"} if not reserve.active else {"frozen"} if reserve.frozen else ())
            seen.update({"untracked"} if reserve.virtual_accounting is False else ())
            seen.update({"own strategy"} if reserve.rate_strategy else ())
        seen.update({"gaps"} if max(config.ids) >= len(config.ids) else ())
        seen.update({"shared feed"} if len({each.price_feed for each in config.reserves}) < len(config.ids) else ())
        seen.update({"symbol twice"} if len({each.symbol for each in config.reserves}) < len(config.ids) else ())

    look()
    odd = {"few decimals", "fixed rate", "inactive", "frozen", "untracked", "own strategy", "gaps", "shared feed"}
    assert seen == {*odd, "symbol twice"}
