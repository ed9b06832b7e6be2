"""Listing a reserve and upgrading its tokens. Solidity: `ConfiguratorLogic`."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..address import ZERO_ADDRESS, Address
from ..errors import InvalidDecimals, selector_of
from ..events import ATokenUpgraded, ReserveInitialized, VariableDebtTokenUpgraded
from ..machine.abi import encode_values
from ..state import bitmaps

INITIALIZE_TYPES = ("address", "address", "uint8", "string", "string", "bytes")
INITIALIZE_SELECTOR = selector_of(f"initialize({','.join(INITIALIZE_TYPES)})")


class InitReserveInput(NamedTuple):
    """The settings of a listing. Solidity: `ConfiguratorInputTypes.InitReserveInput`, from v3.4 on."""

    a_token_impl: Address
    variable_debt_token_impl: Address
    underlying_asset: Address
    a_token_name: str
    a_token_symbol: str
    variable_debt_token_name: str
    variable_debt_token_symbol: str
    params: bytes
    interest_rate_data: bytes


class UpdateTokenInput(NamedTuple):
    """The settings of a token's new code. Solidity: `UpdateATokenInput` and `UpdateDebtTokenInput`, from v3.4 on."""

    asset: Address
    name: str
    symbol: str
    implementation: Address
    params: bytes


def _initialize_call(pool: Address, asset: Address, decimals: int, name: str, symbol: str, params: bytes) -> bytes:
    return INITIALIZE_SELECTOR + encode_values(INITIALIZE_TYPES, (pool, asset, decimals, name, symbol, params))


def execute_init_reserve(configurator: Any, pool: Any, listing: InitReserveInput) -> None:
    """Create both token proxies, list the asset, set its decimals and its rate parameters.

    Borrowing and flash loans start disabled, caps at none. Raises InvalidDecimals.
    """
    asset = listing.underlying_asset
    decimals: int = configurator.decimals_of(asset)
    if decimals < pool.revision.min_decimals:
        raise InvalidDecimals()
    a_token = configurator.create_token_proxy(
        listing.a_token_impl,
        _initialize_call(pool.address, asset, decimals, listing.a_token_name, listing.a_token_symbol, listing.params),
    )
    debt_token = configurator.create_token_proxy(
        listing.variable_debt_token_impl,
        _initialize_call(
            pool.address,
            asset,
            decimals,
            listing.variable_debt_token_name,
            listing.variable_debt_token_symbol,
            listing.params,
        ),
    )
    pool.list_reserve(configurator.address, asset, a_token, debt_token, ZERO_ADDRESS)
    configuration = bitmaps.with_active(bitmaps.with_decimals(0, decimals), True)
    pool.write_configuration(configurator.address, asset, bitmaps.with_virtual_accounting(configuration))
    set_rate_data(configurator, pool.rate_strategy, asset, listing.interest_rate_data)
    configurator.emit(ReserveInitialized(asset, a_token, ZERO_ADDRESS, debt_token, pool.rate_strategy))


def set_rate_data(configurator: Any, strategy_address: Address, asset: Address, rate_data: bytes) -> None:
    """Give a strategy its parameters of an asset."""
    strategy = configurator.asked(strategy_address)
    strategy.only_pool_configurator(configurator.address)
    strategy.set_encoded(asset, rate_data)


def execute_update_a_token(configurator: Any, pool: Any, update: UpdateTokenInput) -> None:
    """Put new code behind an aToken and initialise it again, which only a higher revision allows."""
    proxy = pool.reserves[update.asset].a_token
    upgrade(configurator, pool, proxy, update)
    configurator.emit(ATokenUpgraded(update.asset, proxy, update.implementation))


def execute_update_variable_debt_token(configurator: Any, pool: Any, update: UpdateTokenInput) -> None:
    """Put new code behind a debt token and initialise it again, which only a higher revision allows."""
    proxy = pool.reserves[update.asset].variable_debt_token
    upgrade(configurator, pool, proxy, update)
    configurator.emit(VariableDebtTokenUpgraded(update.asset, proxy, update.implementation))


def upgrade(configurator: Any, pool: Any, proxy: Address, update: UpdateTokenInput) -> None:
    """Put new code behind a token and initialise it again. Solidity: `_upgradeTokenImplementation`."""
    decimals = bitmaps.decimals(pool.reserves[update.asset].configuration)
    data = _initialize_call(pool.address, update.asset, decimals, update.name, update.symbol, update.params)
    configurator.upgrade_token_proxy(proxy, update.implementation, data)
