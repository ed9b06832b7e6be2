"""Amounts of liquidations as v3.5 told them, without e-mode collateral. Solidity: `LiquidationDataProvider`, v3.5."""

from __future__ import annotations

from ...address import Address
from ...state import bitmaps
from ..v3_6.liquidation_data_provider import LiquidationDataProviderV36


class LiquidationDataProviderV35(LiquidationDataProviderV36):
    """Knows no assets that are collateral in an e-mode alone."""

    __slots__ = ()

    def is_ready(self, asset: Address, configuration: int, is_collateral: bool) -> bool:
        """Is the reserve active, not paused and past its grace period, and the collateral one by itself?"""
        ready = super().is_ready(asset, configuration, is_collateral)
        return ready and (not is_collateral or bitmaps.liquidation_threshold(configuration) != 0)
