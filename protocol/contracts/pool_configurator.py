"""Governance of collateral and e-mode, on top of the settings of single reserves. Solidity: `PoolConfigurator`."""

from __future__ import annotations

from .. import events
from ..address import ZERO_ADDRESS, Address
from ..errors import (
    PANIC_INDEX,
    AssetNotListed,
    InvalidEmodeCategoryParams,
    InvalidFreezeState,
    InvalidLtvzeroState,
    InvalidReserveParams,
    MustBeEmodeCollateral,
    Panic,
    ReserveFrozen,
)
from ..logic.ltv_zero import with_ltv_zero, with_pending_ltv, write_ltv_zero_in_e_mode
from ..machine.function import external
from ..math.percentage import PERCENTAGE_FACTOR, percent_mul
from ..state import bitmaps
from ..state.records import Reserve
from .reserve_settings import ReserveSettings

MAX_CATEGORY_ID = 255


class PoolConfigurator(ReserveSettings):
    """The whole configurator."""

    __slots__ = ()

    # --- collateral -------------------------------------------------------------------------------------------------

    def fit_for_collateral(self, asset: Address, ltv: int, liquidation_threshold: int, liquidation_bonus: int) -> int:
        """The configuration of an asset that may have these (bps).

        Raises InvalidReserveParams where they do not go together, ReserveLiquidityNotZero where suppliers would lose
        their collateral.
        """
        if ltv > liquidation_threshold:
            raise InvalidReserveParams()
        config = self.configuration(asset)
        if liquidation_threshold != 0:
            if liquidation_bonus <= PERCENTAGE_FACTOR:
                raise InvalidReserveParams()
            if percent_mul(liquidation_threshold, liquidation_bonus) > PERCENTAGE_FACTOR:
                raise InvalidReserveParams()
        else:
            if liquidation_bonus != 0:
                raise InvalidReserveParams()
            self.check_no_suppliers(asset)
        return config

    @external("configureReserveAsCollateral(address,uint256,uint256,uint256)")
    def configure_reserve_as_collateral(
        self, asset: Address, ltv: int, liquidation_threshold: int, liquidation_bonus: int, *, sender: Address
    ) -> None:
        """LTV, threshold and bonus (bps); all zero ends the asset's life as collateral, which takes no suppliers.

        A frozen reserve keeps LTV 0 and remembers the new one. Raises InvalidReserveParams, ReserveLiquidityNotZero.
        """
        self.only_risk_or_pool_admins(sender)
        config = self.fit_for_collateral(asset, ltv, liquidation_threshold, liquidation_bonus)
        new_ltv = ltv
        if bitmaps.is_frozen(config):
            self.pending_ltv[asset] = ltv
            new_ltv = 0
            self.emit(events.PendingLtvChanged(asset, ltv))
        else:
            if self.chain.revision.new_ltv_clears_pending and self.pending_ltv[asset] != 0:
                self.pending_ltv[asset] = 0
                self.emit(events.PendingLtvChanged(asset, 0))
            config = bitmaps.with_ltv(config, ltv)
        config = bitmaps.with_liquidation_threshold(config, liquidation_threshold)
        self.write(asset, bitmaps.with_liquidation_bonus(config, liquidation_bonus))
        self.emit(events.CollateralConfigurationChanged(asset, new_ltv, liquidation_threshold, liquidation_bonus))

    @external("setReserveFreeze(address,bool)")
    def set_reserve_freeze(self, asset: Address, freeze: bool, *, sender: Address) -> None:
        """Stop supply and borrowing. Freezing zeroes the LTV; the revision says where, and if unfreezing restores it.

        Raises InvalidFreezeState when it is so already.
        """
        self.only_risk_or_pool_or_emergency_admins(sender)
        reserve = self.get_pool().reserves[asset]
        config = reserve.configuration
        if freeze == bitmaps.is_frozen(config):
            raise InvalidFreezeState()
        config = bitmaps.with_frozen(config, freeze)
        self.write(asset, self.chain.revision.freeze_ltv(self, asset, reserve, config, freeze))
        self.emit(events.ReserveFrozen(asset, freeze))

    @external("setReserveLtvzero(address,bool)")
    def set_reserve_ltvzero(self, asset: Address, ltv_zero: bool, *, sender: Address) -> None:
        """Take an asset's LTV away, or give it back. Raises ReserveFrozen, InvalidLtvzeroState."""
        self.only_risk_or_pool_or_emergency_admins(sender)
        config = self.configuration(asset)
        changed = with_ltv_zero(self, asset, config) if ltv_zero else with_pending_ltv(self, asset, config)
        if changed == config:
            raise InvalidLtvzeroState()
        self.write(asset, changed)

    # --- e-mode -------------------------------------------------------------------------------------------------------

    @external("setEModeCategory(uint8,uint16,uint16,uint16,string,bool)")
    def set_e_mode_category(
        self,
        category_id: int,
        ltv: int,
        liquidation_threshold: int,
        liquidation_bonus: int,
        label: str,
        isolated: bool,
        *,
        sender: Address,
    ) -> None:
        """Define a category (bps). Raises InvalidEmodeCategoryParams, EModeCategoryReserved."""
        self.only_risk_or_pool_admins(sender)
        self._write_category(category_id, ltv, liquidation_threshold, liquidation_bonus, label, isolated)
        self.emit(events.EModeCategoryIsolationChanged(category_id, isolated))

    def _write_category(
        self, category_id: int, ltv: int, threshold: int, bonus: int, label: str, isolated: bool
    ) -> None:
        if ltv == 0 or threshold == 0 or ltv > threshold or bonus <= PERCENTAGE_FACTOR:
            raise InvalidEmodeCategoryParams()
        if percent_mul(threshold, bonus) > PERCENTAGE_FACTOR:
            raise InvalidEmodeCategoryParams()
        category = self.get_pool().writable_category(self.address, category_id)
        category.ltv = ltv
        category.liquidation_threshold = threshold
        category.liquidation_bonus = bonus
        category.isolated = isolated
        category.label = label
        self.emit(events.EModeCategoryAdded(category_id, ltv, threshold, bonus, ZERO_ADDRESS, label))

    @external("setEModeCategoryIsolated(uint8,bool)")
    def set_e_mode_category_isolated(self, category_id: int, isolated: bool, *, sender: Address) -> None:
        """Whether only the category's collateral lends to its users, the present ones included."""
        self.only_risk_or_pool_or_emergency_admins(sender)
        self.get_pool().writable_category(self.address, category_id).isolated = isolated
        self.emit(events.EModeCategoryIsolationChanged(category_id, isolated))

    def _listed_reserve(self, asset: Address) -> Reserve:
        """Raises AssetNotListed."""
        pool = self.get_pool()
        reserve: Reserve = pool.reserves[asset]
        if reserve.id == 0:
            listed = pool.get_reserves_list()  # without gaps: if id 0 was dropped, the next asset comes first
            if not listed:
                raise Panic(PANIC_INDEX)
            if listed[0] != asset:
                raise AssetNotListed()
        return reserve

    @external("setAssetCollateralInEMode(address,uint8,bool)")
    def set_asset_collateral_in_e_mode(
        self, asset: Address, category_id: int, allowed: bool, *, sender: Address
    ) -> None:
        """Give an asset the category's collateral parameters, or take them away.

        Raises AssetNotListed, ReserveLiquidityNotZero, ReserveFrozen, EModeCategoryReserved.
        """
        self.only_risk_or_pool_admins(sender)
        pool = self.get_pool()
        collateral_bitmap = pool.e_modes[category_id].collateral_bitmap
        reserve = self._listed_reserve(asset)
        self.chain.revision.prepare_e_mode_collateral(self, asset, reserve, category_id, allowed)
        category = pool.writable_category(self.address, category_id)
        category.collateral_bitmap = bitmaps.with_in_bitmap(collateral_bitmap, reserve.id, allowed)
        self.emit(events.AssetCollateralInEModeChanged(asset, category_id, allowed))

    @external("setAssetBorrowableInEMode(address,uint8,bool)")
    def set_asset_borrowable_in_e_mode(
        self, asset: Address, category_id: int, borrowable: bool, *, sender: Address
    ) -> None:
        """Allow or forbid borrowing in the category. Raises AssetNotListed, EModeCategoryReserved."""
        self.only_risk_or_pool_admins(sender)
        pool = self.get_pool()
        reserve = self._listed_reserve(asset)
        category = pool.writable_category(self.address, category_id)
        category.borrowable_bitmap = bitmaps.with_in_bitmap(category.borrowable_bitmap, reserve.id, borrowable)
        self.emit(events.AssetBorrowableInEModeChanged(asset, category_id, borrowable))

    @external("setAssetLtvzeroInEMode(address,uint8,bool)")
    def set_asset_ltvzero_in_e_mode(self, asset: Address, category_id: int, ltvzero: bool, *, sender: Address) -> None:
        """Take an asset's LTV away within a category. Raises AssetNotListed, MustBeEmodeCollateral, ReserveFrozen."""
        self.only_risk_or_pool_or_emergency_admins(sender)
        reserve = self._listed_reserve(asset)
        if not bitmaps.is_in_bitmap(self.get_pool().e_modes[category_id].collateral_bitmap, reserve.id):
            raise MustBeEmodeCollateral(asset, category_id)
        if not ltvzero and bitmaps.is_frozen(reserve.configuration):
            raise ReserveFrozen()
        write_ltv_zero_in_e_mode(self, asset, reserve, category_id, ltvzero)
