"""Calls to the pool that only the configurator or the pool admin may make.

Solidity: the `onlyPoolConfigurator` part of `Pool`.
"""

from __future__ import annotations

from typing import NamedTuple

from ..address import ZERO_ADDRESS, Address
from ..errors import (
    AssetNotListed,
    CallerNotPoolAdmin,
    CallerNotPoolConfigurator,
    EModeCategoryReserved,
    InvalidAddressesProvider,
    ZeroAddressNotValid,
)
from ..logic.erc20 import safe_transfer
from ..logic.pool import execute_init_reserve, execute_sync_indexes, execute_sync_rates
from ..logic.reserve import is_listed
from ..machine.function import external
from ..machine.lazy_calldata import struct_of
from ..state.records import EModeCategory
from .pool_storage import PoolStorage


class CategoryInput(NamedTuple):
    """Solidity: `DataTypes.EModeCategoryBaseConfiguration`."""

    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    isolated: bool
    label: str


class PoolAdministration(PoolStorage):
    """Setters. Each begins with the check of its caller; the configurator calls the undecorated ones."""

    __slots__ = ()

    def only_pool_configurator(self, sender: Address) -> None:
        """Raises CallerNotPoolConfigurator."""
        if sender != self.chain.at(self.provider).pool_configurator_address:
            raise CallerNotPoolConfigurator()

    def only_pool_admin(self, sender: Address) -> None:
        """Raises CallerNotPoolAdmin."""
        acl = self.chain.at(self.chain.at(self.provider).acl_manager_address)
        if not acl.is_pool_admin_(sender):
            raise CallerNotPoolAdmin()

    def set_up(self, provider: Address) -> None:
        """What every revision's initializer does. Raises InvalidAddressesProvider."""
        self.begin_initialize()
        if provider != self.provider:
            raise InvalidAddressesProvider()

    # --- for the configurator ---------------------------------------------------------------------------------------

    def list_reserve(
        self, sender: Address, asset: Address, a_token: Address, variable_debt_token: Address, strategy: Address
    ) -> None:
        """Raises NotContract, ReserveAlreadyInitialized, ReserveAlreadyAdded, NoMoreReservesAllowed."""
        self.only_pool_configurator(sender)
        if execute_init_reserve(self, asset, a_token, variable_debt_token, strategy):
            self.reserves_count += 1

    def write_configuration(self, sender: Address, asset: Address, configuration: int) -> None:
        """Raises ZeroAddressNotValid, AssetNotListed."""
        self.only_pool_configurator(sender)
        if asset == ZERO_ADDRESS:
            raise ZeroAddressNotValid()
        if not is_listed(self, asset):
            raise AssetNotListed()
        self.reserves[asset].configuration = configuration

    def write_grace_period(self, sender: Address, asset: Address, until: int) -> None:
        """Raises AssetNotListed."""
        self.only_pool_configurator(sender)
        if not is_listed(self, asset):
            raise AssetNotListed()
        self.reserves[asset].liquidation_grace_period_until = until

    def sync_indexes(self, sender: Address, asset: Address) -> None:
        """Accrue interest before a parameter changes."""
        self.only_pool_configurator(sender)
        execute_sync_indexes(self, asset)

    def sync_rates(self, sender: Address, asset: Address) -> None:
        """Set the rates after a parameter has changed."""
        self.only_pool_configurator(sender)
        execute_sync_rates(self, asset)

    def write_flash_loan_premium(self, sender: Address, premium_bps: int) -> None:
        """Set the flash-loan premium."""
        self.only_pool_configurator(sender)
        self.flash_loan_premium = premium_bps

    def writable_category(self, sender: Address, category_id: int) -> EModeCategory:
        """A category to write to. Raises EModeCategoryReserved for category 0."""
        self.only_pool_configurator(sender)
        if category_id == 0:
            raise EModeCategoryReserved()
        return self.e_modes[category_id]

    # --- the same as the ABI has them -------------------------------------------------------------------------------

    @external("initialize(address)")
    def initialize(self, provider: Address, *, sender: Address) -> None:
        """Set up the proxy. Raises InvalidAddressesProvider."""
        self.set_up(provider)

    @external("initReserve(address,address,address)")
    def init_reserve(self, asset: Address, a_token: Address, variable_debt_token: Address, *, sender: Address) -> None:
        """For the configurator."""
        self.list_reserve(sender, asset, a_token, variable_debt_token, ZERO_ADDRESS)

    @external("setConfiguration(address,(uint256))")
    def set_configuration(self, asset: Address, configuration: tuple[int], *, sender: Address) -> None:
        """For the configurator."""
        self.write_configuration(sender, asset, configuration[0])

    @external("syncIndexesState(address)")
    def sync_indexes_state(self, asset: Address, *, sender: Address) -> None:
        """For the configurator."""
        self.sync_indexes(sender, asset)

    @external("syncRatesState(address)")
    def sync_rates_state(self, asset: Address, *, sender: Address) -> None:
        """For the configurator."""
        self.sync_rates(sender, asset)

    @external("setLiquidationGracePeriod(address,uint40)")
    def set_liquidation_grace_period(self, asset: Address, until: int, *, sender: Address) -> None:
        """For the configurator."""
        self.write_grace_period(sender, asset, until)

    @external("updateFlashloanPremium(uint128)")
    def update_flashloan_premium(self, premium_bps: int, *, sender: Address) -> None:
        """For the configurator."""
        self.write_flash_loan_premium(sender, premium_bps)

    @external(
        "configureEModeCategory(uint8,(uint16,uint16,uint16,bool,string))",
        lazy={1: CategoryInput._fields},
    )
    def configure_e_mode_category(
        self, category_id: int, category: tuple[int, int, int, bool, str], *, sender: Address
    ) -> None:
        """For the configurator."""
        record = self.writable_category(sender, category_id)
        given = struct_of(CategoryInput, category)
        for name in CategoryInput._fields:
            setattr(record, name, getattr(given, name))

    @external("configureEModeCategoryCollateralBitmap(uint8,uint128)")
    def configure_e_mode_category_collateral_bitmap(self, category_id: int, bitmap: int, *, sender: Address) -> None:
        """For the configurator."""
        self.writable_category(sender, category_id).collateral_bitmap = bitmap

    @external("configureEModeCategoryBorrowableBitmap(uint8,uint128)")
    def configure_e_mode_category_borrowable_bitmap(self, category_id: int, bitmap: int, *, sender: Address) -> None:
        """For the configurator."""
        self.writable_category(sender, category_id).borrowable_bitmap = bitmap

    @external("configureEModeCategoryLtvzeroBitmap(uint8,uint128)")
    def configure_e_mode_category_ltvzero_bitmap(self, category_id: int, bitmap: int, *, sender: Address) -> None:
        """For the configurator."""
        self.writable_category(sender, category_id).ltvzero_bitmap = bitmap

    @external("configureEModeCategoryIsolated(uint8,bool)")
    def configure_e_mode_category_isolated(self, category_id: int, isolated: bool, *, sender: Address) -> None:
        """For the configurator."""
        self.writable_category(sender, category_id).isolated = isolated

    # --- for the pool admin -----------------------------------------------------------------------------------------

    @external("rescueTokens(address,address,uint256)")
    def rescue_tokens(self, token: Address, to: Address, amount: int, *, sender: Address) -> None:
        """Send tokens that ended up in the pool. Raises CallerNotPoolAdmin."""
        self.only_pool_admin(sender)
        safe_transfer(self.chain, token, self.address, to, amount)
