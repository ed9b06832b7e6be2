"""Amounts of liquidations as they were told in v3.3. Solidity: `LiquidationDataProvider`, v3.3."""

from __future__ import annotations

from ...contracts.periphery.liquidation_data_provider import Seizure, SideInfo
from ..v3_5.liquidation_data_provider import LiquidationDataProviderV35


class LiquidationDataProviderV33(LiquidationDataProviderV35):
    """Lets a liquidator ask for everything only where all debt is repaid."""

    __slots__ = ()

    def takes_all(self, seizure: Seizure, collateral: SideInfo, debt: SideInfo) -> bool:
        """Is all debt repaid?"""
        return seizure.debt != 0 and seizure.debt == debt.balance
