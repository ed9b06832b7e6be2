"""The configurator as it was in v3.5: an asset loses its LTV by being frozen, everywhere at once.

Solidity: `PoolConfigurator`, v3.5.
"""

from __future__ import annotations

from typing import ClassVar

from ...state import bitmaps
from ...state.records import Reserve
from ..v3_6.configurator import PoolConfiguratorV36


class PoolConfiguratorV35(PoolConfiguratorV36):
    """Cannot take an asset's LTV away by itself, nor within a category."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "setReserveLtvzero(address,bool)",
        "setAssetLtvzeroInEMode(address,uint8,bool)",
    )
    __slots__ = ()

    def is_collateral(self, reserve: Reserve) -> bool:
        """Has the asset a threshold of its own?"""
        return bitmaps.liquidation_threshold(reserve.configuration) != 0
