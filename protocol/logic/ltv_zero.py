"""Collaterals that no longer lend: frozen, or with their LTV set to zero. Solidity: `PoolConfigurator`."""

from __future__ import annotations

from typing import Any

from .. import events
from ..address import Address
from ..errors import ReserveFrozen
from ..state import bitmaps
from ..state.records import Reserve


def freeze_ltv(configurator: Any, asset: Address, reserve: Reserve, config: int, freeze: bool) -> int:
    """Zero the LTV everywhere when freezing; unfreezing does not bring it back. From v3.6 on.

    Returns the configuration.

    Solidity: `setReserveFreeze`.
    """
    if not freeze:
        return config
    config = with_ltv_zero(configurator, asset, config)
    e_modes = configurator.get_pool().e_modes
    for category_id in sorted(e_modes):
        if category_id and bitmaps.is_in_bitmap(e_modes[category_id].collateral_bitmap, reserve.id):
            write_ltv_zero_in_e_mode(configurator, asset, reserve, category_id, True)
    return config


def with_ltv_zero(configurator: Any, asset: Address, config: int) -> int:
    """The configuration without LTV, which is remembered as pending. Solidity: `_setReserveLtvzero(true)`."""
    ltv = bitmaps.ltv(config)
    if ltv == 0:
        return config
    configurator.pending_ltv[asset] = ltv
    report_ltv(configurator, asset, config, pending_ltv=ltv, ltv=0)
    return bitmaps.with_ltv(config, 0)


def with_pending_ltv(configurator: Any, asset: Address, config: int) -> int:
    """The configuration with the pending LTV in force again. Solidity: `_setReserveLtvzero(false)`."""
    if bitmaps.is_frozen(config):
        raise ReserveFrozen()
    pending: int = configurator.pending_ltv[asset]
    if pending == 0 or bitmaps.ltv(config) != 0:
        return config
    configurator.pending_ltv[asset] = 0
    report_ltv(configurator, asset, config, pending_ltv=0, ltv=pending)
    return bitmaps.with_ltv(config, pending)


def report_ltv(configurator: Any, asset: Address, config: int, *, pending_ltv: int, ltv: int) -> None:
    """Emit an asset's pending LTV and its own LTV (bps), as they are from now on."""
    threshold, bonus = bitmaps.liquidation_threshold(config), bitmaps.liquidation_bonus(config)
    configurator.emit(events.PendingLtvChanged(asset, pending_ltv))
    configurator.emit(events.CollateralConfigurationChanged(asset, ltv, threshold, bonus))


def write_ltv_zero_in_e_mode(
    configurator: Any, asset: Address, reserve: Reserve, category_id: int, ltvzero: bool
) -> None:
    """Take an asset's LTV away within a category, or give it back. Solidity: `_setEmodeLtvZero`."""
    category = configurator.get_pool().writable_category(configurator.address, category_id)
    category.ltvzero_bitmap = bitmaps.with_in_bitmap(category.ltvzero_bitmap, reserve.id, ltvzero)
    configurator.emit(events.AssetLtvzeroInEModeChanged(asset, category_id, ltvzero))


def prepare_e_mode_collateral(
    configurator: Any, asset: Address, reserve: Reserve, category_id: int, allowed: bool
) -> None:
    """Refuse a frozen asset that would join, and one with suppliers that would leave its last category. From v3.6 on.

    Solidity: `setAssetCollateralInEMode`.
    """
    if allowed:
        if bitmaps.is_frozen(reserve.configuration):
            raise ReserveFrozen()
        return
    if bitmaps.liquidation_threshold(reserve.configuration) == 0:
        configurator.check_no_suppliers(asset)
    if bitmaps.is_in_bitmap(configurator.get_pool().e_modes[category_id].ltvzero_bitmap, reserve.id):
        write_ltv_zero_in_e_mode(configurator, asset, reserve, category_id, False)
