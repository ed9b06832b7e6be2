"""Governance as it was first: settings are written as they are, without a look at what else they change.

Nothing is accrued before a rate or a share changes, freezing leaves the LTV alone, and there is no grace after a pause.
Solidity: `PoolConfigurator`, v3.0.2.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ... import events
from ...address import Address
from ...contracts.addresses_provider import DATA_PROVIDER
from ...contracts.data_provider import DataProvider
from ...errors import (
    BorrowingNotEnabled,
    CallerNotEmergencyAdmin,
    EmptyRevert,
    InvalidEmodeCategoryAssignment,
    InvalidEmodeCategoryParams,
    InvalidReserveFactor,
    ReserveLiquidityNotZero,
    StableBorrowingEnabled,
)
from ...machine.function import external
from ...machine.lazy_calldata import RE_ENCODED, struct_of
from ...math.percentage import PERCENTAGE_FACTOR, percent_mul
from ...state import bitmaps
from ..v3_3.configurator import UPDATE_A_TOKEN, UPDATE_DEBT_TOKEN, PoolConfiguratorV33
from ..v3_3.listing import (
    UpdateATokenInput,
    UpdateDebtTokenInput,
    execute_update_a_token,
    execute_update_variable_debt_token,
)
from . import events as first_events
from .e_modes import category_of, with_category
from .listing import InitReserveInput, execute_init_reserve, execute_update_stable_debt_token
from .pool import PricedCategoryInput
from .stable_rates import STABLE_RATE_BORROWING

_INIT_RESERVE = (
    "(address,address,address,uint8,address,address,address,address,string,string,string,string,string,string,bytes)"
)


class PoolConfiguratorV302(PoolConfiguratorV33):
    """Functions that later configurators lack or changed, and without those they added."""

    CODE = "PoolConfiguratorInstance@3.0.2"
    ABSENT: ClassVar[tuple[str, ...]] = (
        "setReserveInterestRateData(address,bytes)",
        "setReserveInterestRateStrategyAddress(address,address,bytes)",
        "disableLiquidationGracePeriod(address)",
        "setEModeCategory(uint8,uint16,uint16,uint16,string)",
        "setAssetCollateralInEMode(address,uint8,bool)",
        "setAssetBorrowableInEMode(address,uint8,bool)",
        "getPendingLtv(address)",
        "MAX_GRACE_PERIOD()",
        "getConfiguratorLogic()",
    )
    __slots__ = ()

    def only_emergency_admin(self, sender: Address) -> None:
        """Raises CallerNotEmergencyAdmin."""
        if not self._acl().is_emergency_admin_(sender):
            raise CallerNotEmergencyAdmin()

    def check_no_suppliers(self, asset: Address) -> None:
        """Raises ReserveLiquidityNotZero. Asks the data provider for more than a contract of another kind answers.

        Even a pool, which has a function of that name: an address of its answer would be a time.
        """
        data_provider = self.asked(self.chain.at(self.provider).addresses[DATA_PROVIDER])
        if not isinstance(data_provider, DataProvider):
            raise EmptyRevert(f"{data_provider!r} is no data provider")
        _, accrued, supply, *_ = data_provider.get_reserve_data(asset)
        if supply != 0 or accrued != 0:
            raise ReserveLiquidityNotZero()

    # --- listing and tokens -----------------------------------------------------------------------------------------

    @external(f"initReserves({_INIT_RESERVE}[])", lazy={0: (RE_ENCODED, *InitReserveInput._fields)})
    def init_reserves_with_strategies(self, inputs: list[tuple[Any, ...]], *, sender: Address) -> None:
        """List assets, all or none."""
        self.only_asset_listing_or_pool_admins(sender)
        for values in inputs:
            listing = struct_of(InitReserveInput, values, whole=self.chain.revision.copies_listings)
            execute_init_reserve(self, self.get_pool(), listing)

    @external(f"updateAToken({UPDATE_A_TOKEN})", lazy={0: (RE_ENCODED, *UpdateATokenInput._fields)})
    def update_original_a_token(self, update: tuple[Any, ...], *, sender: Address) -> None:
        """Upgrade an aToken."""
        self.only_pool_admin(sender)
        execute_update_a_token(self, self.get_pool(), struct_of(UpdateATokenInput, update))

    @external(f"updateVariableDebtToken({UPDATE_DEBT_TOKEN})", lazy={0: (RE_ENCODED, *UpdateDebtTokenInput._fields)})
    def update_original_variable_debt_token(self, update: tuple[Any, ...], *, sender: Address) -> None:
        """Upgrade a debt token."""
        self.only_pool_admin(sender)
        execute_update_variable_debt_token(self, self.get_pool(), struct_of(UpdateDebtTokenInput, update))

    @external(f"updateStableDebtToken({UPDATE_DEBT_TOKEN})", lazy={0: (RE_ENCODED, *UpdateDebtTokenInput._fields)})
    def update_stable_debt_token(self, update: tuple[Any, ...], *, sender: Address) -> None:
        """Upgrade a stable debt token."""
        self.only_pool_admin(sender)
        execute_update_stable_debt_token(self, self.get_pool(), struct_of(UpdateDebtTokenInput, update))

    # --- single settings --------------------------------------------------------------------------------------------

    @external("configureReserveAsCollateral(address,uint256,uint256,uint256)")
    def configure_reserve_as_collateral(
        self, asset: Address, ltv: int, liquidation_threshold: int, liquidation_bonus: int, *, sender: Address
    ) -> None:
        """LTV, threshold and bonus (bps), in a frozen reserve too. Raises InvalidReserveParams."""
        self.only_risk_or_pool_admins(sender)
        config = self.fit_for_collateral(asset, ltv, liquidation_threshold, liquidation_bonus)
        config = bitmaps.with_liquidation_threshold(bitmaps.with_ltv(config, ltv), liquidation_threshold)
        self.write(asset, bitmaps.with_liquidation_bonus(config, liquidation_bonus))
        self.emit(events.CollateralConfigurationChanged(asset, ltv, liquidation_threshold, liquidation_bonus))

    @external("setReserveStableRateBorrowing(address,bool)")
    def set_reserve_stable_rate_borrowing(self, asset: Address, enabled: bool, *, sender: Address) -> None:
        """Enable or disable new stable debts. Raises BorrowingNotEnabled."""
        self.only_risk_or_pool_admins(sender)
        config = self.configuration(asset)
        if enabled and not bitmaps.is_borrowing_enabled(config):
            raise BorrowingNotEnabled()
        self.write(asset, config | STABLE_RATE_BORROWING if enabled else config & ~STABLE_RATE_BORROWING)
        self.emit(first_events.ReserveStableRateBorrowing(asset, enabled))

    @external("setReserveBorrowing(address,bool)")
    def set_reserve_borrowing(self, asset: Address, enabled: bool, *, sender: Address) -> None:
        """Allow or forbid borrowing. Raises StableBorrowingEnabled where stable rates have to be disabled first."""
        self.only_risk_or_pool_admins(sender)
        config = self.configuration(asset)
        if not enabled and config & STABLE_RATE_BORROWING:
            raise StableBorrowingEnabled()
        self.write(asset, bitmaps.with_borrowing_enabled(config, enabled))
        self.emit(events.ReserveBorrowing(asset, enabled))

    @external("setReserveFreeze(address,bool)")
    def set_reserve_freeze(self, asset: Address, freeze: bool, *, sender: Address) -> None:
        """Stop supply and borrowing, or allow them again, even where it is so already."""
        self.only_risk_or_pool_admins(sender)
        self.write(asset, bitmaps.with_frozen(self.configuration(asset), freeze))
        self.emit(events.ReserveFrozen(asset, freeze))

    @external("setReservePause(address,bool)")
    def set_reserve_pause(self, asset: Address, paused: bool, *, sender: Address) -> None:  # type: ignore[override]  # no grace
        """Pause or unpause."""
        self._set_reserve_pause(asset, paused, 0, sender)

    @external("setPoolPause(bool)")
    def set_pool_pause(self, paused: bool, *, sender: Address) -> None:  # type: ignore[override]  # no grace
        """The same for every listed asset. Raises CallerNotEmergencyAdmin, even for pool admins."""
        self.only_emergency_admin(sender)
        for asset in self.get_pool().get_reserves_list():
            self._set_reserve_pause(asset, paused, 0, sender)

    @external("setReserveFactor(address,uint256)")
    def set_reserve_factor(self, asset: Address, new_reserve_factor: int, *, sender: Address) -> None:
        """The treasury's share of interest (bps), of that since the last event too. Raises InvalidReserveFactor."""
        self.only_risk_or_pool_admins(sender)
        if new_reserve_factor > PERCENTAGE_FACTOR:
            raise InvalidReserveFactor()
        config = self.configuration(asset)
        self.write(asset, bitmaps.with_reserve_factor(config, new_reserve_factor))
        self.emit(events.ReserveFactorChanged(asset, bitmaps.reserve_factor(config), new_reserve_factor))

    @external("setDebtCeiling(address,uint256)")
    def set_debt_ceiling(self, asset: Address, new_debt_ceiling: int, *, sender: Address) -> None:
        """Isolate a collateral (ceiling in cents) or free it (0). Raises ReserveLiquidityNotZero."""
        self.only_risk_or_pool_admins(sender)
        config = self.configuration(asset)
        old_debt_ceiling = bitmaps.debt_ceiling(config)
        if old_debt_ceiling == 0:
            self.check_no_suppliers(asset)
        self.write(asset, bitmaps.with_debt_ceiling(config, new_debt_ceiling))
        if new_debt_ceiling == 0:
            self.get_pool().reset_isolated_debt(self.address, asset)
        self.emit(events.DebtCeilingChanged(asset, old_debt_ceiling, new_debt_ceiling))

    @external("setReserveInterestRateStrategyAddress(address,address)")
    def set_reserve_interest_rate_strategy(self, asset: Address, strategy: Address, *, sender: Address) -> None:
        """Another rate strategy, in force from the reserve's next event on."""
        self.only_risk_or_pool_admins(sender)
        pool = self.get_pool()
        old_strategy = pool.reserves[asset].interest_rate_strategy
        pool.write_strategy(self.address, asset, strategy)
        self.emit(events.ReserveInterestRateStrategyChanged(asset, old_strategy, strategy))

    # --- e-mode -----------------------------------------------------------------------------------------------------

    @external("setEModeCategory(uint8,uint16,uint16,uint16,address,string)")
    def set_priced_e_mode_category(
        self,
        category_id: int,
        ltv: int,
        liquidation_threshold: int,
        liquidation_bonus: int,
        oracle: Address,
        label: str,
        *,
        sender: Address,
    ) -> None:
        """Define a category (bps) that lends more than each of its assets. Raises InvalidEmodeCategoryParams."""
        self.only_risk_or_pool_admins(sender)
        if ltv == 0 or liquidation_threshold == 0 or ltv > liquidation_threshold:
            raise InvalidEmodeCategoryParams()
        if liquidation_bonus <= PERCENTAGE_FACTOR:
            raise InvalidEmodeCategoryParams()
        if percent_mul(liquidation_threshold, liquidation_bonus) > PERCENTAGE_FACTOR:
            raise InvalidEmodeCategoryParams()
        pool = self.get_pool()
        for asset in pool.get_reserves_list():
            config = self.configuration(asset)
            own = bitmaps.ltv(config), bitmaps.liquidation_threshold(config)
            if category_of(config) == category_id and (ltv <= own[0] or liquidation_threshold <= own[1]):
                raise InvalidEmodeCategoryParams()
        given = PricedCategoryInput(ltv, liquidation_threshold, liquidation_bonus, oracle, label)
        pool.write_priced_category(self.address, category_id, given)
        self.emit(events.EModeCategoryAdded(category_id, *given))

    @external("setAssetEModeCategory(address,uint8)")
    def set_asset_e_mode_category(self, asset: Address, new_category_id: int, *, sender: Address) -> None:
        """Put an asset in a category with a higher threshold, or in none. Raises InvalidEmodeCategoryAssignment."""
        self.only_risk_or_pool_admins(sender)
        config = self.configuration(asset)
        threshold = self.get_pool().e_modes[new_category_id].liquidation_threshold
        if new_category_id != 0 and threshold <= bitmaps.liquidation_threshold(config):
            raise InvalidEmodeCategoryAssignment()
        self.write(asset, with_category(config, new_category_id))
        self.emit(first_events.EModeAssetCategoryChanged(asset, category_of(config), new_category_id))
