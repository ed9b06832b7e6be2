"""Listing until v3.3: each reserve brings a rate strategy, each token a treasury and a rewards controller.

Solidity: `ConfiguratorLogic`, v3.3.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..abi import encode_values
from ..address import ZERO_ADDRESS, Address
from ..errors import InvalidDecimals, selector_of
from ..events import ATokenUpgraded, ReserveInitialized, VariableDebtTokenUpgraded
from ..state import bitmaps
from .configurator import set_rate_data

INITIALIZE_A_TOKEN = ("address", "address", "address", "address", "uint8", "string", "string", "bytes")
INITIALIZE_DEBT_TOKEN = ("address", "address", "address", "uint8", "string", "string", "bytes")


class LegacyInitReserveInput(NamedTuple):
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
    """Solidity: `ConfiguratorInputTypes.UpdateATokenInput`, until v3.3."""

    asset: Address
    treasury: Address
    incentives_controller: Address
    name: str
    symbol: str
    implementation: Address
    params: bytes


class UpdateDebtTokenInput(NamedTuple):
    """Solidity: `ConfiguratorInputTypes.UpdateDebtTokenInput`, until v3.3."""

    asset: Address
    incentives_controller: Address
    name: str
    symbol: str
    implementation: Address
    params: bytes


def initialize_call(kinds: tuple[str, ...], *values: Any) -> bytes:
    """The call of a token's initializer."""
    return selector_of(f"initialize({','.join(kinds)})") + encode_values(kinds, values)


def execute_init_reserve(configurator: Any, pool: Any, listing: LegacyInitReserveInput) -> None:
    """Create both token proxies, list the asset, set its decimals and its strategy's parameters.

    Raises InvalidDecimals below 6 decimals.
    """
    asset, controller = listing.underlying_asset, listing.incentives_controller
    decimals: int = configurator.decimals_of(asset)
    if decimals <= 5:
        raise InvalidDecimals()
    a_token = configurator.create_token_proxy(
        listing.a_token_impl,
        initialize_call(
            INITIALIZE_A_TOKEN,
            pool.address,
            listing.treasury,
            asset,
            controller,
            decimals,
            listing.a_token_name,
            listing.a_token_symbol,
            listing.params,
        ),
    )
    debt_token = configurator.create_token_proxy(
        listing.variable_debt_token_impl,
        initialize_call(
            INITIALIZE_DEBT_TOKEN,
            pool.address,
            asset,
            controller,
            decimals,
            listing.variable_debt_token_name,
            listing.variable_debt_token_symbol,
            listing.params,
        ),
    )
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
    call = initialize_call(
        INITIALIZE_A_TOKEN,
        pool.address,
        update.treasury,
        update.asset,
        update.incentives_controller,
        bitmaps.decimals(reserve.configuration),
        update.name,
        update.symbol,
        update.params,
    )
    configurator.upgrade_token_proxy(reserve.a_token, update.implementation, call)
    configurator.emit(ATokenUpgraded(update.asset, reserve.a_token, update.implementation))


def execute_update_variable_debt_token(configurator: Any, pool: Any, update: UpdateDebtTokenInput) -> None:
    """Put new code behind a debt token and initialise it again, which only a higher revision allows."""
    reserve = pool.reserves[update.asset]
    call = initialize_call(
        INITIALIZE_DEBT_TOKEN,
        pool.address,
        update.asset,
        update.incentives_controller,
        bitmaps.decimals(reserve.configuration),
        update.name,
        update.symbol,
        update.params,
    )
    configurator.upgrade_token_proxy(reserve.variable_debt_token, update.implementation, call)
    configurator.emit(VariableDebtTokenUpgraded(update.asset, reserve.variable_debt_token, update.implementation))
