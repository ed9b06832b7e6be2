"""The view of a whole market as it was in v3.5. Solidity: `UiPoolDataProviderV3`, v3.5."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...address import Address
from ...machine.function import view
from ..v3_6.ui_pool_data_provider import UiPoolDataProviderV36


class EModeDataV35(NamedTuple):
    """An e-mode category. Solidity: `DataTypes.EModeCategory`, v3.5."""

    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    collateral_bitmap: int
    label: str
    borrowable_bitmap: int


class UiPoolDataProviderV35(UiPoolDataProviderV36):
    """Knows no assets that lend nothing in a category."""

    __slots__ = ()

    def extras(self, pool: Address, category_id: int) -> dict[str, Any]:
        """Nothing more."""
        return {}

    @view("getEModes(address)", "(uint8,(uint16,uint16,uint16,uint128,string,uint128))[]")
    def get_e_modes(self, provider: Address) -> list[tuple[int, EModeDataV35]]:  # type: ignore[override]  # another ABI
        """The e-mode categories with their ids. Raises Panic(0x11) where one of the last three ids is taken."""
        return [(category_id, EModeDataV35(**fields)) for category_id, fields in self.categories(provider)]
