"""Facts of real markets that the configurator would not make so today: they are written into storage.

A market is described as it is. EURS was listed with 2 decimals before listings asked for 6, GHO had a fixed rate, a
reserve was frozen before freezing took the LTV, dropped reserves left gaps. Listings through the configurator refuse
all of that on the deployed market, exactly as the contract does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..address import ZERO_ADDRESS, Address
from ..contracts.rate_strategy import MAX_OPTIMAL_POINT_BPS, MIN_OPTIMAL_POINT_BPS, RateData, rate_model
from ..models import RateParameters, ReserveConfig
from ..state import bitmaps
from .site import Site


def plant_decimals(site: Site, asset: Address, decimals: int) -> None:
    """Give a listed asset and its tokens fewer decimals than listings take. From v3.2 on."""
    if decimals >= site.release.min_decimals:
        return
    reserve = site.chain.at(site.pool).reserves[asset]
    for token in (asset, reserve.a_token, reserve.variable_debt_token):
        site.chain.at(token).token_decimals = decimals
    reserve.configuration = bitmaps.with_decimals(reserve.configuration, decimals)


def listed(rates: RateParameters) -> RateParameters:
    """The rates that a listing names: the kink where strategies take it. From v3.2 on."""
    kink = min(max(rates.optimal_usage_bps, MIN_OPTIMAL_POINT_BPS), MAX_OPTIMAL_POINT_BPS)
    return rates.model_copy(update={"optimal_usage_bps": kink})


def plant_rates(site: Site, asset: Address, rates: RateParameters) -> None:
    """Give a strategy a kink that it would not take, such as 0 for a fixed rate. From v3.2 on."""
    if site.release.stable_rates or listed(rates) == rates:
        return
    pool = site.chain.at(site.pool)
    data = RateData(rates.optimal_usage_bps, rates.base_rate_bps, rates.slope1_bps, rates.slope2_bps)
    site.chain.at(pool.strategy_of(pool.reserves[asset])).models[asset] = rate_model(data)


def enable_stable_borrowing(site: Site, asset: Address, reserve: ReserveConfig) -> None:
    """Allow stable debts, in a reserve too that is not to be borrowed from. Until v3.0.2."""
    configurator, admin = site.governed, site.admin
    configurator.set_reserve_borrowing(asset, True, sender=admin)
    configurator.set_reserve_stable_rate_borrowing(asset, True, sender=admin)
    if not reserve.borrowing_enabled:
        record = site.chain.at(site.pool).reserves[asset]
        record.configuration = bitmaps.with_borrowing_enabled(record.configuration, False)


def settle(site: Site, reserve: ReserveConfig) -> None:
    """Freeze, pause and deactivate; what a reserve says of its pending LTV is so, whatever freezing does."""
    asset, admin, configurator = site.assets[reserve.handle], site.admin, site.governed
    record = site.chain.at(site.pool).reserves[asset]
    if reserve.pending_ltv_bps is not None and site.release.pending_ltv:
        configurator.pending_ltv[asset] = reserve.pending_ltv_bps
        record.configuration = bitmaps.with_frozen(record.configuration, reserve.frozen)
    elif reserve.frozen:
        configurator.set_reserve_freeze(asset, True, sender=admin)
    if reserve.grace_period_until:
        record.liquidation_grace_period_until = reserve.grace_period_until
    if reserve.paused:
        configurator.set_reserve_pause(asset, True, sender=admin)
    if not reserve.active:
        configurator.set_reserve_active(asset, False, sender=admin)


@contextmanager
def numbering(site: Site) -> Iterator[Any]:
    """Number the reserves as they say while they are listed: what no reserve has is a gap afterwards."""
    pool: Any = site.chain.at(site.pool)
    ids = site.config.ids
    wanted = sorted(zip(ids, site.config.reserves, strict=True), key=lambda pair: pair[0])

    def in_order() -> Iterator[ReserveConfig]:
        for number, reserve in wanted:
            while pool.reserves_count < number:
                pool.reserves_list[pool.reserves_count] = site.pool  # not nobody's, so that no listing takes it
                pool.reserves_count += 1
            yield reserve

    yield in_order()
    for number in set(range(pool.reserves_count)) - set(ids):
        pool.reserves_list[number] = ZERO_ADDRESS
    if site.config.reserves_count is not None:
        pool.reserves_count = site.config.reserves_count
