"""Freezing until v3.5: the LTV is put aside and comes back. Solidity: `PoolConfigurator`."""

from __future__ import annotations

from typing import Any

from ...address import Address
from ...logic.ltv_zero import report_ltv
from ...state import bitmaps
from ...state.records import Reserve


def swap_pending_ltv(configurator: Any, asset: Address, _reserve: Reserve, config: int, freeze: bool) -> int:
    """Put the LTV aside when freezing, even if zero; bring it back when unfreezing. E-modes do not mind.

    Returns the configuration. Solidity: `setReserveFreeze`, until v3.5.
    """
    pending, ltv = (bitmaps.ltv(config), 0) if freeze else (0, configurator.pending_ltv[asset])
    configurator.pending_ltv[asset] = pending
    report_ltv(configurator, asset, config, pending_ltv=pending, ltv=ltv)
    return bitmaps.with_ltv(config, ltv)
