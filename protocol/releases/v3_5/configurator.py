"""The configurator as it was in v3.5: an asset loses its LTV by being frozen, everywhere at once.

Solidity: `PoolConfigurator`, v3.5.
"""

from __future__ import annotations

from typing import ClassVar

from ..v3_6.configurator import PoolConfiguratorV36


class PoolConfiguratorV35(PoolConfiguratorV36):
    """Cannot take an asset's LTV away by itself, nor within a category."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "setReserveLtvzero(address,bool)",
        "setAssetLtvzeroInEMode(address,uint8,bool)",
    )
    __slots__ = ()
