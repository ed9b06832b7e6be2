"""The configurator as it was in v3.6: debt ceilings, siloed assets, reserves that can be dropped.

Solidity: `PoolConfigurator`, v3.6.
"""

from __future__ import annotations

from typing import ClassVar

from ... import events
from ...address import Address
from ...contracts.pool_configurator import PoolConfigurator
from ...machine.function import external, view
from ...state import bitmaps
from ...state.records import Reserve


class PoolConfiguratorV36(PoolConfigurator):
    """Isolates collateral by debt ceilings, not by e-mode categories."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "setEModeCategory(uint8,uint16,uint16,uint16,string,bool)",
        "setEModeCategoryIsolated(uint8,bool)",
    )
    __slots__ = ()

    @external("dropReserve(address)")
    def drop_reserve(self, asset: Address, *, sender: Address) -> None:
        """Unlist an asset nobody uses."""
        self.only_pool_admin(sender)
        self.get_pool().drop(self.address, asset)
        self.emit(events.ReserveDropped(asset))

    @external("setDebtCeiling(address,uint256)")
    def set_debt_ceiling(self, asset: Address, new_debt_ceiling: int, *, sender: Address) -> None:
        """Isolate a collateral (ceiling in cents) or free it (0). Raises ReserveLiquidityNotZero."""
        self.only_risk_or_pool_admins(sender)
        config = self.configuration(asset)
        old_debt_ceiling = bitmaps.debt_ceiling(config)
        if old_debt_ceiling == 0 and self.is_collateral(self.get_pool().reserves[asset]):
            self.check_no_suppliers(asset)
        self.write(asset, bitmaps.with_debt_ceiling(config, new_debt_ceiling))
        if new_debt_ceiling == 0:
            self.get_pool().reset_isolated_debt(self.address, asset)
        self.emit(events.DebtCeilingChanged(asset, old_debt_ceiling, new_debt_ceiling))

    def is_collateral(self, reserve: Reserve) -> bool:
        """Has the asset a threshold, or a category that has it as collateral? Solidity: `_checkAssetIsCollateral`."""
        categories = self.get_pool().e_modes.values()
        return bitmaps.liquidation_threshold(reserve.configuration) != 0 or any(
            bitmaps.is_in_bitmap(category.collateral_bitmap, reserve.id) for category in categories
        )

    @external("setSiloedBorrowing(address,bool)")
    def set_siloed_borrowing(self, asset: Address, siloed: bool, *, sender: Address) -> None:
        """Make an asset its borrowers' only debt. Raises ReserveDebtNotZero."""
        self.only_risk_or_pool_admins(sender)
        if siloed:
            self.check_no_borrowers(asset)
        config = self.configuration(asset)
        self.write(asset, bitmaps.with_siloed(config, siloed))
        self.emit(events.SiloedBorrowingChanged(asset, bitmaps.is_siloed(config), siloed))

    @external("setBorrowableInIsolation(address,bool)")
    def set_borrowable_in_isolation(self, asset: Address, borrowable: bool, *, sender: Address) -> None:
        """Allow borrowing against isolated collateral."""
        self.only_risk_or_pool_admins(sender)
        self.write(asset, bitmaps.with_borrowable_in_isolation(self.configuration(asset), borrowable))
        self.emit(events.BorrowableInIsolationChanged(asset, borrowable))

    @external("setEModeCategory(uint8,uint16,uint16,uint16,string)")
    def set_e_mode_category_without_isolation(
        self,
        category_id: int,
        ltv: int,
        liquidation_threshold: int,
        liquidation_bonus: int,
        label: str,
        *,
        sender: Address,
    ) -> None:
        """Define a category (bps). Raises InvalidEmodeCategoryParams, EModeCategoryReserved."""
        self.only_risk_or_pool_admins(sender)
        self._write_category(category_id, ltv, liquidation_threshold, liquidation_bonus, label, False)

    @view("getConfiguratorLogic()", "address")
    def get_configurator_logic(self) -> Address:
        """Where the library is linked."""
        return self.chain.library("ConfiguratorLogic")
