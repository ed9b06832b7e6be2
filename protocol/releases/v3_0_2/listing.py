"""Listing until v3.1: the caller names the decimals, each asset gets a stable debt token too.

Solidity: `ConfiguratorLogic`, v3.0.2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...address import Address
from ...events import ReserveInitialized
from ...state import bitmaps
from ..v3_3.listing import UpdateDebtTokenInput, initialize_a_token_call, initialize_debt_token_call
from .events import StableDebtTokenUpgraded


class InitReserveInput(NamedTuple):
    """The settings of a listing. Solidity: `ConfiguratorInputTypes.InitReserveInput`, v3.0.2."""

    a_token_impl: Address
    stable_debt_token_impl: Address
    variable_debt_token_impl: Address
    underlying_asset_decimals: int
    interest_rate_strategy: Address
    underlying_asset: Address
    treasury: Address
    incentives_controller: Address
    a_token_name: str
    a_token_symbol: str
    variable_debt_token_name: str
    variable_debt_token_symbol: str
    stable_debt_token_name: str
    stable_debt_token_symbol: str
    params: bytes


def execute_init_reserve(configurator: Any, pool: Any, listing: InitReserveInput) -> None:
    """Create three token proxies, list the asset and set its decimals. The strategy is not looked at.

    Any number of decimals will do.
    """
    asset, decimals = listing.underlying_asset, listing.underlying_asset_decimals
    a_call = initialize_a_token_call(pool, asset, decimals, listing, listing.a_token_name, listing.a_token_symbol)
    a_token = configurator.create_token_proxy(listing.a_token_impl, a_call)
    stable_names = listing.stable_debt_token_name, listing.stable_debt_token_symbol
    stable = _create_debt_token(configurator, pool, listing, listing.stable_debt_token_impl, stable_names)
    variable_names = listing.variable_debt_token_name, listing.variable_debt_token_symbol
    variable = _create_debt_token(configurator, pool, listing, listing.variable_debt_token_impl, variable_names)
    strategy = listing.interest_rate_strategy
    pool.list_reserve_with_stable_debt(configurator.address, asset, a_token, stable, variable, strategy)
    configuration = bitmaps.with_active(bitmaps.with_decimals(0, decimals), True)
    pool.write_configuration(configurator.address, asset, configuration)
    configurator.emit(ReserveInitialized(asset, a_token, stable, variable, strategy))


def _create_debt_token(
    configurator: Any, pool: Any, listing: InitReserveInput, implementation: Address, names: tuple[str, str]
) -> Address:
    decimals = listing.underlying_asset_decimals
    call = initialize_debt_token_call(pool, listing.underlying_asset, decimals, listing, *names)
    token: Address = configurator.create_token_proxy(implementation, call)
    return token


def execute_update_stable_debt_token(configurator: Any, pool: Any, update: UpdateDebtTokenInput) -> None:
    """Put new code behind a stable debt token and initialise it again, which only a higher revision allows."""
    reserve = pool.reserves[update.asset]
    decimals = bitmaps.decimals(reserve.configuration)
    call = initialize_debt_token_call(pool, update.asset, decimals, update, update.name, update.symbol)
    configurator.upgrade_token_proxy(reserve.stable_debt_token, update.implementation, call)
    configurator.emit(StableDebtTokenUpgraded(update.asset, reserve.stable_debt_token, update.implementation))
