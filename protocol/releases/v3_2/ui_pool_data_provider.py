"""The view of a whole market as it was in v3.2: no deficits. Solidity: `UiPoolDataProviderV3`, v3.2."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from ...address import Address
from ...contracts.periphery.ui_pool_data_provider import BASE_CURRENCY, BaseCurrencyInfo
from ...machine.function import view
from ..v3_3.ui_pool_data_provider import UNTIL_V3_2, UNTIL_V3_2_TYPES, UiPoolDataProviderV33

_struct: Any = namedtuple  # by names that are computed
AggregatedReserveDataV32 = _struct("AggregatedReserveDataV32", UNTIL_V3_2)
"""A reserve, its parameters and its price. Solidity: `IUiPoolDataProviderV3.AggregatedReserveData`, v3.2."""


class UiPoolDataProviderV32(UiPoolDataProviderV33):
    """Knows no deficit."""

    __slots__ = ()

    def since(self, pool: Address, asset: Address) -> dict[str, Any]:
        """Nothing."""
        return {}

    @view("getReservesData(address)", f"({UNTIL_V3_2_TYPES})[],{BASE_CURRENCY}")
    def get_reserves_data(self, provider: Address) -> tuple[list[Any], BaseCurrencyInfo]:
        """Every reserve as it is stored, not projected to now, and what prices are in."""
        reserves, base = self.all_reserves(provider)
        return [AggregatedReserveDataV32(**fields) for fields in reserves], base
