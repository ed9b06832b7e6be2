"""The view of a whole market as it was in v3.6: with isolation mode. Solidity: `UiPoolDataProviderV3`, v3.6."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...address import Address
from ...contracts.periphery.ui_pool_data_provider import UiPoolDataProvider
from ...machine.function import view
from ...state import bitmaps


class EModeDataV36(NamedTuple):
    """An e-mode category. Solidity: `DataTypes.EModeCategory`, v3.6."""

    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    collateral_bitmap: int
    label: str
    borrowable_bitmap: int
    ltvzero_bitmap: int


class UiPoolDataProviderV36(UiPoolDataProvider):
    """Tells of debt ceilings and siloed assets, and of no isolated categories."""

    __slots__ = ()

    def isolation(self, configuration: int, base: tuple[Any, ...], data_provider: Address) -> dict[str, Any]:
        """Fields of isolation mode and siloed borrowing."""
        return {
            "debt_ceiling": bitmaps.debt_ceiling(configuration),
            "debt_ceiling_decimals": self.ask(data_provider, "getDebtCeilingDecimals()", "uint256"),
            "is_siloed_borrowing": bitmaps.is_siloed(configuration),
            "isolation_mode_total_debt": base[14],
            "borrowable_in_isolation": bitmaps.is_borrowable_in_isolation(configuration),
        }

    def extras(self, pool: Address, category_id: int) -> dict[str, Any]:
        """The assets that lend nothing in the category."""
        signature = "getEModeCategoryLtvzeroBitmap(uint8)"
        return {"ltvzero_bitmap": self.attempt(pool, signature, "uint128", 0, category_id)}

    @view("getEModes(address)", "(uint8,(uint16,uint16,uint16,uint128,string,uint128,uint128))[]")
    def get_e_modes(self, provider: Address) -> list[tuple[int, EModeDataV36]]:  # type: ignore[override]  # another ABI
        """The e-mode categories with their ids. Raises Panic(0x11) where one of the last three ids is taken."""
        return [(category_id, EModeDataV36(**fields)) for category_id, fields in self.categories(provider)]
