"""Listing until v3.3: each reserve brings a rate strategy, each token a treasury and a rewards controller.

Solidity: `ConfiguratorLogic`, v3.3.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from ...address import ZERO_ADDRESS, Address
from ...errors import InvalidDecimals, selector_of
from ...events import ATokenUpgraded, ReserveInitialized, VariableDebtTokenUpgraded
from ...logic.configurator import set_rate_data
from ...machine.abi import encode_values
from ...state import bitmaps

INITIALIZE_A_TOKEN = ("address", "address", "address", "address", "uint8", "string", "string", "bytes")
INITIALIZE_DEBT_TOKEN = ("address", "address", "address", "uint8", "string", "string", "bytes")
INITIALIZE_A_TOKEN_SELECTOR = selector_of(f"initialize({','.join(INITIALIZE_A_TOKEN)})")
INITIALIZE_DEBT_TOKEN_SELECTOR = selector_of(f"initialize({','.join(INITIALIZE_DEBT_TOKEN)})")


class InitReserveInput(NamedTuple):
    """Solidity: `ConfiguratorInputTypes.InitReserveInput`, until v3.3."""

    a_token_impl: Address
    variable_debt_token_impl: Address
    use_virtual_balance: bool
    interest_rate_strategy: Address
    underlying_asset: Address
    treasury: Address
    incentives_controller: Address
    a_token_name: str
    a_token_symbol: str
    variable_debt_token_name: str
    variable_debt_token_symbol: str
    params: bytes
    interest_rate_data: bytes


class UpdateATokenInput(NamedTuple):
    """The settings of an aToken's new code. Solidity: `ConfiguratorInputTypes.UpdateATokenInput`, until v3.3."""

    asset: Address
    treasury: Address
    incentives_controller: Address
    name: str
    symbol: str
    implementation: Address
    params: bytes


class UpdateDebtTokenInput(NamedTuple):
    """The settings of a debt token's new code.

    Solidity: `ConfiguratorInputTypes.UpdateDebtTokenInput`, until v3.3.
    """

    asset: Address
    incentives_controller: Address
    name: str
    symbol: str
    implementation: Address
    params: bytes


class TokenSettings(Protocol):
    """The part of a listing or an update that concerns every token."""

    @property
    def incentives_controller(self) -> Address:
        """The rewards controller."""

    @property
    def params(self) -> bytes:
        """Data that is passed on, and shown in an event."""


class ATokenSettings(TokenSettings, Protocol):
    """The same, and where an aToken's fees go."""

    @property
    def treasury(self) -> Address:
        """The receiver of fees."""


def initialize_a_token_call(
    pool: Any, asset: Address, decimals: int, settings: ATokenSettings, name: str, symbol: str
) -> bytes:
    """The call of an aToken's initializer."""
    controller, params = settings.incentives_controller, settings.params
    values = (pool.address, settings.treasury, asset, controller, decimals, name, symbol, params)
    return INITIALIZE_A_TOKEN_SELECTOR + encode_values(INITIALIZE_A_TOKEN, values)


def initialize_debt_token_call(
    pool: Any, asset: Address, decimals: int, settings: TokenSettings, name: str, symbol: str
) -> bytes:
    """The call of a debt token's initializer."""
    values = (pool.address, asset, settings.incentives_controller, decimals, name, symbol, settings.params)
    return INITIALIZE_DEBT_TOKEN_SELECTOR + encode_values(INITIALIZE_DEBT_TOKEN, values)


def execute_init_reserve(configurator: Any, pool: Any, listing: InitReserveInput) -> None:
    """Create both token proxies, list the asset, set its decimals and its strategy's parameters.

    Raises InvalidDecimals.
    """
    asset = listing.underlying_asset
    decimals: int = configurator.decimals_of(asset)
    if decimals < pool.revision.min_decimals:
        raise InvalidDecimals()
    a_names = listing.a_token_name, listing.a_token_symbol
    a_call = initialize_a_token_call(pool, asset, decimals, listing, *a_names)
    a_token = configurator.create_token_proxy(listing.a_token_impl, a_call)
    debt_names = listing.variable_debt_token_name, listing.variable_debt_token_symbol
    debt_call = initialize_debt_token_call(pool, asset, decimals, listing, *debt_names)
    debt_token = configurator.create_token_proxy(listing.variable_debt_token_impl, debt_call)
    strategy = listing.interest_rate_strategy
    pool.list_reserve(configurator.address, asset, a_token, debt_token, strategy)
    configuration = bitmaps.with_active(bitmaps.with_decimals(0, decimals), True)
    configuration = bitmaps.with_virtual_accounting(configuration, listing.use_virtual_balance)
    pool.write_configuration(configurator.address, asset, configuration)
    set_rate_data(configurator, strategy, asset, listing.interest_rate_data)
    configurator.emit(ReserveInitialized(asset, a_token, ZERO_ADDRESS, debt_token, strategy))


def execute_update_a_token(configurator: Any, pool: Any, update: UpdateATokenInput) -> None:
    """Put new code behind an aToken and initialise it again, which only a higher revision allows."""
    reserve = pool.reserves[update.asset]
    decimals = bitmaps.decimals(reserve.configuration)
    call = initialize_a_token_call(pool, update.asset, decimals, update, update.name, update.symbol)
    configurator.upgrade_token_proxy(reserve.a_token, update.implementation, call)
    configurator.emit(ATokenUpgraded(update.asset, reserve.a_token, update.implementation))


def execute_update_variable_debt_token(configurator: Any, pool: Any, update: UpdateDebtTokenInput) -> None:
    """Put new code behind a debt token and initialise it again, which only a higher revision allows."""
    reserve = pool.reserves[update.asset]
    decimals = bitmaps.decimals(reserve.configuration)
    call = initialize_debt_token_call(pool, update.asset, decimals, update, update.name, update.symbol)
    configurator.upgrade_token_proxy(reserve.variable_debt_token, update.implementation, call)
    configurator.emit(VariableDebtTokenUpgraded(update.asset, reserve.variable_debt_token, update.implementation))
